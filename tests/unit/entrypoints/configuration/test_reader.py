import hashlib
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.companies.plan import BillTo, Layout, Plan
from domain.companies.schedule import Every, Schedule
from tests.unit.entrypoints.configuration.support import (
    COMPANY,
    MAILER,
    PRICE,
    a_file,
    mistakes_in,
    read,
    with_admin,
    with_company,
    with_plan,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def plan_of(file: dict[str, Any]) -> Plan:
    return read(file).configuration.companies["777"].plan


def test_a_company_without_a_plan_has_the_defaults_of_the_domain() -> None:
    """The file's models repeat no default."""
    assert plan_of(a_file()) == Plan()


def test_every_key_of_a_plan_reaches_the_domain() -> None:
    """Days and times are those of the plan's zone."""
    plan = plan_of(
        with_plan(
            enabled=False,
            starting_from="2026-07-01",
            include_orders_with_errors=True,
            bill_to="customer",
            layout="individual",
            schedule={"every": "month", "day": 31, "at": "09:30", "timezone": "Europe/Amsterdam"},
            next_invoice_at="2026-07-02T08:00",
            payment_terms_days=14,
            orders_per_invoice_max=50,
            billable_statuses=[8, "delivered"],
            payment_statuses=["paid"],
        )
    )

    assert plan == Plan(
        enabled=False,
        starting_from=datetime(2026, 6, 30, 22, tzinfo=UTC),
        include_orders_with_errors=True,
        bill_to=BillTo.CUSTOMER,
        layout=Layout.INDIVIDUAL,
        schedule=Schedule(Every.MONTH, time(9, 30), day=31, timezone="Europe/Amsterdam"),
        next_invoice_at=datetime(2026, 7, 2, 6, tzinfo=UTC),
        payment_terms_days=14,
        orders_per_invoice_max=50,
        billable_statuses=("8", "Delivered"),
        payment_statuses=("paid",),
        timezone="Europe/Amsterdam",
    )


def test_a_day_begins_when_its_zone_first_shows_it() -> None:
    """In Beirut 26 March 2023 had no midnight: clocks went from 00:00 to 01:00."""
    plan = plan_of(with_plan(starting_from="2023-03-26", timezone="Asia/Beirut"))

    assert plan.starting_from == datetime(2023, 3, 25, 22, tzinfo=UTC)


@pytest.mark.parametrize("country", ["NO", "no"])
def test_norway_is_a_country(country: str) -> None:
    """Older YAML reads NO as false."""
    text = f"companies: [{{ref: 777, admin_company: acme, name: Shop, address: {{country: {country}, postcode: 0150}}}}]"

    address = read(text).configuration.companies["777"].address

    assert (address.country, address.postcode) == ("NO", "0150")


def test_a_time_of_day_needs_no_quotes() -> None:
    """Older YAML reads 09:30 as the number 570."""
    text = "companies: [{ref: 777, admin_company: a, name: S, address: {country: NL}, plan: {schedule: {every: day, at: 09:30}}}]"

    schedule = read(text).configuration.companies["777"].plan.schedule

    assert schedule is not None
    assert schedule.at == time(9, 30)


def test_numbers_keep_the_digits_they_are_written_with() -> None:
    """A price never passes through a float."""
    file = "price_lists: [{company: 777, currency: GBP, sku: TEE, unit_price: 0.10, from_quantity: 12}]"

    [price] = read(file).configuration.price_lists["777"]

    assert (str(price.unit_price), price.from_quantity) == ("0.10", Decimal(12))


def test_an_empty_value_counts_as_not_given() -> None:
    """``vat_number:`` is how people leave a field out."""
    assert read(with_company(vat_number=None, plan=None, currency=None)).configuration.companies["777"].currency == ""


def test_anchors_and_merges_save_writing() -> None:
    """What stands in an entry goes before what is merged into it."""
    text = """
companies:
- &one {ref: a, admin_company: acme, name: One, address: {country: NL}}
- {<<: *one, ref: b, name: Two}
"""
    companies = read(text).configuration.companies

    assert [(company.ref, company.name, company.admin_company) for company in companies.values()] == [
        ("a", "One", "acme"),
        ("b", "Two", "acme"),
    ]


def test_integrations_are_known_by_their_path() -> None:
    """A name tells several of one kind apart."""
    file = with_company(integrations=[MAILER, {**MAILER, "name": "archive", "enabled": False, "starting_from": "2026-01-01"}])

    integrations = read(file).configuration.integrations

    assert list(integrations) == ["777/pdf_emailer", "777/pdf_emailer/archive"]
    assert integrations["777/pdf_emailer/archive"].starting_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert integrations["777/pdf_emailer"].settings["email_to"] == "b@shop.example"


def test_a_file_without_price_lists_leaves_prices_alone() -> None:
    """And one with the section speaks for each of its companies, also for those without a price in it."""
    without = {key: value for key, value in a_file().items() if key != "price_lists"}

    assert read(without).configuration.price_lists == {}
    assert read({**without, "price_lists": []}).configuration.price_lists == {"777": ()}
    assert list(read({"price_lists": [{**PRICE, "company": "other"}]}).configuration.price_lists) == ["other"]


def test_a_logo_is_read_from_beside_the_file(tmp_path: Path) -> None:
    """And kept by its hash."""
    (tmp_path / "logo.png").write_bytes(PNG)

    declared = read(with_admin(logo="logo.png"), tmp_path)

    sha256 = hashlib.sha256(PNG).hexdigest()
    assert declared.configuration.admin_companies["acme"].logo_sha256 == sha256
    assert declared.assets == {sha256: PNG}


@pytest.mark.parametrize(("content", "words"), [(b"GIF89a", "neither PNG"), (PNG + b"0" * 512 * 1024, "larger than 512 KiB")])
def test_a_logo_that_cannot_be_printed_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    """Before it stands in the way of an invoice."""
    (tmp_path / "logo").write_bytes(content)

    assert words in mistakes_in(with_admin(logo="logo"), tmp_path)[0].text


def test_a_company_may_be_declared_apart_from_its_seller() -> None:
    """Whether the seller is known is asked on apply, where the store is known."""
    assert list(read({"companies": [COMPANY]}).configuration.companies) == ["777"]
