"""Each question has an answer that is wrong on purpose: a check that cannot fail proves nothing."""

import pytest
from sqlalchemy import Engine, text

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.deliveries import Change, Owed
from application.ports.runs import PlanState
from domain.delivery.state import DeliveryState
from tests import factories
from tests.contracts.persistence.stock import (
    MAILER,
    NOW,
    a_version,
    an_arrival,
    configure,
    credit,
    issue,
    issue_orders,
    keep_orders,
    seconds,
)

QUESTIONS = (
    "orders_on_several_invoices",
    "documents_delivered_twice",
    "orders_without_trace",
    "invoices_owed_nowhere",
    "documents_across_companies",
    "stuck_work",
)


@pytest.fixture
def invoice(units_of_work: SqlUnitsOfWork) -> int:
    """A sound store: two orders, two invoices that are delivered, one of them credited."""
    configure(units_of_work)
    first, second = issue_under_configuration(units_of_work, "1", "2")
    with units_of_work() as uow:
        credit(uow, second, "2")
        uow.deliveries.owe([Owed(MAILER, "invoice", first), Owed(MAILER, "invoice", second)], NOW)
        for delivery_id in (1, 2):
            uow.deliveries.change(Change(delivery_id, DeliveryState.DELIVERED, "delivered"), DeliveryState.PENDING, NOW)
        uow.commit()
    return first


def issue_under_configuration(units_of_work: SqlUnitsOfWork, *refs: str) -> list[int]:
    ids = keep_orders(units_of_work, *(a_version(ref) for ref in refs))
    with units_of_work() as uow:
        uow.configurations.current()
        documents = issue(uow, [[(id_, ref)] for id_, ref in zip(ids, refs, strict=True)])
        uow.commit()
    return list(documents)


def ask(units_of_work: SqlUnitsOfWork, question: str) -> list[str]:
    with units_of_work() as uow:
        return list(getattr(uow.verification, question)(*([NOW] if question == "stuck_work" else [])))


def tamper(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_sound_store_gives_no_answer(units_of_work: SqlUnitsOfWork, invoice: int, question: str) -> None:
    """Nothing is wrong, so nothing is said."""
    assert ask(units_of_work, question) == []


def test_an_order_on_two_live_invoices_is_found(engine: Engine, units_of_work: SqlUnitsOfWork, invoice: int) -> None:
    """Somebody took the index away."""
    tamper(engine, "DROP INDEX uq_document_orders_live", "INSERT INTO document_orders VALUES (2, 1, '1', 'f', NULL)")

    assert "Order 1 is on 2 live invoices." in ask(units_of_work, "orders_on_several_invoices")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE orders SET document_id = NULL, invoice_number = '' WHERE ref = '1'",
        "UPDATE orders SET document_id = 1 WHERE ref = '2'",
        "UPDATE orders SET invoice_number = 'INV-9' WHERE ref = '1'",
        "UPDATE orders SET invoiced_fingerprint = 'x' WHERE ref = '1'",
        "UPDATE orders SET decision = 'invoiced', revision = 1 WHERE ref = '2'",
    ],
)
def test_an_order_marked_otherwise_than_the_invoices_say_is_found(
    engine: Engine, units_of_work: SqlUnitsOfWork, invoice: int, change: str
) -> None:
    """In either direction."""
    tamper(engine, change)

    assert len(ask(units_of_work, "orders_on_several_invoices")) == 1


def test_a_delivery_that_was_delivered_more_often_than_asked_is_found(units_of_work: SqlUnitsOfWork, invoice: int) -> None:
    """Sending again on a person's word is no fault; a second delivery without one is."""
    steps = [(DeliveryState.DELIVERED, DeliveryState.PENDING), (DeliveryState.PENDING, DeliveryState.DELIVERED)]
    with units_of_work() as uow:
        for before, after in steps:
            assert uow.deliveries.change(Change(1, after, "step"), before, NOW)
        asked = list(uow.verification.documents_delivered_twice())
        assert uow.deliveries.change(Change(1, DeliveryState.DELIVERED, "step"), DeliveryState.DELIVERED, NOW)
        unasked = list(uow.verification.documents_delivered_twice())

    assert asked == []
    assert unasked == [f"Delivery 1 to {MAILER} was delivered 3 times and asked for 2 times."]


def test_orders_and_messages_without_each_other_are_found(engine: Engine, units_of_work: SqlUnitsOfWork, invoice: int) -> None:
    """Nothing is lost: both directions."""
    with units_of_work() as uow:
        uow.orders.record([a_version("untold")], [an_arrival(a_version("lost"))], NOW)
        uow.commit()

    assert ask(units_of_work, "orders_without_trace") == [
        "Order untold of oms has no accepted message for its newest version.",
        "A message about order lost of oms was accepted, and there is no such order.",
    ]


