"""The API conforms to its OpenAPI document, checked by schemathesis with generated requests."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.transport.serialization import Binary

from realtime.web.uploads import PICTURE_TYPES

SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


def picture(suffix: str, side_px: int, gray: int) -> bytes:
    plain = np.full((side_px, side_px, 3), gray, np.uint8)
    return bytes(cv2.imencode(suffix, plain)[1].tobytes())


for kind in PICTURE_TYPES:
    picture_files = st.builds(
        picture, st.just(SUFFIXES[kind]), st.integers(1, 80), st.integers(0, 255)
    )
    schemathesis.openapi.media_type(kind, picture_files)
# The document describes a form's files only as binary: generate pictures.
files = st.builds(picture, st.sampled_from(list(SUFFIXES.values())), st.integers(1, 80), st.just(9))
schemathesis.openapi.format("binary", files.map(Binary))


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("/api/v1/analyze", GenerationMode.POSITIVE),
        ("/api/v1/analyze", GenerationMode.NEGATIVE),
        # These take no input, so there is no invalid input.
        ("/api/v1/health", GenerationMode.POSITIVE),
        ("/api/v1/openapi.json", GenerationMode.POSITIVE),
    ],
)
def test_api_conforms_to_its_document(app: Flask, path: str, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    (operation,) = schema[path].values()

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def validate(case: schemathesis.Case) -> None:
        case.call_and_validate()

    validate()
