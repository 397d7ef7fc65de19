"""Carry orders from one accounting system to another: read what is new, and take it in like any other order (seed 003).

A page is taken in one go: its orders first, then that they were taken and how far the flow has come. Dying between the two takes them a
second time, which the intake knows as the same. The order is then owed to the flow's target, and delivered like anything else.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from zoneinfo import ZoneInfo

from application.configuration import Configuration
from application.flows.customers import CHANGED, CustomerEchoes
from application.flows.documents import document_of
from application.flows.echoes import echoes
from application.flows.message import body_of, fingerprint, order_message, ref_of
from application.flows.telling import PROBLEMS_MAX, Problem, tell_problems, tell_stop
from application.judging import case_of
from application.lane_contexts import lane_context
from application.order_owing import CUSTOMER
from application.pausing import paused
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.deliveries import Owed
from application.ports.flows import FlowState
from application.ports.order_translator import OrderTranslators
from application.ports.quarantine import IncomingMessage
from application.ports.source import Reading, Source, SourceItem, Sources
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from application.use_cases.accept_messages import AcceptMessages, AcceptMessagesHandler
from domain.companies.flow import Conflict, Flow, FlowObject
from domain.companies.integration import Integration
from domain.companies.schedule import Slot, catch_up, next_slot
from domain.errors import Conflict as Contradiction
from domain.errors import DomainError, NotFound, TemporaryFailure
from domain.invoicing.case import Case

_LEASE = timedelta(minutes=15)
# A run ends well before its lease does: what is left is for the next one.
_RUN_MAX = timedelta(minutes=5)
_CANCELLED = "cancelled"
_CHUNK = 10


@dataclass(frozen=True, slots=True)
class RunFlow:
    """Run a flow now, whatever its schedule says. ``dry_run`` reads and maps, and takes nothing.

    ``actor`` and ``reason`` go to the audit log.
    """

    name: str
    dry_run: bool = False
    actor: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunDueFlows:
    """Run every enabled flow whose slot has come."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One record as it is taken, by its key at the source: ``body`` is the order message."""

    what: FlowObject
    key: str
    ref: str
    body: bytes


@dataclass(slots=True)
class FlowReport:
    """``known`` were taken before and are as they were, ``ours`` are what Billhook wrote there, ``left_out`` are by date or status.

    ``refused`` is what could not be taken, and why: it is tried again with each run. ``is_whole``: all that is left was looked at.
    """

    flow: str
    taken: list[Taken] = field(default_factory=list)
    known: int = 0
    ours: int = 0
    left_out: int = 0
    refused: list[Problem] = field(default_factory=list)
    is_whole: bool = True

    @property
    def problems(self) -> list[str]:
        """For people."""
        return [each.text for each in self.refused]


