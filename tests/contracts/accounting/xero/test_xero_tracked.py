"""Tracked: a purchase order, then the invoice, whose goods are items with a stock."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.delivery.outcome import Delivered, NotThere, PartlyThere, Refused, StepDone, Unknown
from domain.errors import TemporaryFailure
from tests.contracts.accounting.xero.house import XeroHouse, all_delivered, an_invoice
from tests.fakes.xero import faults

LONG_SKU = "TEE-BLACK-ORGANIC-COTTON-MEDIUM-2026"


@pytest.fixture
def tracked(house: XeroHouse) -> XeroHouse:
    """The accounts of a new British company, and backorders."""
    house.settings |= {"process_method": "tracked", "cogs_account": "310", "inventory_asset_account": "630", "allow_backorders": True}
    return house


def test_a_purchase_order_comes_before_the_invoice(tracked: XeroHouse) -> None:
    [outcome] = tracked.deliver(an_invoice())

    assert isinstance(outcome, Delivered)
    [order] = tracked.organisation.purchase_orders
    [goods] = order["LineItems"]
    assert (order["PurchaseOrderNumber"], goods["ItemCode"], goods["Quantity"]) == ("INV-000001", "TEE-BLK-M", 2)
    assert tracked.steps[1] == {"purchase_order": order["PurchaseOrderID"]}
    assert tracked.handed_over[1] == 2
    assert [line.get("ItemCode") for line in tracked.invoice()["LineItems"]] == ["TEE-BLK-M", None]
    assert tracked.invoice()["Total"] == Decimal("19.20")
    [item] = tracked.organisation.items
    assert (item["InventoryAssetAccountCode"], item["PurchaseDetails"]["COGSAccountCode"]) == ("630", "310")
    paths = [f"{call.method} {call.path}" for call in tracked.xero.calls.entries]
    assert paths.index("PUT /PurchaseOrders") < paths.index("PUT /Invoices")


def test_items_are_created_once_and_many_documents_need_few_calls(tracked: XeroHouse) -> None:
    documents = [an_invoice(number) for number in range(1, 51)]

    assert all_delivered(tracked.deliver(*documents))

    assert tracked.xero.calls.by_path()["PUT /Items"] == 1
    assert tracked.xero.calls.by_path()["PUT /PurchaseOrders"] == 1
    assert tracked.xero.calls.by_path()["PUT /Invoices"] == 1
    assert len(tracked.organisation.purchase_orders) == 50


def test_what_is_not_in_stock_is_refused_before_it_is_sent_and_goes_once_it_is_there(tracked: XeroHouse) -> None:
    tracked.settings["allow_backorders"] = False
    item = tracked.organisation.add_item("TEE-BLK-M", on_hand="3")

    first, second = tracked.deliver(an_invoice(1), an_invoice(2))

    assert isinstance(first, Delivered)
    assert isinstance(second, Refused)
    assert second.code == "stock_missing"
    assert "1 of TEE-BLK-M (this document sells 2)" in second.text
    assert "allow_backorders" in second.next_step
    stocked = {**tracked.organisation.tables["Items"].get(item["ItemID"]), "QuantityOnHand": Decimal(9)}
    tracked.organisation.tables["Items"].save(stocked)
    assert all_delivered(tracked.deliver(an_invoice(2)))
    assert tracked.xero.calls.by_path()["PUT /PurchaseOrders"] == 1


def test_an_item_that_is_not_tracked_there_is_refused_with_the_way_out(tracked: XeroHouse) -> None:
    tracked.organisation.add_item("TEE-BLK-M")

    [outcome] = tracked.deliver(an_invoice())

    assert isinstance(outcome, Refused)
    assert outcome.code == "item_not_tracked"
    assert tracked.effects() == {}


@pytest.mark.parametrize("committed", [True, False])
def test_a_purchase_order_whose_answer_was_lost_is_not_ordered_twice(tracked: XeroHouse, committed: bool) -> None:
    fault = faults.create_then_drop() if committed else faults.drop_before_create()
    tracked.xero.faults.next("/PurchaseOrders", fault, "PUT")
    document = an_invoice()
    assert isinstance(tracked.deliver(document)[0], Unknown)

    answer = tracked.look_up(document)

    if committed:
        assert isinstance(answer, PartlyThere)
        tracked.steps[1] = {done.step: done.remote_id for done in answer.steps}
    else:
        assert answer == NotThere()
    assert all_delivered(tracked.deliver(document))
    assert len(tracked.organisation.purchase_orders) == 1
    assert len(tracked.organisation.invoices) == 1


def test_an_invoice_whose_answer_was_lost_goes_on_behind_its_purchase_order(tracked: XeroHouse) -> None:
    tracked.xero.faults.next("/Invoices", faults.drop_before_create(), "PUT")
    document = an_invoice()
    assert isinstance(tracked.deliver(document)[0], Unknown)

    answer = tracked.look_up(document)

    assert answer == PartlyThere((StepDone("purchase_order", tracked.steps[1]["purchase_order"]),))
    assert all_delivered(tracked.deliver(document))
    assert tracked.effects() == {"INV-000001": 2}, "an invoice and a purchase order of the same number"


def test_items_whose_creation_was_not_answered_are_found(tracked: XeroHouse) -> None:
    tracked.xero.faults.next("/Items", faults.create_then_drop(), "PUT")
    with pytest.raises(Exception, match="items were created"):
        tracked.deliver(an_invoice())

    assert all_delivered(tracked.deliver(an_invoice()))

    assert len(tracked.organisation.items) == 1


def test_a_long_sku_is_shortened_the_same_way_each_time(tracked: XeroHouse) -> None:
    from tests.factories import an_order_line  # noqa: PLC0415 - only here

    for number in (1, 2):
        assert all_delivered(tracked.deliver(an_invoice(number, lines=(an_order_line(sku=LONG_SKU),))))

    [item] = tracked.organisation.items
    assert len(item["Code"]) <= 30


def test_the_pdf_is_put_beside_the_invoice_once(house: XeroHouse) -> None:
    house.settings["attach_pdf"] = True
    house.xero.faults.next("/Invoices/*/Attachments/*", faults.create_then_drop(), "PUT")
    document = an_invoice()
    assert isinstance(house.deliver(document)[0], Unknown)
    assert set(house.steps[1]) == {"invoice"}

    found = house.look_up(document)

    assert isinstance(found, Delivered)
    [attachment] = house.organisation.attachments
    assert (attachment.name, attachment.content) == ("INV-000001.pdf", b"%PDF-1.7 INV-000001")


def test_a_pdf_that_never_arrived_is_sent_again_without_the_invoice(house: XeroHouse) -> None:
    house.settings["attach_pdf"] = True
    house.xero.faults.next("/Invoices/*/Attachments/*", faults.drop_before_create(), "PUT")
    document = an_invoice()
    house.deliver(document)

    answer = house.look_up(document)

    assert isinstance(answer, PartlyThere)
    assert all_delivered(house.deliver(document))
    assert len(house.organisation.attachments) == 1
    assert house.effects() == {"INV-000001": 1}


def test_a_limit_between_invoices_and_pdfs_leaves_no_doubt_about_any(house: XeroHouse) -> None:
    """All invoices of a call are recorded before the first PDF goes; what is left over goes on where it stands."""
    house.settings["attach_pdf"] = True
    documents = [an_invoice(number) for number in (1, 2, 3)]
    house.xero.faults.next("/Invoices/*/Attachments/*", faults.throttle("minute", 30), "PUT")
    with pytest.raises(TemporaryFailure):
        house.deliver(*documents)
    assert {number: set(steps) for number, steps in house.steps.items()} == {1: {"invoice"}, 2: {"invoice"}, 3: {"invoice"}}
    house.clock.advance(seconds=31)

    assert all_delivered(house.deliver(*documents))

    assert len(house.organisation.attachments) == 3
    assert house.xero.calls.by_path()["PUT /Invoices"] == 1


def test_a_resend_of_an_invoice_with_its_pdf_puts_no_second_one_there(house: XeroHouse) -> None:
    """A person asked for it, long after Xero forgot the keys."""
    house.settings["attach_pdf"] = True
    document = an_invoice()
    assert all_delivered(house.deliver(document))
    house.steps.clear()
    house.clock.advance(minutes=10)

    assert all_delivered(house.deliver(document))

    assert house.xero.calls.by_path()["PUT /Invoices"] == 2
    assert len([call for call in house.xero.calls.entries if call.method == "PUT" and "/Attachments/" in call.path]) == 1


def test_stock_that_the_invoice_itself_took_is_not_missed(tracked: XeroHouse) -> None:
    """It is there already: the last two went with it, so a resend finds none."""
    tracked.settings["allow_backorders"] = False
    tracked.organisation.add_item("TEE-BLK-M", on_hand="2")
    assert all_delivered(tracked.deliver(an_invoice()))
    tracked.steps.clear()
    tracked.clock.advance(minutes=10)

    [again] = tracked.deliver(an_invoice())

    assert isinstance(again, Delivered)
    assert "there already" in again.detail
    assert len(tracked.organisation.invoices) == 1
    assert len(tracked.organisation.purchase_orders) == 1


def test_an_item_that_uses_other_accounts_is_refused_with_both(tracked: XeroHouse) -> None:
    """The stock would be booked where nobody looks for it."""
    tracked.settings["cogs_account"] = "425"
    tracked.organisation.add_item("TEE-BLK-M", on_hand="9")

    [outcome] = tracked.deliver(an_invoice())

    assert isinstance(outcome, Refused)
    assert outcome.code == "item_accounts_differ"
    assert "630 and 310" in outcome.text
    assert tracked.effects() == {}


def test_a_draft_needs_no_stock(tracked: XeroHouse) -> None:
    """It moves none; whoever approves it is asked by Xero."""
    tracked.settings |= {"allow_backorders": False, "invoice_status": "draft"}

    assert all_delivered(tracked.deliver(an_invoice()))

    assert (tracked.invoice()["Status"], tracked.organisation.items[0]["QuantityOnHand"]) == ("DRAFT", 0)


def test_an_item_that_xero_does_not_show_yet_is_taken_for_there(tracked: XeroHouse) -> None:
    """Its creation was not answered, and the key is forgotten: Xero says that the code is taken."""
    tracked.xero.faults.next("/Items", replace(faults.create_then_drop(), hidden_for=1), "PUT")
    with pytest.raises(TemporaryFailure):
        tracked.deliver(an_invoice())
    tracked.clock.advance(minutes=7)

    assert all_delivered(tracked.deliver(an_invoice()))

    assert tracked.xero.calls.by_path()["PUT /Items"] == 2
    assert len(tracked.organisation.items) == 1
