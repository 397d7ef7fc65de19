"""The settings of Fortnox as files declare them."""

from typing import Any

import pytest

from tests.unit.entrypoints.configuration.support import mistakes_in, read, with_company


def fortnox(**settings: Any) -> dict[str, Any]:
    """A file with this integration."""
    return with_company(integrations=[{"kind": "fortnox", "settings": {"client_id": "app", **settings}}])


def test_what_is_left_out_has_the_seed_s_defaults() -> None:
    """A draft of each invoice, each buyer a customer of their own, by a service account."""
    settings = read(fortnox()).configuration.integrations["777/fortnox"].settings

    assert (settings["document"], settings["status"], settings["grant"]) == ("invoice", "draft", "client_credentials")
    assert (settings["default_customer"], settings["fallback_article"]) == ("", "")


def test_tables_take_numbers_as_they_are_written() -> None:
    """Days and codes are digits, and YAML reads them as numbers."""
    given = fortnox(document="order", payment_terms={30: 30, 0: "K"}, payment_methods={"card": "K"}, currency_rates={"eur": 11.5})

    settings = read(given).configuration.integrations["777/fortnox"].settings

    assert settings["payment_terms"] == {"30": "30", "0": "K"}
    assert {code: str(rate) for code, rate in settings["currency_rates"].items()} == {"EUR": "11.5"}


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"client_id": ""}, "client_id"),
        ({"document": "offer"}, "document"),
        ({"articles": "fallback"}, "fallback_article"),
        ({"articles": "none", "fallback_article": "DIV"}, "fallback_article"),
        ({"scopes": "customer Invoice"}, "scopes[1]"),
        ({"grant": "authorization_code", "tenant_id": "1000"}, "tenant_id"),
        ({"rounding_tolerance": "2"}, "rounding_tolerance"),
        ({"currency_rates": {"EUR": 0}}, "currency_rates.EUR"),
        ({"field_map": {"OurReference": "order.ref"}}, "field_map.OurReference"),
        ({"document": "order", "field_map": {"OurReference": "invoice.number"}}, "field_map.OurReference"),
        ({"field_map": {"ExternalInvoiceReference1": "invoice.number"}}, "field_map.ExternalInvoiceReference1"),
        ({"field_map": {"Freight": {"value": 10}}}, "field_map.Freight"),
        ({"field_map": {"InvoiceRows[].Price": "lines[].net"}}, "field_map.InvoiceRows[].Price"),
        ({"field_map": {"Customer.CustomerNumber": "buyer.email"}}, "field_map.Customer.CustomerNumber"),
    ],
)
def test_a_mistake_is_refused_where_it_is(settings: dict[str, Any], where: str) -> None:
    """With its path."""
    assert [mistake.path.partition("settings.")[2] for mistake in mistakes_in(fortnox(**settings))] == [where]


def test_a_field_map_may_set_what_is_not_ours() -> None:
    """A constant, an account by a table, and a field of the customer."""
    accounts = {"from": "lines[].tax_rate", "table": {"0.25": 3001}, "otherwise": 3002}
    field_map = {"Language": {"value": "EN"}, "InvoiceRows[].AccountNumber": accounts, "Customer.Phone1": {"value": "1"}}

    settings = read(fortnox(field_map=field_map)).configuration.integrations["777/fortnox"].settings

    assert set(settings["field_map"]) == set(field_map)


def test_scopes_are_words_or_a_list_and_payment_methods_go_with_either_document() -> None:
    """A flow brings orders, and makes invoices of them where the integration says so."""
    given = fortnox(scopes="customer invoice companyinformation", payment_methods={"card": "K"})

    settings = read(given).configuration.integrations["777/fortnox"].settings

    assert settings["scopes"] == ["customer", "invoice", "companyinformation"]
    assert settings["payment_methods"] == {"card": "K"}
