"""Invoice all that is due for one company, in chunks: the invoicing run.

Each chunk is one transaction under the lock of the company's plan: read the due orders, assemble in memory, and only
then lock the series, insert and commit. Dying between chunks leaves the run open; whoever takes it up goes on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from application.configuration import Configuration
from application.invoicing import Prepared, integrations_for, issue_documents, owe_documents, prepare
from application.judging import case_of
from application.parking import park_company
from application.ports.alerts import Alert
from application.ports.clock import Clock
from application.ports.destination import Destinations
from application.ports.order_translator import OrderTranslators
from application.ports.orders import OrderFilter, StoredOrder
from application.ports.pauses import Queue
from application.ports.runs import Run
from application.ports.task_queue import TaskQueue
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.use_cases.decide_orders import DecideOrders, DecideOrdersHandler
from domain.companies.plan import Layout
from domain.errors import DomainError, NotFound, TemporaryFailure
from domain.invoicing.assemble import assemble_invoice
from domain.invoicing.case import Case
from domain.invoicing.decision import NEEDS_PERSON, Decision, decide, first_failing
from domain.invoicing.document import DocumentType
from domain.invoicing.grouping import group_orders

_CHUNK_ORDERS = 500
_ALERTS_MAX = 100
_NOT_SKIPPED = frozenset({Decision.DUE, Decision.INVOICED, Decision.CHANGED_AFTER_INVOICE})


@dataclass(frozen=True, slots=True)
class ExecuteRun:
    """The run to execute, or to go on with."""

    run_id: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """What the run did: numbers in the order of issue, and how many orders wait at which decision."""

    run_id: int
    company: str
    issued: tuple[int, ...]
    display_numbers: tuple[str, ...]
    skipped: dict[str, int]


@dataclass(frozen=True, slots=True)
class ExecuteRunHandler:
    """Safe to call again and at once from several workers: the plan's lock and the orders' state decide."""

    units_of_work: UnitsOfWork
    translators: OrderTranslators
    destinations: Destinations
    decide_orders: DecideOrdersHandler
    task_queue: TaskQueue
    clock: Clock
    telemetry: Telemetry

    def __call__(self, command: ExecuteRun) -> RunReport:
        """Issue what is due, then close the run. A run that is done already is only reported.

        Raises DomainError("series_behind") where the series may not issue; the run is then closed, and its orders stay due.
        A fault that nobody thought of parks the company: the run stays open, and Conflict("company_parked") is raised.
        """
        with self.units_of_work() as uow:
            run = _find(uow, command.run_id)
        if run.state == "done":
            return self._report(run)
        if self._is_paused(run.company):
            return self._report(run)
        try:
            return self._execute(run)
        except (DomainError, TemporaryFailure):
            raise
        except Exception as fault:
            raise park_company(run.company, f"run_{run.run_id}", fault, self.units_of_work, self.clock, self.telemetry) from fault

    def _execute(self, run: Run) -> RunReport:
        self.decide_orders(DecideOrders(run.company))
        for group_ids in self._chunks(run.company):
            if self._is_paused(run.company):
                return self._report(run)
            try:
                self._commit_chunk(run, group_ids)
            except DomainError:
                # The series may not issue, and people are told. The orders stay due: a later run takes them.
                self._finish(run)
                raise
        return self._finish(run)

    def _is_paused(self, company: str) -> bool:
        """The run then stays open, and goes on when it is resumed."""
        with self.units_of_work() as uow:
            return uow.pauses.of_queue(Queue.INVOICING, company, self.clock.now()) is not None

    def rehearse(self, company: str, slot: str) -> RunReport:
        """The same in one transaction that is rolled back: nothing is kept and no number is used."""
        with self.units_of_work() as uow:
            run_id = uow.runs.add(company, slot, self.clock.now())
            run = _find(uow, run_id or 0)
            for group_ids in self._plan(uow, company):
                self._issue_chunk(uow, run, group_ids)
            return _read_report(uow, run)

    def _chunks(self, company: str) -> Iterator[list[int]]:
        with self.units_of_work() as uow:
            chunks = self._plan(uow, company)
        yield from chunks

    def _plan(self, uow: UnitOfWork, company_ref: str) -> list[list[int]]:
        """Order ids in chunks that cut no group: the plan of the run, made from keys only so that it stays small."""
        configuration = uow.configurations.current()
        company = configuration.companies.get(company_ref)
        if company is None or not company.plan.enabled:
            return []
        if company.plan.layout is Layout.INDIVIDUAL:
            return _chunk_groups(([order_id] for order_id in uow.orders.due_ids(company_ref)), 1)
        groups: dict[object, list[int]] = {}
        after = 0
        while page := uow.orders.read_due(company_ref, after, _CHUNK_ORDERS):
            after = page[-1].order_id
            for stored in page:
                groups.setdefault(self._group_key(stored, configuration), []).append(stored.order_id)
        return _chunk_groups(groups.values(), company.plan.orders_per_invoice_max)

    def _group_key(self, stored: StoredOrder, configuration: Configuration) -> object:
        case = case_of(self.translators.for_source(stored.source).translate(stored.body), configuration)
        if decide(case) is not Decision.DUE:
            return None
        return hash((case.priced.currency, case.buyer, case.tax_decision))

    def _commit_chunk(self, run: Run, order_ids: list[int]) -> None:
        with self.units_of_work() as uow:
            lanes = self._issue_chunk(uow, run, order_ids)
            uow.commit()
        # After the commit: a hint sent before it could be taken up before there is anything to see.
        self.task_queue.lanes_due(lanes)

    def _issue_chunk(self, uow: UnitOfWork, run: Run, order_ids: list[int]) -> list[str]:
        """Issue the documents for these orders as they are now; returns the lanes that got work."""
        uow.runs.lock_plan(run.company)
        configuration = uow.configurations.current()
        # A newer version may have moved an order to another company meanwhile: that company's run takes it.
        locked = [stored for stored in uow.orders.lock_many(order_ids) if stored.company_ref == run.company]
        cases = self._due_cases(uow, locked, configuration)
        if not cases:
            return []
        company = configuration.companies[run.company]
        seller = configuration.admin_companies[company.admin_company]
        prepared = [_prepare(group, cases) for group in group_orders(company, cases)]
        now = self.clock.now()
        issued = issue_documents(uow, seller, DocumentType.INVOICE, prepared, now, company.plan.timezone, run.run_id)
        integrations = integrations_for(configuration, run.company, "invoice", self.destinations, now)
        owe_documents(uow, integrations, "invoice", [document_id for document_id, _ in issued], now)
        self.telemetry.event("invoices_issued", company=run.company, run_id=run.run_id, count=len(issued))
        return [integration.path for integration in integrations]

    def _due_cases(self, uow: UnitOfWork, locked: Sequence[StoredOrder], configuration: Configuration) -> dict[Case, tuple[int, str]]:
        """The cases that are due now, with id and fingerprint; what is not due any more gets its new decision."""
        due: dict[Case, tuple[int, str]] = {}
        changed: list[tuple[int, str]] = []
        for stored in locked:
            if stored.invoice_number:
                continue
            case = case_of(self.translators.for_source(stored.source).translate(stored.body), configuration)
            decision = decide(case)
            if decision is Decision.DUE:
                due[case] = (stored.order_id, stored.billing_fingerprint)
            else:
                changed.append((stored.order_id, str(decision)))
        if changed:
            uow.orders.set_decisions(changed, configuration.revision)
        return due

    def _finish(self, run: Run) -> RunReport:
        with self.units_of_work() as uow:
            report = _read_report(uow, run)
            uow.alerts.add(self._alerts(uow, run.company), self.clock.now())
            uow.runs.finish(run.run_id, len(report.issued), report.skipped, self.clock.now())
            uow.commit()
        return report

    def _alerts(self, uow: UnitOfWork, company: str) -> list[Alert]:
        """One alert for each order that waits for a person, to each address that wants to know."""
        configuration = uow.configurations.current()
        recipients = {
            (str(integration.settings["errors_to"]), str(integration.settings.get("email_from", "")))
            for integration in configuration.integrations_of(company)
            if integration.enabled and integration.settings.get("errors_to")
        }
        if not recipients:
            return []
        batch = f"{company}/{self.clock.now().date().isoformat()}"
        problems = [
            (row.ref, row.decision)
            for decision in sorted(NEEDS_PERSON)
            for row in uow.orders.list(OrderFilter(company=company, decision=decision), 0, _ALERTS_MAX)
        ]
        return [
            Alert(to, sender, batch, f"{ref}:{code}", company, f"Order {ref} cannot be invoiced: {code}.", self._fix(uow, ref))
            for to, sender in sorted(recipients)
            for ref, code in problems
        ]

    def _fix(self, uow: UnitOfWork, ref: str) -> str:
        configuration = uow.configurations.current()
        stored = uow.orders.find(ref)[0]
        case = case_of(self.translators.for_source(stored.source).translate(stored.body), configuration)
        rule = first_failing(case)
        return rule.fix(case) if rule else f"billhook orders explain {ref}"

    def _report(self, run: Run) -> RunReport:
        with self.units_of_work() as uow:
            return _read_report(uow, run)


def _find(uow: UnitOfWork, run_id: int) -> Run:
    run = uow.runs.find(run_id)
    if run is None:
        raise NotFound("run", f"run_{run_id}")
    return run


def _prepare(group: Sequence[Case], cases: dict[Case, tuple[int, str]]) -> Prepared:
    return prepare(assemble_invoice(group), [cases[case] for case in group])


def _chunk_groups(groups: Iterable[list[int]], size_max: int) -> list[list[int]]:
    """Put whole groups together up to the chunk size; a group larger than an invoice may hold is cut at that size."""
    pieces = [group[start : start + size_max] for group in groups for start in range(0, len(group), size_max)]
    chunks: list[list[int]] = [[]]
    for piece in pieces:
        if chunks[-1] and len(chunks[-1]) + len(piece) > _CHUNK_ORDERS:
            chunks.append([])
        chunks[-1].extend(piece)
    return [chunk for chunk in chunks if chunk]


def _read_report(uow: UnitOfWork, run: Run) -> RunReport:
    rows = uow.documents.issued_in_run(run.run_id)
    counts = uow.orders.count_by_decision(run.company)
    skipped = {code: count for code, count in sorted(counts.items()) if code not in _NOT_SKIPPED}
    return RunReport(run.run_id, run.company, tuple(number for number, _ in rows), tuple(name for _, name in rows), skipped)
