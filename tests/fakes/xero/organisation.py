"""One organisation in the fake: its settings, its records, and what tests may look at."""

import threading
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from application.ports.clock import Clock
from tests.fakes.xero.chart import ACCOUNTS, TAX_RATES, Account, TaxRate
from tests.fakes.xero.tables import Table
from tests.fakes.xero.wire import Body

DOCUMENTS = ("Invoices", "CreditNotes", "PurchaseOrders")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside an invoice or a credit note."""

    id: str
    document_id: str
    name: str
    media_type: str
    content: bytes
    include_online: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """What the owner of an organisation sets. No document may be dated on or before a lock date."""

    name: str
    base_currency: str
    currencies: tuple[str, ...]
    accounts: tuple[Account, ...]
    tax_rates: tuple[TaxRate, ...]
    time_zone: str = "Europe/London"
    country: str = "GB"
    period_lock_date: date | None = None
    end_of_year_lock_date: date | None = None

    @property
    def lock_date(self) -> date | None:
        """The later lock date."""
        return max((day for day in (self.period_lock_date, self.end_of_year_lock_date) if day is not None), default=None)


class Organisation:
    """Its records as plain dictionaries with the names of the API, amounts as Decimal, days as date, moments as datetime."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.tenant_id = str(uuid.uuid4())
        self.settings = settings
        # Held by whoever reads or writes, for the whole of a call: the fake is serializable, as the real one appears to be.
        self.lock = threading.RLock()
        self.attachments: list[Attachment] = []
        self.tables = _tables()
        self.opened_at = clock.now()
        self._clock = clock

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def invoices(self) -> list[Body]:
        """Sales invoices and bills, in the order of their creation."""
        return self.tables["Invoices"].rows()

    @property
    def credit_notes(self) -> list[Body]:
        return self.tables["CreditNotes"].rows()

    @property
    def purchase_orders(self) -> list[Body]:
        return self.tables["PurchaseOrders"].rows()

    @property
    def contacts(self) -> list[Body]:
        return self.tables["Contacts"].rows()

    @property
    def items(self) -> list[Body]:
        return self.tables["Items"].rows()

    def attachments_of(self, document_id: str) -> list[Attachment]:
        """The files of one document."""
        return [attachment for attachment in self.attachments if attachment.document_id == document_id]

    def effects(self, kinds: Iterable[str] = DOCUMENTS) -> Counter[str]:
        """How many documents were created under each number. Exactly one per document is what delivery promises."""
        return Counter(number for kind in kinds for number in self.tables[kind].created)

    def overwritten(self, kinds: Iterable[str] = DOCUMENTS) -> Counter[str]:
        """How often each number was changed after its creation, status changes and allocations among them."""
        return Counter(number for kind in kinds for number in self.tables[kind].overwritten)

    def lock_books(self, period: date | None = None, end_of_year: date | None = None) -> None:
        """Set the lock dates."""
        self.settings = replace(self.settings, period_lock_date=period, end_of_year_lock_date=end_of_year)

    def add_contact(self, name: str, **fields: object) -> Body:
        """A contact that somebody typed in. ``fields`` by the API's names (``EmailAddress``, ``ContactNumber``, ``ContactStatus``)."""
        contact: Body = {"ContactID": str(uuid.uuid4()), "ContactStatus": "ACTIVE", "Name": name, "UpdatedDateUTC": self.now(), **fields}
        with self.lock:
            self.tables["Contacts"].save(contact)
        return contact

    def pay(self, invoice_number: str, amount: str | None = None) -> Body:
        """Somebody paid an approved sales invoice: all that is due, or a part."""
        with self.lock:
            invoice = self.tables["Invoices"].owner_of(invoice_number)
            if invoice is None or invoice["Status"] != "AUTHORISED":
                raise ValueError(f"{invoice_number} is no approved sales invoice")
            paid = invoice["AmountDue"] if amount is None else Decimal(amount)
            left = invoice["AmountDue"] - paid
            settled = {"AmountPaid": invoice["AmountPaid"] + paid, "AmountDue": left, "Status": "AUTHORISED" if left else "PAID"}
            invoice = {**invoice, **settled, "UpdatedDateUTC": self.now()}
            self.tables["Invoices"].save(invoice)
        return invoice

    def add_item(self, code: str, *, price: str = "0", on_hand: str | None = None, unit_cost: str = "1") -> Body:
        """An item; tracked when ``on_hand`` says how many there are."""
        item: Body = {"ItemID": str(uuid.uuid4()), "Code": code, "Name": code, "UpdatedDateUTC": self.now()}
        item |= {"IsSold": True, "IsPurchased": True, "IsTrackedAsInventory": on_hand is not None}
        item["SalesDetails"] = {"UnitPrice": Decimal(price), "AccountCode": "200", "TaxType": "OUTPUT2"}
        item["PurchaseDetails"] = {"UnitPrice": Decimal(unit_cost), "TaxType": "INPUT2"}
        if on_hand is None:
            item["PurchaseDetails"]["AccountCode"] = "429"
        else:
            item["PurchaseDetails"]["COGSAccountCode"] = "310"
            pool = Decimal(on_hand) * Decimal(unit_cost)
            item |= {"InventoryAssetAccountCode": "630", "QuantityOnHand": Decimal(on_hand), "TotalCostPool": pool}
        with self.lock:
            self.tables["Items"].save(item)
        return item

    def now(self) -> datetime:
        return self._clock.now()

    def today(self) -> date:
        """The day in the organisation's time zone."""
        return self.now().astimezone(ZoneInfo(self.settings.time_zone)).date()

    def account(self, code: str) -> Account | None:
        return next((account for account in self.settings.accounts if account.code == code), None)

    def tax_rate(self, tax_type: str) -> TaxRate | None:
        return next((rate for rate in self.settings.tax_rates if rate.tax_type == tax_type), None)

    def snapshot(self) -> dict[str, Table]:
        """All tables as they are, for ``restore``."""
        return {kind: table.copy() for kind, table in self.tables.items()}

    def restore(self, earlier: dict[str, Table]) -> None:
        """Undo everything since the snapshot."""
        for kind, table in self.tables.items():
            table.restore(earlier[kind])


