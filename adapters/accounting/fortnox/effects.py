"""One call that has an effect at Fortnox, and what it means where it has no good answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.accounting import exact_json
from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.api import FortnoxApi
from adapters.accounting.fortnox.errors import SYSTEM_EXCEPTION, lane_problem, problem_of, refusal, refused
from adapters.accounting.nothing_happened import nothing_happened
from adapters.accounting.vendor_api import Uncertain
from application.ports.destination import Consignment
from domain.delivery.outcome import ConnectionLost, Outcome, Unknown
from domain.errors import DomainError, TemporaryFailure

HandingOver = Callable[[Sequence[Consignment]], None]
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Effects:
    """Calls at one company for one document at a time."""

    api: FortnoxApi

    def do(
        self, consignment: Consignment, handing_over: HandingOver, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Answer | Outcome:
        """Call once, also where the method is GET: some addresses that look like reading send a mail (facts: B2.8).

        An answer is one of success. Raises LeaseVoid, and, where nothing was handed over yet, TemporaryFailure and DomainError.
        """
        left: list[bool] = []

        def leave() -> None:
            handing_over([consignment])
            left.append(True)

        content = None if body is None else exact_json.dumps(body)
        try:
            answer = self.api.vendor.call(method, path, body=content, handing_over=leave)
        except Uncertain as uncertain:
            return Unknown(uncertain.reason)
        except (TemporaryFailure, DomainError) as failure:
            if not left:
                raise
            return nothing_happened(failure)
        return answer if answer.status in _OK else _refused(answer)


def _refused(answer: Answer) -> Outcome:
    lost = lane_problem(answer)
    if lost is not None:
        return ConnectionLost(lost.text, lost.code, lost.next_step)
    problem = problem_of(answer)
    if problem.code == SYSTEM_EXCEPTION:
        return Unknown(f"Fortnox failed: {problem}")
    return refused(refusal(problem))
