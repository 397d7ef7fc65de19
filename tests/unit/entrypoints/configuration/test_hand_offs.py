"""The settings of hand-offs: what is refused, where, and what is meant."""

from typing import Any

import pytest
import yaml

from application.queries.export_configuration import ExportedConfiguration
from entrypoints.configuration.writer import write_configuration
from tests.unit.entrypoints.configuration.support import mistakes_in, read, with_company

AT = "companies[777].integrations[{kind}].settings"
NET = {"url": "https://partner.example/orders"}
SOAP = {"wsdl": "https://partner.example/orders?wsdl", "operation": "SendOrder", "username": "acme"}


def refusals(kind: str, settings: dict[str, Any], **secrets: str) -> dict[str, str]:
    """The sentence for each place inside the settings."""
    file = with_company(integrations=[{"kind": kind, "settings": settings, "secrets": secrets}])
    return {mistake.path.removeprefix(AT.format(kind=kind)).lstrip("."): mistake.text for mistake in mistakes_in(file)}


def settings_of(kind: str, settings: dict[str, Any]) -> Any:
    """The settings as they are stored."""
    declared = read(with_company(integrations=[{"kind": kind, "settings": settings}]))
    return declared.configuration.integrations[f"777/{kind}"].settings


def test_mww_needs_no_setting() -> None:
    """Its public API is the default: address, form, prefix of the key, and where an order is looked up."""
    settings = settings_of("mww", {})

    assert settings["url"] == "https://api.mwwondemand.com/api/orders"
    assert (settings["body"], settings["auth_prefix"], settings["remote_id_path"]) == ("json_api", "auth-key=", "data.id")
    assert (settings["look_up_url"], settings["look_up_match"]) == ("/{data.attributes.vendor-po}", "data.attributes.vendor-po")


def test_each_mistake_in_a_field_map_has_its_place_in_the_file() -> None:
    """Names of fields hold dots and brackets; with what was probably meant, and the line of the entry."""
    field_map = {
        "rows[].price": {"from": "lines[].net", "functions": ["trim", "uper"]},
        "buyer.name": "ordr.ref",
        "net": {"form": "totals.net"},
        "on": {"from": "order.sale_datetime", "functions": ["date"]},
        "ok": "order.ref",
    }
    file = with_company(integrations=[{"kind": "net_digitizing", "settings": {**NET, "field_map": field_map}}])

    found = {mistake.path.partition("field_map.")[2]: mistake for mistake in mistakes_in(file)}

    assert list(found) == ["rows[].price.functions[1]", "buyer.name", "net", "on.functions[0]"]
    assert "Did you mean 'upper'?" in found["rows[].price.functions[1]"].text
    assert "Did you mean 'order'?" in found["buyer.name"].text
    assert "Did you mean 'from'?" in found["net"].text
    assert "Did you mean 'date_format'?" in found["on.functions[0]"].text
    lines = yaml.safe_dump(file, sort_keys=False, allow_unicode=True).splitlines()
    assert "buyer.name" in lines[found["buyer.name"].line - 1]


def test_a_map_of_orders_is_none_of_invoices() -> None:
    """What can be read depends on the document."""
    refused = refusals("net_digitizing", {**NET, "document": "invoice", "field_map": {"ref": "order.ref"}})

    assert refused["field_map.ref"].startswith("There is no 'order' to read from")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "k-123"),
        ("X-Api-Key", "k-123"),
        ("api_key", "k-123"),
        ("X-Auth-Token", "k-123"),
        ("Cookie", "session=1"),
        ("X-Shop", "Bearer abc"),
        ("X-Shop", "Basic YTpi"),
        ("X-Shop", "${SHOP_KEY}"),
    ],
)
def test_a_secret_in_a_header_is_refused(name: str, value: str) -> None:
    """It would be stored in the clear and exported; the sentence does not repeat it."""
    refused = refusals("net_digitizing", {**NET, "headers": {name: value}})

    assert "auth_key" in refused[f"headers.{name}"]
    assert value not in refused[f"headers.{name}"]


@pytest.mark.parametrize(
    ("kind", "settings", "place", "text"),
    [
        ("net_digitizing", {}, "url", "required"),
        ("net_digitizing", {"url": "ftp://partner.example"}, "url", "https://"),
        ("net_digitizing", {"url": "https://acme:secret@partner.example"}, "url", "User name and password do not belong"),
        ("net_digitizing", {"url": "https://partner.example:port/"}, "url", "https://"),
        ("net_digitizing", {**NET, "look_up_url": "partner.example/{ref}"}, "look_up_url", "https://"),
        ("net_digitizing", {**NET, "headers": {"Host": "other"}}, "headers.Host", "leave it out"),
        ("net_digitizing", {**NET, "success_status": ["2xx"]}, "success_status[0]", "no status"),
        ("net_digitizing", {**NET, "mehtod": "PUT"}, "mehtod", "Did you mean 'method'?"),
        ("net_digitizing", {**NET, "method": "GET"}, "method", "POST"),
        ("net_digitizing", {**NET, "read_timeout_s": 0}, "read_timeout_s", "1"),
        ("net_digitizing", {**NET, "body": "form"}, "field_map", "no levels"),
        ("net_digitizing", {**NET, "body": "form", "field_map": {"a.b": "order.ref"}}, "field_map.a.b", "no levels"),
        ("net_digitizing", {**NET, "body": "json_api"}, "field_map", "under data"),
        ("mww", {"document": "invoice"}, "field_map", "no field map of its own"),
        ("promotional_office", {**SOAP, "wsdl": "orders.wsdl"}, "wsdl", "full path"),
        ("promotional_office", {**SOAP, "address": "partner.example"}, "address", "https://"),
        ("promotional_office", {**SOAP, "username": ""}, "username", "needs it"),
        ("promotional_office", {**SOAP, "log_in": "none"}, "username", "leave it out"),
        ("promotional_office", {**SOAP, "log_in": "diggest"}, "log_in", "Did you mean 'digest'?"),
        ("promotional_office", {"wsdl": "/a.wsdl", "log_in": "none"}, "operation", "required"),
    ],
)
def test_a_mistake_is_refused_at_its_place(kind: str, settings: dict[str, Any], place: str, text: str) -> None:
    """And nothing else is."""
    refused = refusals(kind, settings)

    assert list(refused) == [place]
    assert text in refused[place]


def test_a_blank_behind_a_prefix_is_a_part_of_it() -> None:
    """`Bearer ` without it would be another word."""
    assert settings_of("net_digitizing", {**NET, "auth_prefix": "Bearer "})["auth_prefix"] == "Bearer "


def test_one_status_needs_no_list() -> None:
    """Numbers and ranges are welcome."""
    assert settings_of("net_digitizing", {**NET, "success_status": 201})["success_status"] == ["201"]
    assert settings_of("net_digitizing", {**NET, "success_status": [201, "300-302"]})["success_status"] == ["201", "300-302"]


def test_a_default_that_was_emptied_is_exported_as_empty() -> None:
    """Left out, it would come back with the next apply."""
    settings = {"auth_prefix": "", "look_up_url": "", "headers": {}, "remote_id_path": "id"}
    declared = read(with_company(integrations=[{"kind": "mww", "settings": settings}])).configuration

    written = read(write_configuration(ExportedConfiguration(declared, {}))).configuration

    assert written.integrations == declared.integrations
    assert written.integrations["777/mww"].settings["look_up_url"] == ""
