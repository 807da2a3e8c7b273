"""What is done with each file of an archive, as it travels to workers: plain data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

import models
from realtime.attribute.registry import enabled, names
from realtime.bulk.schema import SCHEMA_VERSION
from realtime.core.settings import AnalysisSettings
from realtime.engine.photo import MAX_FACES
from realtime.inference.mediapipe_files import FACE_MESH, network_path
from realtime.landmark.registry import follower_name


def _archive_settings() -> AnalysisSettings:
    return AnalysisSettings(max_faces=MAX_FACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """How the files of an archive are analysed.

    Attributes:
        settings: of photos and videos.
        crops: whether each face of a photo, and the best view of each track, is stored as WebP.
        points: whether the landmarks of photos are stored.
    """

    settings: AnalysisSettings = field(default_factory=_archive_settings)
    crops: bool = False
    points: bool = False

    def to_json(self) -> str:
        """The job as JSON, for a worker; the same job gives the same text."""
        record = asdict(self)
        record["settings"]["attributes"] = sorted(names(self.settings))
        return json.dumps(record, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Job:
        """The job that `to_json` has written."""
        record: dict[str, Any] = json.loads(text)
        settings = record.pop("settings")
        settings["attributes"] = frozenset(settings["attributes"])
        return cls(settings=AnalysisSettings(**settings), **record)

    def fingerprint(self) -> str:
        """A hash of everything but the file that decides on its row: settings, networks, schema.

        Raises:
            models.ModelError: a network's card is missing or damaged.
            FileNotFoundError: MediaPipe's mesh is chosen, and missing.
        """
        digest = hashlib.blake2b(f"{SCHEMA_VERSION} {self.to_json()}".encode(), digest_size=16)
        used = {attribute.network for attribute in enabled(self.settings)} | {"detector"}
        follower = follower_name(self.settings.landmarks)
        used |= {self.settings.landmarks, follower} & set(models.names())
        for name in sorted(used):
            digest.update(str(models.card(name).get("sha256", "")).encode())
        if follower not in used:
            digest.update(network_path(FACE_MESH).read_bytes())
        return digest.hexdigest()
