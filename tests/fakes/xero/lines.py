"""The lines of a document: what an item fills in, which accounts and tax rates fit, and what they come to."""

import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from tests.fakes.xero.amounts import decimal_of, priced
from tests.fakes.xero.chart import Account
from tests.fakes.xero.organisation import Organisation
from tests.fakes.xero.wire import Body

_DESCRIPTION_MAX = 4000
_UNKNOWN_RATE = Decimal(0)


@dataclass(frozen=True, slots=True)
class LineRules:
    """How the lines of one document are read. ``is_sale``: for a customer; ``coded``: every line needs an account by now."""

    organisation: Organisation
    amount_types: str
    unit_decimals: int
    is_sale: bool
    coded: bool
    discounts: bool


@dataclass(slots=True)
class Lines:
    """Lines as they will be saved, and what is wrong with them: for the whole document, and for the text of each line."""

    lines: list[Body] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    text_problems: dict[int, str] = field(default_factory=dict)


def read_lines(sent: list[Body], rules: LineRules) -> Lines:
    """Check and price the lines that were sent."""
    read = Lines()
    if not sent:
        read.problems.append("One or more line items must be specified")
    for place, line in enumerate(sent):
        filled = {"LineItemID": str(uuid.uuid4()), **_filled(line, rules)}
        problem = _text_problem(filled)
        if problem:
            read.text_problems[place] = problem
        read.problems += [text for text in _problems(filled, rules) if text not in read.problems]
        read.lines.append(_priced(filled, line, rules, read.problems))
    return read


def _filled(line: Body, rules: LineRules) -> Body:
    """With what the item and the account say where the line says nothing."""
    filled = {name: value for name, value in line.items() if value is not None}
    item = rules.organisation.tables["Items"].owner_of(str(line.get("ItemCode", "")))
    if item is not None:
        details = item.get("SalesDetails" if rules.is_sale else "PurchaseDetails") or {}
        offered = {
            "Description": item.get("Description") or item.get("Name"),
            "UnitAmount": details.get("UnitPrice"),
            "AccountCode": details.get("AccountCode") if rules.is_sale or not _is_tracked(item) else item["InventoryAssetAccountCode"],
            "TaxType": details.get("TaxType"),
        }
        # A price of its own may come as a line amount.
        unpriced = "LineAmount" in filled and "UnitAmount" not in filled
        filled = {name: value for name, value in offered.items() if value and not (unpriced and name == "UnitAmount")} | filled
        filled["Item"] = {"ItemID": item["ItemID"], "Code": item["Code"], "Name": item.get("Name") or item["Code"]}
    account = rules.organisation.account(str(filled.get("AccountCode", "")))
    if account is not None:
        filled.setdefault("TaxType", account.tax_type)
    return filled | ({"TaxType": "NONE"} if rules.amount_types == "NoTax" else {})


def _text_problem(line: Body) -> str | None:
    description = line.get("Description")
    if not description:
        return "Description must be specified for the line."
    return "Description must not be more than 4000 characters long." if len(description) > _DESCRIPTION_MAX else None


def _problems(line: Body, rules: LineRules) -> list[str]:
    problems = []
    if "ItemCode" in line and "Item" not in line:
        problems.append(f"Item code '{line['ItemCode']}' is not valid")
    if not rules.discounts and ("DiscountRate" in line or "DiscountAmount" in line):
        problems.append("Discounts are not supported for this type of document.")
    code = line.get("AccountCode")
    if code is None:
        return problems + (["Account code must be specified for the line."] if rules.coded and _has_amount(line) else [])
    account = rules.organisation.account(str(code))
    if account is None or not account.takes_lines:
        return [*problems, f"Account code '{code}' is not a valid code for this document. Account must be valid."]
    if account.kind == "INVENTORY" and not _is_of_tracked_item(line, account, rules):
        problems.append(f"Account code '{code}' is an inventory account. It can only be used by tracked inventory items.")
    return problems + _tax_problems(line, account, rules)


def _tax_problems(line: Body, account: Account, rules: LineRules) -> list[str]:
    rate = rules.organisation.tax_rate(str(line["TaxType"]))
    if rate is None or rate.status != "ACTIVE":
        return [f"The TaxType code '{line['TaxType']}' does not exist. Tax rate must be valid."]
    if not rate.applies_to(account):
        return [f"The TaxType code '{line['TaxType']}' cannot be used with account code '{account.code}'."]
    return []


def _priced(filled: Body, sent: Body, rules: LineRules, problems: list[str]) -> Body:
    rate = rules.organisation.tax_rate(str(filled.get("TaxType", "")))
    line = priced(filled, rules.amount_types, rate.percent if rate else _UNKNOWN_RATE, rules.unit_decimals)
    if "LineAmount" in sent and decimal_of(sent["LineAmount"]) != line["LineAmount"]:
        problems.append(f"The line total {sent['LineAmount']} does not match the expected line total {line['LineAmount']}")
    return line


def _is_of_tracked_item(line: Body, account: Account, rules: LineRules) -> bool:
    """What is bought for stock goes to the item's own inventory account; a sale never does."""
    item = rules.organisation.tables["Items"].owner_of(str(line.get("ItemCode", "")))
    return item is not None and _is_tracked(item) and not rules.is_sale and account.code == item["InventoryAssetAccountCode"]


def _is_tracked(item: Body) -> bool:
    return bool(item.get("IsTrackedAsInventory"))


def _has_amount(line: Body) -> bool:
    return any(name in line for name in ("UnitAmount", "LineAmount", "Quantity"))
