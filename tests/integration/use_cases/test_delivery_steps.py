"""Draining a lane whose deliveries have two effects each; on SQLite and PostgreSQL."""

from collections.abc import Iterator

import pytest

from application.ports.destination import Consignment
from application.queries.show_delivery import ShowDeliveryHandler
from application.use_cases.change_deliveries import Action, ChangeDeliveries, ChangeDeliveriesHandler
from application.use_cases.drain_lane import DrainLane
from domain.companies.plan import Layout
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, Outcome, Refused, RetryLater, Unknown
from tests.factories import a_company, a_configuration, a_plan
from tests.fakes.destination import InMemoryDestination, TwoSteps
from tests.integration.use_cases.house import LANE, House, a_message


class Killed(BaseException):
    """As if the process died: nothing of ours catches it."""


@pytest.fixture
def two_invoices(house: House) -> Iterator[House]:
    """Two deliveries to a destination that uploads, then announces."""
    house.destinations.one = TwoSteps()
    house.configure(a_configuration(a_company(plan=a_plan(layout=Layout.INDIVIDUAL)), revision=2))
    house.feed(*(a_message(str(ref)) for ref in (1, 2)))
    house.run()
    yield house
    assert house.problems() == []


def stages(house: House) -> TwoSteps:
    """The destination."""
    assert isinstance(house.destinations.one, TwoSteps)
    return house.destinations.one


def fails(destination: InMemoryDestination, outcome: Outcome | BaseException, *, arrives: bool = False) -> None:
    """Delivery 1 ends so here, once."""
    normal = destination.plan

    def plan(consignment: Consignment) -> Outcome | BaseException:
        if consignment.delivery_id != 1:
            return normal(consignment)
        destination.plan, destination.arrives_all_the_same = normal, arrives
        return outcome

    destination.plan = plan


def steps_of(house: House, delivery_id: int = 1) -> dict[str, str]:
    """What `deliveries show` tells of the steps."""
    return dict(ShowDeliveryHandler(house.units_of_work)(delivery_id).steps)


def drain_later(house: House, worker: str = "worker-2") -> None:
    """By another worker, long after: first what is unknown, then the rest."""
    for _ in range(2):
        house.clock.advance(hours=5)
        house.a_worker(worker)(DrainLane(LANE))


def test_both_effects_happen_and_the_first_is_recorded_before_the_second(two_invoices: House) -> None:
    """The second finds what the first left behind."""
    assert two_invoices.drain() == 2

    assert stages(two_invoices).first.arrived == stages(two_invoices).second.arrived == ["dlv-1-0", "dlv-2-0"]
    assert stages(two_invoices).second.steps_seen == [{"uploaded": "remote"}] * 2
    assert two_invoices.states() == ["delivered"] * 2
    assert steps_of(two_invoices) == {"uploaded": "remote"}


@pytest.mark.parametrize("outcome", [RetryLater("451 later"), Refused("mail_refused", "550 no", "Retry."), ConnectionLost("cut")])
def test_a_failure_of_the_second_effect_does_not_repeat_the_first(two_invoices: House, outcome: Outcome) -> None:
    """Whether it is tried again by itself or by a person."""
    fails(stages(two_invoices).second, outcome)
    two_invoices.drain()
    assert two_invoices.states()[0] != "delivered"
    assert steps_of(two_invoices) == {"uploaded": "remote"}
    change = ChangeDeliveriesHandler(two_invoices.units_of_work, two_invoices.destinations, two_invoices.hints, two_invoices.clock)
    change(ChangeDeliveries(Action.RETRY, "ann", "mended", (1,)))

    drain_later(two_invoices)

    assert two_invoices.states() == ["delivered"] * 2
    assert sorted(stages(two_invoices).first.arrived) == sorted(stages(two_invoices).second.arrived) == ["dlv-1-0", "dlv-2-0"]


def test_a_failure_of_the_first_effect_keeps_the_second_from_happening(two_invoices: House) -> None:
    """There is nothing to announce."""
    fails(stages(two_invoices).first, Refused("file_differs", "another file", "Remove it."))

    two_invoices.drain()

    assert two_invoices.states() == ["needs_human", "delivered"]
    assert stages(two_invoices).second.arrived == ["dlv-2-0"]
    assert steps_of(two_invoices) == {}