@dataclass(frozen=True, slots=True)
class RunFlowHandler:
    """Two runs of one flow never happen at once: a lease with a token sees to it. ``accept`` is the intake of flows."""

    units_of_work: UnitsOfWork
    sources: Sources
    translators: OrderTranslators
    accept: AcceptMessagesHandler
    clock: Clock
    telemetry: Telemetry

    def __call__(self, command: RunFlow) -> FlowReport:
        """Raises NotFound, Conflict("flow_off"), ("paused"), ("flow_runs") where somebody runs it, and what the source raises."""
        flow = self._wanted(command)
        if command.dry_run:
            return self._run(flow, FlowState(flow.name), dry_run=True)
        state = self._lease(flow, command)
        if state is None:
            raise Contradiction(
                "flow_runs", f"The flow {flow.name} is running now.", "Wait until it is done, then look: billhook flows list"
            )
        return self._leased(flow, state)

    def _wanted(self, command: RunFlow) -> Flow:
        """One that is switched off or paused may be looked at, and takes nothing."""
        with self.units_of_work() as uow:
            flow = uow.configurations.current().flows.get(command.name)
            pause = uow.pauses.of_lane(flow.source, self.clock.now()) if flow else None
        if flow is None:
            raise NotFound("flow", command.name, "billhook flows list")
        if not command.dry_run and not flow.enabled:
            step = f"Set enabled: true and apply. To see what it would take: billhook flows preview {flow.name}"
            raise Contradiction("flow_off", f"The flow {flow.name} is switched off.", step)
        if not command.dry_run and pause is not None:
            raise paused(pause)
        return flow

    def run_due(self, _command: RunDueFlows) -> tuple[FlowReport, ...]:
        """What is wrong with one flow is told, and stops none of the others; one whose source is paused rests."""
        with self.units_of_work() as uow:
            now, known = self.clock.now(), uow.configurations.current().flows.values()
            flows = [flow for flow in known if flow.enabled and uow.pauses.of_lane(flow.source, now) is None]
        reports = []
        for flow in flows:
            state = self._lease(flow)
            if state is not None:
                try:
                    reports.append(self._leased(flow, state))
                except (DomainError, TemporaryFailure) as failure:
                    self.telemetry.problem("flow_stopped", flow=flow.name, reason=failure.text)
        return tuple(reports)

    def _lease(self, flow: Flow, command: RunFlow | None = None) -> FlowState | None:
        """Take the lease, and pass the slot over to this run; None where somebody has it, or it is not due and nobody asked for it."""
        now, print_ = self.clock.now(), _terms_fingerprint(flow)
        with self.units_of_work() as uow:
            state = uow.flows.lock(flow.name)
            if state.schedule_fingerprint != print_:
                # Other terms may want what was left out: everything is looked at again, and what was taken is known.
                state = replace(state, schedule_fingerprint=print_, cursors={}, restarts={})
                state = _at(state, next_slot(flow.schedule, now))
            is_due = state.next_run_at is not None and state.next_run_at <= now
            is_leased = state.leased_until is not None and state.leased_until > now
            if is_leased or not (is_due or command):
                uow.flows.save(state)
                uow.commit()
                return None
            if is_due:
                state = _at(state, catch_up(flow.schedule, Slot.from_key(state.next_slot), now).then)
            state = replace(state, token=state.token + 1, leased_until=now + _LEASE)
            uow.flows.save(state)
            if command:
                uow.audit.add(AuditEntry(now, command.actor, "flow_run", flow.order_source, command.reason))
            uow.commit()
        return state

    def _leased(self, flow: Flow, state: FlowState) -> FlowReport:
        try:
            report = self._run(flow, state, dry_run=False)
        except (DomainError, TemporaryFailure) as failure:
            self._release(flow, state, FlowReport(flow.name), failure)
            raise
        self._release(flow, state, report)
        self.telemetry.event("flow_ran", flow=flow.name, taken=len(report.taken), ours=report.ours, problems=len(report.problems))
        for problem in report.problems[:PROBLEMS_MAX]:
            self.telemetry.problem("flow_item_refused", flow=flow.name, reason=problem)
        return report

    def _release(self, flow: Flow, leased: FlowState, report: FlowReport, failure: DomainError | TemporaryFailure | None = None) -> None:
        now, problem = self.clock.now(), failure.text if failure else "\n".join(report.problems[:PROBLEMS_MAX])
        with self.units_of_work() as uow:
            state = uow.flows.lock(leased.name)
            if state.token != leased.token:
                return
            uow.flows.save(replace(state, leased_until=None, ran_at=now, taken=state.taken + len(report.taken), problem=problem))
            if failure is None:
                tell_problems(uow, flow, report.refused, now, is_whole=report.is_whole)
            elif isinstance(failure, DomainError):
                # What passes by itself is nobody's business; it is seen in the list of flows.
                tell_stop(uow, flow, failure, now)
            uow.commit()

    def _run(self, flow: Flow, state: FlowState, *, dry_run: bool) -> FlowReport:
        report = FlowReport(flow.name)
        with self.units_of_work() as uow:
            lane = lane_context(uow, flow.source)
            configuration = uow.configurations.current()
            known = next((each for each in uow.flows.states() if each.name == flow.name), state)
        reading = self._reading(flow, lane.integration)
        with self.sources.open(lane, reading) as source:
            for what in flow.objects:
                run = _Round(self, flow, replace(known, token=state.token), configuration, source, lane.integration.kind, report, reading)
                run.go(what, dry_run=dry_run)
        return report

    def _reading(self, flow: Flow, source: Integration) -> Reading:
        def taken(keys: Collection[str]) -> Collection[str]:
            with self.units_of_work() as uow:
                return uow.flows.fingerprints(flow.name, FlowObject.ORDERS, keys).keys()

        first = flow.date_from.astimezone(ZoneInfo(flow.schedule.timezone)).date() if flow.date_from else None
        return Reading(document_of(flow, source), first, frozenset(status.casefold() for status in flow.statuses), taken)


