"""From messages to numbered invoices, on SQLite and PostgreSQL."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from application.ports.quarantine import IncomingMessage
from application.queries.explain_order import ExplainOrderHandler
from application.queries.trace import TraceHandler
from application.use_cases.accept_messages import AcceptedMessages, AcceptMessages
from application.use_cases.credit_invoice import CreditInvoice
from application.use_cases.replay_quarantine import ReplayQuarantine, ReplayQuarantineHandler
from application.use_cases.start_run import StartRun
from domain.companies.plan import Layout
from domain.errors import Conflict
from tests.factories import a_company, a_configuration, a_plan, a_price
from tests.integration.use_cases.house import House, a_message


def one_by_one() -> dict:
    return {"plan": a_plan(layout=Layout.INDIVIDUAL)}


def test_a_dispatched_order_becomes_a_numbered_invoice_with_its_totals(house: House) -> None:
    house.feed(a_message())

    assert house.run() == (1,)

    [invoice] = house.invoices()
    assert (invoice.display_number, invoice.orders, invoice.net, invoice.tax, invoice.total) == (
        "INV-000001",
        ("90001",),
        Decimal("16.00"),
        Decimal("3.20"),
        Decimal("19.20"),
    )
    assert house.decisions() == {"90001": "invoiced"}
    assert house.problems() == []


def test_combined_puts_all_orders_on_one_invoice_and_individual_makes_one_each(house: House) -> None:
    house.feed(*(a_message(str(ref)) for ref in range(5)))
    assert house.run() == (1,)
    house.configure(a_configuration(a_company(**one_by_one()), revision=2))
    house.feed(*(a_message(str(ref)) for ref in range(5, 10)))

    assert house.run() == (2, 3, 4, 5, 6)

    assert [len(invoice.orders) for invoice in house.invoices()] == [5, 1, 1, 1, 1, 1]


def test_running_again_invoices_nothing_twice(house: House) -> None:
    house.feed(a_message())
    house.run()

    assert house.run() == ()

    assert len(house.invoices()) == 1


def test_a_message_that_comes_again_changes_nothing_and_an_older_one_is_recorded(house: House) -> None:
    house.feed(a_message(version=2))

    again = house.feed(a_message(version=2))
    older = house.feed(a_message(version=1, status=1))

    assert again == AcceptedMessages(duplicate=1)
    assert older == AcceptedMessages(stale=1)
    assert house.decisions() == {"90001": "due"}
    assert house.problems() == []


def test_what_was_read_ahead_is_decided_under_the_configuration_in_force(house: House) -> None:
    """The next messages are read while a batch is stored: `apply` may come between their reading and their own batch."""
    house.feed(a_message("90001"))
    read = [house.accept_messages.read(IncomingMessage(json.dumps(a_message(ref, version=2)).encode())) for ref in ("90001", "90002")]
    house.configure(a_configuration(a_company(plan=a_plan(enabled=False)), revision=2))

    house.accept_messages(AcceptMessages(read))

    assert house.decisions() == {"90001": "plan_disabled", "90002": "plan_disabled"}
    assert house.problems() == []


def test_what_was_read_before_its_order_was_invoiced_is_judged_beside_the_invoice(house: House) -> None:
    house.feed(a_message("90001"), a_message("90002"))
    same, other = a_message("90001", version=2), a_message("90002", version=2, shipping_price="9.99")
    read = [house.accept_messages.read(IncomingMessage(json.dumps(order).encode())) for order in (same, other)]
    house.run()

    house.accept_messages(AcceptMessages(read))

    assert house.decisions() == {"90001": "invoiced", "90002": "changed_after_invoice"}
    assert house.problems() == []


def test_of_several_versions_in_one_batch_the_newest_stands(house: House) -> None:
    result = house.feed(a_message(version=1, status=1, dispatch_datetime=None), a_message(version=3, status=256), a_message(version=2))

    assert result == AcceptedMessages(accepted=2, stale=1)
    assert house.decisions() == {"90001": "on_hold"}


def test_an_unreadable_message_is_set_aside_and_the_rest_flows(house: House) -> None:
    result = house.accept_messages(
        AcceptMessages([IncomingMessage(b"{"), IncomingMessage(b'[{"ref": "x", "company_ref_id": 501, "items": []}, {"ref": []}]')])
    )

    assert (result.accepted, result.quarantined) == (1, 2)
    assert house.problems() == []


def test_messages_may_be_read_before_their_batch(house: House) -> None:
    """The intake reads the next batch while this one is in the database; what cannot be read is set aside all the same."""
    messages = [IncomingMessage(b"{"), IncomingMessage(json.dumps(a_message()).encode())]

    result = house.accept_messages(AcceptMessages([house.accept_messages.read(message) for message in messages]))

    assert (result.accepted, result.quarantined) == (1, 1)
    assert house.decisions() == {"90001": "due"}


def test_a_replayed_message_that_still_cannot_be_read_stays_where_it_is(house: House) -> None:
    house.accept_messages(AcceptMessages([IncomingMessage(b"{")]))
    replay = ReplayQuarantineHandler(house.units_of_work, house.accept_messages, house.clock, lambda _seconds: None)

    assert replay(ReplayQuarantine()).quarantined == 1

    with house.units_of_work() as uow:
        assert len(uow.quarantine.list(0, 10, open_only=True)) == 1


def test_a_message_that_came_cut_is_refused_by_its_true_size(house: House) -> None:
    cut = IncomingMessage(b"x" * (1024 * 1024 + 1), "too-large", size=2_000_043, sha256="a" * 64)

    house.accept_messages(AcceptMessages([cut]))

    [event] = TraceHandler(house.units_of_work, house.clock)("too-large")
    reason = "The message has 2,000,043 bytes, over the limit of 1 MiB: its publisher must send it in smaller parts."
    assert (event.event, event.detail) == ("quarantined", f"message too-large; {reason}")


def test_a_message_set_aside_for_its_type_is_read_once_a_translator_knows_it(house: House) -> None:
    house.accept_messages(AcceptMessages([IncomingMessage(b"{}", type="other-oms")]))
    house.translators = replace(house.translators, by_type={"other-oms": _ReadsAnything()})
    accept = replace(house.accept_messages, translators=house.translators)

    result = ReplayQuarantineHandler(house.units_of_work, accept, house.clock, lambda _seconds: None)(ReplayQuarantine())

    assert result.accepted == 1
    with house.units_of_work() as uow:
        assert uow.quarantine.list(0, 10, open_only=True) == []


class _ReadsAnything:
    source = "other"

    def split(self, body: bytes) -> list[bytes]:
        return [body]

    def translate(self, body: bytes):
        from tests.factories import an_order  # noqa: PLC0415

        return an_order(source="other", ref="77")


def test_a_dry_run_shows_the_numbers_and_uses_none(house: House) -> None:
    house.feed(a_message())

    rehearsed = house.start_run(StartRun("501", dry_run=True))

    assert rehearsed.issued == (1,)
    assert house.invoices() == []
    assert house.run() == (1,)


def test_a_missing_price_is_reported_and_blocks_nobody_until_it_is_added(house: House) -> None:
    items = [{"ref": "1", "sku": "MUG", "quantity": 1, "tax_code": "standard"}]
    house.feed(a_message("1", items=items), a_message("2"))

    report = house.start_run(StartRun("501"))

    assert (report.issued, report.skipped) == ((1,), {"price_missing": 1})
    with house.units_of_work() as uow:
        [mail] = uow.alerts.unsent(house.clock.now().replace(year=2030), 10)
    assert mail.recipients == "ops@acme.example"
    assert "Order 1 cannot be invoiced: price_missing." in mail.alerts[0].text
    assert "add MUG in GBP to the prices of company '501'" in mail.alerts[0].next_step
    house.configure(a_configuration(price_lists={"501": (a_price("MUG", "2.00"),)}, revision=2))
    assert house.decisions()["1"] == "due"
    assert house.run() == (2,)


def test_explain_names_the_failing_rule_with_its_facts_and_its_fix(house: House) -> None:
    house.feed(a_message(status=256, status_name="On Hold"))

    explanation = ExplainOrderHandler(house.units_of_work, house.translators)("90001")

    assert explanation.decision == "on_hold"
    [failed] = [rule for rule in explanation.rules if not rule.passed]
    assert (failed.code, failed.facts["status"]) == ("on_hold", "256")
    assert "Release the order" in failed.fix


def test_a_change_after_invoicing_is_listed_with_its_difference_and_corrects_nothing(house: House) -> None:
    house.feed(a_message())
    house.run()
    items = [{"ref": "1", "sku": "TEE-BLK-M", "quantity": 3, "unit_cost_price": "6.25", "tax_code": "standard"}]

    house.feed(a_message(version=2, items=items))

    explanation = ExplainOrderHandler(house.units_of_work, house.translators)("90001")
    assert house.decisions() == {"90001": "changed_after_invoice"} == {"90001": explanation.decision}
    assert explanation.difference["invoiced"] == ["TEE-BLK-M x 2 at 6.25, tax S 0.2"]
    assert explanation.difference["now"] == ["TEE-BLK-M x 3 at 6.25, tax S 0.2"]
    [fix] = [rule.fix for rule in explanation.rules if rule.code == "already_invoiced"]
    assert fix == (
        "The order changed after it was invoiced. To correct it: billhook invoices credit INV-000001 --order 90001 --reissue --reason TEXT"
    )
    assert house.run() == ()


def test_an_order_cancelled_after_invoicing_differs_in_its_status_only(house: House) -> None:
    """It may be credited; to invoice it again would fail."""
    house.feed(a_message())
    house.run()

    house.feed(a_message(version=2, status=512, status_name="Cancelled"))

    explanation = ExplainOrderHandler(house.units_of_work, house.translators)("90001")
    [fix] = [rule.fix for rule in explanation.rules if rule.code == "already_invoiced"]
    assert explanation.difference == {"lines and prices": ["no change"], "status": ["Cancelled"]}
    assert fix.endswith("billhook invoices credit INV-000001 --order 90001 --reason TEXT")


def test_a_status_that_moves_on_after_invoicing_is_no_change(house: House) -> None:
    house.feed(a_message())
    house.run()

    house.feed(a_message(version=2, status=64, status_name="Dispatched (Retailer Notified)"))

    assert house.decisions() == {"90001": "invoiced"}


def test_a_credited_invoice_frees_its_orders_and_reissues_on_demand(house: House) -> None:
    house.feed(a_message("1"), a_message("2"))
    house.run()

    report = house.credit_invoice(CreditInvoice("INV-000001", "wrong price", "ann", reissue=True))

    assert report.credit_note.issued.display_number == "CN-000001"
    assert report.credit_note.issued.draft.corrects == "INV-000001"
    assert report.reissued is not None
    assert report.reissued.issued == (2,)
    assert [invoice.state for invoice in house.invoices()] == ["credited", "issued"]
    assert house.problems() == []


def test_crediting_one_order_leaves_the_other_on_its_invoice(house: House) -> None:
    house.feed(a_message("1"), a_message("2"))
    house.run()

    house.credit_invoice(CreditInvoice("INV-000001", "returned", "ann", order_refs=("2",)))

    assert house.decisions() == {"1": "invoiced", "2": "due"}
    assert [invoice.state for invoice in house.invoices()] == ["partly_credited"]
    with pytest.raises(Conflict):
        house.credit_invoice(CreditInvoice("INV-000001", "again", "ann", order_refs=("2",)))
    assert house.problems() == []


def test_an_order_whose_company_comes_later_waits_for_it(house: House) -> None:
    house.feed(a_message(company_ref_id=999))
    assert house.decisions() == {"90001": "company_unknown"}

    house.configure(a_configuration(a_company(), a_company(ref="999"), revision=2))

    assert house.decisions() == {"90001": "due"}


def test_a_tampered_invoice_is_found(house: House) -> None:
    house.feed(a_message())
    house.run()
    with house.engine.begin() as connection:
        if house.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE documents DISABLE TRIGGER USER")
        else:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'documents'").scalars()
            for name in list(names):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE documents SET content = replace(content, '19.20', '91.20')")

    assert any("I5" in problem and "content of number 1 was changed" in problem for problem in house.problems())


def test_numbers_run_over_all_companies_of_an_admin_company(house: House) -> None:
    house.configure(a_configuration(a_company(), a_company(ref="502"), revision=2))
    house.feed(a_message("1"), a_message("2", company_ref_id=502))

    assert (house.run("501"), house.run("502")) == ((1,), (2,))
    assert house.hints.lanes == ["501/pdf_emailer", "502/pdf_emailer"]
