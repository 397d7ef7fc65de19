from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.accounting.xero.chart import read_chart, read_day

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
NAMES = st.sampled_from(
    ["Name", "Code", "Status", "SystemAccount", "Class", "TaxType", "EffectiveRate", "PeriodLockDate", "CanApplyToRevenue", "BaseCurrency"]
)
RECORDS = st.dictionaries(NAMES, JSON, max_size=6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/Date(1552262400000+1300)/", date(2019, 3, 11)),
        ("/Date(1552262400000)/", date(2019, 3, 11)),
        ("2026-11-30T00:00:00", date(2026, 11, 30)),
        ("2026-11-30", date(2026, 11, 30)),
        ("2026-13-45", None),
        ("soon", None),
        (None, None),
    ],
)
def test_days_are_read_in_each_of_their_forms(text: str | None, expected: date | None) -> None:
    """The offset is decoration; the milliseconds are UTC (facts: accounting-apis, C.8)."""
    assert read_day(text) == expected


@given(RECORDS, st.lists(RECORDS, max_size=3), st.lists(RECORDS, max_size=3), st.lists(RECORDS, max_size=3))
def test_any_answer_can_be_read(organisation: Any, accounts: Any, rates: Any, currencies: Any) -> None:
    chart = read_chart(organisation, accounts, rates, currencies)

    assert "" not in chart.accounts
    assert chart.rounding_account is None or chart.rounding_account.is_active


def test_the_account_for_roundings_is_found_by_what_it_is_and_not_by_its_code() -> None:
    accounts = [
        {"Code": "860", "Name": "Something else", "Status": "ACTIVE"},
        {"Code": "077", "Name": "Old", "Status": "ARCHIVED", "SystemAccount": "ROUNDING"},
        {"Code": "987", "Name": "Rounding", "Status": "ACTIVE", "SystemAccount": "ROUNDING"},
    ]

    rounding = read_chart({}, accounts, [], []).rounding_account

    assert rounding is not None
    assert rounding.code == "987"


def test_the_later_lock_date_counts() -> None:
    chart = read_chart({"PeriodLockDate": "2026-06-30T00:00:00", "EndOfYearLockDate": "2025-12-31"}, [], [], [])

    assert chart.locked_until == date(2026, 6, 30)


def test_the_base_currency_needs_no_entry_among_the_currencies() -> None:
    """Organisations with one currency list none."""
    assert read_chart({"BaseCurrency": "GBP"}, [], [], [{"Code": "EUR"}]).currencies == {"EUR", "GBP"}
