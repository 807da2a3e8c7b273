"""Freed memory is returned to the system when no stream runs."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from realtime.core import memory


@pytest.fixture
def trim(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """The C library's function."""
    trim = Mock()
    monkeypatch.setattr(memory, "_c_library", lambda: Mock(malloc_trim=trim))
    return trim


def test_it_is_returned_at_once_without_streams(trim: Mock) -> None:
    memory.return_free_memory()
    trim.assert_called_once()


def test_it_is_returned_after_the_last_stream(trim: Mock) -> None:
    with memory.real_time_work():
        with memory.real_time_work():
            memory.return_free_memory()
        trim.assert_not_called()
    trim.assert_called_once()
