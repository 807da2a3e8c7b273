"""The API does what its OpenAPI document says, whatever is sent: tried out by schemathesis."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.schemas import OpenApiSchema

from realtime.web.uploads import PICTURE_TYPES
from tests.web.test_api import needs_network

SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


def picture(suffix: str, side_px: int, gray: int) -> bytes:
    plain = np.full((side_px, side_px, 3), gray, np.uint8)
    return bytes(cv2.imencode(suffix, plain)[1].tobytes())


for kind in PICTURE_TYPES:
    made = st.builds(picture, st.just(SUFFIXES[kind]), st.integers(1, 80), st.integers(0, 255))
    schemathesis.openapi.media_type(kind, made)


@pytest.fixture
def api(app: Flask) -> OpenApiSchema:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


schema = schemathesis.pytest.from_fixture("api")


@needs_network
@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_to_its_document(case: schemathesis.Case) -> None:
    case.call_and_validate()
