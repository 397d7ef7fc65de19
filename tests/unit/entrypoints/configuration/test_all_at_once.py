"""A file is refused with all its mistakes: none waits behind another."""

from typing import Any

import pytest

from tests.unit.entrypoints.configuration.support import ADMIN, mistakes_in, with_admin, with_company, with_settings

NET = {"url": "https://partner.example/orders"}


def places(kind: str, settings: dict[str, Any]) -> set[str]:
    found = mistakes_in(with_company(integrations=[{"kind": kind, "settings": settings}]))
    return {mistake.path.removeprefix(f"companies[777].integrations[{kind}].settings.") for mistake in found}


def test_a_name_a_value_and_the_field_map_are_refused_together() -> None:
    """It took three tries once."""
    settings = {"url": "ftp://partner.example", "metod": "PUT", "read_timeout_s": 0, "field_map": {"ref": "ordr.ref"}}

    assert places("net_digitizing", settings) == {"metod", "read_timeout_s", "url", "field_map.ref"}


def test_a_map_is_not_judged_by_a_document_that_nobody_knows() -> None:
    """`invoice.number` is right where the misspelt word meant invoices."""
    assert places("net_digitizing", {**NET, "document": "invocie", "field_map": {"n": "invoice.number"}}) == {"document"}
    assert places("net_digitizing", {**NET, "documnet": "invoice", "field_map": {"n": "invoice.number"}}) == {"documnet"}


def test_a_template_is_tried_although_another_setting_is_wrong() -> None:
    """Both are told."""
    found = mistakes_in(with_settings(emial_bcc="x@shop.example", html_template="BROKEN"))

    assert {mistake.path.rpartition(".")[2] for mistake in found} == {"emial_bcc", "html_template"}


def test_a_sellers_vat_number_is_judged_although_another_key_is_wrong() -> None:
    """Both are told."""
    assert {mistake.path for mistake in mistakes_in(with_admin(nmae="x", vat_number="GB123456789"))} == {
        f"admin_companies[{ADMIN['ref']}].nmae",
        f"admin_companies[{ADMIN['ref']}].vat_number",
    }


@pytest.mark.parametrize(
    ("look_up_url", "is_right"),
    [("/{ref}", True), ("/{token}", True), ("/{order.id}", True), ("/{reff}", False), ("/all?ref={ref}&x={nothing}", False)],
)
def test_a_look_up_names_fields_of_the_map(look_up_url: str, is_right: bool) -> None:
    """Otherwise each delivery would stop after a lost answer."""
    settings = {**NET, "metod": "PUT", "look_up_url": look_up_url, "field_map": {"ref": "order.ref", "order.id": "order.id"}}

    assert places("net_digitizing", settings) == ({"metod"} if is_right else {"metod", "look_up_url"})


def test_a_look_up_is_told_which_field_was_meant() -> None:
    """With the place."""
    (mistake,) = mistakes_in(
        with_company(
            integrations=[{"kind": "net_digitizing", "settings": {**NET, "look_up_url": "/{reff}", "field_map": {"ref": "order.ref"}}}]
        )
    )

    assert "Did you mean 'ref'?" in mistake.text
