"""Tell the operator's webhook of incidents, in order, until it has taken each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.incidents import Notice
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from application.ports.webhook import Webhook
from domain.delivery.backoff import delay_s
from domain.errors import DomainError, TemporaryFailure

ATTEMPTS_MAX = 20
_LANE = "webhook"
_LEASE = timedelta(seconds=300)
# Each may take its time, and who posts has other things to do.
_NOTICES_MAX = 10


@dataclass(frozen=True, slots=True)
class PostNotices:
    """What is due."""


@dataclass(frozen=True, slots=True)
class PostNoticesHandler:
    """At least once: dying between the answer and the note of it posts the event again. ``webhook`` is None where none is set."""

    units_of_work: UnitsOfWork
    webhook: Webhook | None
    clock: Clock
    telemetry: Telemetry
    jitter: Callable[[], float]
    owner: str

    def __call__(self, _command: PostNotices) -> int:
        """How many were taken."""
        now = self.clock.now()
        with self.units_of_work() as uow:
            due = uow.incidents.due_notices(now, _NOTICES_MAX)
        if not due:
            return 0
        if self.webhook is None:
            with self.units_of_work() as uow:
                uow.incidents.drop_notices(now)
                uow.commit()
            return 0
        return self._post_all(self.webhook)

    def _post_all(self, webhook: Webhook) -> int:
        now = self.clock.now()
        with self.units_of_work() as uow:
            lease = uow.deliveries.take_lease(_LANE, self.owner, now, now + _LEASE)
            uow.commit()
        if lease is None:
            return 0
        taken = 0
        try:
            with self.units_of_work() as uow:
                due = uow.incidents.due_notices(now, _NOTICES_MAX)
            for notice in due:
                if not self._post(webhook, notice):
                    # One address: what it does not take now, it takes no better a moment later.
                    break
                taken += 1
        finally:
            with self.units_of_work() as uow:
                uow.deliveries.release_lease(lease)
                uow.commit()
        return taken

    def _post(self, webhook: Webhook, notice: Notice) -> bool:
        try:
            webhook.post(payload_of(notice))
        except (TemporaryFailure, DomainError) as error:
            self._put_off(notice, error.text)
            return False
        with self.units_of_work() as uow:
            uow.incidents.posted(notice, self.clock.now())
            uow.commit()
        return True

    def _put_off(self, notice: Notice, reason: str) -> None:
        attempts = notice.attempts + 1
        due_at = None if attempts >= ATTEMPTS_MAX else self.clock.now() + timedelta(seconds=delay_s(attempts, self.jitter()))
        with self.units_of_work() as uow:
            uow.incidents.put_off(notice, due_at, reason)
            uow.commit()
        self.telemetry.problem("webhook_not_told", incident=f"inc_{notice.incident.incident_id}", reason=reason, gives_up=due_at is None)


def payload_of(notice: Notice) -> dict[str, object]:
    """What is posted (docs/reference/webhook.md). ``id`` and ``event`` together with ``at`` tell a repetition."""
    incident = notice.incident
    return {
        "event": notice.event.value,
        "at": notice.at.isoformat(),
        "id": f"inc_{incident.incident_id}",
        "cause": incident.cause,
        "subject": incident.subject,
        "text": incident.text,
        "next_step": incident.next_step,
        "count": incident.count,
        "opened_at": incident.opened_at.isoformat(),
    }
