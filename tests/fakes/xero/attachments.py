"""Files beside invoices."""

import uuid

from tests.fakes.xero.batches import messages, validation_exception
from tests.fakes.xero.organisation import Attachment
from tests.fakes.xero.task import Task
from tests.fakes.xero.wire import Answer, Body, not_found, refuse

_COUNT_MAX = 10
_SIZE_MAX = 25 * 1024 * 1024
_FORBIDDEN = set('<>:"/\\|?*')


def find(task: Task) -> Answer:
    """The files of one invoice."""
    return task.answer("Attachments", [_shown(attachment) for attachment in task.organisation.attachments_of(_invoice(task)["InvoiceID"])])


def create(task: Task) -> Answer:
    """Put a file beside an invoice; one of the same name is replaced."""
    organisation, invoice, name = task.organisation, _invoice(task), task.parameters["FileName"]
    others = [other for other in organisation.attachments_of(invoice["InvoiceID"]) if other.name != name]
    content = task.call.body
    if not content or len(content) > _SIZE_MAX or len(others) >= _COUNT_MAX or set(name) & _FORBIDDEN:
        refuse(
            400, validation_exception([{"ValidationErrors": messages(["The attachment has no content, is too large, or one too many."])}])
        )
    media_type = task.call.headers.get("content-type", "application/octet-stream")
    online = task.call.query.get("IncludeOnline", "").casefold() == "true"
    attachment = Attachment(str(uuid.uuid4()), invoice["InvoiceID"], name, media_type, content, online)
    organisation.attach(attachment)
    organisation.tables["Invoices"].save({**invoice, "HasAttachments": True, "UpdatedDateUTC": organisation.now()})
    return task.answer("Attachments", [_shown(attachment)])


def _invoice(task: Task) -> Body:
    return task.organisation.tables["Invoices"].get(task.parameters["InvoiceID"].lower()) or not_found()


def _shown(attachment: Attachment) -> Body:
    return {
        "AttachmentID": attachment.id,
        "FileName": attachment.name,
        "Url": f"https://api.example/Invoices/{attachment.invoice_id}/Attachments/{attachment.name}",
        "MimeType": attachment.media_type,
        "ContentLength": len(attachment.content),
        "IncludeOnline": attachment.include_online,
    }
