"""The app as it is, with a route that reports what its process holds: `GET /soak`.

Sessions end sooner than in the app, so that more visits fit into a soak test, and no viewer waits
in a queue: the soak test decides how many come.
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections import Counter

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.runtime import get_instance
from streamlit.starlette import App

from realtime.core.installed import PACKAGE
from realtime.core.memory import return_free_memory
from realtime.engine.engine import Engine
from realtime.live.analysis_thread import THREAD_NAME
from realtime.ui import session_end
from realtime.ui.server import MIDDLEWARE, lifespan

# Objects of a visit; none may remain when all visitors have gone.
HELD = (
    "AppSession", "LiveTrack", "WorkerProcessor", "Recorder", "RTCPeerConnection", "VideoJob"
)  # fmt: skip

Engine.has_room = lambda self, more: True  # type: ignore[method-assign]
session_end.GRACE_S = float(os.environ["FACESTREAM_SOAK_GRACE_S"])


async def held(_: Request) -> JSONResponse:
    """Count sessions, streams, tasks, stored files and the objects of visits."""
    runtime = get_instance()
    gc.collect()
    return_free_memory()  # what is measured is what is held
    names = Counter(type(item).__name__ for item in gc.get_objects())
    # Streamlit's event loop refers to the last session, emptied, until another visitor comes.
    names["AppSession"] = max(0, names["AppSession"] - 1)
    names["stored file"] = len(runtime.media_file_mgr._file_metadata)
    return JSONResponse(
        {
            "sessions": len(runtime._session_mgr.list_sessions()),
            "streams": sum(t.name == THREAD_NAME for t in threading.enumerate()),
            "tasks": len(asyncio.all_tasks()),
            "thread_names": Counter(t.name.rstrip("0123456789-") for t in threading.enumerate()),
            "objects": {name: names[name] for name in (*HELD, "stored file") if names[name]},
        }
    )


app = App(
    PACKAGE / "pages/navigation.py",
    middleware=MIDDLEWARE,
    lifespan=lifespan,
    routes=[Route("/soak", held)],
)
