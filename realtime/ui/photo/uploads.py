"""Taking photos in: several files at once, or a picture from the camera."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from realtime.media.limits import MAX_PHOTO_UPLOAD_BYTES
from realtime.output.files import free_name
from realtime.ui.download import discard_file
from realtime.ui.photo.state import Photo

MAX_PHOTOS = 20
CHOSEN = "photo-chosen"
ALL_FILES, FACE_FILES = "photo-download", "photo-face"  # the keys of files to take home
_LIST, _LEFT_OUT, _ROUND = "photo-list", "photo-left-out", "photo-round"


def take_photos() -> list[Photo]:
    """Show the controls and return the visit's photos, oldest first.

    Streamlit forgets what a control holds while another page is shown: those photos stay until
    all are removed.
    """
    round_ = st.session_state.setdefault(_ROUND, 0)
    megabytes = MAX_PHOTO_UPLOAD_BYTES // 1024**2
    files = st.file_uploader(
        "Photos with faces",
        type=["jpg", "jpeg", "png", "webp"],
        accept_multiple_files=True,
        key=f"photo-files-{round_}",
        on_change=_keep_files,
        max_upload_size=megabytes,
        help=f"Up to {MAX_PHOTOS} photos of {megabytes} MB and 40 megapixels each. Drop several at "
        "once, or choose more later.",
    )
    if not files:
        _let_go("files")
    if left_out := st.session_state.get(_LEFT_OUT):
        st.warning(
            f"Only {MAX_PHOTOS} photos fit, so these were left out: {', '.join(left_out)}. "
            "Remove some and add them again."
        )
    return list(_photos())


def take_snapshot() -> None:
    """Show the camera if that is asked for; its picture becomes a photo."""
    shot = None
    if st.toggle(
        "Use the camera",
        key="photo-camera-open",
        help="Take a picture with this device's camera. It is asked for only while this is on.",
    ):
        shot = st.camera_input("Take a picture", key=_camera_key(), on_change=_keep_snapshot)
    if shot is None:
        _let_go("camera")


def remove_photos() -> None:
    """Forget all photos, the files made of them, and what the controls hold."""
    for key in (_LIST, _LEFT_OUT, CHOSEN):
        st.session_state.pop(key, None)
    for key in (ALL_FILES, FACE_FILES):
        discard_file(key)
    st.session_state[_ROUND] += 1
    st.session_state["photo-camera-open"] = False


def _photos() -> list[Photo]:
    photos: list[Photo] = st.session_state.setdefault(_LIST, [])
    return photos


def _camera_key() -> str:
    return f"photo-camera-{st.session_state[_ROUND]}"


def _keep_files() -> None:
    files = st.session_state[f"photo-files-{st.session_state[_ROUND]}"]
    _mirror("files", [(file.file_id, file.name, file.getvalue()) for file in files])


def _keep_snapshot() -> None:
    shot = st.session_state[_camera_key()]
    held = [] if shot is None else [(shot.file_id, "snapshot.jpg", shot.getvalue())]
    _mirror("camera", held)


def _mirror(source: str, held: list[tuple[str, str, bytes]]) -> None:
    """Add what a control has newly got, drop what was taken out of it; look at the first new one.

    Args:
        source: the control.
        held: what it holds now: id, name, bytes.
    """
    ids = {id_ for id_, _, _ in held}
    photos = [p for p in _photos() if p.source != source or p.id in ids]
    known, left_out, first_new = {p.id for p in photos}, [], True
    for id_, name, data in held:
        if id_ in known:
            continue
        if len(photos) == MAX_PHOTOS:
            left_out.append(name)
            continue
        photos.append(Photo(id_, _own_name(name, photos), data, source))
        if first_new:
            st.session_state[CHOSEN], first_new = id_, False
    st.session_state[_LIST], st.session_state[_LEFT_OUT] = photos, left_out


def _let_go(source: str) -> None:
    """A control that lost its memory no longer says which photos are to stay."""
    kept = [replace(p, source="") if p.source == source else p for p in _photos()]
    st.session_state[_LIST] = kept


def _own_name(name: str, photos: list[Photo]) -> str:
    """The name, or with a number where another photo is called so."""
    path = PurePath(name)
    taken = [PurePath(p.name).stem for p in photos if PurePath(p.name).suffix == path.suffix]
    return free_name(path.stem, taken) + path.suffix
