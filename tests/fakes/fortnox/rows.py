"""Rows of invoices and orders: rounded on the way in, filled from the article, with VAT as the company and the customer have it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.fakes.fortnox.amounts import decimal, half_up, number, row_amounts, text
from tests.fakes.fortnox.company import Company
from tests.fakes.fortnox.errors import UNDOCUMENTED, Refused, not_known, unknown_field, wrong_length

ROWS_MAX = 500
_DESCRIPTION_MAX = 255
_ACCOUNT_MIN, _ACCOUNT_MAX = 1000, 9999
_VAT_OF_CODE = {"MP1": 25, "MP2": 12, "MP3": 6, "MF": 0}
# Customers whose documents carry no Swedish VAT, and the account their sales go to.
_WITHOUT_VAT = {"SEREVERSEDVAT": 3231, "EUREVERSEDVAT": 3108, "EXPORT": 3105}
_READ_ONLY = {"Total", "TotalExcludingVAT", "PriceExcludingVAT", "ContributionPercent", "ContributionValue", "Cost", "ReservedQuantity"}
_TEXTS = ("CostCenter", "Project", "HouseWorkType", "StockPointCode", "HouseWorkHoursToReport", "HouseWork")

Row = dict[str, Any]


def rows_of(company: Company, payload: Any, before: list[Row], template: Mapping[str, Any], vat_type: str) -> list[Row]:
    """The rows to keep: those of the request, in which a row that names the id of one from before starts from that one."""
    if not isinstance(payload, list) or not all(isinstance(row, dict) for row in payload):
        raise Refused(2001392, "Raderna saknas eller har fel format.")
    if any(isinstance(value, (list, dict)) for row in payload for value in row.values()):
        raise Refused(2001392, "Raderna har fel format.")
    if len(payload) > ROWS_MAX:
        raise Refused(UNDOCUMENTED, f"Dokumentet får ha högst {ROWS_MAX} rader.")
    by_id = {row["RowId"]: row for row in before}
    return [_row(company, row, _start(row, by_id, template), vat_type) for row in payload]


def _start(asked: Row, by_id: Mapping[int, Row], template: Mapping[str, Any]) -> Row:
    if "RowId" not in asked:
        return dict(template)
    if asked["RowId"] not in by_id:
        raise Refused(UNDOCUMENTED, f"Raden {asked['RowId']} finns inte.")
    return dict(by_id[asked["RowId"]])


def _row(company: Company, asked: Row, row: Row, vat_type: str) -> Row:
    given = {name: value for name, value in asked.items() if value not in ("", None)}
    for name in asked:
        if name not in row and name not in _READ_ONLY:
            raise unknown_field(name)
    _take_article(company, given, row)
    _take_texts(company, given, row)
    _take_numbers(given, row)
    _take_vat(company, given, row, vat_type)
    company.row_ids += 1
    row["RowId"] = company.row_ids
    return row


def _take_article(company: Company, given: Row, row: Row) -> None:
    if "ArticleNumber" not in given:
        return
    article = company.articles.get(str(given["ArticleNumber"]))
    if article is None:
        raise Refused(2001302, "Kan inte hitta artikeln.")
    row |= {"ArticleNumber": article["ArticleNumber"], "Description": article["Description"], "Unit": article["Unit"] or ""}
    row |= {"AccountNumber": article["SalesAccount"], "VAT": int(article["VAT"])}


def _take_texts(company: Company, given: Row, row: Row) -> None:
    row["Description"] = str(given.get("Description", row["Description"]))
    if len(row["Description"]) > _DESCRIPTION_MAX:
        raise wrong_length("Description", _DESCRIPTION_MAX)
    row["Unit"] = given.get("Unit", row["Unit"])
    if row["Unit"] and row["Unit"] not in company.units:
        raise not_known("units")
    row |= {name: given[name] for name in _TEXTS if name in given}


def _take_numbers(given: Row, row: Row) -> None:
    # Rounded without a word, as recorded: 1.125 pieces become 1.13.
    for name in ("DeliveredQuantity", "OrderedQuantity"):
        if name in given:
            row[name] = text(half_up(decimal(given[name], name)))
    for name in ("Price", "Discount"):
        if name in given:
            row[name] = number(half_up(decimal(given[name], name)))
    row["DiscountType"] = given.get("DiscountType", row["DiscountType"])
    if row["DiscountType"] not in {"AMOUNT", "PERCENT"}:
        raise Refused(UNDOCUMENTED, "Ogiltig rabattyp.")


def _take_vat(company: Company, given: Row, row: Row, vat_type: str) -> None:
    rate = _rate(given, row, company)
    custom = company.easy_vat and rate not in company.vat_rates
    if custom and "AccountNumber" not in given:
        raise Refused(2004167, "Ett konto måste anges för en egen momssats.")
    if rate not in company.vat_rates and not custom:
        raise Refused(UNDOCUMENTED, "Kunde inte hämta/hitta moms.")
    row["VAT"] = 0 if vat_type in _WITHOUT_VAT else rate
    usual = _WITHOUT_VAT.get(vat_type, row["AccountNumber"])
    row["AccountNumber"] = int(decimal(given.get("AccountNumber", usual), "AccountNumber"))
    row["VATCode"] = given.get("VATCode", row["VATCode"])
    if row["AccountNumber"] in company.missing_accounts or not _ACCOUNT_MIN <= row["AccountNumber"] <= _ACCOUNT_MAX:
        raise Refused(2001304, f"Kan inte hitta kontot {row['AccountNumber']}.")


def _rate(given: Row, row: Row, company: Company) -> int:
    if "VATCode" in given:
        if given["VATCode"] not in _VAT_OF_CODE:
            raise Refused(UNDOCUMENTED, "Kunde inte hämta/hitta moms.")
        return _VAT_OF_CODE[given["VATCode"]]
    if "VAT" in given:
        rate = decimal(given["VAT"], "VAT")
        return int(rate) if rate == int(rate) else -1
    known = row["ArticleNumber"] or row["RowId"]
    return int(row["VAT"]) if known else company.default_vat


def priced(row: Row, quantity_field: str, *, vat_included: bool) -> tuple[Decimal, Decimal]:
    """Put the row's totals into it; the net and the VAT are told."""
    amounts = row_amounts(row, Decimal(row[quantity_field]), vat_included=vat_included)
    row["Total"] = number(amounts.total)
    if "TotalExcludingVAT" in row:
        row |= {"TotalExcludingVAT": number(amounts.net), "PriceExcludingVAT": number(amounts.price_excluding_vat)}
    return amounts.net, amounts.vat
