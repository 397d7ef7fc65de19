"""Credit an invoice, wholly or by order: the only way to correct what was issued."""

from dataclasses import dataclass

from application.invoicing import integrations_for, issue_documents, owe_documents, prepare
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.destination import Destinations
from application.ports.documents import DocumentFilter, StoredDocument
from application.ports.task_queue import TaskQueue
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.use_cases.decide_orders import DecideOrders, DecideOrdersHandler
from application.use_cases.execute_run import RunReport
from application.use_cases.start_run import StartRun, StartRunHandler
from domain.errors import Conflict, NotFound
from domain.invoicing.credit import credit_invoice
from domain.invoicing.document import DocumentType, Draft


@dataclass(frozen=True, slots=True)
class CreditInvoice:
    """``number`` is the display number or ``ADMIN:NUMBER``; no ``order_refs`` means all orders that stand.

    An order is named by its ref, or by ``SOURCE:REF``, which it must be where orders of two systems on the invoice share one.

    The credited orders are free again: they are invoiced by the next run if they are still due, or now with ``reissue``.
    """

    number: str
    reason: str
    actor: str
    order_refs: tuple[str, ...] = ()
    reissue: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class CreditReport:
    """The credit note, and the run that followed where one was asked for."""

    credit_note: StoredDocument
    reissued: RunReport | None


def find_document(uow: UnitOfWork, number: str, type_: DocumentType = DocumentType.INVOICE) -> StoredDocument:
    """The one document of that number. Raises NotFound, or Conflict where two series share it."""
    found = uow.documents.find(number, type_)
    if not found:
        raise NotFound(type_.value.replace("_", " "), number, "billhook invoices list")
    if len(found) > 1:
        names = ", ".join(f"{stored.issued.admin_company}:{stored.issued.display_number}" for stored in found)
        raise Conflict("ambiguous_number", f"Several documents are numbered {number!r}.", f"Name one of: {names}")
    return found[0]


def _earlier_notes(uow: UnitOfWork, invoice: StoredDocument) -> list[Draft]:
    """The credit notes that correct this invoice already: at most one for each of its orders."""
    issued = invoice.issued
    wanted = DocumentFilter(type=DocumentType.CREDIT_NOTE, admin_company=issued.admin_company, corrects=issued.display_number)
    rows = uow.documents.list(wanted, 0, len(issued.draft.orders))
    return [stored.issued.draft for stored in uow.documents.get_many([row.document_id for row in rows]).values()]


def _name_on(uow: UnitOfWork, invoice: StoredDocument, ref: str) -> str:
    """What is called ``SOURCE:REF`` everywhere else goes by its ref alone on an invoice that has one order of that ref."""
    source, _, rest = ref.rpartition(":")
    if not source or rest not in {order.ref for order in invoice.issued.draft.orders}:
        return ref
    ids = [stored.order_id for stored in uow.orders.find(rest) if stored.source == source]
    return rest if invoice.document_id in {found.document_id for found in uow.documents.of_orders(ids)} else ref


@dataclass(frozen=True, slots=True)
class CreditInvoiceHandler:
    """Raises NotFound for the invoice or an order on it, Conflict where nothing is left to credit or two orders may be meant."""

    units_of_work: UnitsOfWork
    decide_orders: DecideOrdersHandler
    start_run: StartRunHandler
    destinations: Destinations
    task_queue: TaskQueue
    clock: Clock

    def __call__(self, command: CreditInvoice) -> CreditReport:
        """Issue the credit note and free the orders, in one transaction."""
        with self.units_of_work() as uow:
            credit_note, company, lanes = self._credit(uow, command)
            if not command.dry_run:
                uow.commit()
        reissued = None
        if not command.dry_run:
            self.task_queue.lanes_due(lanes)
            self.decide_orders(DecideOrders(company))
            reissued = self.start_run(StartRun(company, actor=command.actor, reason=command.reason)) if command.reissue else None
        return CreditReport(credit_note, reissued)

    def _credit(self, uow: UnitOfWork, command: CreditInvoice) -> tuple[StoredDocument, str, list[str]]:
        company_ref = find_document(uow, command.number).issued.draft.company
        uow.runs.lock_plan(company_ref)
        invoice = find_document(uow, command.number)  # again: another credit note may have come before the lock
        refs = tuple(_name_on(uow, invoice, ref) for ref in command.order_refs)
        draft = credit_invoice(invoice.issued, refs, invoice.credited_orders, command.reason, _earlier_notes(uow, invoice))
        configuration = uow.configurations.current()
        seller = configuration.admin_companies[invoice.issued.admin_company]
        timezone = configuration.companies[company_ref].plan.timezone
        now = self.clock.now()
        [(document_id, issued)] = issue_documents(uow, seller, DocumentType.CREDIT_NOTE, [prepare(draft, ())], now, timezone, None)
        uow.documents.mark_credited(invoice.document_id, [order.ref for order in draft.orders], document_id)
        integrations = integrations_for(configuration, company_ref, "credit_note", self.destinations, now)
        owe_documents(uow, integrations, "credit_note", [document_id], now)
        subject = f"invoice:{invoice.issued.admin_company}:{invoice.issued.display_number}"
        uow.audit.add(AuditEntry(now, command.actor, "invoice_credited", subject, command.reason, issued.display_number))
        return uow.documents.get(document_id), company_ref, [integration.path for integration in integrations]
