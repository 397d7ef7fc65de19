"""What an organisation has set up at Xero, as far as documents depend on it. Read from answers that may lack anything."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_MILLISECONDS = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# The flag of a tax rate for each class of accounts (facts: accounting-apis, B1.11 Tax).
_APPLIES = {
    "REVENUE": "CanApplyToRevenue",
    "EXPENSE": "CanApplyToExpenses",
    "ASSET": "CanApplyToAssets",
    "LIABILITY": "CanApplyToLiabilities",
    "EQUITY": "CanApplyToEquity",
}


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chart. ``system`` names what Xero itself books there."""

    code: str
    name: str
    type: str
    account_class: str
    is_active: bool
    system: str = ""


@dataclass(frozen=True, slots=True)
class TaxRate:
    """An active or inactive tax rate; ``classes`` are those of the accounts it may be used with."""

    tax_type: str
    name: str
    percent: Decimal
    is_active: bool
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """One organisation. ``locked_until`` is the last day that is closed."""

    name: str
    short_code: str
    country: str
    base_currency: str
    locked_until: date | None
    accounts: Mapping[str, Account]
    tax_rates: tuple[TaxRate, ...]
    currencies: frozenset[str]

    @property
    def rounding_account(self) -> Account | None:
        """The account Xero itself books roundings on; its code differs from one organisation to another."""
        return next((account for account in self.accounts.values() if account.system == "ROUNDING" and account.is_active), None)


def read_chart(
    organisation: Mapping[str, Any],
    accounts: Sequence[Mapping[str, Any]],
    tax_rates: Sequence[Mapping[str, Any]],
    currencies: Sequence[Mapping[str, Any]],
) -> Chart:
    """From the answers of /Organisation, /Accounts, /TaxRates and /Currencies."""
    locks = [read_day(organisation.get(name)) for name in ("PeriodLockDate", "EndOfYearLockDate")]
    base = text_of(organisation, "BaseCurrency")
    return Chart(
        name=text_of(organisation, "Name"),
        short_code=text_of(organisation, "ShortCode"),
        country=text_of(organisation, "CountryCode"),
        base_currency=base,
        locked_until=max((lock for lock in locks if lock is not None), default=None),
        accounts={account.code: account for account in map(_account, accounts) if account.code},
        tax_rates=tuple(map(_tax_rate, tax_rates)),
        currencies=frozenset({text_of(currency, "Code") for currency in currencies} | {base}) - {""},
    )


def read_day(value: object) -> date | None:
    """A day from ``/Date(ms+0000)/`` or ISO text; the offset of the former is decoration, the milliseconds are UTC."""
    text = str(value or "")
    found = _MILLISECONDS.match(text)
    if found:
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date()
    try:
        return date.fromisoformat(text[:10]) if _ISO_DAY.match(text) else None
    except ValueError:
        return None


def text_of(record: Mapping[str, Any], name: str) -> str:
    """A text; empty where there is none."""
    value = record.get(name)
    return value if isinstance(value, str) else ""


def decimal_of(record: Mapping[str, Any], name: str) -> Decimal | None:
    """An amount; None where there is none."""
    value = record.get(name)
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _account(record: Mapping[str, Any]) -> Account:
    return Account(
        text_of(record, "Code"),
        text_of(record, "Name"),
        text_of(record, "Type"),
        text_of(record, "Class"),
        text_of(record, "Status") in {"", "ACTIVE"},
        text_of(record, "SystemAccount"),
    )


def _tax_rate(record: Mapping[str, Any]) -> TaxRate:
    return TaxRate(
        text_of(record, "TaxType"),
        text_of(record, "Name"),
        decimal_of(record, "EffectiveRate") or Decimal(0),
        text_of(record, "Status") in {"", "ACTIVE"},
        frozenset(kind for kind, flag in _APPLIES.items() if record.get(flag) is True),
    )
