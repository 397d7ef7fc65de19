"""Replaying orders and deliveries: what is right stays, what is missing is made good; on SQLite and PostgreSQL."""

from datetime import timedelta

import pytest

from application.order_owing import OrderOwing
from application.ports.connections import Connection, ConnectionState
from application.ports.replays import Replay, Replayed, Selection
from application.replaying.deliveries import ReplayDeliveries
from application.replaying.orders import ReplayOrders
from application.use_cases.replay import ContinueReplay, ReplayHandler, StartReplay
from domain.companies.integration import Integration
from domain.companies.plan import Layout
from domain.delivery.outcome import Refused
from domain.errors import Conflict, NotFound
from tests.factories import a_company, a_configuration, a_plan, an_integration
from tests.integration.use_cases.house import House, a_message

COMPANY = a_company(plan=a_plan(layout=Layout.INDIVIDUAL))
FILES = "501/generic_filesystem"
XERO = "501/xero"


@pytest.fixture
def two_invoices(house: House) -> House:
    house.configure(a_configuration(COMPANY, revision=2))
    house.feed(a_message("1"), a_message("2"))
    house.run()
    house.drain()
    return house


def a_replayer(house: House, naps: list[float] | None = None) -> ReplayHandler:
    owing = OrderOwing(house.destinations)
    steps = {Replayed.ORDERS: ReplayOrders(house.translators, owing, house.destinations), Replayed.DELIVERIES: ReplayDeliveries()}
    return ReplayHandler(house.units_of_work, steps, house.hints, house.clock, (naps if naps is not None else []).append)


def by_path(*integrations: Integration) -> dict[str, Integration]:
    return {integration.path: integration for integration in integrations}


def replay(house: House, what: Replayed = Replayed.ORDERS, *, dry_run: bool = False, **wanted: object) -> Replay:
    selection = Selection(**wanted)  # type: ignore[arg-type]
    return a_replayer(house)(StartReplay(what, selection, "ann", "because", dry_run=dry_run))


def test_a_whole_day_again_changes_nothing_that_is_right(two_invoices: House) -> None:
    """Neither decisions nor deliveries; the replay is on record all the same."""
    before = two_invoices.deliveries()

    orders, deliveries = replay(two_invoices), replay(two_invoices, Replayed.DELIVERIES)

    assert [(done.looked_at, done.changed) for done in (orders, deliveries)] == [(2, 0), (2, 0)]
    assert orders.finished_at is not None
    assert two_invoices.deliveries() == before
    assert two_invoices.problems() == []
    with two_invoices.units_of_work() as uow:
        assert [(each.what, each.actor) for each in uow.replays.list(0, 10)] == [(Replayed.DELIVERIES, "ann"), (Replayed.ORDERS, "ann")]


def test_a_new_integration_is_filled_up_with_what_was_issued_before(two_invoices: House) -> None:
    """Documents where it takes documents, orders where it takes orders; and only once."""
    integrations = by_path(an_integration(), an_integration(kind="xero"), an_integration(kind="generic_filesystem"))
    two_invoices.configure(a_configuration(COMPANY, integrations=integrations, revision=3))

    rehearsed = replay(two_invoices, dry_run=True)
    none_yet = len(two_invoices.deliveries())
    done, again = replay(two_invoices), replay(two_invoices)

    assert (rehearsed.changed, rehearsed.replay_id, none_yet) == (4, 0, 2)
    assert (done.changed, again.changed) == (4, 0)
    owed = sorted((delivery.integration, delivery.subject) for delivery in two_invoices.deliveries()[2:])
    assert owed == [(FILES, "order")] * 2 + [(XERO, "invoice")] * 2


def test_an_integration_gets_nothing_from_before_its_start(two_invoices: House) -> None:
    """Its ``starting_from`` is compared with when the document was issued."""
    later = two_invoices.clock.now() + timedelta(days=1)
    integrations = by_path(an_integration(), an_integration(kind="xero", starting_from=later))
    two_invoices.configure(a_configuration(COMPANY, integrations=integrations, revision=3))

    assert replay(two_invoices).changed == 0


def test_deliveries_that_need_a_person_are_tried_again(two_invoices: House) -> None:
    """By filter; those delivered stay delivered."""
    two_invoices.destinations.one.plan = lambda _consignment: Refused("mapping_failed", "wrong table", "")
    two_invoices.feed(a_message("3"))
    two_invoices.run()
    two_invoices.drain()

    done = replay(two_invoices, Replayed.DELIVERIES, state="needs_human", integration="501/pdf_emailer")

    assert (done.looked_at, done.changed) == (1, 1)
    assert two_invoices.states() == ["delivered", "delivered", "pending"]
    with two_invoices.units_of_work() as uow:
        assert uow.deliveries.attempts(3)[-1].detail == "replay rpl_1 by ann: because"


