from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.orders import ConcurrentOrder, OrderFilter
from domain.orders.versions import Arrival, VersionMark
from tests.contracts.persistence.stock import NOW, a_version, an_arrival, issue, issue_orders, keep_orders


def test_a_recorded_order_is_known_with_its_mark(units_of_work: SqlUnitsOfWork) -> None:
    """Intake finds what it needs to judge the next message."""
    mark = VersionMark(7, datetime(2026, 11, 2, 9, 12, 30, 5, tzinfo=UTC), "a" * 64)
    [order_id] = keep_orders(units_of_work, a_version(mark=mark))

    with units_of_work() as uow:
        known = uow.orders.lock_known([("oms", "90001"), ("oms", "unheard of"), ("other", "90001")])

    assert list(known) == [("oms", "90001")]
    assert (known["oms", "90001"].order_id, known["oms", "90001"].mark) == (order_id, mark)


def test_no_keys_know_nothing(units_of_work: SqlUnitsOfWork) -> None:
    """An empty question needs no database."""
    with units_of_work() as uow:
        assert not uow.orders.lock_known([])


@pytest.mark.parametrize("body", [b'{"name":"Zo\xc3\xab \\"\\\\ \\n\\u0000"}', '{"tab":"\\t","emoji":"😀"}'.encode(), b"{}"])
def test_the_body_comes_back_byte_for_byte(units_of_work: SqlUnitsOfWork, body: bytes) -> None:
    """Quotes, backslashes, escapes and characters outside ASCII survive, for new orders and for newer versions."""
    [order_id] = keep_orders(units_of_work, a_version(body=body))
    with units_of_work() as uow:
        first = uow.orders.find("90001")[0].body
        uow.orders.record([a_version(order_id=order_id, body=body + b" ")], [], NOW)
        second = uow.orders.find("90001")[0].body

    assert (first, second) == (body, body + b" ")


