from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.configuration_mistakes import ConfigurationRefused
from tests.unit.entrypoints.configuration.support import (
    ADMIN,
    COMPANY,
    MAILER,
    PRICE,
    RATE,
    a_file,
    mistakes_in,
    read,
    with_admin,
    with_company,
    with_plan,
    with_settings,
)

FLOW = {"name": "web", "source": "777/jortt", "target": "501/fortnox"}
# The file, the path that must be named, and words that the sentence must have.
CASES: list[tuple[str, Any, str, str]] = [
    ("section", {**a_file(), "compnies": []}, "compnies", "Did you mean 'companies'?"),
    ("flow key", {**a_file(), "flows": [{**FLOW, "sorce": "777/jortt"}]}, "flows[web].sorce", "Did you mean 'source'?"),
    ("flow objects", {**a_file(), "flows": [{**FLOW, "objects": []}]}, "flows[web].objects", "at least 1 entry"),
    ("flow object", {**a_file(), "flows": [{**FLOW, "objects": ["order"]}]}, "flows[web].objects[0]", "Did you mean 'orders'?"),
    ("flow twice", {**a_file(), "flows": [FLOW, FLOW]}, "flows[web].name", "twice"),
    ("flow rhythm", {**a_file(), "flows": [{**FLOW, "schedule": {"every": "dispatch"}}]}, "flows[web]", "choose hour, day, week or month"),
    ("flow map", {**a_file(), "flows": [{**FLOW, "field_map": {"ref": "order.x"}}]}, "flows[web].field_map.ref", "itself sets this field"),
    (
        "flow map root",
        {**a_file(), "flows": [{**FLOW, "field_map": {"note": "ordr.x"}}]},
        "flows[web].field_map.note",
        "There is no 'ordr'",
    ),
    ("section type", a_file(companies={"ref": "777"}), "companies", "a list"),
    ("empty", "", "", "declares nothing"),
    ("entry type", a_file(companies=["777"]), "companies[0]", "a mapping"),
    ("required", a_file(companies=[{"ref": "777"}]), "companies[777].name", "required"),
    ("deep key", with_plan(layuot="combined"), "companies[777].plan.layuot", "Did you mean 'layout'?"),
    (
        "deeper key",
        with_plan(schedule={"every": "day", "tiem": "x"}),
        "companies[777].plan.schedule.tiem",
        "Known here: every, weekday, day, at, timezone.",
    ),
    ("weight", with_company(integrations=[{**MAILER, "weight": 11}]), "companies[777].integrations[pdf_emailer].weight", "10"),
    ("bank key", with_admin(bank={"ibna": "x"}), "admin_companies[acme].bank.ibna", "Did you mean 'iban'?"),
    ("choice", with_plan(bill_to="customers"), "companies[777].plan.bill_to", "Did you mean 'customer'?"),
    ("rhythm", with_plan(schedule={"every": "weekly"}), "companies[777].plan.schedule.every", "Did you mean 'week'?"),
    (
        "weekday",
        with_plan(schedule={"every": "week", "weekday": "sonday"}),
        "companies[777].plan.schedule.weekday",
        "Did you mean 'sunday'?",
    ),
    ("weekday of a month", with_plan(schedule={"every": "month", "weekday": "friday"}), "companies[777].plan.schedule", "every: month"),
    ("day of a week", with_plan(schedule={"every": "week", "day": 3}), "companies[777].plan.schedule", "'day' has no meaning"),
    ("time of a dispatch", with_plan(schedule={"every": "dispatch", "at": "09:00"}), "companies[777].plan.schedule", "'at' has no meaning"),
    ("day", with_plan(schedule={"every": "month", "day": 32}), "companies[777].plan.schedule.day", "31"),
    ("time of day", with_plan(schedule={"every": "day", "at": "9"}), "companies[777].plan.schedule.at", "09:30"),
    ("zone", with_plan(timezone="Europe/Amsterdm"), "companies[777].plan.timezone", "Did you mean 'Europe/Amsterdam'?"),
    ("two zones", with_plan(timezone="UTC", schedule={"every": "day", "timezone": "Asia/Tokyo"}), "companies[777].plan", "must be one"),
    ("start", with_plan(starting_from="2026-02-30"), "companies[777].plan.starting_from", "2026-01-31"),
    ("status", with_plan(billable_statuses=["Dispached"]), "companies[777].plan.billable_statuses[0]", "Did you mean 'Dispatched'?"),
    ("no status", with_plan(billable_statuses=[]), "companies[777].plan.billable_statuses", "at least 1"),
    ("payment status", with_plan(payment_statuses=["paid"]), "companies[777].plan", "bill_to: company"),
    ("terms", with_plan(payment_terms_days=-1), "companies[777].plan.payment_terms_days", "0"),
    ("currency", with_company(currency="GPB"), "companies[777].currency", "Did you mean 'GBP'?"),
    ("pence", with_company(currency="GBX"), "companies[777].currency", "Did you mean 'GBP'?"),
    ("country", with_company(address={"country": "UK"}), "companies[777].address.country", "Did you mean 'GB'?"),
    ("ref", with_company(ref="a/b"), "companies[a/b].ref", "no reference"),
    ("ref of a seller", with_company(ref="acme"), "companies[acme].ref", "is an admin company"),
    ("twice", a_file(companies=[COMPANY, COMPANY]), "companies[777].ref", "twice"),
    ("name", with_company(name="A\nB"), "companies[777].name", "one line"),
    ("mail address", with_company(email="shop"), "companies[777].email", "no mail address"),
    ("own VAT number", with_admin(vat_number="GB980780685"), "admin_companies[acme].vat_number", "no VAT number"),
    ("IBAN", with_admin(bank={"iban": "GB33BUKB20201555555556"}), "admin_companies[acme].bank.iban", "check digits"),
    ("format", with_admin(numbering={"format": "INV-{numbr}"}), "admin_companies[acme].numbering.format", "{number} once"),
    ("two fields", with_admin(numbering={"format": "{number}-{number}"}), "admin_companies[acme].numbering.format", "{number} once"),
    ("reaching out", with_admin(numbering={"format": "{number.__class__}"}), "admin_companies[acme].numbering.format", "{number} once"),
    ("no format", with_admin(numbering={"format": "INV-{number"}), "admin_companies[acme].numbering.format", "no format"),
    ("text in a number", with_admin(numbering={"format": "{number:x}"}), "admin_companies[acme].numbering.format", "{number} once"),
    ("same formats", with_admin(numbering={"credit_format": "INV-{number}"}), "admin_companies[acme].numbering", "must differ"),
    (
        "formats that meet",
        with_admin(numbering={"format": "A{number}", "credit_format": "A1{number}"}),
        "admin_companies[acme].numbering",
        "must differ",
    ),
    ("first", with_admin(numbering={"first": 0}), "admin_companies[acme].numbering.first", "1"),
    ("logo", with_admin(logo="missing.png"), "admin_companies[acme].logo", "cannot be read"),
    (
        "kind",
        with_company(integrations=[{"kind": "pdf_mailer"}]),
        "companies[777].integrations[pdf_mailer].kind",
        "Did you mean 'pdf_emailer'?",
    ),
    ("integration twice", with_company(integrations=[MAILER, MAILER]), "companies[777].integrations[pdf_emailer]", "a name of its own"),
    (
        "setting",
        with_settings(email_form="x"),
        "companies[777].integrations[pdf_emailer].settings.email_form",
        "Did you mean 'email_from'?",
    ),
    ("recipient", with_settings(email_bcc="a@b.example,nobody"), "companies[777].integrations[pdf_emailer].settings.email_bcc", "'nobody'"),
    ("no recipient", with_settings(email_to=""), "companies[777].integrations[pdf_emailer].settings", "Nobody would get"),
    ("template", with_settings(html_template="BROKEN"), "companies[777].integrations[pdf_emailer].settings.html_template", "Line 2"),
    (
        "secret",
        with_company(integrations=[{**MAILER, "secrets": {"pasword": "${X}"}}]),
        "companies[777].integrations[pdf_emailer].secrets.pasword",
        "no such secret",
    ),
    ("price", a_file(price_lists=[{**PRICE, "unit_price": "-1"}]), "price_lists[0].unit_price", "0"),
    ("price twice", a_file(price_lists=[PRICE, PRICE]), "price_lists[1]", "twice"),
    ("dates", a_file(price_lists=[{**PRICE, "valid_from": "2026-02-01", "valid_to": "2026-01-01"}]), "price_lists[0]", "before valid_from"),
    ("percent", a_file(tax_rates=[{**RATE, "rate": 20}]), "tax_rates[0].rate", "20 % as 0.20"),
    ("exempt", a_file(tax_rates=[{**RATE, "exempt_reason": "Art. 135"}]), "tax_rates[0]", "must be 0"),
    ("key twice", "companies:\n- ref: a\n  ref: b\n", "companies[0].ref", "twice"),
    ("no YAML", "companies: [\n", "", "not YAML"),
]


