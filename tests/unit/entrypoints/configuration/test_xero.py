"""The settings of Xero: the seed's names, safe defaults, and what is refused."""

from typing import Any

import pytest

from adapters.accounting.app_of import app_of
from adapters.accounting.xero.settings import DEFAULT_SCOPES, settings_of
from application.ports.destination import LaneContext
from tests.factories import a_company, an_admin_company
from tests.unit.entrypoints.configuration.support import mistakes_in, read, with_company

LEAST = {"client_id": "0A1B2C", "contact_name": "Photo Gifts BV"}


def refusals(settings: dict[str, Any], **company: Any) -> dict[str, str]:
    """The sentence for each key."""
    file = with_company(integrations=[{"kind": "xero", "settings": settings}], **company)
    return {mistake.path.rpartition("settings")[2].lstrip("."): mistake.text for mistake in mistakes_in(file)}


def lane_of(settings: dict[str, Any], **company: Any) -> LaneContext:
    """As the adapter gets it from the store."""
    declared = read(with_company(integrations=[{"kind": "xero", "settings": settings}], **company))
    integration = declared.configuration.integrations["777/xero"]
    return LaneContext(integration, a_company(), an_admin_company(), {"client_secret": "s"})


def test_app_and_contact_are_all_that_must_be_said() -> None:
    """Untracked, approved, on account 200, within five cents, and the granular scopes."""
    lane = lane_of(LEAST)

    settings = settings_of(lane)

    assert (settings.is_tracked, settings.status, settings.sales_account) == (False, "AUTHORISED", "200")
    assert (str(settings.rounding_tolerance), settings.day_limit) == ("0.05", 1000)
    assert (settings.sent_to_contact, settings.allow_backorders, settings.attach_pdf) == (False, False, False)
    assert app_of(lane, DEFAULT_SCOPES).scopes == DEFAULT_SCOPES


def test_what_is_said_gets_to_the_adapter() -> None:
    tracked = {"process_method": "tracked", "cogs_account": 310, "inventory_asset_account": 630, "rounding_tolerance": 0}
    lane = lane_of(
        {**LEAST, **tracked, "scopes": "offline_access accounting.transactions", "tax_types": {"S 20": "OUTPUT2", "K": "TAX001"}}
    )

    settings = settings_of(lane)

    assert (settings.is_tracked, settings.cogs_account, settings.inventory_asset_account) == (True, "310", "630")
    assert settings.rounding_tolerance == 0
    assert settings.tax_types == {"S 20": "OUTPUT2", "K": "TAX001"}
    assert app_of(lane, DEFAULT_SCOPES).scopes == ("offline_access", "accounting.transactions")


def test_tracked_needs_both_accounts() -> None:
    assert refusals({**LEAST, "process_method": "tracked"}).keys() == {"cogs_account", "inventory_asset_account"}


def test_a_contact_is_needed_unless_customers_are_billed() -> None:
    assert refusals({"client_id": "0A1B2C"}).keys() == {"contact_name"}
    assert lane_of({"client_id": "0A1B2C"}, plan={"bill_to": "customer", "layout": "individual"})


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"sent_to_contact": True, "invoice_status": "draft"}, "sent_to_contact"),
        ({"allow_backorders": True}, "allow_backorders"),
        ({"day_limit": 2000}, "day_limit"),
        ({"rounding_tolerance": "5"}, "rounding_tolerance"),
        ({"tax_types": {"X 20": "OUTPUT2"}}, "tax_types"),
        ({"tax_types": {"S 20": "output 2"}}, "tax_types"),
        ({"scopes": ["Accounting Invoices"]}, "scopes"),
        ({"process_method": "Tracked!"}, "process_method"),
        ({"client_secret": "oops"}, "client_secret"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_key(settings: dict[str, Any], key: str) -> None:
    assert any(found.startswith(key) for found in refusals({**LEAST, **settings}))
