"""A company in the fake Fortnox: what its administrator set up, and what came in over the API."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.fakes.vendor_server import Clock

STOCKHOLM = ZoneInfo("Europe/Stockholm")

# What one unit of the currency costs in kronor, as the administrator's register has it.
CURRENCIES: Mapping[str, Decimal] = {
    "SEK": Decimal(1),
    "EUR": Decimal("11.25"),
    "USD": Decimal("10.4"),
    "GBP": Decimal("13.1"),
    "NOK": Decimal("0.98"),
    "DKK": Decimal("1.51"),
}
TERMS_OF_PAYMENT: Mapping[str, str] = {
    "0": "0 dagar",
    "10": "10 dagar",
    "14": "14 dagar",
    "15": "15 dagar",
    "20": "20 dagar",
    "30": "30 dagar",
    "AG": "Autogiro",
    "K": "Kontant",
    "PF": "Postförskott",
}
UNITS: Mapping[str, str] = {"h": "timmar", "km": "Kilometer", "st": "styck"}


class Kept(dict[str, Any]):
    """A document as Fortnox keeps it, and what only Fortnox knows of it."""

    def __init__(self, document: Mapping[str, Any], modified_at: datetime) -> None:
        super().__init__(document)
        self.modified_at = modified_at
        # The number of lists that do not show it yet.
        self.hidden_lists = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that cannot be taken back unseen: ``kind`` is created, changed, bookkept, emailed, ...; ``key`` is our reference."""

    tenant_id: str
    kind: str
    resource: str
    number: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class SentMail:
    """A message that Fortnox sent to a customer."""

    tenant_id: str
    resource: str
    number: str
    to: str
    subject: str
    body: str


@dataclass(slots=True)
class Company:
    """Settings first; then the registers by number, which tests read; then the counts."""

    tenant_id: str
    name: str
    clock: Clock
    url: str
    currencies: dict[str, Decimal]
    vat_rates: tuple[int, ...] = (25, 12, 6, 0)
    default_vat: int = 25
    terms_of_payment: dict[str, str] = field(default_factory=lambda: dict(TERMS_OF_PAYMENT))
    default_terms: str = "30"
    units: dict[str, str] = field(default_factory=lambda: dict(UNITS))
    whole_krona: bool = False
    easy_vat: bool = False
    locked_until: date | None = None
    missing_accounts: set[int] = field(default_factory=set)
    unlicensed_scopes: set[str] = field(default_factory=set)
    hidden_fields: set[str] = field(default_factory=set)
    customers: dict[str, Kept] = field(default_factory=dict)
    articles: dict[str, Kept] = field(default_factory=dict)
    invoices: dict[str, Kept] = field(default_factory=dict)
    orders: dict[str, Kept] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    emails_sent: list[SentMail] = field(default_factory=list)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused_calls: int = 0
    used_customer_numbers: set[str] = field(default_factory=set)
    row_ids: int = 0
    vouchers: int = 0

    def register(self, resource: str) -> dict[str, Kept]:
        """The register of that name in the address."""
        return {"customers": self.customers, "articles": self.articles, "invoices": self.invoices, "orders": self.orders}[resource]

    def today(self) -> date:
        """The date in Sweden."""
        return self.clock.now().astimezone(STOCKHOLM).date()

    def next_number(self, resource: str) -> str:
        """One more than the highest number so far; names among the numbers are passed over."""
        used = self.used_customer_numbers if resource == "customers" else set(self.register(resource))
        return str(max((int(number) for number in used if number.isdecimal()), default=0) + 1)

    def note(self, kind: str, resource: str, number: str) -> None:
        """Remember an effect on the document of that number."""
        document = self.register(resource).get(number, Kept({}, self.clock.now()))
        key = str(document.get("ExternalInvoiceReference1") or document.get("ExternalReference") or "")
        self.effects.append(Effect(self.tenant_id, kind, resource, number, key))
