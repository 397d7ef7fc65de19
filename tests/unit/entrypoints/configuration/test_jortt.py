"""The settings of jortt as files declare them."""

from typing import Any

import pytest

from tests.unit.entrypoints.configuration.support import mistakes_in, read, with_company


def jortt(**settings: Any) -> dict[str, Any]:
    """A file with this integration."""
    return with_company(integrations=[{"kind": "jortt", "settings": {"client_id": "app", **settings}}])


def test_what_is_left_out_has_the_seed_s_defaults() -> None:
    """A draft of each invoice, each buyer a customer of their own, by an app of the owner's."""
    settings = read(jortt()).configuration.integrations["777/jortt"].settings

    assert (settings["document"], settings["status"], settings["send_method"]) == ("invoice", "draft", "self")
    assert (settings["grant"], settings["default_customer"], settings["path_prefix"]) == ("client_credentials", "", "/v3")


@pytest.mark.parametrize("given", ["customers:read  invoices:write", ["customers:read", "invoices:write"]])
def test_an_app_with_fewer_rights_names_its_scopes(given: object) -> None:
    """As words or as a list."""
    assert read(jortt(scopes=given)).configuration.integrations["777/jortt"].settings["scopes"] == ["customers:read", "invoices:write"]


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"client_id": ""}, "client_id"),
        ({"document": "offer"}, "document"),
        ({"status": "authorised"}, "status"),
        ({"send_method": "print"}, "send_method"),
        ({"document": "estimate", "send_method": "peppol"}, "send_method"),
        ({"mail_subject": "Invoice"}, "mail_subject"),
        ({"document": "estimate", "send_method": "email", "mail_body": "Offer"}, "mail_body"),
        ({"path_prefix": "v3"}, "path_prefix"),
        ({"scopes": "invoices:read invoices"}, "scopes[1]"),
        ({"rounding_tolerance": "2"}, "rounding_tolerance"),
        ({"field_map": {"remarks": "order.ref"}}, "field_map.remarks"),
        ({"document": "order", "field_map": {"remarks": "invoice.number"}}, "field_map.remarks"),
        ({"field_map": {"reference": "invoice.number"}}, "field_map.reference"),
        ({"field_map": {"customer.email": "buyer.email"}}, "field_map.customer.email"),
        ({"field_map": {"line_items[].quantity": "lines[].net"}}, "field_map.line_items[].quantity"),
    ],
)
def test_a_mistake_is_refused_where_it_is(settings: dict[str, Any], where: str) -> None:
    """With its path."""
    assert [mistake.path.partition("settings.")[2] for mistake in mistakes_in(jortt(**settings))] == [where]


def test_a_field_that_is_spelled_wrong_is_guessed() -> None:
    [mistake] = mistakes_in(jortt(field_map={"customer.phone_number": {"value": "020"}}))

    assert "Did you mean 'customer.phonenumber'?" in mistake.text


def test_a_field_map_may_set_what_is_not_ours() -> None:
    """A constant, a ledger account by a table, a list, and a field of the customer."""
    accounts = {"from": "lines[].nominal_code", "table": {"4000": "f8fd3e4e-da1c-43a7-892f-1410ac13e38a"}}
    field_map = {
        "payment_method": {"value": "pay_later"},
        "line_items[].ledger_account_id": accounts,
        "label_ids[]": "orders[].ref",
        "customer.invoice_language": {"value": "en"},
    }

    assert read(jortt(field_map=field_map)).configuration.integrations["777/jortt"].settings["field_map"].keys() == field_map.keys()
