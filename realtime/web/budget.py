"""How much one client may have analysed in a minute: pictures, and pixels altogether."""

from __future__ import annotations

from math import ceil

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from realtime.web.errors import RequestError

MAX_PICTURES_PER_MINUTE = 120
MAX_MEGAPIXELS_PER_MINUTE = 1000
_WINDOW_S = 60


class Budget:
    """Counts what each client sends; safe to use from any thread.

    Args:
        pictures: pictures a minute for each client.
        megapixels: their pixels altogether, in millions.
    """

    def __init__(
        self,
        *,
        pictures: int = MAX_PICTURES_PER_MINUTE,
        megapixels: int = MAX_MEGAPIXELS_PER_MINUTE,
    ) -> None:
        self._pictures = RateLimitItemPerMinute(pictures, namespace="pictures")
        self._kilopixels = RateLimitItemPerMinute(megapixels * 1000, namespace="kilopixels")
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._message = (
            "Wait a minute, or send fewer or smaller pictures: this server analyses "
            f"{pictures} pictures and {megapixels} megapixels per minute for each client."
        )

    def charge(self, client: str, *, pictures: int, pixels: int) -> None:
        """Count a request before its pictures are decoded.

        Args:
            client: the client's address.
            pictures: number of pictures in the request.
            pixels: their pixels altogether.

        Raises:
            RequestError: 429 if this is more than is left to the client.
        """
        costs = ((self._pictures, pictures), (self._kilopixels, ceil(pixels / 1000)))
        # All is tested before anything is counted: what is refused costs the client nothing.
        if not all(self._limiter.test(item, client, cost=cost) for item, cost in costs) or not all(
            self._limiter.hit(item, client, cost=cost) for item, cost in costs
        ):
            raise RequestError(429, "too_many_pictures", self._message, retry_after_s=_WINDOW_S)
