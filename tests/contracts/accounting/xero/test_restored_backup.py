"""An old backup is restored: the books at Xero hold more than the database knows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from application.use_cases.guard_numbers import GuardNumbers, GuardNumbersHandler
from domain.errors import DomainError
from tests.contracts.accounting.xero.house import XeroHouse
from tests.contracts.accounting.xero.shop import XeroLedgers, bill, found, reconcile
from tests.integration.use_cases.house import House, a_message


def back_up(folder: Path) -> None:
    """Beside the running database, as an operator does."""
    with closing(sqlite3.connect(folder / "billhook.db")) as source, closing(sqlite3.connect(folder / "backup.db")) as target:
        source.backup(target)


def restore(folder: Path, house: XeroHouse) -> None:
    """The backup in place of the database."""
    house.engine.dispose()
    for left in folder.glob("billhook.db*"):
        left.unlink()
    (folder / "backup.db").rename(folder / "billhook.db")


def test_delivered_invoices_and_credit_notes_are_the_same_there(shop: House, house: XeroHouse) -> None:
    """One that is voided there is told, and stays as it is here."""
    bill(shop, house, "1", "2")
    same = reconcile(shop, house)

    voided = house.invoice("INV-000002")
    voided["Status"] = "VOIDED"

    assert (found(same), same.results[0].findings and same.results[0].findings.compared) == ({}, 2)
    assert found(reconcile(shop, house)) == {"INV-000002": "voided"}
    assert shop.states() == ["delivered", "delivered"]


def test_after_an_old_backup_nothing_is_issued(shop: House, house: XeroHouse, tmp_path: Path) -> None:
    """Reconciling finds the lost numbers, and the series stays closed."""
    bill(shop, house, "1")
    back_up(tmp_path)
    bill(shop, house, "2", "3")
    restore(tmp_path, house)

    drift = found(reconcile(shop, house))
    shop.feed(a_message("4"))
    with pytest.raises(DomainError) as refusal:
        shop.run()

    assert drift == {"INV-000002": "not_issued", "INV-000003": "not_issued"}
    assert refusal.value.code == "series_behind"
    assert "INV-000003" in refusal.value.text
    assert [row.display_number for row in shop.invoices()] == ["INV-000001"]
    assert house.effects() == {"INV-000001": 1, "INV-000002": 1, "INV-000003": 1}


def test_the_look_at_the_start_is_enough(shop: House, house: XeroHouse, tmp_path: Path) -> None:
    """Nobody has to think of reconciling: the scheduler looks before it fires anything."""
    bill(shop, house, "1")
    back_up(tmp_path)
    bill(shop, house, "2")
    restore(tmp_path, house)
    shop.feed(a_message("3"))

    answered = GuardNumbersHandler(shop.units_of_work, XeroLedgers(house), shop.clock, shop.telemetry)(GuardNumbers())

    assert answered == 1
    with pytest.raises(DomainError, match="INV-000002"):
        shop.run()