@pytest.mark.parametrize(("file", "path", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_mistake_is_named_with_its_path_and_what_would_be_right(file: object, path: str, words: str) -> None:
    """DESIGN 4.2: a wrong key is refused with "did you mean"."""
    found = {mistake.path: mistake.text for mistake in mistakes_in(file)}

    assert path in found
    assert words in found[path]


def test_mistakes_everywhere_in_a_file_are_told_together() -> None:
    """A mistake in one entry hides none in another, nor in the integrations of a company that is wrong itself."""
    file = a_file(
        companies=[{**COMPANY, "currency": "XXX", "integrations": [{**MAILER, "settings": {"email_form": "x"}}]}],
        tax_rates=[{**RATE, "rate": 20}],
        price_list=[],
    )

    assert {mistake.path for mistake in mistakes_in(file)} == {
        "companies[777].currency",
        "companies[777].integrations[pdf_emailer].settings.email_form",
        "tax_rates[0].rate",
        "price_list",
    }


def test_a_mistake_tells_its_line() -> None:
    """So that an editor can go there."""
    text = "companies:\n- ref: '777'\n  admin_company: acme\n  name: Shop\n  address: {country: NL}\n  plan:\n    layuot: combined\n"

    assert [(mistake.line, mistake.path) for mistake in mistakes_in(text)] == [(7, "companies[777].plan.layuot")]


def test_a_secret_written_into_the_file_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with secrets in it ends in a repository sooner or later."""
    from entrypoints.configuration import reader  # noqa: PLC0415
    from entrypoints.configuration.kinds.kind import Kind  # noqa: PLC0415
    from entrypoints.configuration.kinds.pdf_emailer import PdfEmailerSettings  # noqa: PLC0415

    monkeypatch.setattr(reader, "KINDS", {"pdf_emailer": Kind("pdf_emailer", PdfEmailerSettings, {"password": "of the server"})})
    file = with_company(integrations=[{**MAILER, "secrets": {"password": "hunter2"}}])

    found = mistakes_in(file)

    assert [mistake.path for mistake in found] == ["companies[777].integrations[pdf_emailer].secrets.password"]
    assert "hunter2" not in str(found)


YAML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


def slots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a file."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in slots(item, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The file with another value at a place."""
    if not path:
        return new
    value[path[0]] = put(value[path[0]], path[1:], new)
    return value


FULL = a_file(
    admin_companies=[{**ADMIN, "bank": {"iban": ""}, "numbering": {"format": "{number}"}, "logo": ""}],
    companies=[{**COMPANY, "plan": {"schedule": {"every": "week", "weekday": "monday", "at": "09:30"}, "billable_statuses": ["8"]}}],
)


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(slots(FULL)), value=YAML_VALUES)
def test_whatever_stands_in_a_file_it_is_read_or_refused(place: tuple[Any, ...], value: object) -> None:
    """No other error ever leaves the reader."""
    try:
        read(put(a_file(**FULL), place, value))
    except ConfigurationRefused as refused:
        assert refused.mistakes  # noqa: PT017 - a refusal is one of the two right answers


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>#'\" \n\t<0123%@`,?~", max_size=60))
def test_whatever_text_a_file_is_it_is_read_or_refused(text: str) -> None:
    """Anchors, tags, tabs: YAML has many corners."""
    try:
        read(text, Path())
    except ConfigurationRefused as refused:
        assert refused.mistakes  # noqa: PT017 - as above


def test_anchors_that_multiply_without_end_are_refused() -> None:
    """A few lines must not fill the memory."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9))]

    assert "repeats itself" in mistakes_in("\n".join(lines))[0].text


def test_an_anchor_inside_itself_is_refused() -> None:
    """YAML allows it; no configuration means it."""
    assert "repeats itself" in mistakes_in("companies: &a [*a]")[0].text
