"""Deliver what one integration is owed, in order, over one connection (DESIGN section 3).

The lane's lease says who may; its token makes the writes of a late worker void. Before a document can have an effect
outside, that is noted and committed: after a crash, what was noted must be looked up, and what was not may be sent.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.consignments import ConsignmentLoader, NotOwedNow
from application.ports.alerts import Alert
from application.ports.clock import Clock
from application.ports.deliveries import Change, Delivery, Lease
from application.ports.destination import Consignment, Destination, Destinations, LaneContext, LeaseVoid
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.delivery.backoff import delay_s
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, LookUp, NotThere, Outcome, Refused, RetryLater, Unknown
from domain.delivery.state import DeliveryState
from domain.errors import DomainError, NotFound, TemporaryFailure

ATTEMPTS_MAX = 20
_LOOK_UP_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class DrainLane:
    """The integration whose lane is to be drained, by its path."""

    integration: str


@dataclass(frozen=True, slots=True)
class DrainLaneHandler:
    """Returns how many deliveries were settled. Does nothing where somebody else has the lane."""

    units_of_work: UnitsOfWork
    consignments: ConsignmentLoader
    destinations: Destinations
    clock: Clock
    telemetry: Telemetry
    jitter: Callable[[], float]
    owner: str
    lease_s: float = 60.0
    slice_s: float = 20.0
    batch_size: int = 50

    def __call__(self, command: DrainLane) -> int:
        """Drain until the lane is empty or its time slice is over, so that lanes take turns."""
        lease = self._take(command.integration)
        if lease is None:
            return 0
        return _Drain(self, lease).run()

    def _take(self, integration: str) -> Lease | None:
        now = self.clock.now()
        with self.units_of_work() as uow:
            lease = uow.deliveries.take_lease(integration, self.owner, now, now + timedelta(seconds=self.lease_s))
            uow.commit()
        return lease


class _Drain:
    """One drain of one lane under one lease."""

    def __init__(self, tools: DrainLaneHandler, lease: Lease) -> None:
        self._tools = tools
        self._lease = lease
        self._settled = 0
        self._lost = ""
        self._handed_over: set[int] = set()

    def run(self) -> int:
        try:
            self._lane = self._context()
            with self._tools.destinations.open(self._lane) as destination:
                self._work(destination)
        except LeaseVoid:
            self._tools.telemetry.event("lane_taken_over", integration=self._lease.integration)
            return self._settled
        except TemporaryFailure as failure:
            self._park(failure.text, failure.retry_after_s)
        except DomainError as error:
            self._park(f"{error.text} {error.next_step}".strip(), None)
        if self._lost:
            self._park(self._lost, None)
        self._release()
        return self._settled

    def _context(self) -> LaneContext:
        with self._tools.units_of_work() as uow:
            configuration = uow.configurations.current()
            integration = configuration.integrations.get(self._lease.integration)
            if integration is None:
                raise NotFound("integration", self._lease.integration, "Declare it again, or cancel its deliveries.")
            company = configuration.companies[integration.company]
            secrets = uow.configurations.secrets_of(integration.path)
        return LaneContext(integration, company, configuration.admin_companies[company.admin_company], secrets)

    def _work(self, destination: Destination) -> None:
        with self._kept():
            self._deliver_in_turn(destination)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Renew the lease beside the work: an answer that takes minutes must not cost the lane."""
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(done,), name="lease-keeper", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()

    def _keep(self, done: threading.Event) -> None:
        while not done.wait(self._tools.lease_s / 3):
            try:
                self._renew()
            except LeaseVoid:
                return  # the work finds out by its token
            except TemporaryFailure as failure:
                self._tools.telemetry.problem("lease_not_renewed", integration=self._lease.integration, reason=failure.text)

    def _deliver_in_turn(self, destination: Destination) -> None:
        self._look_up_unknown(destination)
        ends_at = time.monotonic() + self._tools.slice_s
        while not self._lost and time.monotonic() < ends_at:
            self._renew()
            batch = self._claim()
            if not batch:
                return
            self._deliver(destination, batch)

    def _renew(self) -> None:
        until = self._tools.clock.now() + timedelta(seconds=self._tools.lease_s)
        with self._tools.units_of_work() as uow:
            lease = uow.deliveries.renew_lease(self._lease, until)
            uow.commit()
        if lease is None:
            raise LeaseVoid
        self._lease = lease

    def _claim(self) -> Sequence[Delivery]:
        with self._tools.units_of_work() as uow:
            batch = uow.deliveries.claim(self._lease, self._tools.clock.now(), self._tools.batch_size)
            uow.commit()
        return batch

    def _deliver(self, destination: Destination, batch: Sequence[Delivery]) -> None:
        consignments = self._load(batch)
        owed = {consignment.delivery_id for consignment in consignments}
        waiting = {delivery.delivery_id: delivery for delivery in batch if delivery.delivery_id in owed}
        started = time.monotonic()
        for consignment, outcome in self._outcomes(destination, consignments, waiting):
            delivery = waiting.pop(consignment.delivery_id)
            duration_ms = round((time.monotonic() - started) * 1000)
            self._settle(delivery, self._change(delivery, outcome, duration_ms))
            if isinstance(outcome, ConnectionLost):
                self._lost = outcome.reason
            started = time.monotonic()
        if waiting:
            self._lost = self._lost or "The connection ended before every document was handed over."

    def _outcomes(
        self, destination: Destination, consignments: Sequence[Consignment], waiting: Mapping[int, Delivery]
    ) -> Iterator[tuple[Consignment, Outcome]]:
        """The destination's outcomes. A fault of ours in one document must not stop the lane for ever at that document."""
        try:
            yield from destination.deliver(consignments, self._hand_over)
        except (LeaseVoid, TemporaryFailure, DomainError):
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, the document at fault is set aside for a person
            self._tools.telemetry.problem("delivery_fault", integration=self._lease.integration, fault=repr(fault))
            current = next(consignment for consignment in consignments if consignment.delivery_id in waiting)
            yield current, self._fault(current, fault)

    def _fault(self, consignment: Consignment, fault: Exception) -> Outcome:
        if consignment.delivery_id in self._handed_over:
            return Unknown(f"A fault came up after it was handed over: {type(fault).__name__}")
        next_step = "This is a fault of Billhook: report it with the log line 'delivery_fault'. The other documents go on."
        return Refused("internal_fault", f"{type(fault).__name__} while preparing the document.", next_step)

    def _load(self, batch: Sequence[Delivery]) -> list[Consignment]:
        """The consignments of a batch; what is not owed any more is settled at once."""
        loaded = self._tools.consignments.load(batch)
        for item in loaded:
            if isinstance(item, NotOwedNow):
                change = Change(item.delivery.delivery_id, DeliveryState.SKIPPED, "skipped", item.reason)
                self._settle(item.delivery, change)
        return [item for item in loaded if isinstance(item, Consignment)]

    def _hand_over(self, consignments: Sequence[Consignment]) -> None:
        with self._tools.units_of_work() as uow:
            ours = uow.deliveries.mark_handed_over(self._lease, [consignment.delivery_id for consignment in consignments])
            uow.commit()
        if not ours:
            raise LeaseVoid
        self._handed_over.update(consignment.delivery_id for consignment in consignments)

    def _settle(self, delivery: Delivery, change: Change) -> None:
        now = self._tools.clock.now()
        with self._tools.units_of_work() as uow:
            ours = uow.deliveries.settle(self._lease, [change], now)
            if ours and change.state is DeliveryState.NEEDS_HUMAN:
                self._alert(uow, delivery, change, now)
            uow.commit()
        if not ours:
            raise LeaseVoid
        self._settled += 1
        self._tools.telemetry.event(
            "delivery_settled",
            delivery_id=delivery.delivery_id,
            integration=delivery.integration,
            state=str(change.state),
            outcome=change.outcome,
        )

    def _change(self, delivery: Delivery, outcome: Outcome, duration_ms: int) -> Change:
        now = self._tools.clock.now()
        if isinstance(outcome, Delivered):
            return _delivered(delivery, outcome, duration_ms)
        if isinstance(outcome, Refused):
            return _refused(delivery, outcome, duration_ms)
        if isinstance(outcome, RetryLater) and delivery.attempts + 1 >= ATTEMPTS_MAX:
            return _given_up(delivery, outcome.reason, duration_ms)
        state, code, due_at = DeliveryState.PENDING, "connection_lost", now
        if isinstance(outcome, RetryLater):
            state, code, due_at = DeliveryState.WAITING, "retry_later", now + self._pause(delivery, outcome.after_s)
        elif isinstance(outcome, Unknown):
            state, code, due_at = DeliveryState.UNKNOWN, "unknown", now + _LOOK_UP_AFTER
        return Change(delivery.delivery_id, state, code, outcome.reason, due_at=due_at, duration_ms=duration_ms)

    def _pause(self, delivery: Delivery, after_s: float | None) -> timedelta:
        return timedelta(seconds=after_s or delay_s(delivery.attempts + 1, self._tools.jitter()))

    def _look_up_unknown(self, destination: Destination) -> None:
        now = self._tools.clock.now()
        with self._tools.units_of_work() as uow:
            unknown = uow.deliveries.unknown(self._lease, now, self._tools.batch_size)
        by_id = {delivery.delivery_id: delivery for delivery in unknown}
        for consignment in self._load(unknown):
            delivery = by_id[consignment.delivery_id]
            self._settle(delivery, self._found(delivery, destination.look_up(consignment), now))

    def _found(self, delivery: Delivery, answer: LookUp, now: datetime) -> Change:
        if isinstance(answer, Delivered):
            return _delivered(delivery, answer, 0)
        if isinstance(answer, NotThere):
            return Change(delivery.delivery_id, DeliveryState.PENDING, "not_there", "It did not arrive: it is sent again.", due_at=now)
        if isinstance(answer, RetryLater):
            due_at = now + self._pause(delivery, answer.after_s)
            return Change(delivery.delivery_id, DeliveryState.UNKNOWN, "look_up_later", answer.reason, due_at=due_at)
        return _undecidable(delivery, answer)

    def _alert(self, uow: UnitOfWork, delivery: Delivery, change: Change, now: datetime) -> None:
        recipients = str(self._lane.integration.settings.get("errors_to") or "")
        if not recipients:
            return
        text = f"Delivery dlv_{delivery.delivery_id} ({delivery.subject} {delivery.subject_id}) to {delivery.integration}: {change.detail}"
        sender = str(self._lane.integration.settings.get("email_from") or "")
        batch = f"{delivery.company}/{now.date().isoformat()}"
        key = f"dlv_{delivery.delivery_id}:{delivery.attempts}"
        uow.alerts.add([Alert(recipients, sender, batch, key, delivery.company, text, change.next_step)], now)

    def _park(self, reason: str, retry_after_s: float | None) -> None:
        now = self._tools.clock.now()
        seconds = retry_after_s or delay_s(self._lease.failures + 1, self._tools.jitter())
        with self._tools.units_of_work() as uow:
            uow.deliveries.park(self._lease, now + timedelta(seconds=seconds), reason)
            uow.commit()
        self._tools.telemetry.problem("lane_parked", integration=self._lease.integration, reason=reason, seconds=round(seconds))

    def _release(self) -> None:
        with self._tools.units_of_work() as uow:
            uow.deliveries.release_lease(self._lease)
            uow.commit()


