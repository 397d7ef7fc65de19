"""The fields of Fortnox's documents with the values they have where nobody says otherwise, their lengths, and how changes are taken."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.fakes.fortnox.amounts import decimal, number
from tests.fakes.fortnox.errors import UNDOCUMENTED, Refused, unknown_field, wrong_length

BLANK = "API_BLANK"
NO_RIGHT = "API_NORIGHT"

Document = dict[str, Any]


def _each(names: str, value: Any) -> Document:
    return dict.fromkeys(names.split(), value)


CUSTOMER: Mapping[str, Any] = {
    **_each("Address1 Address2 City Comments CostCenter Country CountryCode Fax Phone1 Phone2 ZipCode ExternalReference", None),
    **_each("DeliveryAddress1 DeliveryAddress2 DeliveryCity DeliveryCountry DeliveryCountryCode DeliveryFax DeliveryName", None),
    **_each("DeliveryPhone1 DeliveryPhone2 DeliveryZipCode GLN GLNDelivery SalesAccount", None),
    **_each("VisitingAddress VisitingCity VisitingCountry VisitingCountryCode VisitingZipCode", None),
    **_each("Email EmailInvoice EmailInvoiceBCC EmailInvoiceCC EmailOffer EmailOfferBCC EmailOfferCC EmailOrder", ""),
    **_each("EmailOrderBCC EmailOrderCC InvoiceRemark OrganisationNumber OurReference YourReference Project", ""),
    **_each("TermsOfDelivery TermsOfPayment VATNumber WayOfDelivery WWW", ""),
    **_each("InvoiceAdministrationFee InvoiceDiscount InvoiceFreight", None),
    "Active": True,
    "CustomerNumber": "",
    "Currency": "SEK",
    "DefaultDeliveryTypes": {"Invoice": "PRINT", "Order": "PRINT", "Offer": "PRINT"},
    "DefaultTemplates": dict.fromkeys(("Order", "Offer", "Invoice", "CashInvoice"), "DEFAULTTEMPLATE"),
    "Name": "",
    "PriceList": "A",
    "ShowPriceVATIncluded": False,
    "Type": "COMPANY",
    "VATType": "SEVAT",
}

ARTICLE: Mapping[str, Any] = {
    **_each("Bulky Housework StockGoods WebshopArticle Expired", False),
    **_each("ConstructionAccount Depth DisposableQuantity Height PurchasePrice QuantityInStock ReservedQuantity", 0),
    **_each("StockValue StockWarning Weight Width", 0),
    **_each("EAN ManufacturerArticleNumber Note", ""),
    **_each("HouseworkType Manufacturer StockPlace SupplierName SupplierNumber Unit SalesPrice CostCalculationMethod StockAccount", None),
    **_each("StockChangeAccount DirectCost FreightCost OtherCost DefaultStockPoint DefaultStockLocation", None),
    "Active": True,
    "ArticleNumber": "",
    "Description": "",
    "EUAccount": 3108,
    "EUVATAccount": 3106,
    "ExportAccount": 3105,
    "PurchaseAccount": 4000,
    "SalesAccount": 3001,
    "Type": "STOCK",
    "VAT": 25,
}

_EMAIL: Mapping[str, Any] = {
    **_each("EmailAddressFrom EmailAddressCC EmailAddressBCC", None),
    "EmailAddressTo": "",
    "EmailSubject": "",
    "EmailBody": " ",
}

_DOCUMENT: Mapping[str, Any] = {
    **_each("AdministrationFee AdministrationFeeVAT BasisTaxReduction ContributionPercent ContributionValue Freight FreightVAT", 0),
    **_each("Gross Net RoundOff Total TotalToPay TotalVAT", 0),
    **_each("Address1 Address2 City Comments CostCenter Country CustomerName CustomerNumber DeliveryAddress1 DeliveryAddress2", ""),
    **_each("DeliveryCity DeliveryCountry DeliveryName DeliveryZipCode ExternalInvoiceReference1 ExternalInvoiceReference2", ""),
    **_each("OrganisationNumber OurReference Phone1 Phone2 Project Remarks TermsOfDelivery WayOfDelivery", ""),
    **_each("YourOrderNumber YourReference ZipCode", ""),
    **_each("Cancelled HouseWork NotCompleted Sent VATIncluded", False),
    **_each("DeliveryDate TaxReduction TimeBasisReference OutboundDate", None),
    "Currency": "SEK",
    "CurrencyRate": 1,
    "CurrencyUnit": 1,
    "DocumentNumber": "",
    "EmailInformation": _EMAIL,
    "Labels": [],
    "Language": "SV",
    "OfferReference": "0",
    "PriceList": "A",
    "TaxReductionType": "none",
    "TermsOfPayment": "",
    "WarehouseReady": True,
}

INVOICE: Mapping[str, Any] = {
    **_DOCUMENT,
    "AccountingMethod": "ACCRUAL",
    "Balance": 0,
    "Booked": False,
    "ContractReference": "0",
    "Credit": "false",
    "CreditInvoiceReference": "0",
    "DueDate": "",
    "EDIInformation": _each(
        "EDIGlobalLocationNumber EDIGlobalLocationNumberDelivery EDIInvoiceExtra1 EDIInvoiceExtra2 EDIOurElectronicReference "
        "EDIYourElectronicReference EDIStatus",
        None,
    ),
    "EUQuarterlyReport": False,
    "FinalPayDate": None,
    "InvoiceDate": "",
    "InvoicePeriodEnd": "",
    "InvoicePeriodStart": "",
    "InvoiceReference": "0",
    "InvoiceRows": [],
    "InvoiceType": "INVOICE",
    "LastRemindDate": None,
    "NoxFinans": False,
    "OCR": "",
    "OrderReference": "0",
    "PaymentWay": "",
    "PrintTemplate": "st",
    "Reminders": 0,
    "VoucherNumber": None,
    "VoucherSeries": None,
    "VoucherYear": None,
}

ORDER: Mapping[str, Any] = {
    **_DOCUMENT,
    "CopyRemarks": False,
    "DeliveryState": "delivery",
    "InvoiceReference": "0",
    "OrderDate": "",
    "OrderRows": [],
    "OrderType": "Order",
    "PrintTemplate": "oc",
    "StockPointCode": None,
    "StockPointId": None,
}

INVOICE_ROW: Mapping[str, Any] = {
    "AccountNumber": 3001,
    "ArticleNumber": "",
    "ContributionPercent": "0",
    "ContributionValue": "0",
    "Cost": 0,
    "CostCenter": "",
    "DeliveredQuantity": "0",
    "Description": "",
    "Discount": 0,
    "DiscountType": "PERCENT",
    "HouseWork": False,
    "HouseWorkHoursToReport": None,
    "HouseWorkType": None,
    "Price": 0,
    "PriceExcludingVAT": 0,
    "Project": "",
    "RowId": 0,
    "StockPointCode": None,
    "Total": 0,
    "TotalExcludingVAT": 0,
    "Unit": "",
    "VAT": 0,
    "VATCode": None,
}

ORDER_ROW: Mapping[str, Any] = {
    **{name: value for name, value in INVOICE_ROW.items() if name not in {"Cost", "PriceExcludingVAT", "TotalExcludingVAT"}},
    "OrderedQuantity": "0",
    "ReservedQuantity": "0",
    "StockPointId": None,
}

# Named in a request they are passed over: Fortnox alone sets them.
READ_ONLY = frozenset(
    "@url @urlTaxReductionList AdministrationFeeVAT FreightVAT Gross Net RoundOff Total TotalToPay TotalVAT Balance Booked Cancelled Sent "
    "ContributionPercent ContributionValue Credit VoucherNumber VoucherSeries VoucherYear SalesPrice HouseWork "
    "QuantityInStock ReservedQuantity DisposableQuantity StockValue InvoiceReference OrderReference OfferReference WarehouseReady "
    "TaxReduction BasisTaxReduction TimeBasisReference FinalPayDate LastRemindDate Reminders NoxFinans AccountingMethod".split()
)

# Numbers that are empty at first; other numbers are told by their default.
_NUMERIC = frozenset("InvoiceDiscount StockAccount StockChangeAccount DirectCost FreightCost OtherCost".split())

_LENGTHS: Mapping[str, int] = {
    **_each("OurReference YourReference ArticleNumber", 50),
    **_each("ExternalInvoiceReference1 ExternalInvoiceReference2", 80),
    **_each("EmailSubject", 100),
    **_each("EmailBody", 20_000),
    **_each("Description", 200),
    **_each("YourOrderNumber", 75),
    **_each("CountryCode DeliveryCountryCode VisitingCountryCode", 2),
    **_each("ZipCode DeliveryZipCode VisitingZipCode", 10),
    **_each("GLN GLNDelivery", 13),
    **_each("SalesAccount", 4),
    **_each("VisitingAddress VisitingCity VisitingCountry WWW", 128),
}
_LENGTH_MAX = 1024
_EXACT_LENGTH = {"CountryCode", "DeliveryCountryCode", "VisitingCountryCode", "GLN", "GLNDelivery", "SalesAccount"}

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "DeliveryState": ("registration", "reservation", "delivery"),
    "InvoiceType": ("INVOICE", "AGREEMENTINVOICE", "INTRESTINVOICE", "SUMMARYINVOICE", "CASHINVOICE"),
    "Language": ("SV", "EN"),
    "PaymentWay": ("CASH", "CARD", "AG"),
    "TaxReductionType": ("none", "rot", "rut", "green"),
    "Type": ("PRIVATE", "COMPANY", "STOCK", "SERVICE"),
    "VATType": ("SEVAT", "SEREVERSEDVAT", "EUREVERSEDVAT", "EUVAT", "EXPORT"),
}


def apply(target: Document, changes: Mapping[str, Any], template: Mapping[str, Any], passed_over: Iterable[str] = ()) -> None:
    """Take a request's fields. Empty text and null change nothing; ``API_BLANK`` empties. Read-only fields are passed over."""
    skip = READ_ONLY | set(passed_over)
    for name, value in changes.items():
        if name not in template and name not in skip:
            raise unknown_field(name)
        if name in skip or value in ("", None):
            continue
        target[name] = _taken(name, value, target.get(name), template[name])


