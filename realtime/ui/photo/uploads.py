"""Photo input: several files at once, or a picture from the camera."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from realtime.media.limits import MAX_PHOTO_PIXELS, MAX_PHOTO_UPLOAD_BYTES
from realtime.media.samples import SAMPLE_PHOTOS, sample_jpg
from realtime.output.files import free_name
from realtime.ui.download import discard_file
from realtime.ui.photo.analysis import Photo

MAX_PHOTOS = 20
SELECTED = "photo-selected"  # session state: id of the selected photo
ALL_FILES, FACE_FILES = "photo-download", "photo-face"  # keys of the download buttons
_CAMERA_ON = "photo-camera-open"
_PHOTOS, _REJECTED, _RESETS = "photo-list", "photo-rejected", "photo-resets"


def adding() -> bool:
    """Whether the controls that add photos are wanted: there is none yet, or the camera is on."""
    return not _photos() or bool(st.session_state.get(_CAMERA_ON))


def add_samples() -> None:
    """Add the sample photos and select the first of them."""
    files = [(f"sample-{name}", name, sample_jpg(name)) for name in SAMPLE_PHOTOS]
    _synchronise("samples", files)


def photo_uploads() -> list[Photo]:
    """Show the uploader and return the session's photos, oldest first.

    Streamlit empties the uploader while another page is shown. Its photos then stay until all
    photos are removed.
    """
    resets = st.session_state.setdefault(_RESETS, 0)
    megabytes, megapixels = MAX_PHOTO_UPLOAD_BYTES // 1024**2, MAX_PHOTO_PIXELS // 10**6
    files = st.file_uploader(
        "Upload photos",
        type=["jpg", "jpeg", "png", "webp"],
        accept_multiple_files=True,
        key=f"photo-files-{resets}",
        on_change=_store_files,
        max_upload_size=megabytes,
        help=f"Up to {MAX_PHOTOS} photos of {megabytes} MB and {megapixels} megapixels each. "
        "You can add more later.",
    )
    if not files:
        _detach("files")
    if rejected := st.session_state.get(_REJECTED):
        st.warning(
            f"The limit is {MAX_PHOTOS} photos. Not added: {', '.join(rejected)}. "
            "Remove some photos and add these again."
        )
    return list(_photos())


def camera_input() -> None:
    """Show the camera on request and add its picture to the photos."""
    picture = None
    if st.toggle(
        "Use camera",
        key=_CAMERA_ON,
        help="Take a picture with this device's camera. The camera is used only while this is on.",
    ):
        picture = st.camera_input("Take a picture", key=_camera_key(), on_change=_store_picture)
    if picture is None:
        _detach("camera")


def remove_photos() -> None:
    """Remove all photos and the files generated from them, and reset the controls."""
    for key in (_PHOTOS, _REJECTED, SELECTED):
        st.session_state.pop(key, None)
    for key in (ALL_FILES, FACE_FILES):
        discard_file(key)
    st.session_state[_RESETS] += 1
    st.session_state[_CAMERA_ON] = False


def _photos() -> list[Photo]:
    photos: list[Photo] = st.session_state.setdefault(_PHOTOS, [])
    return photos


def _camera_key() -> str:
    return f"photo-camera-{st.session_state[_RESETS]}"


def _store_files() -> None:
    files = st.session_state[f"photo-files-{st.session_state[_RESETS]}"]
    _synchronise("files", [(file.file_id, file.name, file.getvalue()) for file in files])


def _store_picture() -> None:
    picture = st.session_state[_camera_key()]
    files = [] if picture is None else [(picture.file_id, "snapshot.jpg", picture.getvalue())]
    _synchronise("camera", files)


def _synchronise(source: str, files: list[tuple[str, str, bytes]]) -> None:
    """Add the new files of a control, remove the deleted ones, and select the first new photo.

    Args:
        source: the control, "files", "camera" or "samples".
        files: its current files: id, name, bytes.
    """
    ids = {id_ for id_, _, _ in files}
    photos = [p for p in _photos() if p.source != source or p.id in ids]
    known, rejected, first_new = {p.id for p in photos}, [], True
    for id_, name, data in files:
        if id_ in known:
            continue
        if len(photos) == MAX_PHOTOS:
            rejected.append(name)
            continue
        photos.append(Photo(id=id_, name=_unique_name(name, photos), data=data, source=source))
        if first_new:
            st.session_state[SELECTED], first_new = id_, False
    st.session_state[_PHOTOS], st.session_state[_REJECTED] = photos, rejected


def _detach(source: str) -> None:
    """Keep the photos of a control that was emptied by Streamlit and no longer lists them."""
    photos = [replace(p, source="") if p.source == source else p for p in _photos()]
    st.session_state[_PHOTOS] = photos


def _unique_name(name: str, photos: list[Photo]) -> str:
    """The file name, with a number if another photo has the same one."""
    path = PurePath(name)
    taken = [PurePath(p.name).stem for p in photos if PurePath(p.name).suffix == path.suffix]
    return free_name(path.stem, taken) + path.suffix
