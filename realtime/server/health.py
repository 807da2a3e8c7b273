"""`/healthz`: the process answers. `/readyz`: networks work, and there is room for a viewer."""

from __future__ import annotations

import asyncio
import logging
import subprocess
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.runtime import exists, get_instance

from realtime.core.errors import FaceStreamError
from realtime.media.worker_process import worker_command, worker_environment

LOGGER = logging.getLogger(__name__)


def load_networks() -> None:
    """Load the networks of live streams and run each once, in a process that then ends.

    Raises:
        NetworksError: one is missing or damaged; the message is what the process said.
    """
    done = subprocess.run(
        worker_command("realtime.server.check_networks"),
        env=worker_environment(), capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise NetworksError(done.stderr.strip().rpartition("\n")[2])


def admission_has_room() -> bool:
    """Whether a viewer who comes now could start."""
    from realtime.live.shared_engine import shared_admission

    return shared_admission().has_room()


def count_sessions() -> int:
    """Number of pages that are open in browsers."""
    return get_instance()._session_mgr.num_active_sessions() if exists() else 0


class NetworksError(FaceStreamError):
    """The networks cannot be used."""


class Readiness:
    """What `/readyz` reports.

    Args:
        load: loads the networks once, in a thread.
        has_room: whether a further viewer could start.
        sessions: number of open pages.
    """

    def __init__(
        self,
        load: Callable[[], None] = load_networks,
        has_room: Callable[[], bool] = admission_has_room,
        sessions: Callable[[], int] = count_sessions,
    ) -> None:
        self._load, self._has_room, self._sessions = load, has_room, sessions
        self._networks = "loading"
        self.draining = False

    async def check_networks(self) -> None:
        """Load the networks; what is wrong stands in the log and in `/readyz`."""
        try:
            await asyncio.to_thread(self._load)
        except Exception as error:
            LOGGER.error("The networks cannot be loaded: %s", error)
            self._networks = str(error).partition("\n")[0]
        else:
            self._networks = "ok"

    def routes(self) -> list[Route]:
        """The two routes."""
        return [Route("/healthz", self._health), Route("/readyz", self._ready)]

    async def _health(self, _request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def _ready(self, _request: Request) -> JSONResponse:
        room = "stopping" if self.draining else "ok" if self._has_room() else "full"
        ready = self._networks == "ok" and room == "ok"
        checks = {"networks": self._networks, "room": room}
        body = {"ready": ready, "checks": checks, "sessions": self._sessions()}
        return JSONResponse(body, 200 if ready else 503)