def test_an_invoice_that_is_owed_nowhere_is_found(units_of_work: SqlUnitsOfWork, invoice: int) -> None:
    """Its company has an integration that took invoices before, and was on."""
    issue_under_configuration(units_of_work, "3")

    assert ask(units_of_work, "invoices_owed_nowhere") == [f"The delivery of invoice INV-000003 to {MAILER} is missing."]


def test_what_was_issued_while_an_integration_was_off_is_not_owed(units_of_work: SqlUnitsOfWork, invoice: int) -> None:
    """Nor what was issued before it was switched on, or before its start."""
    configure(units_of_work, factories.an_integration(enabled=False))
    issue_under_configuration(units_of_work, "3")
    configure(units_of_work, factories.an_integration(starting_from=NOW + seconds(1)))
    issue_under_configuration(units_of_work, "4")

    assert ask(units_of_work, "invoices_owed_nowhere") == []


def test_data_of_two_companies_joined_is_found(engine: Engine, units_of_work: SqlUnitsOfWork, invoice: int) -> None:
    """A document or an order on its way to another company, and an order on another company's invoice."""
    configure(units_of_work, factories.an_integration(), factories.an_integration(company="777"))
    [foreign] = keep_orders(units_of_work, a_version("foreign", company_ref="888"))
    with units_of_work() as uow:
        issue(uow, [[(foreign, "foreign")]])
        uow.deliveries.owe([Owed("777/pdf_emailer", "invoice", invoice), Owed("777/pdf_emailer", "order", foreign)], NOW)
        uow.commit()

    answers = ask(units_of_work, "documents_across_companies")

    assert [answer.split(" takes ")[-1] for answer in answers] == [
        "a document of company 501 to 777/pdf_emailer.",
        "Order foreign of company 888 is on invoice INV-000003 of company 501.",
        "an order of company 888 to 777/pdf_emailer.",
    ]


def test_an_order_that_moved_to_another_company_later_is_no_fault(units_of_work: SqlUnitsOfWork, invoice: int) -> None:
    """The invoice was right when it was issued."""
    with units_of_work() as uow:
        moved = a_version("1", order_id=1, company_ref="777")
        uow.orders.record([moved], [an_arrival(moved)], NOW + seconds(1))
        uow.commit()

    assert ask(units_of_work, "documents_across_companies") == []


def test_work_that_does_not_move_is_found(units_of_work: SqlUnitsOfWork, invoice: int) -> None:
    """Deliveries without a worker, runs that nobody takes up, schedules that do not fire."""
    long_ago = NOW.replace(year=2020)
    with units_of_work() as uow:
        uow.deliveries.owe([Owed(MAILER, "invoice", 99)], long_ago)
        uow.runs.add("501", "slot", long_ago)
        uow.runs.save_plan(PlanState("501", long_ago, "slot", "f"))
        uow.commit()

    answers = ask(units_of_work, "stuck_work")

    assert [answer.split()[0] for answer in answers] == ["Lane", "Run", "The"]


def test_work_that_is_held_back_is_not_stuck(units_of_work: SqlUnitsOfWork, invoice: int) -> None:
    """A living lease, a parked lane, an integration that is off, a run that is done."""
    long_ago, far = NOW.replace(year=2020), NOW.replace(year=2100)
    with units_of_work() as uow:
        uow.deliveries.owe([Owed(MAILER, "invoice", 99)], long_ago)
        lease = uow.deliveries.take_lease(MAILER, "worker", NOW, far)
        leased = list(uow.verification.stuck_work(NOW))
        assert lease is not None
        uow.deliveries.release_lease(lease)
        stuck = list(uow.verification.stuck_work(NOW))
        uow.deliveries.park(lease, far, "down", NOW)
        parked = list(uow.verification.stuck_work(NOW))
        uow.runs.finish(uow.runs.add("501", "slot", long_ago) or 0, 0, {}, NOW)
        uow.commit()

    assert (leased, len(stuck), parked) == ([], 1, [])
    assert ask(units_of_work, "stuck_work") == []
    configure(units_of_work, factories.an_integration(enabled=False))
    assert ask(units_of_work, "stuck_work") == []


def test_orders_issued_without_a_configuration_read_are_not_judged(units_of_work: SqlUnitsOfWork, invoice: int) -> None:
    """Under which configuration they were issued is not known."""
    issue_orders(units_of_work, "3")

    assert ask(units_of_work, "invoices_owed_nowhere") == []
