"""Small files as the landmark benchmarks write them."""

from __future__ import annotations

from typing import Any

from benchmarks.environment import describe_environment


def figure(value: float, spread: float = 0.01) -> dict[str, Any]:
    ends = [round(value - spread, 4), round(value + spread, 4)]
    return {"value": value, "interval": ends}


LANDMARKS_JSON = {
    "header": describe_environment(),
    "landmarks": {
        "rows": [
            {
                "landmarks": "mesh",
                "from": "box about the points",
                "missed": 0,
                "faces": 330,
                "mean": figure(0.05),
                "median": 0.05,
                "inner": 0.04,
                "auc": 0.4,
                "failed": 0.02,
            }
        ],
        "milliseconds_per_face": {"mesh": 1.2},
    },
}
IMPACT_JSON = {
    "header": describe_environment(),
    "landmark_impact": {
        "some_set": {
            "n": 100,
            "rows": [
                {"points": "the eyes alone", "accuracy": figure(0.8), "difference": figure(-0.1)},
                {"points": "noise 0%", "noise": 0.0, "accuracy": figure(0.9),
                 "difference": figure(0.0)},
                {"points": "noise 10%", "noise": 0.1, "accuracy": figure(0.85),
                 "difference": figure(-0.05)},
            ],
        }
    },
}  # fmt: skip