def _taken(name: str, value: Any, before: Any, default: Any) -> Any:
    if value == BLANK:
        return default
    if isinstance(default, Mapping):
        if not isinstance(value, Mapping):
            raise Refused(2001392, f"Felaktigt värde i fältet {name}.")
        inner = dict(before or default)
        apply(inner, value, default)
        return inner
    if isinstance(default, bool):
        return _boolean(name, value)
    if name in _NUMERIC or isinstance(default, int):
        return number(decimal(value, name))
    if isinstance(default, list):
        return list(value) if isinstance(value, list) else default
    return _text(name, value)


def chosen_number(name: str, wanted: Any, next_number: str) -> str:
    """The number of a new entry: the caller's own, else the next."""
    return _text(name, wanted) if wanted not in ("", None) else next_number


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Refused(2000134, f"Värdet i fältet {name} måste vara sant eller falskt.")


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Refused(2000106, f"Värdet i fältet {name} måste vara alfanumeriskt.")
    length_max = _LENGTHS.get(name, _LENGTH_MAX)
    if len(value) > length_max or (name in _EXACT_LENGTH and len(value) < length_max):
        raise wrong_length(name, length_max)
    if name in _CHOICES and value not in _CHOICES[name]:
        raise Refused(UNDOCUMENTED, f"Ogiltigt värde i fältet {name}.")
    return value


def refuse_odd_characters(document: Any) -> None:
    """Control characters and those beyond the Basic Multilingual Plane (emoji) are refused anywhere in a document."""
    match document:
        case str():
            if any((char < " " and char not in "\n\r\t") or char == "\x7f" or char > "\uffff" for char in document):
                raise Refused(2000359, "Värdet innehåller ogiltiga tecken.")
        case list():
            for item in document:
                refuse_odd_characters(item)
        case dict():
            for item in document.values():
                refuse_odd_characters(item)