@dataclass(slots=True)
class _Round:
    """One run of one flow, through the pages that are left."""

    tools: RunFlowHandler
    flow: Flow
    state: FlowState
    configuration: Configuration
    source: Source
    kind: str
    report: FlowReport
    reading: Reading
    echoes: CustomerEchoes | None = None

    def go(self, what: FlowObject, *, dry_run: bool) -> None:
        ends_at = self.tools.clock.now() + _RUN_MAX
        cursors, restarts = dict(self.state.cursors), dict(self.state.restarts)
        # A round that was begun before may have met what this run does not see.
        is_first = what not in restarts
        while True:
            cursor = cursors.get(what, "")
            page = self.source.read(what, cursor)
            is_whole, taken, prints, problems = self._page(what, page.items)
            self.report.refused += problems
            if problems:
                restarts.setdefault(what, cursor)
            if is_whole:
                cursors[what] = restarts.pop(what, page.cursor) if page.is_last else page.cursor
            self.report.taken += taken
            if not dry_run:
                self._take(what, taken, prints, cursors, restarts)
            if not is_whole or page.is_last or self.tools.clock.now() >= ends_at:
                self.report.is_whole &= is_first and is_whole and page.is_last
                return

    def _page(self, what: FlowObject, items: Iterable[SourceItem]) -> tuple[bool, list[Taken], dict[str, str], list[Problem]]:
        """What is taken of a page, its fingerprints, and problems; not whole where the amount of a run is reached before its end."""
        taken: list[Taken] = []
        prints: dict[str, str] = {}
        problems: list[Problem] = []
        room = self.flow.amount_per_run - len(self.report.taken)
        for item, is_known in self._new(what, items, prints):
            if len(taken) >= room:
                return False, taken, prints, problems
            try:
                taken.append(self._taken(what, item, is_known=is_known))
                prints[item.key] = fingerprint(self.flow, item)
            except DomainError as error:
                problems.append(Problem(f"{what.value[:-1]} {item.number or item.remote_id}", error.text))
        return True, taken, prints, problems

    def _new(self, what: FlowObject, items: Iterable[SourceItem], prints: dict[str, str]) -> Iterator[tuple[SourceItem, bool]]:
        """Those to take, and whether each was known before: not ours, not as they were, and wanted.

        What was taken before is followed whatever its status is now. Customers that are as Billhook left them get their prints here.
        """
        # Reading on asks the vendor, so it is never done inside a unit of work.
        rest, may_overwrite = iter(items), what is FlowObject.CUSTOMERS and self.flow.conflicts is not Conflict.TARGET
        while chunk := list(islice(rest, _CHUNK)):
            now = {item.key: fingerprint(self.flow, item) for item in chunk}
            before, ours = self._known(what, chunk, now, may_overwrite=may_overwrite)
            for item in chunk:
                if item.remote_id in ours:
                    self.report.ours += 1
                    prints |= {item.key: now[item.key]} if may_overwrite else {}
                elif before.get(item.key) == now[item.key] or (item.key in before and self._is_left(what)):
                    self.report.known += 1
                elif item.key in before or self._is_wanted(item):
                    yield item, item.key in before
                else:
                    self.report.left_out += 1

    def _known(
        self, what: FlowObject, chunk: list[SourceItem], now: Mapping[str, str], *, may_overwrite: bool
    ) -> tuple[Mapping[str, str], frozenset[str]]:
        """The prints of before, and whose records are ours."""
        scope, types, flow = self.source.scope, self.source.link_types(what), self.flow
        with self.tools.units_of_work() as uow:
            before = uow.flows.fingerprints(flow.name, what, now.keys())
            ours = echoes(uow, scope, types, self.kind, chunk)
            if may_overwrite:
                self.echoes = self.echoes or CustomerEchoes.now(uow, self.tools.translators, flow)
                changed = [item for item in chunk if before.get(item.key) != now[item.key]]
                ours = self.echoes.of(uow, ours, before, changed)
        return before, ours

    def _is_left(self, what: FlowObject) -> bool:
        """Whether a change there is no matter of the target's, which has its own."""
        return what is FlowObject.CUSTOMERS and self.flow.conflicts is Conflict.TARGET

    def _is_wanted(self, item: SourceItem) -> bool:
        if not item.statuses and item.made_on is None:
            return True  # a customer has neither
        first, wanted = self.reading.first_day, self.reading.statuses
        if first is not None and (item.made_on is None or item.made_on < first):
            return False
        return bool(item.statuses & wanted) if wanted else _CANCELLED not in item.statuses

    def _taken(self, what: FlowObject, item: SourceItem, *, is_known: bool) -> Taken:
        """Raises DomainError where the record cannot be mapped, read or priced."""
        message = order_message(self.flow, item)
        body = body_of({**message, CHANGED: True} if is_known and what is FlowObject.CUSTOMERS else message)
        order = self.tools.translators.for_source(self.flow.order_source).translate(body)
        case = case_of(order, self.configuration)
        if what is FlowObject.ORDERS and case.terms is not None and case.priced.missing:
            raise DomainError("not_priced", f"It cannot be handed on: {_missing(case)}.")
        return Taken(what, item.key, ref_of(self.flow, item), body)

    def _take(
        self, what: FlowObject, taken: list[Taken], prints: Mapping[str, str], cursors: Mapping[str, str], restarts: Mapping[str, str]
    ) -> None:
        source = self.flow.order_source
        messages = [IncomingMessage(each.body, f"{self.flow.name}:{each.key}", source, origin=source) for each in taken]
        if messages and what is FlowObject.ORDERS:
            self.tools.accept(AcceptMessages(messages))
        now = self.tools.clock.now()
        with self.tools.units_of_work() as uow:
            state = uow.flows.lock(self.flow.name)
            if state.token != self.state.token:
                raise Contradiction("flow_taken_over", f"Another run of the flow {self.flow.name} has taken over.")
            if what is FlowObject.CUSTOMERS:
                added = uow.flows.add_customers(self.flow.name, {each.key: each.body for each in taken}, now)
                uow.deliveries.owe([Owed(self.flow.target, CUSTOMER, customer_id) for customer_id in added], now)
            uow.flows.took(self.flow.name, what, prints, now)
            uow.flows.save(replace(state, cursors=dict(cursors), restarts=dict(restarts), leased_until=_later(state.leased_until, now)))
            uow.commit()


def _missing(case: Case) -> str:
    """What cannot be said, and why no tax can be."""
    has_no_country = case.priced.missing_taxes and not case.buyer.address.country
    return f"{case.priced.missing}; its customer has no country" if has_no_country else case.priced.missing


def _later(until: datetime | None, now: datetime) -> datetime:
    return max(until or now, now + _LEASE)


def _terms_fingerprint(flow: Flow) -> str:
    return sha256(
        repr((flow.schedule, flow.source, flow.objects, flow.date_from, flow.statuses, flow.field_map, flow.document)).encode()
    ).hexdigest()


def _at(state: FlowState, slot: Slot | None) -> FlowState:
    return replace(state, next_run_at=slot.instant if slot else None, next_slot=slot.key if slot else "")
