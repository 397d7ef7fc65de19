"""Idempotency keys: the same request has the same key, until it was answered (facts: accounting-apis, B1.6).

Xero gives the first answer to a key again for six minutes, refusals and its own failures (500) included. So a key is good while no answer
came: a repeated request then meets the first one. Once an answer said no, the documents of that request are noted as spent, and whatever
is sent about them next, after a person mended something or after a look-up, has another key. So has what a person asks to be sent again:
the first answer would say that a document is there which somebody took away since.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.accounting.xero.api import XeroApi
from application.accounting.remote_memory import RemoteMemory
from application.ports.remote_links import RemoteLink

_TYPE = "idempotency"


@dataclass(frozen=True, slots=True)
class IdempotencyKeys:
    """Keys for one organisation."""

    api: XeroApi
    memory: RemoteMemory

    def key(self, operation: str, numbers: Sequence[str], body: bytes, tokens: Sequence[str] = ()) -> str:
        """64 characters from organisation, operation, numbers, what is spent of them, ``tokens`` of their sendings, and the body."""
        spent = self._spent(operation, numbers)
        numbered = (f"{number}#{spent.get(number, 0)}" for number in numbers)
        parts = [self.api.scope, operation, *numbered, *tokens, hashlib.sha256(body).hexdigest()]
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def spend(self, operation: str, numbers: Sequence[str]) -> None:
        """An answer came for these, and it will not do: never ask for it again."""
        if not numbers:
            return
        spent = self._spent(operation, numbers)
        links = [RemoteLink(_TYPE, f"{operation} {number}", str(spent.get(number, 0) + 1)) for number in numbers]
        self.memory.put(self.api.scope, links)

    def _spent(self, operation: str, numbers: Sequence[str]) -> dict[str, int]:
        links = self.memory.by_key(self.api.scope, _TYPE, [f"{operation} {number}" for number in numbers])
        return {key.removeprefix(f"{operation} "): int(link.remote_id) for key, link in links.items()}