def test_a_delivery_that_does_not_exist_is_no_delivery_that_is_right(two_invoices: House) -> None:
    """A mistyped id beside a good one: nothing is changed."""
    for dry_run in (True, False):
        with pytest.raises(NotFound, match="dlv_99"):
            replay(two_invoices, Replayed.DELIVERIES, dry_run=dry_run, ids=(1, 99))


def test_a_time_range_and_a_limit_bound_what_is_looked_at(two_invoices: House) -> None:
    """The end is not included."""
    start = two_invoices.clock.now()
    two_invoices.clock.advance(hours=1)
    two_invoices.feed(a_message("3"))

    assert replay(two_invoices, since=start + timedelta(minutes=1)).looked_at == 1
    assert replay(two_invoices, until=start).looked_at == 0
    assert replay(two_invoices, limit=2).looked_at == 2
    assert replay(two_invoices, ids=(1, 99)).looked_at == 2


class Interrupted(Exception):
    """Ctrl-C."""


def test_a_replay_that_was_stopped_goes_on_where_it_stopped(house: House) -> None:
    """Nobody else may start the same one meanwhile, and nobody continue it before it is surely dead."""
    house.configure(a_configuration(COMPANY, revision=2))
    house.feed(*(a_message(str(ref)) for ref in range(450)))

    def interrupt(_count: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        a_replayer(house)(StartReplay(Replayed.ORDERS, Selection(), "ann", progress=interrupt))
    with pytest.raises(Conflict, match="ann is replaying the same"):
        replay(house)
    with pytest.raises(Conflict):
        a_replayer(house)(ContinueReplay(1))
    house.clock.advance(minutes=3)
    rehearsed = a_replayer(house)(ContinueReplay(1, actor="ben", dry_run=True))
    done = a_replayer(house)(ContinueReplay(1, actor="ben"))

    assert (rehearsed.looked_at, rehearsed.finished_at) == (450, None)
    assert (done.looked_at, done.position) == (450, 450)
    with house.units_of_work() as uow:
        acts = [(entry.action, entry.actor, entry.detail) for entry in uow.audit.about("rpl_1")]
    assert acts == [("replayed", "ann", "orders: limit 10000"), ("replay_continued", "ben", "behind 200 looked at")]
    assert a_replayer(house)(ContinueReplay(1)) == done
    with pytest.raises(NotFound):
        a_replayer(house)(ContinueReplay(7))


def test_a_replay_leaves_the_last_calls_of_a_day_to_new_documents(house: House) -> None:
    """It stops where all that wait could use them up, says so, and goes on once they are through."""
    house.configure(a_configuration(COMPANY, revision=2))
    house.feed(*(a_message(str(ref)) for ref in range(450)))
    house.run()
    limited = an_integration(kind="xero", settings={"day_limit": 300})
    house.configure(a_configuration(COMPANY, integrations=by_path(an_integration(), limited), revision=3))
    with house.units_of_work() as uow:
        uow.connections.save(Connection(XERO, ConnectionState.OK, organisation_id="tenant-1"), house.clock.now())
        uow.commit()

    with pytest.raises(Conflict) as stopped:
        replay(house)
    while house.drain(XERO):
        pass
    done = a_replayer(house)(ContinueReplay(1))

    assert stopped.value.code == "day_reserve"
    assert stopped.value.text == (
        "501/xero has 400 deliveries waiting and 300 calls left today, of which 30 are kept for new documents. "
        "The replay stopped after 400."
    )
    assert stopped.value.next_step.endswith("billhook replay continue rpl_1")
    assert (done.looked_at, done.finished_at) == (450, house.clock.now())


def test_the_rate_is_kept_by_pauses_between_batches(house: House) -> None:
    """A batch of 200 at 100 a second takes two seconds."""
    house.configure(a_configuration(COMPANY, revision=2))
    house.feed(*(a_message(str(ref)) for ref in range(450)))
    naps: list[float] = []

    a_replayer(house, naps)(StartReplay(Replayed.ORDERS, Selection(), "ann", rate=100))

    assert naps == [2.0, 2.0, 0.5]
