"""What jortt keeps: organisations, each with its own customers, invoices and estimates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

Now = Callable[[], datetime]

_ZONE = ZoneInfo("Europe/Amsterdam")
DUTCH_RATES = ("0.21", "0.09", "0.00")


@dataclass
class Record:
    """One customer, invoice or estimate: the fields as answers show them, and what answers do not show."""

    fields: dict[str, Any]
    created_at: datetime
    deleted: bool = False
    # How many searches came since it was made: the index may lag behind.
    searches: int = 0

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.fields["id"])


@dataclass
class Document(Record):
    """An invoice or estimate. ``sending`` is how it is being sent, ``polls_left`` how many reads it still takes."""

    sending: str = ""
    mail_to: str = ""
    sending_since: datetime | None = None
    polls_left: int = 0


@dataclass(frozen=True, slots=True)
class Mail:
    """A document that jortt sent for its owner. ``by`` is email or peppol."""

    by: str
    to: str
    document_id: str
    number: str


@dataclass
class Organisation:
    """One administration. Tests set its switches directly.

    ``on_mkb_plan``: whether the API may be used · ``closed_years``: financial years that are closed · ``peppol``: whether it may send so ·
    ``rates``: VAT rates by the country of an EU consumer, used where ``one_stop_shop`` · ``exempt``: whether the category is offered.
    """

    name: str
    id: str = field(default_factory=lambda: str(uuid4()))
    on_mkb_plan: bool = True
    closed_years: set[int] = field(default_factory=set)
    peppol: bool = False
    one_stop_shop: bool = False
    exempt: bool = False
    rates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    payment_term: int = 30
    customers: dict[str, Record] = field(default_factory=dict)
    invoices: dict[str, Document] = field(default_factory=dict)
    estimates: dict[str, Document] = field(default_factory=dict)
    ledger_accounts: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    tradenames: list[dict[str, Any]] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    numbers_taken: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.ledger_accounts:
            root = ledger_account("Omzet", selectable=False)
            goods = ledger_account("Omzet goederen", root["ledger_account_id"])
            self.ledger_accounts += [root, goods, ledger_account("Verzendkosten", root["ledger_account_id"])]

    def next_number(self, kind: str, year: int) -> str:
        """The next number of a kind of document."""
        key = f"{kind}{year}"
        self.numbers_taken[key] = self.numbers_taken.get(key, 0) + 1
        return f"{year}-{self.numbers_taken[key]:04d}"


def ledger_account(name: str, parent: str | None = None, *, selectable: bool = True) -> dict[str, Any]:
    """An account of the tree; only selectable ones may be on a line."""
    return {"ledger_account_id": str(uuid4()), "parent_ledger_account_id": parent, "name": name, "selectable": selectable}


def stamp(moment: datetime) -> str:
    """A time as jortt writes it: ISO 8601 with the offset of Amsterdam."""
    return moment.astimezone(_ZONE).isoformat(timespec="milliseconds")


def today(now: Now) -> date:
    """The day in Amsterdam."""
    return now().astimezone(_ZONE).date()
