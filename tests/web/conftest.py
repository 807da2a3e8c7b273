"""Fixtures: the application with warm models, and pictures to upload."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from realtime.core.faces import Frame
from realtime.web.app import create_app
from realtime.web.budget import Budget
from realtime.web.photo_service import PhotoService

Form = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def service() -> PhotoService:
    return PhotoService()


@pytest.fixture(scope="session")
def app(service: PhotoService) -> Flask:
    """The application, with limits that no test reaches."""
    unlimited = Budget(pictures=10**9, megapixels=10**9)
    return create_app(service, rate="1000000 per minute", budget=unlimited)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def photo(astronaut: Frame, hopper: Frame) -> dict[str, bytes]:
    """Files with one, two and no faces, a text file, and a picture with too many pixels."""
    return {
        "one.jpg": cv2.imencode(".jpg", astronaut)[1].tobytes(),
        "two.png": cv2.imencode(".png", np.hstack([astronaut, hopper[:512]]))[1].tobytes(),
        "none.webp": cv2.imencode(".webp", np.full((200, 300, 3), 128, np.uint8))[1].tobytes(),
        "text.jpg": b"not a picture",
        "huge.png": cv2.imencode(".png", np.zeros((6400, 6400), np.uint8))[1].tobytes(),
    }


@pytest.fixture(scope="session")
def form(photo: dict[str, bytes]) -> Form:
    """A function from names of `photo` to the data of a form that uploads them."""

    def create(*names: str) -> dict[str, Any]:
        return {"image": [(io.BytesIO(photo[name]), name) for name in names]}

    return create
