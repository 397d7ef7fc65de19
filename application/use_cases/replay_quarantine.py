"""Read messages again that could not be read before: after a mend here, or of the configuration."""

from dataclasses import dataclass

from application.ports.unit_of_work import UnitsOfWork
from application.use_cases.accept_messages import AcceptedMessages, AcceptMessages, AcceptMessagesHandler
from domain.errors import NotFound

_PAGE = 100


@dataclass(frozen=True, slots=True)
class ReplayQuarantine:
    """By ids; none means all that are open."""

    ids: tuple[int, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ReplayQuarantineHandler:
    """What can be read now is recorded and marked replayed in one transaction a message; the rest stays as it is."""

    units_of_work: UnitsOfWork
    accept_messages: AcceptMessagesHandler

    def __call__(self, command: ReplayQuarantine) -> AcceptedMessages:
        """What became of the messages; ``quarantined`` counts those that still cannot be read."""
        results = [self._replay(quarantine_id, dry_run=command.dry_run) for quarantine_id in command.ids or self._open()]
        return AcceptedMessages(
            sum(result.accepted for result in results),
            sum(result.duplicate for result in results),
            sum(result.stale for result in results),
            sum(result.quarantined for result in results),
        )

    def _open(self) -> list[int]:
        ids: list[int] = []
        with self.units_of_work() as uow:
            while page := uow.quarantine.list(ids[-1] if ids else 0, _PAGE, open_only=True):
                ids.extend(row.quarantine_id for row in page)
        return ids

    def _replay(self, quarantine_id: int, *, dry_run: bool) -> AcceptedMessages:
        with self.units_of_work() as uow:
            row = uow.quarantine.find(quarantine_id)
        if row is None:
            raise NotFound("quarantined message", f"qrt_{quarantine_id}", "billhook quarantine list")
        if row.size > len(row.message.body):
            return AcceptedMessages(quarantined=1)  # only its beginning was kept: the publisher must send it again
        return self.accept_messages(AcceptMessages((row.message,), replay_of=(quarantine_id,), dry_run=dry_run))
