"""A worker that dies at each of its writes, right before it or right after it: another one goes on, and nothing is at Xero twice."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

import pytest

from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.use_cases.credit_invoice import CreditInvoice
from application.use_cases.drain_lane import DrainLane
from tests.contracts.accounting.xero.house import PATH, XeroHouse
from tests.factories import a_company_billed_per_customer, a_configuration
from tests.integration.use_cases.house import House, a_message

ONCE = {1}


class Died(BaseException):
    """The process is gone: nothing of it runs any more, whatever is written to be done at the end."""


@dataclass
class DyingUnitsOfWork:
    """The store of a process that dies at its ``left``-th commit from now, ``before`` it or right behind it."""

    inner: UnitsOfWork
    left: int
    before: bool
    is_dead: bool = False

    def __call__(self) -> UnitOfWork:
        if self.is_dead:
            raise Died
        uow = self.inner()
        commit = uow.commit

        def commit_and_die() -> None:
            self.left -= 1
            self.is_dead = self.left == 0
            if self.is_dead and self.before:
                raise Died
            commit()
            if self.is_dead:
                raise Died

        uow.commit = commit_and_die  # type: ignore[method-assign]
        return uow


def survives(shop: House, house: XeroHouse, write: int, *, before: bool) -> bool:
    """Drain the lane with a worker that dies at this write; then others go on to the end. Whether it came that far without dying."""
    # The access token is about to end, so that its renewal is among the writes.
    house.clock.advance(minutes=28)
    dying = DyingUnitsOfWork(house.units_of_work, write, before)
    house.wire(dying)
    worker = shop.a_worker(f"worker-{write}", dying)
    with suppress(Died):
        worker(DrainLane(PATH))
    house.wire(house.units_of_work)
    for _ in range(6):
        if set(shop.states()) == {"delivered"}:
            break
        # Longer than Xero knows an idempotency key: only looking tells what is there.
        house.clock.advance(minutes=7)
        shop.drain(PATH)
    return not dying.is_dead


def bill_and_credit(shop: House, ref: str) -> None:
    """An invoice of one order, and a credit note over it; neither is delivered yet."""
    order = a_message(ref, billing_customer_email=f"c{ref}@example.com")
    order["items"][0] |= {"sku": f"TEE-{ref}"}
    shop.feed(order)
    shop.run()
    number = shop.invoices()[-1].display_number
    shop.feed({**order, "status": 128, "status_name": "Cancelled", "version": 2})
    shop.credit_invoice(CreditInvoice(number, "returned", "ann"))


def assert_everything_is_there_once(shop: House, house: XeroHouse) -> None:
    """As Xero counts it."""
    there = house.organisation
    assert set(shop.states()) == {"delivered"}
    assert shop.problems() == []
    for kind in ("Invoices", "CreditNotes", "PurchaseOrders"):
        assert set(there.effects([kind]).values()) == ONCE
    assert {len(note["Allocations"]) for note in there.credit_notes} == ONCE
    assert {invoice["AmountDue"] for invoice in there.invoices} == {0}
    files = Counter((file.document_id, file.name) for file in there.attachments)
    assert set(files.values()) == ONCE
    assert len(files) == len(there.invoices) + len(there.credit_notes)


@pytest.mark.slow
@pytest.mark.parametrize("before", [True, False], ids=["before it", "after it"])
def test_a_worker_that_dies_at_any_write_leaves_nothing_twice(shop: House, house: XeroHouse, before: bool) -> None:
    """Token, permits, contact, items, purchase order, invoice, PDF, credit note, allocation, and its PDF."""
    house.bills_customers = True
    house.settings |= {"process_method": "tracked", "allow_backorders": True, "attach_pdf": True, "day_limit": 5000}
    house.settings |= {"cogs_account": "310", "inventory_asset_account": "630"}
    shop.configure(a_configuration(a_company_billed_per_customer(), integrations={PATH: house.lane.integration}, revision=3))

    for write in count(1):
        bill_and_credit(shop, str(write))
        if survives(shop, house, write, before=before):
            break

    assert write > 40
    assert_everything_is_there_once(shop, house)
    there, all_of_them = house.organisation, range(1, write + 1)
    created = Counter(contact["EmailAddress"] for contact in there.contacts if contact.get("ContactNumber"))
    assert created == Counter(f"c{number}@example.com" for number in all_of_them)
    assert Counter(item["Code"] for item in there.items) == Counter(f"TEE-{number}" for number in all_of_them)
