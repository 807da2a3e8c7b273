"""The views of a result folder, in DuckDB's SQL; docs/archives.md describes their columns."""

from __future__ import annotations

from collections.abc import Iterator

from realtime.attribute.registry import ATTRIBUTES
from realtime.bulk.schema import PHOTO, VIDEO

# A row counts only if a manifest still lists it: files may have been changed or removed since.
_ITEMS = """
SELECT * FROM read_parquet({parts})
WHERE item_id IN (SELECT item_id FROM read_parquet({manifests}))
"""
_PHOTOS = f"""
SELECT item_id, path, regexp_replace(path, '/?[^/]*$', '') AS folder, bytes, modified,
       width, height, coalesce(len(faces), 0) AS faces, ms, error
FROM items WHERE kind = '{PHOTO}'
"""
_VIDEOS = f"""
SELECT path, min(modified) AS modified, any_value(bytes) AS bytes, max(width) AS width,
       max(height) AS height, max(end_s) AS seconds, sum(frames) AS frames, sum(ms) AS ms,
       max(error) AS error
FROM items WHERE kind = '{VIDEO}' GROUP BY path
"""
_FACES = """
SELECT item_id, path, regexp_replace(path, '/?[^/]*$', '') AS folder, kind, modified,
       face_number, face.time_s AS time_s, coalesce(joined.track, face.track_id) AS track,
       face.box.x0 AS x0, face.box.y0 AS y0, face.box.x1 AS x1, face.box.y1 AS y1,
       least(face.box.x1 - face.box.x0, face.box.y1 - face.box.y0) AS side_px,
       face.score AS score, {attributes},
       face.pose AS pose, face.eyes_open AS eyes_open, face.mouth_open AS mouth_open,
       face.gaze AS gaze, face.blinks AS blinks, face.points AS points,
       coalesce(face.crop, false) AS has_crop
FROM (
  SELECT item_id, path, kind, modified, unnest(faces) AS face,
         unnest(range(1, len(faces) + 1)) AS face_number
  FROM items
) AS one LEFT JOIN joined ON joined.joined_id = one.item_id
  AND joined.joined_track = one.face.track_id
"""
_TRACKS = """
SELECT path, track, min(time_s) AS first_s, max(time_s) AS last_s, count(*) AS frames, {labels}
FROM faces WHERE track IS NOT NULL GROUP BY path, track
"""
_CROPS = """
SELECT item_id, path, face_number, webp FROM (
  SELECT item_id, path, unnest(crops) AS webp, unnest(range(1, len(crops) + 1)) AS face_number
  FROM items
) WHERE webp IS NOT NULL
"""
_NO_TRACKS = """
SELECT NULL::VARCHAR AS joined_id, NULL::VARCHAR AS joined_path,
       NULL::INTEGER AS joined_track, NULL::INTEGER AS track
WHERE false
"""
_JOINED = """
SELECT item_id AS joined_id, path AS joined_path, track_id AS joined_track, track
FROM read_parquet({tracks})
"""


def view_statements(parts: str, manifests: str, tracks: str | None) -> Iterator[str]:
    """The statements that create the views.

    Args:
        parts: glob of the parts, as a literal of SQL; so are the others.
        manifests: glob of the manifests.
        tracks: glob of the files of tracks; None where there are none.
    """
    joined = _NO_TRACKS if tracks is None else _JOINED.format(tracks=tracks)
    attributes = ",\n       ".join(_attribute(name) for name in ATTRIBUTES)
    labels = ", ".join(f"mode({name}) AS {name}" for name in ATTRIBUTES)
    views = {
        "items": _ITEMS.format(parts=parts, manifests=manifests),
        "joined": joined,
        "photos": _PHOTOS,
        "videos": _VIDEOS,
        "faces": _FACES.format(attributes=attributes),
        "tracks": _TRACKS.format(labels=labels),
        "crops": _CROPS,
    }
    for name, query in views.items():
        yield f"CREATE VIEW {name} AS {query}"


def _attribute(name: str) -> str:
    probs = ", ".join(f"face.{name}.probs.{label}" for label in ATTRIBUTES[name].labels)
    return (
        f"face.{name}.label AS {name}, greatest({probs}) AS {name}_prob,\n"
        f"       face.{name}.probs AS {name}_probs, face.{name}.doubts AS {name}_doubts"
    )
