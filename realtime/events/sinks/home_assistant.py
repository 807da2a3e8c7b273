"""Home Assistant's MQTT discovery: a device per source, a binary sensor per rule.

See https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from realtime.events.sinks.types import SinkContext

DEFAULT_DISCOVERY = "homeassistant"
_CLASSES = {"person": "occupancy", "mask_missing": "problem", "unsure": "problem"}
_HASH_LENGTH = 6


def discovery_messages(context: SinkContext, base: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Topics and payloads that announce one binary sensor per rule, to be retained.

    Args:
        context: of the stream.
        base: the topic below which states are published.
    """
    if not context.discovery:
        return
    node = f"facestream_{slug(context.source)}"
    for rule in context.rules:
        name = slug(rule.label)
        payload: dict[str, Any] = {
            "name": rule.label if rule.name else rule.title,
            "unique_id": f"{node}_{name}",
            "state_topic": f"{base}/state/{name}",
            "json_attributes_topic": f"{base}/event/{name}",
            "availability_topic": f"{base}/status",
            "device": {
                "identifiers": [node],
                "name": context.source,
                "manufacturer": "FaceStream",
            },
        }
        if rule.kind in _CLASSES:
            payload["device_class"] = _CLASSES[rule.kind]
        yield f"{context.discovery}/binary_sensor/{node}/{name}/config", payload


def slug(name: str) -> str:
    """A name for topics and ids: letters, digits, _ and - alone, different for different names.

    Example:
        >>> slug("front-door"), slug("Tür 2")
        ('front-door', 'T_r_2-7ff2b8')
    """
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name)
    if plain == name:
        return name
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:_HASH_LENGTH]}"
