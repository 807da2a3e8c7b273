"""Decoding of pictures: supported formats, limits and error messages."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageFile

from realtime.core.faces import Frame
from realtime.media.limits import MAX_PHOTO_UPLOAD_BYTES
from realtime.media.picture_file import PictureFile
from realtime.media.pictures import PictureError, TooLargeError, decode_picture, read_picture


def sample(mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, (220, 30, 30))
    image.paste((30, 30, 220), (size[0] // 2, 0, *size))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def assert_red_then_blue(frame: Frame, tolerance: int = 40) -> None:
    height, width = frame.shape[:2]
    left, right = frame[height // 2, width // 4], frame[height // 2, 3 * width // 4]
    assert np.abs(left.astype(int) - (30, 30, 220)).max() <= tolerance
    assert np.abs(right.astype(int) - (220, 30, 30)).max() <= tolerance


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_are_decoded_as_bgr(kind: str) -> None:
    frame = decode_picture(saved(sample(), kind))
    assert frame.shape == (30, 40, 3)
    assert frame.dtype == np.uint8
    assert_red_then_blue(frame)


@pytest.mark.parametrize(("mode", "kind"), [("CMYK", "JPEG"), ("P", "PNG"), ("RGBA", "WEBP")])
def test_other_colour_modes_keep_their_colours(mode: str, kind: str) -> None:
    assert_red_then_blue(decode_picture(saved(sample(mode), kind)), tolerance=60)


@pytest.mark.parametrize(
    ("mode", "kind"), [("L", "JPEG"), ("L", "PNG"), ("1", "PNG"), ("LA", "PNG")]
)
def test_grayscale_is_decoded(mode: str, kind: str) -> None:
    frame = decode_picture(saved(sample(mode), kind))
    assert frame.shape == (30, 40, 3)
    assert (frame[..., 0] == frame[..., 2]).all()


def test_16_bit_gray_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, axis=0)
    frame = decode_picture(saved(Image.fromarray(ramp), "PNG"))
    assert np.abs(frame[0, :, 1].astype(int) - np.arange(256)).max() <= 1


def test_transparent_pixels_become_white() -> None:
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (10, 0, 20, 20))
    frame = decode_picture(saved(image, "PNG"))
    assert frame[10, 3].tolist() == [255, 255, 255]
    assert frame[10, 15].tolist() == [255, 0, 0]
    palette = image.convert("P")
    assert (
        decode_picture(saved(palette, "PNG", transparency=palette.getpixel((2, 2))))[10, 3] == 255
    ).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    upright = np.zeros((30, 40, 3), np.uint8)
    upright[:10, :10] = 255  # white in the top left corner
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    frame = decode_picture(saved(Image.fromarray(np.ascontiguousarray(stored)), "JPEG", exif=exif))
    assert frame.shape == (30, 40, 3)
    assert frame[4, 4].min() > 200
    assert max(frame[4, 35].max(), frame[25, 4].max(), frame[25, 35].max()) < 60


def test_damaged_exif_data_is_ignored(recwarn: pytest.WarningsRecorder) -> None:
    data = saved(sample(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")
    assert decode_picture(data).shape == (30, 40, 3)
    assert len(recwarn) == 0


def test_mpo_is_decoded_as_its_first_picture() -> None:
    data = saved(sample(), "MPO", save_all=True, append_images=[sample(), sample()])
    assert_red_then_blue(decode_picture(data))


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)


@pytest.mark.parametrize(
    ("kind", "expected"), [("PNG", "Animated"), ("WEBP", "Animated"), ("GIF", "GIF")]
)
def test_animated_pictures_are_refused(kind: str, expected: str) -> None:
    assert expected in refusal(animated(kind))


def refusal(data: bytes) -> str:
    """The error message, checked to be one line of whole sentences."""
    with pytest.raises(PictureError) as caught:
        decode_picture(data)
    message = str(caught.value)
    assert message[0].isupper()
    assert message.endswith(".")
    assert "\n" not in message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return message


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"hello, world", "Unsupported file", id="text"),
        pytest.param(b"\x00" * 5000, "Unsupported file", id="zeros"),
        pytest.param(b"%PDF-1.7 ...", "PDF", id="pdf"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC", id="heic"),
        pytest.param(b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF", id="avif"),
        pytest.param(b"\0\0\0\x18ftypisom\0\0\0\0", "video", id="mp4"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Unsupported file", id="svg"),
        pytest.param(saved(sample(), "BMP"), "BMP", id="bmp"),
        pytest.param(saved(sample(), "TIFF"), "TIFF", id="tiff"),
        pytest.param(saved(sample(), "GIF"), "GIF", id="still gif"),
        pytest.param(b"\xff\xd8\xff", "damaged", id="jpeg of three bytes"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "damaged", id="png signature only"),
    ],
)
def test_unsupported_files_are_refused(data: bytes, expected: str) -> None:
    assert expected in refusal(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_pictures_are_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (90, 120, 3), np.uint8)
    data = saved(Image.fromarray(noise), kind)
    assert "damaged or incomplete" in refusal(data[: int(len(data) * share)])


def test_more_than_10_mb_is_refused_before_decoding() -> None:
    assert "10 MB" in refusal(b"\xff" * (MAX_PHOTO_UPLOAD_BYTES + 1))
    assert "Unsupported file" in refusal(b"\xff" * MAX_PHOTO_UPLOAD_BYTES)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("width", "height"), [(6400, 6251), (12000, 12000), (60000, 60000)])
def test_more_than_40_megapixels_is_refused_before_decoding(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_decoding(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", no_decoding)
    data = png_header(width, height)
    with pytest.raises(TooLargeError, match="40 megapixels"):
        PictureFile(data)
    assert "40 megapixels" in refusal(data)


def png_header(width: int, height: int) -> bytes:
    """A small PNG file whose header states a large picture."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@given(st.binary(max_size=300))
@example(b"\xff\xd8\xff\xe0" + b"\0" * 40)
@example(b"RIFF\x10\0\0\0WEBPVP8 ")
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    with suppress(PictureError):
        assert decode_picture(data).ndim == 3


@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    cut=st.floats(0, 1),
    at=st.floats(0, 1),
    inserted=st.binary(max_size=6),
)
def test_any_damage_is_decoded_or_refused(
    kind: str, cut: float, at: float, inserted: bytes
) -> None:
    data = saved(sample(), kind)
    data = data[: int(cut * len(data))]
    where = int(at * len(data))
    with suppress(PictureError):
        frame = decode_picture(data[:where] + inserted + data[where + len(inserted) :])
        assert frame.ndim == 3
        assert frame.dtype == np.uint8


def test_the_file_name_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "holiday.txt"
    path.write_bytes(saved(sample(), "WEBP"))
    assert_red_then_blue(read_picture(path))


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="File not found"):
        read_picture(tmp_path / "none.jpg")
    with pytest.raises(PictureError, match="cannot be read"):
        read_picture(tmp_path)
