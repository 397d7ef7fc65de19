"""Items, tracked and untracked."""

import uuid
from decimal import Decimal

from tests.fakes.xero.batches import Batch, Invalid
from tests.fakes.xero.organisation import Organisation
from tests.fakes.xero.task import Task
from tests.fakes.xero.where import matching
from tests.fakes.xero.wire import Answer, Body, not_found

_BATCH = Batch("Items", "ItemID")
_LENGTHS = {"Code": 30, "Name": 50, "Description": 4000, "PurchaseDescription": 4000}
# Reckoned by Xero, whatever is sent.
_KEPT = frozenset({"QuantityOnHand", "TotalCostPool", "IsTrackedAsInventory"})


def find(task: Task) -> Answer:
    """All items that the filter lets through; there are no pages."""
    items = task.modified(task.organisation.tables["Items"].found())
    return task.answer("Items", matching(items, task.call.query.get("where")))


def read(task: Task) -> Answer:
    """One item by its id."""
    return task.answer("Items", [task.organisation.tables["Items"].get(task.parameters["ItemID"]) or not_found()])


def create(task: Task) -> Answer:
    """PUT: new items only."""
    return _BATCH.write(task, lambda sent: _save(task.organisation, sent, None))


def create_or_update(task: Task) -> Answer:
    """POST: what is known by its id or code is changed."""
    return _BATCH.write(task, lambda sent: _save(task.organisation, sent, _known(task.organisation, sent)))


def update(task: Task) -> Answer:
    """POST to one item."""
    known = task.organisation.tables["Items"].get(task.parameters["ItemID"]) or not_found()
    return _BATCH.write_one(task, lambda sent: _save(task.organisation, sent, known))


def _known(organisation: Organisation, sent: Body) -> Body | None:
    table = organisation.tables["Items"]
    return table.get(sent["ItemID"]) if "ItemID" in sent else table.owner_of(str(sent.get("Code", "")))


def _save(organisation: Organisation, sent: Body, known: Body | None) -> Body:
    item = {"ItemID": str(uuid.uuid4()), "IsSold": True, "IsPurchased": True, "Name": sent.get("Code"), **(known or {})}
    item |= {name: value for name, value in sent.items() if name not in _KEPT}
    problems = [*_problems(organisation, item), *_clash(organisation, item)]
    if problems:
        raise Invalid(problems)
    is_tracked = _asset_code(item) is not None
    if is_tracked:
        item = {"QuantityOnHand": Decimal(0), "TotalCostPool": Decimal(0), **item}
    item |= {"IsTrackedAsInventory": is_tracked, "UpdatedDateUTC": organisation.now()}
    organisation.tables["Items"].save(item)
    return item


def _asset_code(item: Body) -> str | None:
    return item.get("InventoryAssetAccountCode") or None


def _clash(organisation: Organisation, item: Body) -> list[str]:
    owner = organisation.tables["Items"].owner_of(str(item.get("Code", "")))
    clashes = owner is not None and owner["ItemID"] != item["ItemID"]
    return [f"Price List Item with Code '{item['Code']}' already exists"] if clashes else []


def _problems(organisation: Organisation, item: Body) -> list[str]:
    problems = [
        f"{name} must not be more than {most} characters long." for name, most in _LENGTHS.items() if len(item.get(name) or "") > most
    ]
    if not item.get("Code"):
        problems.append("Code must be specified.")
    sales, purchases = item.get("SalesDetails") or {}, item.get("PurchaseDetails") or {}
    codes = (sales.get("AccountCode"), purchases.get("AccountCode"), purchases.get("COGSAccountCode"), _asset_code(item))
    problems += [
        f"Account code '{code}' is not a valid code. Account must be valid." for code in codes if code and _closed(organisation, code)
    ]
    tax_types = [tax_type for tax_type in (sales.get("TaxType"), purchases.get("TaxType")) if tax_type]
    unknown = [tax_type for tax_type in tax_types if organisation.tax_rate(tax_type) is None]
    problems += [f"The TaxType code '{tax_type}' does not exist. Tax rate must be valid." for tax_type in unknown]
    return problems + _tracking_problems(organisation, item, purchases)


def _tracking_problems(organisation: Organisation, item: Body, purchases: Body) -> list[str]:
    asset_code, cogs_code = _asset_code(item), purchases.get("COGSAccountCode")
    if (asset_code is None) != (cogs_code is None):
        return ["A tracked item needs both InventoryAssetAccountCode and PurchaseDetails.COGSAccountCode."]
    if asset_code is None:
        return ["A tracked item cannot become untracked."] if item.get("IsTrackedAsInventory") else []
    problems = []
    if purchases.get("AccountCode"):
        problems.append("PurchaseDetails.AccountCode is not applicable to a tracked item.")
    for code, kind in ((asset_code, "INVENTORY"), (str(cogs_code), "DIRECTCOSTS")):
        account = organisation.account(code)
        if account is not None and account.kind != kind:
            problems.append(f"Account code '{code}' must be of type {kind}.")
    return problems


def _closed(organisation: Organisation, code: str) -> bool:
    account = organisation.account(code)
    return account is None or not account.takes_lines
