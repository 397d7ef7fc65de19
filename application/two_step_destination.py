"""Two destinations as one: a document goes to the first, that is recorded as a step, and then it goes to the second."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from application.ports.destination import CheckResult, Consignment, Destination
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, LookUp, Outcome, PartlyThere, StepDone

_HandingOver = Callable[[Sequence[Consignment]], None]


@dataclass(frozen=True, slots=True)
class TwoStepDestination:
    """The port ``Destination``. ``step`` names the effect of the first; ``rest`` is what people call that of the second.

    A consignment that comes with the step is not sent to the first again. What the first left behind, the second finds in
    the consignment's steps.
    """

    step: str
    first: Destination
    second: Destination
    rest: str

    def deliver(self, batch: Sequence[Consignment], handing_over: _HandingOver) -> Iterator[tuple[Consignment, Outcome | StepDone]]:
        """One document after the other, both effects of each; stops after a lost connection: the rest was not handed over."""
        for consignment in batch:
            for outcome in self._deliver_one(consignment, handing_over):
                yield consignment, outcome
                if isinstance(outcome, ConnectionLost):
                    return

    def look_up(self, consignment: Consignment) -> LookUp:
        """The effect that was under way: the second where the step is recorded, else the first."""
        if self.step in consignment.steps:
            return self.second.look_up(consignment)
        answer = self.first.look_up(consignment)
        if isinstance(answer, Delivered):
            return PartlyThere((StepDone(self.step, answer.remote_id),))
        if isinstance(answer, CannotTell):
            return CannotTell(f"{answer.how_to_check} Marked as delivered, {self.rest} is left out.")
        return answer

    def check(self) -> Sequence[CheckResult]:
        """Both."""
        return [*self.first.check(), *self.second.check()]

    def preview(self, consignment: Consignment) -> str:
        """Both, one below the other."""
        return f"{self.first.preview(consignment)}\n\n{self.second.preview(consignment)}"

    def _deliver_one(self, consignment: Consignment, handing_over: _HandingOver) -> Iterator[Outcome | StepDone]:
        if self.step not in consignment.steps:
            done: str | None = None
            for _, outcome in self.first.deliver((consignment,), handing_over):
                if isinstance(outcome, Delivered):
                    done = outcome.remote_id
                else:
                    yield outcome
            if done is None:
                return
            yield StepDone(self.step, done)
            consignment = replace(consignment, steps={**consignment.steps, self.step: done})
        for _, outcome in self.second.deliver((consignment,), handing_over):
            yield outcome
