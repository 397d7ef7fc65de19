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
from traceback import format_exception

from application.consignments import ConsignmentLoader, NotOwedNow
from application.lane_incidents import LaneFailure, deliveries_stopped, lane_failed, lane_works
from application.ports.clock import Clock
from application.ports.deliveries import Change, Delivery, Lease
from application.ports.destination import Consignment, Destination, Destinations, LaneContext, LeaseVoid
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from domain.delivery.backoff import delay_s
from domain.delivery.incident import CANNOT_TELL, GIVEN_UP
from domain.delivery.outcome import (
    CannotTell,
    ConnectionLost,
    Delivered,
    LookUp,
    NotThere,
    Outcome,
    PartlyThere,
    Refused,
    RetryLater,
    StepDone,
    Unknown,
)
from domain.delivery.state import DeliveryState
from domain.errors import DomainError, NotFound, TemporaryFailure

ATTEMPTS_MAX = 20
_LOOK_UP_AFTER = timedelta(seconds=30)
_QUICK_S = 0.5
_GROWTH_MAX = 4
"""Claiming and loading cost the same for any number. A lane that is quick gets more at a time, and still hears of a pause soon."""


@dataclass(frozen=True, slots=True)
class DrainLane:
    """The integration whose lane is to be drained, by its path."""

    integration: str


@dataclass(frozen=True, slots=True)
class DrainLaneHandler:
    """Returns how many deliveries were settled. Does nothing where somebody else has the lane.

    Nor does it where ``company_lanes_max`` lanes of its company are being drained: the others' turns come before a fourth.
    ``slice_s`` is the time slice of an integration of weight 1; one of weight 3 gets three of them in one turn. ``batch_size`` are
    claimed at first, and up to four times as many where they take less than half a second.
    """

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
    company_lanes_max: int = 3

    def __call__(self, command: DrainLane) -> int:
        """Drain until the lane is empty or its time slice is over, so that lanes take turns."""
        lease = self._take(command.integration)
        if lease is None:
            return 0
        return _Drain(self, lease).run()

    def _take(self, integration: str) -> Lease | None:
        now = self.clock.now()
        with self.units_of_work() as uow:
            if uow.pauses.of_lane(integration, now) is not None:
                return None
            until = now + timedelta(seconds=self.lease_s)
            lease = uow.deliveries.take_lease(integration, self.owner, now, until, self.company_lanes_max)
            uow.commit()
        return lease


