"""What the first visitor would otherwise wait for: modules, loaded when the server starts."""

from __future__ import annotations

import logging
from importlib import import_module

from realtime.output.tables import load_libraries

# The parts of the Live page, and what Streamlit imports when it first shows such parts.
_MODULES = (
    # With the first video; compiling it takes 0.3 s in which no other thread runs.
    "ai_edge_litert.schema_py_generated",
    "pandas",
    "pyarrow",
    "PIL.Image",
    "streamlit.components.v1.component_arrow",
    "streamlit.emojis",
    "streamlit.material_icon_names",
    "streamlit.runtime.scriptrunner.magic_funcs",
    "realtime.detect.facestream",
    "realtime.ui.live.camera_notice",
    "realtime.ui.live.controls",
    "realtime.ui.live.export",
    "realtime.ui.live.overlay",
    "realtime.ui.live.picture",
    "realtime.ui.live.picture_tools",
    "realtime.ui.live.preset_choice",
    "realtime.ui.live.readout",
    "realtime.ui.live.recording",
    "realtime.ui.live.snapshot",
    "realtime.ui.live.source",
    "realtime.ui.live.timelines",
    "realtime.ui.session_end",
    "realtime.ui.upload_quota",
)
# It warns of every import outside of a page.
_CONTEXT_LOGGER = "streamlit.runtime.scriptrunner_utils.script_run_context"


def preload() -> None:
    """Load what the first visit needs; call it once the server's runtime exists."""
    logger = logging.getLogger(_CONTEXT_LOGGER)
    level, logger.level = logger.level, logging.ERROR
    try:
        load_modules()
        # Not at the top: importing streamlit-webrtc needs the runtime.
        from realtime.live.process import prepare_process
        from realtime.live.webrtc import register_component

        register_component()
        prepare_process()
    finally:
        logger.level = level


def load_modules() -> None:
    """Import what would hold up visitors, and all live streams, at its first use."""
    for module in _MODULES:
        import_module(module)
    load_libraries()
