"""Mail the gathered alerts to those who want to know of errors: one mail a batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from application.ports.alerts import AlertMail
from application.ports.clock import Clock
from application.ports.mailer import Mail, Mailer, MailSession
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from domain.delivery.outcome import Delivered
from domain.errors import DomainError, TemporaryFailure

_LANE = "alerts"
_LEASE = timedelta(seconds=60)
_MAILS_MAX = 50


@dataclass(frozen=True, slots=True)
class SendAlerts:
    """Send what is unsent. Alerts younger than ``gather_s`` seconds wait for company."""

    gather_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SendAlertsHandler:
    """At least once: dying between mail and mark sends the mail again, with the same Message-ID."""

    units_of_work: UnitsOfWork
    mailer: Mailer
    compose: Callable[[AlertMail], Mail]
    clock: Clock
    telemetry: Telemetry
    owner: str

    def __call__(self, command: SendAlerts) -> int:
        """How many mails were sent."""
        now = self.clock.now()
        with self.units_of_work() as uow:
            mails = uow.alerts.unsent(now - timedelta(seconds=command.gather_s), _MAILS_MAX)
        if not mails:
            return 0
        with self.units_of_work() as uow:
            lease = uow.deliveries.take_lease(_LANE, self.owner, now, now + _LEASE)
            uow.commit()
        if lease is None:
            return 0
        try:
            return self._send_all(mails)
        except (TemporaryFailure, DomainError) as error:
            self.telemetry.problem("alerts_not_sent", reason=error.text)
            return 0
        finally:
            with self.units_of_work() as uow:
                uow.deliveries.release_lease(lease)
                uow.commit()

    def _send_all(self, mails: Sequence[AlertMail]) -> int:
        with self.mailer.open() as session:
            return sum(self._send(session, mail) for mail in mails)

    def _send(self, session: MailSession, mail: AlertMail) -> int:
        outcome = session.send(self.compose(mail), lambda: None)
        if not isinstance(outcome, Delivered):
            self.telemetry.problem("alert_not_sent", recipients=mail.recipients, outcome=repr(outcome))
            return 0
        with self.units_of_work() as uow:
            uow.alerts.mark_sent(mail.alert_ids, self.clock.now())
            uow.commit()
        return 1
