"""Orders from a file: the way of every message, with a note of who brought what; on SQLite and PostgreSQL."""

import json
from collections.abc import Iterator

import pytest

from application.ports.audit_log import AuditFilter
from application.ports.quarantine import IncomingMessage
from application.use_cases.accept_messages import AcceptedMessages
from application.use_cases.import_orders import ImportOrders, ImportOrdersHandler
from tests.integration.use_cases.house import House, a_message

MESSAGES = [IncomingMessage(json.dumps(a_message(ref)).encode()) for ref in ("1", "2", "3")]
BEGUN = ("ann", "orders_import_begun", "orders.jsonl", "")


def an_importer(house: House) -> ImportOrdersHandler:
    return ImportOrdersHandler(house.units_of_work, house.accept_messages, house.clock)


def audited(house: House) -> list[tuple[str, str, str, str]]:
    """Oldest first."""
    with house.units_of_work() as uow:
        rows = [row.entry for row in uow.audit.list(AuditFilter(), 0, 100)]
    return [(entry.actor, entry.action, entry.subject, entry.detail) for entry in reversed(rows)]


def test_an_import_leaves_a_note_of_who_brought_what(house: House) -> None:
    """With the counts; the progress is told after each batch."""
    told: list[int] = []
    broken = IncomingMessage(b"not JSON")

    result = an_importer(house)(ImportOrders([*MESSAGES, broken, MESSAGES[0]], "orders.jsonl", "ann", batch_size=2, progress=told.append))

    assert result == AcceptedMessages(accepted=3, duplicate=1, quarantined=1)
    assert told == [2, 4, 5]
    counts = "3 new or newer, 1 known already, 0 older than known, 1 quarantined"
    assert audited(house) == [BEGUN, ("ann", "orders_imported", "orders.jsonl", counts)]


def test_an_import_that_ends_early_notes_how_far_it_came(house: House) -> None:
    """What was taken stays."""

    def interrupted() -> Iterator[IncomingMessage]:
        yield from MESSAGES[:2]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        an_importer(house)(ImportOrders(interrupted(), "orders.jsonl", "ann", batch_size=1))

    assert sorted(house.decisions()) == ["1", "2"]
    counts = "2 new or newer, 0 known already, 0 older than known, 0 quarantined; it ended before the end of the file"
    assert audited(house)[1] == ("ann", "orders_imported", "orders.jsonl", counts)


def test_a_dry_run_notes_nothing(house: House) -> None:
    """And keeps nothing."""
    assert an_importer(house)(ImportOrders(MESSAGES, "orders.jsonl", "ann", dry_run=True)).accepted == 3

    assert (audited(house), house.decisions()) == ([], {})
