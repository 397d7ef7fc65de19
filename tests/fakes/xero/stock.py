"""The stock of tracked items, moved by authorised documents only, at average cost."""

from collections import defaultdict
from decimal import Decimal

from tests.fakes.xero.amounts import rounded
from tests.fakes.xero.batches import Invalid
from tests.fakes.xero.organisation import Organisation
from tests.fakes.xero.wire import Body


def move(organisation: Organisation, document: Body, *, backorders: bool = False, reverse: bool = False) -> None:
    """Take what the document's lines sell and add what they buy; ``reverse`` when it is voided.

    Error: Invalid where a sale takes more than there is and backorders are not allowed.
    """
    is_out = (document["Type"] in {"ACCREC", "ACCPAYCREDIT"}) != reverse
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    cost: dict[str, Decimal] = defaultdict(Decimal)
    for line in document["LineItems"]:
        item = organisation.tables["Items"].owner_of(str(line.get("ItemCode", "")))
        if item is not None and item.get("IsTrackedAsInventory"):
            wanted[item["Code"]] += line["Quantity"]
            cost[item["Code"]] += line["LineAmount"]
    for code, quantity in wanted.items():
        bought_at = cost[code] if document["Type"] in {"ACCPAY", "ACCPAYCREDIT"} else None
        _move_one(organisation, code, -quantity if is_out else quantity, bought_at, backorders=backorders or reverse)


def _move_one(organisation: Organisation, code: str, change: Decimal, bought_at: Decimal | None, *, backorders: bool) -> None:
    table = organisation.tables["Items"]
    item = table.owner_of(code) or {}
    on_hand, pool = item["QuantityOnHand"], item["TotalCostPool"]
    if change < 0 and -change > on_hand and not backorders:
        raise Invalid([f"The quantity of item '{code}' exceeds the quantity on hand ({on_hand})."])
    average = pool / on_hand if on_hand > 0 else Decimal(0)
    value = average * change if bought_at is None else bought_at.copy_sign(change)
    table.save({**item, "QuantityOnHand": on_hand + change, "TotalCostPool": rounded(pool + value), "UpdatedDateUTC": organisation.now()})