@pytest.mark.parametrize("arrives", [True, False])
def test_a_crash_in_the_first_effect_is_looked_up_and_the_second_follows(two_invoices: House, arrives: bool) -> None:
    """What arrived is recorded as a step; what did not is sent."""
    fails(stages(two_invoices).first, Killed(), arrives=arrives)
    with pytest.raises(Killed):
        two_invoices.drain()

    drain_later(two_invoices)

    assert two_invoices.states() == ["delivered"] * 2
    assert sorted(stages(two_invoices).first.arrived) == sorted(stages(two_invoices).second.arrived) == ["dlv-1-0", "dlv-2-0"]
    assert steps_of(two_invoices) == {"uploaded": "remote"}


def test_a_crash_between_the_effects_goes_on_with_the_second(two_invoices: House) -> None:
    """Its step is recorded and nothing else was begun, so nothing need be looked up."""
    stages(two_invoices).dies_between = Killed()
    with pytest.raises(Killed):
        two_invoices.drain()
    stages(two_invoices).second.can_be_asked = False

    drain_later(two_invoices)

    assert two_invoices.states() == ["delivered"] * 2
    assert sorted(stages(two_invoices).first.arrived) == sorted(stages(two_invoices).second.arrived) == ["dlv-1-0", "dlv-2-0"]


@pytest.mark.parametrize("arrives", [True, False])
def test_a_crash_in_the_second_effect_is_looked_up_there(two_invoices: House, arrives: bool) -> None:
    """The first is known and not asked for."""
    fails(stages(two_invoices).second, Killed(), arrives=arrives)
    with pytest.raises(Killed):
        two_invoices.drain()
    stages(two_invoices).first.can_be_asked = False

    drain_later(two_invoices)

    assert two_invoices.states() == ["delivered"] * 2
    assert sorted(stages(two_invoices).first.arrived) == sorted(stages(two_invoices).second.arrived) == ["dlv-1-0", "dlv-2-0"]


def test_a_second_effect_that_cannot_be_looked_up_is_left_to_a_person(two_invoices: House) -> None:
    """A retry repeats that one only."""
    fails(stages(two_invoices).second, Unknown("no answer"))
    stages(two_invoices).second.can_be_asked = False
    two_invoices.drain()

    drain_later(two_invoices)

    assert two_invoices.states() == ["needs_human", "delivered"]
    change = ChangeDeliveriesHandler(two_invoices.units_of_work, two_invoices.destinations, two_invoices.hints, two_invoices.clock)
    change(ChangeDeliveries(Action.RETRY, "ann", "looked into the mailbox", (1,)))
    drain_later(two_invoices)
    assert two_invoices.states() == ["delivered"] * 2
    assert sorted(stages(two_invoices).first.arrived) == ["dlv-1-0", "dlv-2-0"]


def test_a_first_effect_that_cannot_be_looked_up_says_what_comes_after_it(two_invoices: House) -> None:
    """Whoever marks it as delivered leaves the second effect out, and is told so."""
    fails(stages(two_invoices).first, Unknown("no answer"))
    stages(two_invoices).first.can_be_asked = False
    two_invoices.drain()
    assert isinstance(stages(two_invoices).first.look_up(Consignment(1, "dlv-1-0", None)), CannotTell)  # type: ignore[arg-type]

    drain_later(two_invoices)

    assert two_invoices.states() == ["needs_human", "delivered"]
    assert "Marked as delivered, the announcement is left out." in two_invoices.deliveries()[0].next_step


def test_a_resend_does_both_again(two_invoices: House) -> None:
    """It is a new sending, without steps."""
    two_invoices.drain()
    change = ChangeDeliveriesHandler(two_invoices.units_of_work, two_invoices.destinations, two_invoices.hints, two_invoices.clock)
    change(ChangeDeliveries(Action.RESEND, "ann", "lost", (2,)))

    two_invoices.drain()

    assert stages(two_invoices).first.arrived == stages(two_invoices).second.arrived == ["dlv-1-0", "dlv-2-0", "dlv-2-1"]


def test_a_late_worker_does_not_begin_the_second_effect(two_invoices: House) -> None:
    """Another has the lane when it wants to record the first."""
    destination = stages(two_invoices)
    second = two_invoices.a_worker("worker-2")

    def stalls(consignment: Consignment) -> Outcome:
        two_invoices.clock.advance(seconds=61)
        destination.first.plan = lambda _consignment: Delivered("remote")
        destination.first.arrived.append(consignment.token)
        second(DrainLane(LANE))
        destination.first.arrived.remove(consignment.token)
        return Delivered("remote")

    destination.first.plan = stalls

    assert two_invoices.drain() == 0

    assert sorted(destination.second.arrived) == ["dlv-1-0", "dlv-2-0"]
    assert two_invoices.states() == ["delivered"] * 2
