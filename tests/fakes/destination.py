"""A destination that remembers what arrived, and does to each document what a test planned."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from application.ports.destination import CheckResult, Consignment, Destination, LaneContext
from application.two_step_destination import TwoStepDestination
from domain.companies.integration import Integration
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, LookUp, NotThere, Outcome, StepDone
from domain.errors import TemporaryFailure

Plan = Callable[[Consignment], Outcome | BaseException]


class InMemoryDestination:
    """``arrived`` are the documents the other side has. A plan decides the outcome; by default all is delivered."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.steps_seen: list[Mapping[str, str]] = []
        self.opened = 0
        self.refuses_to_open = ""
        self.plan: Plan = lambda _consignment: Delivered("remote")
        self.arrives_all_the_same = False
        self.can_be_asked = True

    def deliver(
        self, batch: Sequence[Consignment], handing_over: Callable[[Sequence[Consignment]], None]
    ) -> Iterator[tuple[Consignment, Outcome | StepDone]]:
        for consignment in batch:
            outcome = self.plan(consignment)
            if isinstance(outcome, ConnectionLost):
                yield consignment, outcome
                return
            handing_over([consignment])
            if isinstance(outcome, Delivered) or self.arrives_all_the_same:
                self.arrived.append(consignment.token)
            self.steps_seen.append(consignment.steps)
            if isinstance(outcome, BaseException):
                raise outcome
            yield consignment, outcome

    def look_up(self, consignment: Consignment) -> LookUp:
        if not self.can_be_asked:
            return CannotTell("Look into the mailbox.")
        return Delivered("remote") if consignment.token in self.arrived else NotThere()

    def check(self) -> Sequence[CheckResult]:
        return [CheckResult("reachable", ok=True, detail="")]

    def preview(self, consignment: Consignment) -> str:
        return consignment.token


class TwoSteps(InMemoryDestination):
    """Uploads to ``first``, then announces to ``second``; each has a plan of its own. ``dies_between`` is raised once between them."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = InMemoryDestination(), InMemoryDestination()
        self.dies_between: BaseException | None = None
        self._both = TwoStepDestination("uploaded", self.first, self.second, "the announcement")

    def deliver(
        self, batch: Sequence[Consignment], handing_over: Callable[[Sequence[Consignment]], None]
    ) -> Iterator[tuple[Consignment, Outcome | StepDone]]:
        for consignment, outcome in self._both.deliver(batch, handing_over):
            yield consignment, outcome
            if isinstance(outcome, StepDone) and self.dies_between is not None:
                dies, self.dies_between = self.dies_between, None
                raise dies

    def look_up(self, consignment: Consignment) -> LookUp:
        return self._both.look_up(consignment)


class InMemoryDestinations:
    """The port ``Destinations``: one destination for every lane; ``generic_filesystem`` takes orders, the others documents."""

    def __init__(self) -> None:
        self.one = InMemoryDestination()

    def takes(self, integration: Integration) -> frozenset[str]:
        return frozenset({"order"}) if integration.kind == "generic_filesystem" else frozenset({"invoice", "credit_note"})

    def resent(self, integration: Integration) -> str:
        return f"It sends a second one by {integration.kind}."

    @contextmanager
    def open(self, lane: LaneContext) -> Iterator[Destination]:
        if self.one.refuses_to_open:
            raise TemporaryFailure(self.one.refuses_to_open)
        self.one.opened += 1
        yield self.one