@dataclass(slots=True)
class Organisations:
    """All organisations of the fake, by tenant id."""

    clock: Clock
    all: dict[str, Organisation] = field(default_factory=dict)

    def add(self, settings: Settings) -> Organisation:
        """Open the books of another organisation."""
        organisation = Organisation(settings, self.clock)
        self.all[organisation.tenant_id] = organisation
        return organisation


def default_settings(name: str, base_currency: str = "GBP", currencies: Iterable[str] = ("GBP", "EUR")) -> Settings:
    """A company in the United Kingdom."""
    return Settings(name, base_currency, tuple(currencies), ACCOUNTS, TAX_RATES)


def _tables() -> dict[str, Table]:
    return {
        "Invoices": Table("InvoiceID", "InvoiceNumber", _sales_numbers),
        "CreditNotes": Table("CreditNoteID", "CreditNoteNumber", lambda record: _numbers(record, "CreditNoteNumber")),
        "PurchaseOrders": Table("PurchaseOrderID", "PurchaseOrderNumber", lambda record: _numbers(record, "PurchaseOrderNumber")),
        "Contacts": Table("ContactID", "Name", _contact_keys),
        "Items": Table("ItemID", "Code", lambda record: _numbers(record, "Code")),
    }


def _numbers(record: Body, name: str) -> list[str]:
    """A deleted draft gives its number back; a voided document keeps it."""
    return [record[name]] if record.get(name) and record.get("Status") != "DELETED" else []


def _sales_numbers(record: Body) -> list[str]:
    """Two suppliers may number their bills alike, so only sales invoices are unique."""
    return _numbers(record, "InvoiceNumber") if record["Type"] == "ACCREC" else []


def _contact_keys(record: Body) -> list[str]:
    """The name among active contacts, and the contact number."""
    active = [f"name {record['Name']}"] if record["ContactStatus"] == "ACTIVE" else []
    return active + ([f"number {record['ContactNumber']}"] if record.get("ContactNumber") else [])
