"""The part of the composition root that is about files: dropped somewhere, and with a mail about them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from adapters.file_drop.destination import open_file_drop
from adapters.file_drop.file_drop import FileDropsByType
from adapters.file_drop.names import file_name
from adapters.file_drop.writing import DroppedFile
from adapters.mail.order_mail import open_order_mailer
from adapters.order_files.invoice_csv import write_invoice_csv
from adapters.order_files.invoice_xml import write_invoice_xml
from adapters.order_files.order_xml import write_order_xml
from application.ports.destination import Consignment, Destination, LaneContext, OrderDocument, issued_in
from application.ports.mailer import Attachment, Mailer
from application.ports.templates import Templates
from application.two_step_destination import TwoStepDestination
from entrypoints import resending
from entrypoints.destinations import DestinationKind, takes_documents, takes_orders, takes_orders_or_invoices


def file_kinds(file_drops: FileDropsByType, mailer: Mailer, templates: Templates) -> Mapping[str, DestinationKind]:
    """The kinds of destinations that get files. A new one is one entry here."""
    xml = partial(open_file_drop, file_drops=file_drops, writer_for=_xml_files)
    sage = partial(open_file_drop, file_drops=file_drops, writer_for=_sage_files)
    with_mail = partial(_open_photo_wonder, file_drops=file_drops, mailer=mailer, templates=templates)
    return {
        "generic_filesystem": DestinationKind(takes_orders_or_invoices, resending.FILE, xml),
        "photo_wonder": DestinationKind(takes_orders, resending.FILE_AND_MAIL, with_mail),
        "sage_csv": DestinationKind(takes_documents, resending.FILE, sage),
    }


def _xml_files(_lane: LaneContext) -> Callable[[Consignment], DroppedFile]:
    def write(consignment: Consignment) -> DroppedFile:
        document = consignment.document
        content = write_order_xml(document) if isinstance(document, OrderDocument) else write_invoice_xml(document)
        return DroppedFile(file_name(consignment, ".xml"), content)

    return write


def _sage_files(lane: LaneContext) -> Callable[[Consignment], DroppedFile]:
    settings = lane.integration.settings
    account, shipping = (str(settings[key]) for key in ("account_number", "shipping_nominal_code"))
    # What was applied by an earlier version has none.
    default = str(settings.get("default_nominal_code") or "")

    def write(consignment: Consignment) -> DroppedFile:
        return DroppedFile(file_name(consignment, ".csv"), write_invoice_csv(issued_in(consignment), account, shipping, default))

    return write


@contextmanager
def _open_photo_wonder(lane: LaneContext, *, file_drops: FileDropsByType, mailer: Mailer, templates: Templates) -> Iterator[Destination]:
    """A file, then a mail about it. Both are connected to first: while one of them is away, nothing is sent to the other."""
    write = _xml_files(lane)

    def file_of(consignment: Consignment) -> Attachment:
        file = write(consignment)
        return Attachment(file.name, "application/xml", file.content)

    with (
        open_file_drop(lane, file_drops=file_drops, writer_for=_xml_files) as drop,
        open_order_mailer(lane, mailer, templates, file_of) as mails,
    ):
        yield TwoStepDestination("uploaded", drop, mails, "the mail about it")