def test_a_newer_version_replaces_what_is_known_and_keeps_the_order(units_of_work: SqlUnitsOfWork) -> None:
    """Same id, new content; times with another zone and absent ones are stored as they are."""
    [order_id] = keep_orders(units_of_work, a_version())
    later = datetime(2026, 11, 21, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    newer = a_version(
        order_id=order_id,
        mark=VersionMark(None, later, "b" * 64),
        company_ref="777",
        status="Delivered",
        created_at=None,
        decision="on_hold",
        revision=9,
        external_ref="it's new",
    )

    with units_of_work() as uow:
        uow.orders.record([newer], [an_arrival(newer)], NOW + timedelta(seconds=1))
        uow.commit()
    with units_of_work() as uow:
        known = uow.orders.lock_known([("oms", "90001")])["oms", "90001"]
        [row] = uow.orders.list(OrderFilter(), 0, 10)

    assert (known.order_id, known.mark) == (order_id, newer.mark)
    assert (row.company, row.status, row.decision, row.external_ref, row.version) == ("777", "Delivered", "on_hold", "it's new", None)
    assert (row.created_at, row.received_at) == (None, NOW + timedelta(seconds=1))


def test_a_time_without_a_zone_is_refused(units_of_work: SqlUnitsOfWork) -> None:
    """It could mean any hour."""
    [order_id] = keep_orders(units_of_work, a_version())
    naive = datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001 - the subject

    with units_of_work() as uow, pytest.raises(ValueError, match="zone"):
        uow.orders.record([a_version(order_id=order_id, created_at=naive)], [], NOW)


def test_every_message_leaves_a_trace(units_of_work: SqlUnitsOfWork) -> None:
    """Accepted, duplicate and stale, oldest first; also by the publisher's message id."""
    version = a_version()
    duplicate = an_arrival(version, outcome=Arrival.DUPLICATE, message_id="msg-2")
    stale = an_arrival(version, outcome=Arrival.STALE, version=None, message_id="", detail="older")
    keep_orders(units_of_work, version)
    with units_of_work() as uow:
        uow.orders.record([], [duplicate, stale], NOW + timedelta(hours=1))
        uow.commit()

    with units_of_work() as uow:
        trace = uow.orders.arrivals("oms", "90001")
        of_message = uow.orders.arrivals_of_message("msg-2")
        without_id = uow.orders.arrivals_of_message("")

    later = NOW + timedelta(hours=1)
    assert list(trace) == [(NOW, an_arrival(version)), (later, duplicate), (later, stale)]
    assert list(of_message) == [(later, duplicate)]
    assert not without_id


def test_a_nul_in_a_message_id_does_not_stop_its_order(units_of_work: SqlUnitsOfWork) -> None:
    """PostgreSQL keeps no NUL in a text; the trace shows that something was there."""
    version = a_version()

    with units_of_work() as uow:
        uow.orders.record([version], [an_arrival(version, message_id="a\0b")], NOW)
        [(_, arrival)] = uow.orders.arrivals("oms", "90001")

    assert arrival.message_id == "a\ufffdb"


def test_an_order_that_is_known_already_cannot_be_new(units_of_work: SqlUnitsOfWork) -> None:
    """The second intake is told, and nothing of its batch is kept."""
    keep_orders(units_of_work, a_version("1"))

    with pytest.raises(ConcurrentOrder), units_of_work() as uow:
        uow.orders.record([a_version("0"), a_version("1")], [], NOW)

    with units_of_work() as uow:
        assert [row.ref for row in uow.orders.list(OrderFilter(), 0, 10)] == ["1"]


def test_one_new_order_twice_in_a_batch_is_a_mistake_of_the_caller(units_of_work: SqlUnitsOfWork) -> None:
    """It would look like a race that never ends."""
    with units_of_work() as uow, pytest.raises(ValueError, match="twice"):
        uow.orders.record([a_version("1"), a_version("1")], [], NOW)


def test_the_same_ref_of_two_sources_is_two_orders(units_of_work: SqlUnitsOfWork) -> None:
    """An order is known by its source and ref."""
    keep_orders(units_of_work, a_version("1"), a_version("1", source="other"))

    with units_of_work() as uow:
        assert sorted((stored.ref, stored.source) for stored in uow.orders.find("1")) == [("1", "oms"), ("1", "other")]


def test_due_orders_come_by_id_in_pages(units_of_work: SqlUnitsOfWork) -> None:
    """Only the company's own, only what is due."""
    ids = keep_orders(
        units_of_work,
        *(a_version(f"{number:03}") for number in range(7)),
        a_version("held", decision="on_hold"),
        a_version("foreign", company_ref="777"),
    )

    with units_of_work() as uow:
        first = uow.orders.lock_due("501", 0, 4)
        second = uow.orders.lock_due("501", first[-1].order_id, 4)
        read = uow.orders.read_due("501", 0, 100)
        due_ids = uow.orders.due_ids("501")

    assert [stored.order_id for stored in [*first, *second]] == ids[:7]
    assert [stored.order_id for stored in read] == ids[:7] == list(due_ids)
    assert first[0].billing_fingerprint == "fingerprint of 000"


def test_orders_are_locked_by_id(units_of_work: SqlUnitsOfWork) -> None:
    """In ascending order, whatever the order of the question; unknown ids are left out."""
    ids = keep_orders(units_of_work, a_version("1"), a_version("2"), a_version("3"))

    with units_of_work() as uow:
        assert [ids[0], ids[2]] == [stored.order_id for stored in uow.orders.lock_many([ids[2], 10**9, ids[0]])]


def test_companies_with_due_orders_are_found(units_of_work: SqlUnitsOfWork) -> None:
    """Each once, however many orders it has."""
    keep_orders(
        units_of_work,
        a_version("1", company_ref="b"),
        a_version("2", company_ref="a"),
        a_version("3", company_ref="b"),
        a_version("4", company_ref="c", decision="on_hold"),
    )

    with units_of_work() as uow:
        assert list(uow.orders.companies_with_due()) == ["a", "b"]


def test_without_due_orders_there_are_no_companies(units_of_work: SqlUnitsOfWork) -> None:
    """An empty store has no work."""
    with units_of_work() as uow:
        assert not uow.orders.companies_with_due()


def test_outdated_decisions_are_found_until_they_are_made_anew(units_of_work: SqlUnitsOfWork) -> None:
    """In chunks; orders of another company and decisions under the current revision stay out."""
    keep_orders(units_of_work, *(a_version(str(number), revision=1) for number in range(5)), a_version("new", revision=2))
    keep_orders(units_of_work, a_version("foreign", company_ref="777", revision=1))
    done: list[str] = []

    with units_of_work() as uow:
        while chunk := uow.orders.lock_outdated("501", 2, 2):
            done += [stored.ref for stored in chunk]
            uow.orders.set_decisions([(stored.order_id, "cancelled") for stored in chunk], 2)
        everywhere = uow.orders.lock_outdated(None, 2, 10)
        counts = uow.orders.count_by_decision("501")

    assert done == ["0", "1", "2", "3", "4"]
    assert [stored.ref for stored in everywhere] == ["foreign"]
    assert counts == {"cancelled": 5, "due": 1}


def test_orders_on_a_live_invoice_are_never_outdated(units_of_work: SqlUnitsOfWork) -> None:
    """Their decision is made: only a credit note opens it again."""
    issue_orders(units_of_work, "1")

    with units_of_work() as uow:
        assert not uow.orders.lock_outdated(None, 99, 10)


def test_lists_filter_and_page_by_id(units_of_work: SqlUnitsOfWork) -> None:
    """Every filter narrows, and a page goes on where the last one ended."""
    issue_orders(units_of_work, "1")
    ids = keep_orders(units_of_work, a_version("2"), a_version("3", company_ref="777"), a_version("4", decision="on_hold"))

    def refs(wanted: OrderFilter, after: int = 0, limit: int = 10) -> list[str]:
        with units_of_work() as uow:
            return [row.ref for row in uow.orders.list(wanted, after, limit)]

    assert refs(OrderFilter()) == ["1", "2", "3", "4"]
    assert refs(OrderFilter(), after=ids[0], limit=1) == ["3"]
    assert refs(OrderFilter(company="777")) == ["3"]
    assert refs(OrderFilter(decision="due", company="501")) == ["2"]
    assert refs(OrderFilter(invoiced=True)) == ["1"]
    assert refs(OrderFilter(invoiced=False)) == ["2", "3", "4"]
    assert refs(OrderFilter(ref="4", company="501", invoiced=False)) == ["4"]


def test_a_newer_version_of_an_invoiced_order_stays_on_its_invoice(units_of_work: SqlUnitsOfWork) -> None:
    """Intake can see at which fingerprint and number it was invoiced."""
    [order_id] = keep_orders(units_of_work, a_version())
    with units_of_work() as uow:
        issue(uow, [[(order_id, "90001")]])
        uow.commit()

    with units_of_work() as uow:
        uow.orders.record([a_version(order_id=order_id, decision="changed_after_invoice", billing_fingerprint="other")], [], NOW)
        known = uow.orders.lock_known([("oms", "90001")])["oms", "90001"]
        [stored] = uow.orders.find("90001")

    assert (known.invoice_number, known.invoiced_fingerprint) == ("INV-000001", "fingerprint of 90001")
    assert replace(stored, body=b"") == replace(
        stored, body=b"", decision="changed_after_invoice", billing_fingerprint="other", invoice_number="INV-000001"
    )


def test_a_batch_of_many_orders_is_recorded_and_found(units_of_work: SqlUnitsOfWork) -> None:
    """More rows than some databases take parameters in a statement."""
    versions = [a_version(f"{number:05}", body=b"{}") for number in range(3000)]
    keep_orders(units_of_work, *versions)

    with units_of_work() as uow:
        known = uow.orders.lock_known([(version.source, version.ref) for version in versions])
        uow.orders.set_decisions([(order.order_id, "cancelled") for order in known.values()], 2)
        counts = uow.orders.count_by_decision(None)

    assert (len(known), counts) == (3000, {"cancelled": 3000})
