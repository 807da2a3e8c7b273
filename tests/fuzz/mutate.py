"""Damaged copies of valid files: bit flips, edited lengths, cuts, repeats and splices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

MAX_BYTES = 64 * 1024  # of an input: repeats must not add up
_HEADER_BYTES = 128  # most parsers fail on what stands there
_NUMBERS = (0, 1, 2, 7, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)
_Edit = Callable[[Random, bytearray], None]


def mutated(random: Random, seeds: Sequence[bytes], words: Sequence[bytes] = ()) -> bytes:
    """A seed with one to six edits; the same for the same state of `random`.

    Args:
        random: the only source of chance.
        seeds: valid inputs, at least one.
        words: what is worth inserting, such as the names of parameters.
    """
    data = bytearray(random.choice(seeds))
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        kind = random.randrange(8 if words else 7)
        if kind == 7:
            at = _place(random, data)
            data[at : at + random.choice((0, 0, 4))] = random.choice(words)
        elif kind == 6:
            other = random.choice(seeds)
            data[_place(random, data) :] = other[_place(random, other) :]
        else:
            _EDITS[kind](random, data)
    return bytes(data[:MAX_BYTES])


def _place(random: Random, data: bytes | bytearray) -> int:
    """Somewhere in the data; half of the time near its start."""
    end = len(data) if random.random() < 0.5 else min(len(data), _HEADER_BYTES)
    return random.randrange(end + 1)


def _flip(random: Random, data: bytearray) -> None:
    at = _place(random, data)
    for i in range(at, min(at + random.choice((1, 1, 8)), len(data))):
        data[i] ^= 1 << random.randrange(8)


def _byte(random: Random, data: bytearray) -> None:
    at = _place(random, data)
    data[at : at + 1] = bytes([random.randrange(256)])


def _number(random: Random, data: bytearray) -> None:
    size = random.choice((1, 2, 4, 8))
    number = random.choice(_NUMBERS) % 256**size
    at = _place(random, data)
    data[at : at + size] = number.to_bytes(size, random.choice(("big", "little")))


def _cut(random: Random, data: bytearray) -> None:
    del data[_place(random, data) :]


def _remove(random: Random, data: bytearray) -> None:
    at = _place(random, data)
    del data[at : at + random.choice((1, 2, 4, 16, 256))]


def _repeat(random: Random, data: bytearray) -> None:
    at = _place(random, data)
    part = data[at : at + random.choice((1, 4, 16, 256))]
    data[at:at] = part * random.choice((1, 2, 40))


_EDITS: tuple[_Edit, ...] = (_flip, _byte, _number, _cut, _remove, _repeat)
