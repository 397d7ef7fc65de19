"""What the list of lanes says about one in which nobody works; on SQLite and PostgreSQL."""

import pytest

from application.queries.list_lanes import LaneStanding, ListLanesHandler
from domain.delivery.outcome import Outcome, RetryLater, Unknown
from tests.integration.use_cases.house import House, a_message


@pytest.fixture
def an_invoice(house: House) -> House:
    """Owed since 12:00, and not delivered yet."""
    house.feed(a_message())
    house.run()
    return house


def standing(house: House) -> LaneStanding:
    [only] = ListLanesHandler(house.units_of_work, house.clock)("", 10)
    return only


def test_a_lane_with_work_that_is_due_waits_for_its_turn(an_invoice: House) -> None:
    """Since when; an empty one has nothing to say."""
    waiting = standing(an_invoice)
    an_invoice.drain()
    empty = standing(an_invoice)

    assert (waiting.state, empty.state, empty.reason) == ("waiting", "empty", "")
    assert waiting.reason == "dlv_1 is due since 2026-11-21 12:00:00+00:00, and waits for its turn, or for a worker"


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (RetryLater("451 greylisted", 60), "dlv_1 is tried again at 2026-11-21 12:01:00+00:00: 451 greylisted"),
        (
            Unknown("no answer to the mail"),
            "dlv_1 was handed over without an answer, and is looked up at 2026-11-21 12:00:30+00:00: no answer to the mail",
        ),
    ],
)
def test_a_lane_whose_work_is_due_later_says_why(an_invoice: House, outcome: Outcome, reason: str) -> None:
    """With what the destination said last."""
    an_invoice.destinations.one.plan = lambda _consignment: outcome
    an_invoice.drain()

    assert (standing(an_invoice).state, standing(an_invoice).reason) == ("waiting", reason)


def test_a_lane_whose_worker_died_says_so(an_invoice: House) -> None:
    """Until the next worker takes it."""
    with an_invoice.units_of_work() as uow:
        lease = uow.deliveries.take_lease("501/pdf_emailer", "worker-1", an_invoice.clock.now(), an_invoice.clock.now())
        assert lease is not None
        uow.deliveries.claim(lease, an_invoice.clock.now(), 10)
        uow.commit()
    an_invoice.clock.advance(seconds=1)

    assert (standing(an_invoice).state, "worker that stopped" in standing(an_invoice).reason) == ("waiting", True)
