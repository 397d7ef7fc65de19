"""Purchase orders."""

from tests.fakes.xero.days import day_of
from tests.fakes.xero.document_kind import PURCHASE_ORDER
from tests.fakes.xero.documents import Documents
from tests.fakes.xero.task import Task
from tests.fakes.xero.wire import Answer

_DOCUMENTS = Documents(PURCHASE_ORDER)
read, read_by_number = _DOCUMENTS.read, _DOCUMENTS.read_by_number
create, create_or_update, update = _DOCUMENTS.create, _DOCUMENTS.create_or_update, _DOCUMENTS.update


def find(task: Task) -> Answer:
    """Purchase orders by status and days; there is no ``where``."""
    query = task.call.query
    found = [
        order
        for order in task.organisation.tables["PurchaseOrders"].found()
        if query.get("Status", order["Status"]) == order["Status"]
        and order["Date"] >= day_of(query.get("DateFrom", order["Date"]), "DateFrom")
        and order["Date"] <= day_of(query.get("DateTo", order["Date"]), "DateTo")
    ]
    return _DOCUMENTS.listed(task, found)