class _Drain:
    """One drain of one lane under one lease."""

    def __init__(self, tools: DrainLaneHandler, lease: Lease) -> None:
        self._tools = tools
        self._lease = lease
        self._settled = 0
        self._lost: ConnectionLost | None = None
        self._works = False  # something was delivered, and that was told
        self._handed_over: set[int] = set()  # and without an outcome yet
        self._ended: list[tuple[Delivery, Change]] = []

    def run(self) -> int:
        try:
            self._lane = self._context()
            with self._tools.destinations.open(self._lane) as destination:
                self._work(destination)
        except LeaseVoid:
            self._tools.telemetry.event("lane_taken_over", integration=self._lease.integration)
            return self._settled
        except TemporaryFailure as failure:
            self._park(LaneFailure(failure.text, failure.retry_after_s, failure.code))
        except DomainError as error:
            self._park(LaneFailure(error.text, None, error.code, error.next_step))
        except Exception as fault:  # noqa: BLE001 - whatever it is, this lane rests, and the others go on
            self._tools.telemetry.problem("lane_fault", integration=self._lease.integration, error="".join(format_exception(fault)))
            self._park(LaneFailure(f"{type(fault).__name__}, a fault of Billhook: report it with the log line 'lane_fault'."))
        else:
            if self._lost:
                self._park(LaneFailure(self._lost.reason, self._lost.after_s, self._lost.code, self._lost.next_step))
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
        began = time.monotonic()
        ends_at = began + self._tools.slice_s * self._lane.integration.weight
        count = self._tools.batch_size
        while not self._lost and began < ends_at:
            batch = self._claim(count)
            if not batch:  # it is empty, or was paused meanwhile, or is another's, which this finds out
                self._renew()
                return
            self._deliver(destination, batch)
            began, took = time.monotonic(), time.monotonic() - began
            if took < _QUICK_S:
                count = min(count * 2, self._tools.batch_size * _GROWTH_MAX)

    def _renew(self) -> None:
        until = self._tools.clock.now() + timedelta(seconds=self._tools.lease_s)
        with self._tools.units_of_work() as uow:
            lease = uow.deliveries.renew_lease(self._lease, until)
            uow.commit()
        if lease is None:
            raise LeaseVoid
        self._lease = lease

    def _claim(self, count: int) -> Sequence[Delivery]:
        now = self._tools.clock.now()
        with self._tools.units_of_work() as uow:
            if uow.pauses.of_lane(self._lease.integration, now) is not None:
                return []
            batch = uow.deliveries.claim(self._lease, now, count)
            uow.commit()
        return batch

    def _deliver(self, destination: Destination, batch: Sequence[Delivery]) -> None:
        consignments = self._load(batch)
        owed = {consignment.delivery_id for consignment in consignments}
        waiting = {delivery.delivery_id: delivery for delivery in batch if delivery.delivery_id in owed}
        try:
            self._take_outcomes(self._outcomes(destination, consignments, waiting), waiting)
        finally:
            self._settle_ended()
        if waiting:
            self._lost = self._lost or ConnectionLost("The connection ended before every document was handed over.")

    def _take_outcomes(self, outcomes: Iterator[tuple[Consignment, Outcome | StepDone]], waiting: dict[int, Delivery]) -> None:
        started = time.monotonic()
        for consignment, outcome in outcomes:
            if isinstance(outcome, StepDone):
                self._record_step(consignment.delivery_id, outcome)
                continue
            delivery = waiting.pop(consignment.delivery_id)
            duration_ms = round((time.monotonic() - started) * 1000)
            self._ended.append((delivery, self._change(delivery, outcome, duration_ms)))
            self._handed_over.discard(delivery.delivery_id)
            if isinstance(outcome, ConnectionLost):
                self._lost = outcome
            # What was handed over together is settled together; what was handed over alone, at once.
            if not self._handed_over:
                self._settle_ended()
            started = time.monotonic()

    def _outcomes(
        self, destination: Destination, consignments: Sequence[Consignment], waiting: Mapping[int, Delivery]
    ) -> Iterator[tuple[Consignment, Outcome | StepDone]]:
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
                self._settle((item.delivery, change))
        return [item for item in loaded if isinstance(item, Consignment)]

    def _hand_over(self, consignments: Sequence[Consignment]) -> None:
        with self._tools.units_of_work() as uow:
            ours = uow.deliveries.mark_handed_over(self._lease, [consignment.delivery_id for consignment in consignments])
            uow.commit()
        if not ours:
            raise LeaseVoid
        self._handed_over.update(consignment.delivery_id for consignment in consignments)

    def _record_step(self, delivery_id: int, done: StepDone) -> None:
        with self._tools.units_of_work() as uow:
            ours = uow.deliveries.record_step(self._lease, delivery_id, done.step, done.remote_id, self._tools.clock.now())
            uow.commit()
        if not ours:
            raise LeaseVoid
        self._handed_over.discard(delivery_id)

    def _settle_ended(self) -> None:
        ended, self._ended = self._ended, []
        if ended:
            self._settle(*ended)

    def _settle(self, *ended: tuple[Delivery, Change], found: Sequence[StepDone] = ()) -> None:
        """Record what became of deliveries; ``found`` are steps of the first that a look-up found."""
        now = self._tools.clock.now()
        with self._tools.units_of_work() as uow:
            for done in found:
                uow.deliveries.record_step(self._lease, ended[0][0].delivery_id, done.step, done.remote_id, now)
            ours = uow.deliveries.settle(self._lease, [change for _, change in ended], now)
            if ours:
                deliveries_stopped(uow, self._lease.integration, [change for _, change in ended], now)
            if ours and not self._works and any(change.state is DeliveryState.DELIVERED for _, change in ended):
                lane_works(uow, self._lease.integration, now)
                self._works = True
            uow.commit()
        if not ours:
            raise LeaseVoid
        self._settled += len(ended)
        for delivery, change in ended:
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
        state, code, detail, due_at = DeliveryState.PENDING, "connection_lost", outcome.reason, now
        if isinstance(outcome, ConnectionLost):
            detail = f"{outcome.reason} {outcome.next_step}".strip()
        elif isinstance(outcome, RetryLater):
            state, code, due_at = DeliveryState.WAITING, "retry_later", now + self._pause(delivery, outcome.after_s)
        elif isinstance(outcome, Unknown):
            state, code, due_at = DeliveryState.UNKNOWN, "unknown", now + _LOOK_UP_AFTER
        return Change(delivery.delivery_id, state, code, detail, due_at=due_at, duration_ms=duration_ms)

    def _pause(self, delivery: Delivery, after_s: float | None) -> timedelta:
        return timedelta(seconds=after_s or delay_s(delivery.attempts + 1, self._tools.jitter()))

    def _look_up_unknown(self, destination: Destination) -> None:
        now = self._tools.clock.now()
        with self._tools.units_of_work() as uow:
            unknown = uow.deliveries.unknown(self._lease, now, self._tools.batch_size)
        by_id = {delivery.delivery_id: delivery for delivery in unknown}
        for consignment in self._load(unknown):
            delivery = by_id[consignment.delivery_id]
            answer = destination.look_up(consignment)
            # Together: a step alone, recorded and not settled, would have the step after it looked up, which was never begun.
            self._settle((delivery, self._found(delivery, answer, now)), found=answer.steps if isinstance(answer, PartlyThere) else ())

    def _found(self, delivery: Delivery, answer: LookUp, now: datetime) -> Change:
        if isinstance(answer, Delivered):
            return _delivered(delivery, answer, 0)
        if isinstance(answer, PartlyThere):
            return Change(
                delivery.delivery_id, DeliveryState.PENDING, "partly_there", "A part of it arrived: the rest is sent.", due_at=now
            )
        if isinstance(answer, NotThere):
            return Change(delivery.delivery_id, DeliveryState.PENDING, "not_there", "It did not arrive: it is sent again.", due_at=now)
        if isinstance(answer, RetryLater):
            due_at = now + self._pause(delivery, answer.after_s)
            return Change(delivery.delivery_id, DeliveryState.UNKNOWN, "look_up_later", answer.reason, due_at=due_at)
        return _undecidable(delivery, answer)

    def _park(self, failure: LaneFailure) -> None:
        now = self._tools.clock.now()
        failures = 1 if self._works else self._lease.failures + 1
        seconds = failure.retry_after_s or delay_s(failures, self._tools.jitter())
        reason = f"{failure.reason} {failure.next_step}".strip()
        with self._tools.units_of_work() as uow:
            uow.deliveries.park(self._lease, now + timedelta(seconds=seconds), reason, now)
            lane_failed(uow, self._lease.integration, failure, failures, now)
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
        outcome.detail,
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
    detail = f"{GIVEN_UP} {delivery.attempts + 1} attempts: {reason}"
    return Change(delivery.delivery_id, DeliveryState.NEEDS_HUMAN, "given_up", detail, next_step=next_step, duration_ms=duration_ms)


def _undecidable(delivery: Delivery, answer: CannotTell) -> Change:
    name = f"dlv_{delivery.delivery_id}"
    return Change(
        delivery.delivery_id,
        DeliveryState.NEEDS_HUMAN,
        "cannot_tell",
        CANNOT_TELL,
        next_step=f"{answer.how_to_check} Then: billhook deliveries delivered {name} (it arrived) or retry {name} (it did not).",
    )
