"""The sample world must show every rule, and each of its orders must end as it promises."""

import os
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from adapters.documents.templates import SandboxedTemplates
from adapters.file_drop.key_pairs import SshKeyPairs
from adapters.oms.order_translator import KornitOrderTranslator, OmsTranslators
from adapters.vat_register.vat_register import ChecksumVatRegister
from application.configuration import Configuration
from application.judging import judge
from domain.errors import Invalid
from domain.invoicing.decision import Decision
from domain.orders.order import Order
from domain.orders.versions import Arrival, VersionMark, judge_arrival
from entrypoints.configuration.reader import ConfigurationReader
from entrypoints.demo.orders import EXPECTED, EXPECTED_DUPLICATES, EXPECTED_QUARANTINED, EXPECTED_STALE, messages

FOLDER = Path(str(files("entrypoints.demo")))
TRANSLATORS = OmsTranslators(KornitOrderTranslator(ChecksumVatRegister()))


@pytest.fixture(scope="module")
def configuration() -> Iterator[Configuration]:
    """The sample configuration, read as `apply` reads it."""
    templates = SandboxedTemplates()
    sample: dict[str, Any] = {
        "invoice": {"type": "Invoice", "number": "1", "total": "1.00", "currency": "GBP", "due_on": "2026-12-01", "orders": []},
        "company": {"name": "C"},
        "buyer": {"name": "B", "contact": ""},
        "seller": {"name": "S", "bank": {"name": "", "iban": ""}},
    }
    text = (FOLDER / "configuration.yaml").read_text(encoding="utf-8")
    yield ConfigurationReader(templates, ChecksumVatRegister(), sample, {}, SshKeyPairs())(text, FOLDER, os.environ).configuration
    templates.close()


def take_all() -> tuple[dict[str, Order], Counter[str]]:
    """The newest version of each order by ref, and how often what became of a message; read as the intake reads them."""
    newest: dict[str, tuple[VersionMark, Order]] = {}
    outcomes: Counter[str] = Counter()
    for message in messages():
        try:
            translator = TRANSLATORS.for_type(message.type)
            bodies = translator.split(message.body)
        except Invalid:
            outcomes["quarantined"] += 1
            continue
        for body in bodies:
            try:
                order = translator.translate(body)
            except Invalid:
                outcomes["quarantined"] += 1
                continue
            mark = VersionMark(order.version, order.updated_at, str(body))
            arrival = judge_arrival(newest[order.ref][0] if order.ref in newest else None, mark)
            outcomes[arrival] += 1
            if arrival is Arrival.ACCEPTED:
                newest[order.ref] = (mark, order)
    return {ref: order for ref, (_, order) in newest.items()}, outcomes


def test_each_order_ends_as_promised(configuration: Configuration) -> None:
    """The table of expected decisions is complete and right."""
    orders, _ = take_all()

    assert {ref: judge(order, configuration) for ref, order in orders.items()} == EXPECTED


def test_messages_are_set_aside_or_passed_over_as_promised() -> None:
    """Duplicates, an older version and what cannot be read."""
    orders, outcomes = take_all()

    assert outcomes["duplicate"] == EXPECTED_DUPLICATES
    assert outcomes["stale"] == EXPECTED_STALE
    assert outcomes["quarantined"] == EXPECTED_QUARANTINED
    assert outcomes["accepted"] >= len(orders) >= 60


def test_every_decision_is_shown_that_an_arriving_order_can_have() -> None:
    """The sample world leaves no rule out."""
    assert set(EXPECTED.values()) == set(Decision) - {Decision.INVOICED, Decision.CHANGED_AFTER_INVOICE, Decision.FROM_FLOW}


def test_the_messages_are_the_same_every_time() -> None:
    """So that running the demo twice invoices nothing twice."""
    assert list(messages()) == list(messages())


def test_the_companies_show_the_choices_of_a_plan(configuration: Configuration) -> None:
    """Three companies under two sellers, each with a mailer, a currency and a layout."""
    companies = configuration.companies.values()

    assert len(configuration.admin_companies) == 2
    assert {company.plan.bill_to.value for company in companies} == {"company", "customer"}
    assert {company.plan.layout.value for company in companies} == {"combined", "individual"}
    assert all(configuration.integrations_of(company.ref) for company in companies)
    assert all(seller.logo_sha256 for seller in configuration.admin_companies.values())


@pytest.mark.parametrize("logo", ["acme.svg", "nordtryck.svg"])
def test_a_logo_is_small(logo: str) -> None:
    """Under 10 KB."""
    assert (FOLDER / logo).stat().st_size < 10_000
