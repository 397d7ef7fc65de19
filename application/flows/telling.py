"""Who is told of what a flow could not take.

There is one incident for each reason, not one for the flow: a new reason is news while another lasts, and one that was mended is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from application.incidents import about, resolve_about, tell
from application.ports.incidents import Sighting
from application.ports.unit_of_work import UnitOfWork
from domain.companies.flow import Flow
from domain.errors import DomainError

# A run that ended early; a reason why records are not taken, by which the cause goes on.
FLOW_STOPPED, FLOW_FAILING = "flow_stopped", "flow_failing"
PROBLEMS_MAX = 20
_NAMED_MAX = 5
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that could not be taken: ``name`` is what people know it by, ``reason`` a sentence that says nothing of it."""

    name: str
    reason: str

    @property
    def text(self) -> str:
        """Both."""
        return f"{self.name}: {self.reason}"


def tell_problems(uow: UnitOfWork, flow: Flow, problems: Sequence[Problem], now: datetime, *, is_whole: bool) -> None:
    """After a run that came to its end; ``is_whole``: it saw all that is left, so what it did not see is over."""
    by_cause = _by_cause(problems)
    for cause, alike in by_cause.items():
        names = ", ".join(each.name for each in alike[:_NAMED_MAX])
        more = f" and {len(alike) - _NAMED_MAX} more" if len(alike) > _NAMED_MAX else ""
        step = f"Correct it there, or field_map of the flow, and look: billhook flows preview {flow.name}. It is tried again by itself."
        tell(uow, _sighting(uow, flow, cause, f"could not take {names}{more}: {alike[0].reason}", step), now)
    resolve_about(uow, flow.order_source, lambda each: each.cause not in by_cause and (is_whole or each.cause == FLOW_STOPPED), now)


def tell_stop(uow: UnitOfWork, flow: Flow, error: DomainError, now: datetime) -> None:
    """After a run that could not go on."""
    step = f"{error.next_step.rstrip('.') or f'Look: billhook flows preview {flow.name}'}. The flow goes on by itself."
    tell(uow, _sighting(uow, flow, FLOW_STOPPED, f"stopped: {error.text}", step), now)


def _by_cause(problems: Sequence[Problem]) -> Mapping[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        cause = f"{FLOW_FAILING}:{sha256(problem.reason.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"
        if cause in found or len(found) < PROBLEMS_MAX:
            found.setdefault(cause, []).append(problem)
    return found


def _sighting(uow: UnitOfWork, flow: Flow, cause: str, what: str, step: str) -> Sighting:
    """Whom the target names, else whom the source does."""
    known = uow.configurations.current().integrations
    named = [known[path] for path in (flow.target, flow.source) if path in known and known[path].settings.get("errors_to")]
    integration = named[0] if named else known[flow.target]
    text = f"The flow {flow.name} from {flow.source} to {flow.target} {what}"
    return replace(about(integration, cause, text, step), subject=flow.order_source)
