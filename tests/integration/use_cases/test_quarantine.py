"""Messages that were set aside: dismissed by a person, or read after all; on SQLite and PostgreSQL."""

import json

import pytest

from application.ports.audit_log import AuditEntry, AuditFilter
from application.ports.quarantine import Dismissal, IncomingMessage, QuarantinedMessage, QuarantineState
from application.queries.list_quarantine import ListQuarantineHandler
from application.queries.trace import TraceHandler
from application.use_cases.accept_messages import AcceptedMessages, AcceptMessages
from application.use_cases.dismiss_quarantined import DismissQuarantined, DismissQuarantinedHandler
from application.use_cases.replay_quarantine import ReplayQuarantine, ReplayQuarantineHandler
from domain.errors import Conflict, Invalid, NotFound
from tests.integration.use_cases.house import House, a_message

BROKEN = IncomingMessage(b"not JSON", message_id="m-1")
WHOLE = IncomingMessage(json.dumps(a_message("7")).encode(), message_id="m-2")


@pytest.fixture
def two_aside(house: House) -> House:
    """qrt_1 cannot be read; qrt_2 could not be when it came."""
    with house.units_of_work() as uow:
        for message in (BROKEN, WHOLE):
            uow.quarantine.add(message, "cannot be read", "", house.clock.now())
        uow.commit()
    return house


def dismiss(house: House, *ids: int, reason: str = "order 7 was mended", dry_run: bool = False) -> int:
    return DismissQuarantinedHandler(house.units_of_work, house.clock)(DismissQuarantined(ids, reason, "ann", dry_run))


def replay(house: House, *ids: int) -> AcceptedMessages:
    handler = ReplayQuarantineHandler(house.units_of_work, house.accept_messages, house.clock, lambda _seconds: None)
    return handler(ReplayQuarantine(ids, actor="bob"))


def listed(house: House, *, open_only: bool = False) -> list[QuarantinedMessage]:
    return list(ListQuarantineHandler(house.units_of_work)(open_only=open_only))


def audited(house: House) -> list[AuditEntry]:
    with house.units_of_work() as uow:
        return [row.entry for row in uow.audit.list(AuditFilter(), 0, 100)]


def test_a_dismissed_message_is_closed_and_kept(two_aside: House) -> None:
    """With who and why, in the list of all, in its time line and in the audit log."""
    now = two_aside.clock.now()

    assert dismiss(two_aside, 1, 1) == 1

    assert [row.quarantine_id for row in listed(two_aside, open_only=True)] == [2]
    closed, still_open = listed(two_aside)
    assert (closed.state, closed.dismissal) == (QuarantineState.DISMISSED, Dismissal(now, "ann", "order 7 was mended"))
    assert (still_open.state, closed.message.body) == (QuarantineState.OPEN, b"not JSON")
    assert audited(two_aside) == [AuditEntry(now, "ann", "quarantine_dismissed", "qrt_1", "order 7 was mended")]
    events = TraceHandler(two_aside.units_of_work, two_aside.clock)("m-1")
    assert [(event.event, event.detail) for event in events][1:] == [("quarantine_dismissed", "by ann; order 7 was mended")]


def test_a_dismissed_message_is_not_replayed(two_aside: House) -> None:
    """Not by id, which is refused before anything is read; and not with all the others."""
    dismiss(two_aside, 2)

    with pytest.raises(Conflict, match=r"qrt_2 was dismissed by ann at .*: order 7 was mended") as refusal:
        replay(two_aside, 1, 2)

    assert "orders import FILE" in refusal.value.next_step
    assert replay(two_aside) == AcceptedMessages(quarantined=1)
    assert two_aside.decisions() == {}
    assert [(entry.action, entry.subject) for entry in audited(two_aside)] == [
        ("quarantine_replayed", "quarantine"),
        ("quarantine_replay_begun", "quarantine"),
        ("quarantine_dismissed", "qrt_2"),
    ]
    assert audited(two_aside)[0].detail == "orders read: 0; messages that still cannot be read: 1"


def test_what_was_read_after_all_is_not_dismissed(two_aside: House) -> None:
    """Nor is anything twice; then none of those named is."""
    replay(two_aside, 2)

    with pytest.raises(Conflict, match="qrt_2 was read after all"):
        dismiss(two_aside, 1, 2)
    with pytest.raises(NotFound):
        dismiss(two_aside, 1, 9)
    assert [row.state for row in listed(two_aside)] == ["open", "replayed"]
    dismiss(two_aside, 1)
    with pytest.raises(Conflict, match="dismissed by ann"):
        dismiss(two_aside, 1)


def test_a_replay_that_meets_a_dismissal_keeps_nothing(two_aside: House) -> None:
    """Whoever comes second is refused: the order does not come in by a message that is closed."""
    dismiss(two_aside, 2)

    with pytest.raises(Conflict, match="dismissed"):
        two_aside.accept_messages(AcceptMessages((WHOLE,), replay_of=(2,)))

    assert two_aside.decisions() == {}


def test_dismissing_needs_a_reason_and_can_be_rehearsed(two_aside: House) -> None:
    """A dry run keeps nothing."""
    with pytest.raises(Invalid, match="--reason"):
        dismiss(two_aside, 1, reason=" ")

    assert dismiss(two_aside, 1, 2, dry_run=True) == 2
    assert len(listed(two_aside, open_only=True)) == 2
    assert audited(two_aside) == []


def test_a_message_like_a_dismissed_one_is_news(two_aside: House) -> None:
    """Its sender did it again, and somebody has to know."""
    dismiss(two_aside, 1)
    two_aside.clock.advance(minutes=1)

    two_aside.accept_messages(AcceptMessages([BROKEN]))

    assert [row.quarantine_id for row in listed(two_aside, open_only=True)] == [2, 3]
