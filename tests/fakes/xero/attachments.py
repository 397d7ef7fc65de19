"""Files beside invoices and credit notes."""

import uuid

from tests.fakes.xero.batches import messages, validation_exception
from tests.fakes.xero.organisation import Attachment
from tests.fakes.xero.tables import Table
from tests.fakes.xero.task import Task
from tests.fakes.xero.wire import Answer, Body, not_found, refuse

_COUNT_MAX = 10
_SIZE_MAX = 25 * 1024 * 1024
_FORBIDDEN = set('<>:"/\\|?*')


def find(task: Task) -> Answer:
    """The files of one document."""
    table, document = _document(task)
    return task.answer("Attachments", [_shown(attachment) for attachment in task.organisation.attachments_of(document[table.id_name])])


def create(task: Task) -> Answer:
    """Put a file beside a document, also where there is one of the same name: whether Xero replaces it is not known."""
    organisation, (table, document), name = task.organisation, _document(task), task.parameters["FileName"]
    document_id = document[table.id_name]
    count = len(organisation.attachments_of(document_id))
    content = task.call.body
    if not content or len(content) > _SIZE_MAX or count >= _COUNT_MAX or set(name) & _FORBIDDEN:
        refuse(
            400, validation_exception([{"ValidationErrors": messages(["The attachment has no content, is too large, or one too many."])}])
        )
    media_type = task.call.headers.get("content-type", "application/octet-stream")
    online = task.call.query.get("IncludeOnline", "").casefold() == "true"
    attachment = Attachment(str(uuid.uuid4()), document_id, name, media_type, content, online)
    organisation.attachments.append(attachment)
    table.save({**document, "HasAttachments": True, "UpdatedDateUTC": organisation.now()})
    return task.answer("Attachments", [_shown(attachment)])


def _document(task: Task) -> tuple[Table, Body]:
    """What the path names, and the table that it is in."""
    [kind] = [kind for kind in ("Invoices", "CreditNotes") if task.organisation.tables[kind].id_name in task.parameters]
    table = task.organisation.tables[kind]
    return table, table.get(task.parameters[table.id_name].lower()) or not_found()


def _shown(attachment: Attachment) -> Body:
    return {
        "AttachmentID": attachment.id,
        "FileName": attachment.name,
        "Url": f"https://api.example/{attachment.document_id}/Attachments/{attachment.name}",
        "MimeType": attachment.media_type,
        "ContentLength": len(attachment.content),
        "IncludeOnline": attachment.include_online,
    }
