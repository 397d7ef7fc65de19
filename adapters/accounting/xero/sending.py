"""One call that has an effect at Xero, and what it means where it has no good answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.accounting.answer import Answer
from adapters.accounting.nothing_happened import nothing_happened
from adapters.accounting.vendor_api import Uncertain
from adapters.accounting.xero.api import XeroApi, shuts_out
from adapters.accounting.xero.complaints import problem_in
from adapters.accounting.xero.idempotency import IdempotencyKeys
from application.ports.destination import Consignment
from domain.delivery.outcome import Outcome, Unknown
from domain.errors import DomainError, TemporaryFailure

HandingOver = Callable[[Sequence[Consignment]], None]
_BAD_REQUEST, _SERVER_ERROR = 400, 500
_CLASH = "idempotency key"
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Effect:
    """What is to be created, by whom it is owed. ``operation`` and ``numbers`` are what its key is made of."""

    operation: str
    numbers: Sequence[str]
    consignments: Sequence[Consignment]
    path: str
    body: bytes
    params: Mapping[str, Any] | None = None
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Sending:
    """Calls at one organisation."""

    api: XeroApi
    keys: IdempotencyKeys

    def send(self, effect: Effect, handing_over: HandingOver) -> Answer | Outcome:
        """Call once. An answer is one below 500 that is about the documents; an outcome holds for all of them.

        Raises LeaseVoid, and, where nothing was handed over yet, TemporaryFailure and DomainError.
        """
        left: list[bool] = []

        def leave() -> None:
            handing_over(effect.consignments)
            left.append(True)

        key = self.keys.key(effect.operation, effect.numbers, effect.body, [consignment.token for consignment in effect.consignments])
        try:
            answer = self.api.put(effect.path, effect.body, key, params=effect.params, content_type=effect.content_type, handing_over=leave)
        except Uncertain as uncertain:
            # A failure of its own Xero would repeat for this key; a gateway's, or a lost answer, it would not.
            if uncertain.status == _SERVER_ERROR:
                self.spend(effect)
            return Unknown(uncertain.reason)
        except (TemporaryFailure, DomainError) as failure:
            if not left:
                raise
            return nothing_happened(failure)
        return self._about_us(effect, answer)

    def spend(self, effect: Effect, numbers: Sequence[str] | None = None) -> None:
        """Have other keys from now on, for all numbers or for some."""
        self.keys.spend(effect.operation, effect.numbers if numbers is None else numbers)

    def _about_us(self, effect: Effect, answer: Answer) -> Answer | Outcome:
        if answer.status in _OK:
            return answer
        if shuts_out(answer):
            return self._shut_out(effect, answer)
        said = problem_in(answer.json(), answer.shown())
        if answer.status == _BAD_REQUEST and _CLASH in said.lower():
            self.spend(effect)
            return Unknown(said)
        return answer

    def _shut_out(self, effect: Effect, answer: Answer) -> Outcome:
        try:
            return nothing_happened(self.api.admission.refusal(answer, effect.path))
        except (TemporaryFailure, DomainError) as failure:
            return nothing_happened(failure)
