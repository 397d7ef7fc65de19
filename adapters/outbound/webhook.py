"""Telling a program of the operator's over HTTP, signed so that it knows who speaks and when (docs/reference/webhook.md)."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import requests

from application.ports.clock import Clock
from domain.errors import TemporaryFailure

_TIMEOUT_S = (5.0, 15.0)
_TAKEN = range(200, 300)
SIGNATURE = "X-Billhook-Signature"
TIMESTAMP = "X-Billhook-Timestamp"


class HttpWebhook:
    """The port ``Webhook``. Each event is one POST; a redirect is no answer, and what comes back is not read."""

    def __init__(self, url: str, key: str, open_session: Callable[[], AbstractContextManager[requests.Session]], clock: Clock) -> None:
        self._url = url
        self._key = key.encode()
        self._open_session = open_session
        self._clock = clock

    def post(self, event: Mapping[str, Any]) -> None:
        """Raises TemporaryFailure, and DomainError("address_refused") as the session does."""
        body = json.dumps(event, ensure_ascii=False, sort_keys=True).encode()
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {"Content-Type": "application/json", TIMESTAMP: timestamp, SIGNATURE: f"sha256={signature(self._key, timestamp, body)}"}
        try:
            with self._open_session() as session:
                response = session.post(self._url, data=body, headers=headers, timeout=_TIMEOUT_S, allow_redirects=False, stream=True)
                status = response.status_code
                response.close()
        except (requests.RequestException, OSError) as error:
            # The address may hold a secret: the kind of error says enough.
            raise TemporaryFailure(f"The webhook cannot be reached: {type(error).__name__}.") from error
        if status not in _TAKEN:
            raise TemporaryFailure(f"The webhook answered {status}.")


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a dot and the body, so that neither can be exchanged."""
    return hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
