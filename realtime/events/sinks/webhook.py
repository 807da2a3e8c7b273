"""Webhooks: each message is one signed POST, repeated until it is accepted.

Signed as https://www.standardwebhooks.com says, so that receivers can use its libraries: with
HMAC-SHA256 of the message's id, the time of sending and the body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import random
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from realtime.events.event import Message
from realtime.events.sinks.queue import QueueThread
from realtime.events.sinks.stats import SinkStats
from realtime.events.sinks.types import SinkContext, SinkError, secret

SECRET_VARIABLE = "FACESTREAM_WEBHOOK_SECRET"
MIN_SECRET_LENGTH = 16
TIMEOUT_S = 5.0  # to connect, and for each part of the answer
ATTEMPTS = 8  # of one message: for about a minute
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 30.0
TOO_EARLY, TIMED_OUT, TOO_MANY = 425, 408, 429


class WebhookSink:
    """Implements `Sink`.

    Args:
        url: http or https.
        context: of the stream; its environment has the secret.
        timeout_s: time limit for connecting and for each part of the answer.
        capacity: messages that may wait.

    Raises:
        SinkError: the address or the secret is invalid.
    """

    def __init__(
        self, url: str, context: SinkContext, *, timeout_s: float = TIMEOUT_S, capacity: int = 1000
    ) -> None:
        host = check_url(url)
        self.name = f"webhook {host}"
        self.stats = SinkStats()
        self._url, self._context, self._timeout_s = url, context, timeout_s
        self._key = signing_key(secret(context, SECRET_VARIABLE, least=MIN_SECRET_LENGTH))
        # A redirect would carry what is signed to an address that nobody chose.
        self._opener = urllib.request.build_opener(_NoRedirect)
        self._failing = False
        self._queue = QueueThread[Message](
            "facestream-hook", self._deliver, self.stats.drop, capacity
        )

    def offer(self, message: Message) -> None:
        """See `Sink`."""
        self._queue.put(message)

    def set_online(self, online: bool) -> None:
        """See `Sink`; webhooks are for events alone."""

    def close(self, timeout_s: float) -> None:
        """See `Sink`."""
        self._queue.close(timeout_s)

    def _deliver(self, message: Message) -> None:
        for attempt in range(ATTEMPTS):
            problem, again = self._post(message)
            if problem is None:
                self._note(None)
                self.stats.arrived(self._context.clock() - message.event.time_s)
                return
            self._note(problem)
            if not again:
                break
            self.stats.fail()
            pause_s = min(FIRST_PAUSE_S * 2**attempt, LONGEST_PAUSE_S) * random.uniform(0.8, 1.2)
            last = attempt + 1 == ATTEMPTS
            if last or self._queue.stopping.wait(pause_s):
                break
        self.stats.drop()

    def _post(self, message: Message) -> tuple[str | None, bool]:
        """Send a message once.

        Returns:
            What went wrong, or None; and whether another attempt may help.
        """
        body, now_s = message.body, int(time.time())
        request = urllib.request.Request(
            self._url,
            data=body,
            method="POST",
            headers={
                "Content-Type": "application/json",
                "User-Agent": "FaceStream",
                "Webhook-Id": message.id,
                "Webhook-Timestamp": str(now_s),
                "Webhook-Signature": sign(self._key, message.id, now_s, body),
            },
        )
        try:
            with self._opener.open(request, timeout=self._timeout_s):
                return None, False
        except urllib.error.HTTPError as error:
            error.close()
            again = error.code >= 500 or error.code in (TIMED_OUT, TOO_EARLY, TOO_MANY)
            return f"it answered {error.code}", again
        except (OSError, http.client.HTTPException) as error:
            return _reason(error), True

    def _note(self, problem: str | None) -> None:
        """Tell the user when deliveries begin to fail, and when they succeed again."""
        if problem is not None and not self._failing:
            self._context.report(f"{self.name}: events cannot be delivered: {problem}.")
        elif problem is None and self._failing:
            self._context.report(f"{self.name}: events are delivered again.")
        self._failing = problem is not None


def check_url(url: str) -> str:
    """The host of a webhook's address.

    Raises:
        SinkError: it is not http or https, or contains a password.
    """
    try:
        parts = urlsplit(url)
        host, user, _ = parts.hostname, parts.username, parts.port
    except ValueError as error:
        raise SinkError(f"The webhook's address is invalid: {error}.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise SinkError("A webhook's address must begin with http:// or https:// and a host.")
    if user is not None:
        raise SinkError(
            f"A webhook's address must not contain a password: requests are signed with "
            f"{SECRET_VARIABLE}."
        )
    if not url.isascii() or any(c.isspace() or not c.isprintable() for c in url):
        raise SinkError("A webhook's address must be plain ASCII: encode other characters.")
    return host


def signing_key(text: str) -> bytes:
    """The key that a secret stands for: base64 after "whsec_", otherwise its own bytes.

    Raises:
        SinkError: what follows "whsec_" is not base64.
    """
    prefix = "whsec_"
    if not text.startswith(prefix):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(prefix), validate=True)
    except binascii.Error:
        raise SinkError(f"{SECRET_VARIABLE} must be base64 after {prefix!r}.") from None


def sign(key: bytes, message_id: str, timestamp_s: int, body: bytes) -> str:
    """The value of the header Webhook-Signature.

    Example:
        >>> sign(b"key", "a-1-start", 1, b"{}")
        'v1,7pqAD9p0QMhQZHr40TXk1GUEWM9GA3mXeMihvEClkyc='
    """
    signed = b".".join([message_id.encode(), str(timestamp_s).encode(), body])
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Turns redirects into errors."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _reason(error: Exception) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, TimeoutError):
        return "it does not answer"
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return str(inner) or type(inner).__name__
