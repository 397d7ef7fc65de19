from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from application.configuration import Configuration
from application.configuration_diff import compare
from application.queries.export_configuration import ExportedConfiguration
from domain.companies.plan import BillTo, Layout, Plan
from domain.companies.schedule import Every, Schedule
from domain.pricing.price_list import PriceBreak
from domain.pricing.tax_rates import Supply, TaxRate
from entrypoints.configuration.writer import write_configuration
from tests.unit.entrypoints.configuration.support import MAILER, a_file, read, with_company

ZONES = st.sampled_from(["UTC", "Europe/London", "Asia/Beirut", "Pacific/Apia"])
MOMENTS = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - bounds are naive
    lambda at: at.replace(second=0, microsecond=0)
)
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
SCHEDULES = st.one_of(
    st.builds(Schedule, st.just(Every.WEEK), TIMES, st.integers(0, 6)),
    st.builds(Schedule, st.just(Every.MONTH), TIMES, day=st.integers(1, 31)),
    st.builds(Schedule, st.sampled_from([Every.HOUR, Every.DAY]), TIMES),
    st.just(Schedule(Every.DISPATCH)),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    zone = draw(ZONES)
    schedule = draw(st.none() | SCHEDULES)
    bill_to = draw(st.sampled_from(BillTo))
    return Plan(
        enabled=draw(st.booleans()),
        starting_from=draw(MOMENTS),
        include_orders_with_errors=draw(st.booleans()),
        bill_to=bill_to,
        layout=draw(st.sampled_from(Layout)),
        schedule=schedule and replace(schedule, timezone=zone),
        next_invoice_at=draw(MOMENTS),
        payment_terms_days=draw(st.integers(0, 365)),
        billable_statuses=draw(st.sampled_from([Plan().billable_statuses, ("8",), ("Delivered", "64")])),
        payment_statuses=("paid",) if bill_to is BillTo.CUSTOMER else (),
        timezone=zone,
    )


PRICES = st.builds(
    PriceBreak,
    st.just("GBP"),
    st.sampled_from(["TEE", "1e5", "null", "007", "é, ü: #"]),
    st.decimals(0, 1000, places=4),
    st.decimals(1, 100, places=0),
    st.sampled_from(["", "standard"]),
    st.none() | st.dates(date(2020, 1, 1), date(2025, 1, 1)),
    st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)),
)


def reread(configuration: Configuration) -> Configuration:
    return read(write_configuration(ExportedConfiguration(configuration, {}))).configuration


@settings(max_examples=150, deadline=None)
@given(
    plan=plans(),
    prices=st.lists(PRICES, max_size=4, unique_by=lambda price: (price.sku, price.from_quantity, price.valid_from, price.valid_to)),
)
def test_what_was_written_reads_as_what_it_was(plan: Plan, prices: list[PriceBreak]) -> None:
    """Applying an export changes nothing."""
    before = read(a_file()).configuration
    company = replace(before.companies["777"], plan=plan)
    wanted = replace(before, companies={"777": company}, price_lists={"777": tuple(prices)} if prices else {})

    after = reread(wanted)

    assert list(compare(wanted, after)) == []
    assert wanted == after


def test_rates_with_all_their_parts_come_back() -> None:
    """Exemptions and services too."""
    rate = TaxRate("NL", "zero", Decimal("0.00"), "Art. 135", Supply.SERVICES, date(2026, 1, 1), date(2026, 12, 31))
    wanted = replace(read(a_file()).configuration, tax_rates={"NL": (rate,)})

    assert reread(wanted).tax_rates == {"NL": (rate,)}


def test_a_weight_comes_back_and_the_usual_one_is_not_written() -> None:
    """So that an export says what was chosen."""
    configuration = read(with_company(integrations=[{**MAILER, "name": "main", "weight": 3}, MAILER])).configuration

    text = write_configuration(ExportedConfiguration(configuration, {}))

    assert [integration.weight for integration in reread(configuration).integrations.values()] == [3, 1]
    assert text.count("weight:") == 1


def test_secrets_leave_as_the_names_of_variables_only() -> None:
    """A comment at the top tells which."""
    configuration = read(with_company(integrations=[{**MAILER, "name": "main"}])).configuration

    text = write_configuration(ExportedConfiguration(configuration, {"777/pdf_emailer/main": ("password",)}))

    assert "password: ${SECRET_777_PDF_EMAILER_MAIN_PASSWORD}" in text
    assert "#   SECRET_777_PDF_EMAILER_MAIN_PASSWORD  (777/pdf_emailer/main)" in text


def test_the_configuration_of_an_empty_house_is_empty() -> None:
    """And still says what it is."""
    assert write_configuration(ExportedConfiguration(Configuration(), {})).startswith("# Billhook configuration, revision 0")