def _delivered(delivery: Delivery, outcome: Delivered, duration_ms: int) -> Change:
    return Change(
        delivery.delivery_id,
        DeliveryState.DELIVERED,
        "delivered",
        remote_id=outcome.remote_id,
        remote_url=outcome.remote_url,
        duration_ms=duration_ms,
    )


def _refused(delivery: Delivery, outcome: Refused, duration_ms: int) -> Change:
    detail = f"{outcome.code}: {outcome.text}"
    # An adapter does not know the id of the delivery, and a next step must work as it is pasted.
    next_step = outcome.next_step.replace("{delivery}", f"dlv_{delivery.delivery_id}")
    return Change(delivery.delivery_id, DeliveryState.NEEDS_HUMAN, "refused", detail, next_step=next_step, duration_ms=duration_ms)


def _given_up(delivery: Delivery, reason: str, duration_ms: int) -> Change:
    next_step = f"Mend the cause, then: billhook deliveries retry dlv_{delivery.delivery_id}"
    detail = f"Given up after {delivery.attempts + 1} attempts: {reason}"
    return Change(delivery.delivery_id, DeliveryState.NEEDS_HUMAN, "given_up", detail, next_step=next_step, duration_ms=duration_ms)


def _undecidable(delivery: Delivery, answer: CannotTell) -> Change:
    name = f"dlv_{delivery.delivery_id}"
    return Change(
        delivery.delivery_id,
        DeliveryState.NEEDS_HUMAN,
        "cannot_tell",
        "It was handed over and no answer came, so it may have arrived.",
        next_step=f"{answer.how_to_check} Then: billhook deliveries delivered {name} (it arrived) or retry {name} (it did not).",
    )
