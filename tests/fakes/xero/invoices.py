"""Sales invoices and bills."""

from tests.fakes.xero.document_kind import INVOICE
from tests.fakes.xero.documents import Documents
from tests.fakes.xero.task import Task
from tests.fakes.xero.where import folded, matching
from tests.fakes.xero.wire import Answer

_DOCUMENTS = Documents(INVOICE)
read, create, create_or_update, update = _DOCUMENTS.read, _DOCUMENTS.create, _DOCUMENTS.create_or_update, _DOCUMENTS.update


def find(task: Task) -> Answer:
    """Invoices by the filters of the query; all of them must fit."""
    wanted = {
        "InvoiceID": task.listed("IDs"),
        "InvoiceNumber": task.listed("InvoiceNumbers"),
        "Status": task.listed("Statuses"),
        "_contact": task.listed("ContactIDs"),
    }
    term = folded(task.call.query.get("searchTerm", ""))
    found = [
        invoice
        for invoice in task.organisation.tables["Invoices"].found()
        if all(
            not values
            or {**invoice, "_contact": invoice["Contact"]["ContactID"]}[name].casefold() in {value.casefold() for value in values}
            for name, values in wanted.items()
        )
        and (term in folded(invoice["InvoiceNumber"]) or term in folded(invoice.get("Reference", "")))
    ]
    return _DOCUMENTS.listed(task, matching(found, task.call.query.get("where")))
