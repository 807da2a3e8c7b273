"""Small results in the format of the landmark benchmarks."""

from __future__ import annotations

from typing import Any

from benchmarks.environment import describe_environment


def metric(value: float, margin: float = 0.01) -> dict[str, Any]:
    interval = [round(value - margin, 4), round(value + margin, 4)]
    return {"value": value, "interval": interval}


LANDMARKS_JSON = {
    "header": describe_environment(),
    "landmarks": {
        "rows": [
            {
                "landmarks": "mesh",
                "from": "box about the points",
                "missed": 0,
                "faces": 330,
                "mean": metric(0.05),
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
                {"points": "the eyes alone", "accuracy": metric(0.8), "difference": metric(-0.1)},
                {"points": "noise 0%", "noise": 0.0, "accuracy": metric(0.9),
                 "difference": metric(0.0)},
                {"points": "noise 10%", "noise": 0.1, "accuracy": metric(0.85),
                 "difference": metric(-0.05)},
            ],
        }
    },
}  # fmt: skip
