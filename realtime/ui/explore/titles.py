"""Data sets and detectors in plain words."""

from __future__ import annotations

from realtime.detect import DETECTORS

TITLES = {
    "fer2013_public_test": "FER-2013, public test",
    "fer2013_private_test": "FER-2013, private test",
    "fer2013_private_test_masked": "FER-2013, private test, masked",
    "expressions_oval_held": "Expressions of another source",
    "mask_scenes_val_found": "Public places, faces as found",
    "mask_scenes_val": "Public places, faces by their true boxes",
    "crops12k_test": "Tight crops of several sources",
    "wider_val_found": "WIDER FACE, as found",
    "wider_val": "WIDER FACE, by true boxes",
    "wider_val_hard_found": "WIDER FACE, hard faces as found",
    "utkface_test": "UTKFace portraits",
    "utkface_test_occluded": "UTKFace, mouths covered",
    "lfw_gender": "LFW portraits",
}


def set_title(name: str) -> str:
    """What people call the set; its own name where none is known."""
    return TITLES.get(name, name)


def detector_title(name: str) -> str:
    """A detector's name in few words; the given one where the registry does not know it."""
    return DETECTORS[name].name.partition(" of ")[0] if name in DETECTORS else name
