"""One time line for whatever has a name; on SQLite and PostgreSQL."""

import json

import pytest

from application.ports.pauses import PauseScope, Stop
from application.ports.quarantine import IncomingMessage
from application.ports.replays import Replay, Replayed, Selection
from application.queries.trace import TraceEvent, TraceHandler
from application.use_cases.accept_messages import AcceptMessages
from application.use_cases.change_deliveries import Action, ChangeDeliveries, ChangeDeliveriesHandler
from application.use_cases.pause_work import PauseWork, PauseWorkHandler
from application.use_cases.resume_work import ResumeWork, ResumeWorkHandler
from application.use_cases.start_run import StartRun
from domain.delivery.outcome import Refused
from domain.errors import NotFound
from tests.integration.use_cases.house import LANE, House, a_message


def trace(house: House, name: str) -> tuple[TraceEvent, ...]:
    return TraceHandler(house.units_of_work, house.clock)(name)


def told(events: tuple[TraceEvent, ...]) -> list[tuple[str, str]]:
    return [(event.subject, event.event) for event in events]


@pytest.fixture
def refused(house: House) -> House:
    """Order 1 came as message m-1, is on INV-000001, and its mail was refused, retried by ann, and is delivered."""
    house.accept_messages(AcceptMessages([IncomingMessage(json.dumps(a_message("1")).encode(), message_id="m-1")]))
    house.clock.advance(seconds=1)
    house.run()
    default = house.destinations.one.plan
    house.destinations.one.plan = lambda _consignment: Refused("no_such_mailbox", "550 unknown", "Retry {delivery}.")
    house.clock.advance(seconds=1)
    house.drain()
    house.destinations.one.plan = default
    house.clock.advance(seconds=1)
    ChangeDeliveriesHandler(house.units_of_work, house.destinations, house.hints, house.clock)(
        ChangeDeliveries(Action.RETRY, "ann", "mailbox is there", (1,))
    )
    house.clock.advance(seconds=1)
    house.drain()
    house.clock.advance(seconds=1)
    return house


def test_an_order_is_followed_from_its_message_to_where_it_stands_now(refused: House) -> None:
    """Message, number, delivery with each attempt and each act of a person, and at the end the decision."""
    events = trace(refused, "1")

    delivery = f"delivery dlv_1 to {LANE}"
    assert told(events) == [
        ("order 1", "accepted"),
        ("invoice INV-000001", "issued"),
        (delivery, "owed"),
        (delivery, "refused"),
        (f"integration {LANE}", "delivery_refused:no_such_mailbox"),
        (delivery, "retry"),
        (delivery, "delivery_retry"),
        (delivery, "delivered"),
        ("order 1", "invoiced"),
    ]
    assert "number 1, 19.20 GBP" in events[1].detail
    assert "by ann; mailbox is there" in events[6].detail
    assert "INV-000001" in events[-1].detail


@pytest.mark.parametrize("name", ["INV-000001", "dlv_1", "m-1"])
def test_every_id_on_the_way_leads_to_the_same_line(refused: House, name: str) -> None:
    """The display number, the delivery and the broker's id of the message tell what the order's ref tells."""
    assert trace(refused, name) == trace(refused, "1")


def test_of_many_orders_on_one_invoice_the_first_ones_are_followed(house: House) -> None:
    """The line stays one that a person can read, and says where the others are."""
    house.accept_messages(
        AcceptMessages([IncomingMessage(json.dumps([a_message(str(ref)) for ref in range(1, 13)]).encode(), message_id="m-12")])
    )
    house.run()

    of_invoice, of_message = trace(house, "INV-000001"), trace(house, "m-12")

    assert len([event for event in of_invoice if event.event == "accepted"]) == 10
    assert [event.detail for event in of_invoice if event.event == "followed in part"] == [
        "and 2 more orders are on it: billhook invoices show INV-000001"
    ]
    assert len([event for event in of_message if event.event == "accepted"]) == 12


def test_a_run_and_an_incident_have_a_time_line(refused: House) -> None:
    """By the ids that logs, answers and lists name."""
    refused.start_run(StartRun("501", actor="ann", reason="month's end"))

    run, incident = trace(refused, "run_1"), trace(refused, "inc_1")

    assert told(run)[:2] == [("run run_1", "started"), ("run run_1", "finished")]
    assert "1 issued: INV-000001" in run[1].detail
    assert "by ann; month's end; run_2" in [event.detail for event in trace(refused, "run_2") if event.event == "invoices_run"]
    assert told(incident)[:2] == [("incident inc_1", "opened"), ("incident inc_1", "seen last")]
    assert "delivery_refused:no_such_mailbox" in incident[0].detail


def test_a_pause_that_holds_it_back_is_at_the_end_and_an_ended_one_where_it_happened(refused: House) -> None:
    """Of the company and of the lane; those before the order came are left out."""
    before = refused.clock.now()
    stop = Stop(PauseScope.COMPANY, "501", "wrong prices", "ann")
    PauseWorkHandler(refused.units_of_work, refused.clock)(PauseWork(stop))

    held = trace(refused, "1")
    ResumeWorkHandler(refused.units_of_work, refused.hints, refused.clock)(ResumeWork(PauseScope.COMPANY, "501", "ann"))
    ended = trace(refused, "1")

    assert ("company 501", "paused") in told(held)
    assert [event.detail for event in held if event.event == "holds it back"] == ["Company 501 was paused by ann: wrong prices"]
    assert [event.at for event in ended if event.subject == "company 501"] == [before, before]
    assert "holds it back" not in [event.event for event in ended]


def test_an_order_that_needs_a_person_tells_which_mail_went_out(house: House) -> None:
    """To whom, or that it still waits."""
    house.feed(a_message("7", items=[{"ref": "7-1", "sku": "MUG", "quantity": 1}]))
    house.run()

    events = trace(house, "7")

    assert ("order 7", "to be mailed") in told(events)
    assert (events[-1].event, "orders explain 7" in events[-1].detail) == ("price_missing", True)


def test_a_replay_and_a_quarantined_message_have_a_time_line(house: House) -> None:
    """By their own ids."""
    house.accept_messages(AcceptMessages([IncomingMessage(b"not JSON", message_id="m-2")]))
    now = house.clock.now()
    with house.units_of_work() as uow:
        uow.replays.begin(Replay(0, Replayed.ORDERS, Selection(), "ann", "new drop", 7, 5, 2, now, now))
        uow.commit()

    assert told(trace(house, "rpl_1")) == [("replay rpl_1", "started"), ("replay rpl_1", "not finished")]
    assert told(trace(house, "qrt_1")) == told(trace(house, "m-2")) == [("message qrt_1", "quarantined")]


@pytest.mark.parametrize("name", ["4711", "dlv_9", "rpl_9", "qrt_9", "run_9", "inc_9", "inc_0", f"dlv_{'9' * 40}", "dlv_²", ""])
def test_what_does_not_exist_has_none(house: House, name: str) -> None:
    """Whatever is typed."""
    with pytest.raises(NotFound):
        trace(house, name)
