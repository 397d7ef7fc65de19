"""Whatever is changed behind Billhook's back, `verify` names; on SQLite and PostgreSQL."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import inspect

from tests.integration.use_cases.house import LANE, House, a_message


def tamper(house: House, statement: str) -> None:
    """As somebody with the database's password could: the guards are switched off, and put back afterwards."""
    if house.engine.dialect.name == "postgresql":
        with house.engine.begin() as connection:
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql(statement)
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")
        return
    with closing(sqlite3.connect(str(house.engine.url.database), isolation_level=None)) as file:
        guards = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            file.execute(f"DROP TRIGGER {name}")
        file.execute(statement)
        for _, guard in guards:
            file.execute(guard)


@pytest.fixture
def after_a_day(house: House) -> House:
    """Two invoices, delivered; one order on hold; one that was set aside."""
    house.feed(a_message("1"))
    house.run()
    house.feed(a_message("2"))
    house.run()
    house.drain()
    house.feed(a_message("3", status=256), a_message("4"))
    assert house.problems() == []
    return house


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE documents SET total_minor = 100 WHERE number = 1", "the columns of number 1"),
        ("UPDATE documents SET net_minor = 100 WHERE number = 2", "the columns of number 2"),
        ("UPDATE documents SET tax_minor = 100 WHERE number = 2", "the columns of number 2"),
        ("UPDATE documents SET currency = 'USD' WHERE number = 1", "the columns of number 1"),
        ("UPDATE documents SET company = '999' WHERE number = 1", "the columns of number 1"),
        ("UPDATE documents SET corrects = 'INV-000009' WHERE number = 1", "the columns of number 1"),
        ("UPDATE documents SET content = replace(content, 'TEE', 'HOODIE')", "number 1"),
        ("UPDATE documents SET display_number = 'INV-000007' WHERE number = 2", "the hash chain breaks at number 2"),
        ("DELETE FROM documents WHERE number = 2", "the last documents are missing"),
        ("UPDATE number_series SET next_number = 9", "the last documents are missing"),
        ("UPDATE orders SET decision = 'on_hold' WHERE ref = '4'", "Order 4 is kept as on_hold, and the rules say due"),
        ("UPDATE orders SET decision = 'due' WHERE ref = '3'", "Order 3 is kept as due, and the rules say on_hold"),
        ("UPDATE deliveries SET state = 'pending' WHERE id = 1", "was delivered before; nobody asked for it again"),
        ("DELETE FROM order_arrivals WHERE ref = '3'", "Order 3"),
        ("DELETE FROM deliveries WHERE id = 2", "is missing"),
    ],
)
def test_a_change_behind_our_back_is_named(after_a_day: House, change: str, named: str) -> None:
    tamper(after_a_day, change)

    assert any(named in problem for problem in after_a_day.problems()), after_a_day.problems()


def test_a_guard_that_is_gone_is_named(house: House) -> None:
    on_table = " ON documents" if house.engine.dialect.name == "postgresql" else ""
    with house.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER documents_no_update{on_table}")

    assert any("The trigger documents_no_update is gone" in problem for problem in house.problems())


def test_what_was_set_aside_cannot_be_deleted(house: House) -> None:
    assert "quarantined_messages" in inspect(house.engine).get_table_names()
    with house.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO quarantined_messages"
            " (body, size, body_sha256, message_id, type, routing_key, headers, origin, reason, path, received_at)"
            " VALUES ('x', 1, '', '', '', '', '{}', '', '', '', '2026-11-21T00:00:00+00:00')"
        )

    with pytest.raises(Exception, match="never deleted"), house.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM quarantined_messages")


def test_an_open_delivery_whose_fate_is_unknown_keeps_saying_so_while_its_lane_is_parked(house: House) -> None:
    """A parked lane's reason, such as a refused connection, reads as if nothing had been sent."""
    from domain.delivery.outcome import Unknown  # noqa: PLC0415

    house.feed(a_message())
    house.run()
    house.destinations.one.plan = lambda _consignment: Unknown("It was sent, and no answer came.")
    house.drain()
    house.destinations.one.refuses_to_open = "connection refused"
    house.clock.advance(minutes=1)

    house.drain(LANE)

    [delivery] = house.deliveries()
    assert (delivery.state, delivery.last_error) == ("unknown", "It was sent, and no answer came.")
