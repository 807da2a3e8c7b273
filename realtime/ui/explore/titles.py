"""Display names of data sets and detectors."""

from __future__ import annotations

from realtime.detect import DETECTORS

SET_TITLES = {
    "fer2013_public_test": "FER-2013, public test",
    "fer2013_private_test": "FER-2013, private test",
    "fer2013_private_test_masked": "FER-2013, private test, masked",
    "expressions_oval_held": "Expressions from another source",
    "mask_scenes_val_found": "Public places, detected faces",
    "mask_scenes_val": "Public places, ground-truth boxes",
    "crops12k_test": "Tight crops from several sources",
    "wider_val_found": "WIDER FACE, detected faces",
    "wider_val": "WIDER FACE, ground-truth boxes",
    "wider_val_hard_found": "WIDER FACE, hard faces, detected",
    "utkface_test": "UTKFace portraits",
    "utkface_test_occluded": "UTKFace, covered mouths",
    "lfw_gender": "LFW portraits",
}


def set_title(name: str) -> str:
    """The display name of a data set; `name` itself if it has none."""
    return SET_TITLES.get(name, name)


def detector_title(name: str) -> str:
    """The short display name of a detector; `name` itself if it is not in the registry."""
    return DETECTORS[name].name.partition(" of ")[0] if name in DETECTORS else name
