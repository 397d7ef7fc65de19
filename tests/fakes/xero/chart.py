"""The accounts and tax rates of an organisation: what a new one in the United Kingdom has, cut down to what matters."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tests.fakes.xero.wire import Body

_CLASSES: Mapping[str, str] = {
    "BANK": "ASSET",
    "CURRENT": "ASSET",
    "INVENTORY": "ASSET",
    "FIXED": "ASSET",
    "CURRLIAB": "LIABILITY",
    "LIABILITY": "LIABILITY",
    "EQUITY": "EQUITY",
    "REVENUE": "REVENUE",
    "SALES": "REVENUE",
    "OTHERINCOME": "REVENUE",
    "EXPENSE": "EXPENSE",
    "DIRECTCOSTS": "EXPENSE",
    "OVERHEADS": "EXPENSE",
}
_APPLIES = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}
_SALES = frozenset({"REVENUE"})
_PURCHASES = frozenset({"EXPENSE", "ASSET", "LIABILITY"})
_ALL = frozenset(_APPLIES)


@dataclass(frozen=True, slots=True)
class Account:
    """A ledger account. ``system`` names what Xero itself books there: such accounts take no lines, but for ROUNDING."""

    code: str
    name: str
    kind: str
    tax_type: str = "NONE"
    system: str | None = None
    status: str = "ACTIVE"

    @property
    def account_class(self) -> str:
        return _CLASSES[self.kind]

    @property
    def takes_lines(self) -> bool:
        return self.status == "ACTIVE" and self.kind != "BANK" and self.system in {None, "ROUNDING"}

    def shown(self) -> Body:
        """As the API shows it."""
        return {
            "AccountID": str(uuid.uuid5(uuid.NAMESPACE_OID, f"account {self.code}")),
            "Code": self.code,
            "Name": self.name,
            "Status": self.status,
            "Type": self.kind,
            "TaxType": self.tax_type,
            "Class": self.account_class,
            "SystemAccount": self.system,
            "EnablePaymentsToAccount": False,
            "ShowInExpenseClaims": False,
            "HasAttachments": False,
            "AddToWatchlist": False,
        }


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate in percent, and the classes of accounts it may be used with."""

    tax_type: str
    name: str
    percent: Decimal
    classes: frozenset[str] = _SALES
    status: str = "ACTIVE"

    def applies_to(self, account: Account) -> bool:
        return self.status == "ACTIVE" and account.account_class in self.classes

    def shown(self) -> Body:
        """As the API shows it."""
        component = {"Name": "VAT", "Rate": self.percent, "IsCompound": False, "IsNonRecoverable": False}
        rates = {"DisplayTaxRate": self.percent, "EffectiveRate": self.percent}
        head = {"Name": self.name, "TaxType": self.tax_type, "Status": self.status, "TaxComponents": [component]}
        return head | {name: kind in self.classes for kind, name in _APPLIES.items()} | rates


ACCOUNTS = (
    Account("090", "Business Bank Account", "BANK"),
    Account("200", "Sales", "REVENUE", "OUTPUT2"),
    Account("260", "Other Revenue", "OTHERINCOME", "OUTPUT2"),
    Account("310", "Cost of Goods Sold", "DIRECTCOSTS", "INPUT2"),
    Account("425", "Postage, Freight & Courier", "EXPENSE", "INPUT2"),
    Account("429", "General Expenses", "EXPENSE", "INPUT2"),
    Account("499", "Closed Expenses", "EXPENSE", "INPUT2", status="ARCHIVED"),
    Account("610", "Accounts Receivable", "CURRENT", system="DEBTORS"),
    Account("630", "Inventory", "INVENTORY"),
    Account("800", "Accounts Payable", "CURRLIAB", system="CREDITORS"),
    Account("820", "VAT", "CURRLIAB", system="GST"),
    Account("860", "Rounding", "CURRLIAB", system="ROUNDING"),
)
_TWENTY, _FIVE, _ZERO = Decimal("20.0000"), Decimal("5.0000"), Decimal("0.0000")
TAX_RATES = (
    TaxRate("OUTPUT2", "20% (VAT on Income)", _TWENTY),
    TaxRate("RROUTPUT", "5% (VAT on Income)", _FIVE),
    TaxRate("SROUTPUT", "17.5% (VAT on Income)", Decimal("17.5000"), status="DELETED"),
    TaxRate("ZERORATEDOUTPUT", "Zero Rated Income", _ZERO),
    TaxRate("ECZROUTPUT", "Zero Rated EC Goods Income", _ZERO),
    TaxRate("ECZROUTPUTSERVICES", "Zero Rated EC Services", _ZERO),
    TaxRate("EXEMPTOUTPUT", "Exempt Income", _ZERO),
    TaxRate("NONE", "No VAT", _ZERO, _ALL),
    TaxRate("INPUT2", "20% (VAT on Expenses)", _TWENTY, _PURCHASES),
    TaxRate("RRINPUT", "5% (VAT on Expenses)", _FIVE, _PURCHASES),
    TaxRate("ZERORATEDINPUT", "Zero Rated Expenses", _ZERO, _PURCHASES),
    TaxRate("EXEMPTINPUT", "Exempt Expenses", _ZERO, _PURCHASES),
)
