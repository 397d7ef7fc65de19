"""One call that has an effect at jortt, and what it means where it has no good answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.accounting.answer import Answer
from adapters.accounting.jortt.api import JorttApi
from adapters.accounting.jortt.errors import CONFLICT, UNAUTHORIZED, access_error, complaint_of
from adapters.accounting.nothing_happened import nothing_happened
from adapters.accounting.vendor_api import Uncertain
from application.ports.destination import Consignment
from domain.delivery.outcome import ConnectionLost, Outcome, RetryLater, Unknown
from domain.errors import DomainError, TemporaryFailure

HandingOver = Callable[[Sequence[Consignment]], None]
_CONFLICTS_MAX = 3
_CONFLICT_S = 0.5
_CONFLICT_LATER_S = 10.0


@dataclass(frozen=True, slots=True)
class Effects:
    """Calls at one organisation, each for one document."""

    api: JorttApi
    sleep: Callable[[float], None]

    def make(
        self, consignment: Consignment, path: str, body: Mapping[str, Any], handing_over: HandingOver, method: str = "POST"
    ) -> Answer | Outcome:
        """Call. An answer is one below 500 that is about the document: done, or a complaint.

        A conflict changed nothing there (facts: B3.4): it is tried again a few times. Raises LeaseVoid, and, where nothing was handed over
        yet, TemporaryFailure and DomainError.
        """
        left: list[bool] = []

        def leave() -> None:
            handing_over([consignment])
            left.append(True)

        try:
            answer = self.api.write(method, path, body, leave)
            for _ in range(_CONFLICTS_MAX - 1):
                if answer.status != CONFLICT:
                    break
                self.sleep(_CONFLICT_S)
                answer = self.api.write(method, path, body, leave)
        except Uncertain as uncertain:
            return Unknown(uncertain.reason)
        except (TemporaryFailure, DomainError) as failure:
            if not left:
                raise
            return nothing_happened(failure)
        return _about_us(answer)


def _about_us(answer: Answer) -> Answer | Outcome:
    if answer.status == CONFLICT:
        return RetryLater("jortt is changing the same thing just now.", _CONFLICT_LATER_S)
    if answer.status == UNAUTHORIZED:
        error = access_error(complaint_of(answer))
        return ConnectionLost(error.text, error.code, error.next_step)
    return answer
