"""Read messages again that could not be read before: after a mend here, or of the configuration."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.unit_of_work import UnitsOfWork
from application.quarantining import quarantined, settled_already
from application.use_cases.accept_messages import AcceptedMessages, AcceptMessages, AcceptMessagesHandler

_PAGE = 100


@dataclass(frozen=True, slots=True)
class ReplayQuarantine:
    """By ids; without any, those still set aside that arrived from ``since`` on and before ``until``, ``limit`` of them at most.

    ``rate`` is how many a second, at most; 0: as fast as it goes.
    """

    ids: tuple[int, ...] = ()
    dry_run: bool = False
    actor: str = ""
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    rate: float = 0.0
    progress: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class ReplayQuarantineHandler:
    """What can be read now is recorded and marked replayed in one transaction a message; the rest stays as it is.

    Stopping midway needs no record: what was read is not set aside any more.
    """

    units_of_work: UnitsOfWork
    accept_messages: AcceptMessagesHandler
    clock: Clock
    sleep: Callable[[float], None]

    def __call__(self, command: ReplayQuarantine) -> AcceptedMessages:
        """What became of the messages; ``quarantined`` counts those that still cannot be read.

        Raises NotFound for an id that does not exist, Conflict for a message that was dismissed; then nothing is read.
        """
        self._require_wanted(command.ids)
        for quarantine_id in command.ids:
            self._note(command, f"qrt_{quarantine_id}", "quarantine_replayed", "")
        if not command.ids:
            # What came of it is noted at the end, and that it began before: a process that is killed notes nothing any more.
            self._note(command, "quarantine", "quarantine_replay_begun", _selection(command))
        total, is_whole = AcceptedMessages(), False
        try:
            for result in self._results(command):
                total += result
            is_whole = True
        finally:
            if not command.ids:
                self._note(command, "quarantine", "quarantine_replayed", _outcome(total, is_whole=is_whole))
        return total

    def _results(self, command: ReplayQuarantine) -> Iterator[AcceptedMessages]:
        for count, quarantine_id in enumerate(self._wanted(command), 1):
            yield self._replay(quarantine_id, dry_run=command.dry_run)
            if command.progress:
                command.progress(count)
            if command.rate:
                self.sleep(1 / command.rate)

    def _require_wanted(self, ids: tuple[int, ...]) -> None:
        with self.units_of_work() as uow:
            for row in (quarantined(uow, id_) for id_ in ids):
                if row.dismissal is not None:
                    raise settled_already(row)

    def _note(self, command: ReplayQuarantine, subject: str, action: str, detail: str) -> None:
        if command.dry_run or not command.actor:
            return
        with self.units_of_work() as uow:
            uow.audit.add(AuditEntry(self.clock.now(), command.actor, action, subject, command.reason, detail))
            uow.commit()

    def _wanted(self, command: ReplayQuarantine) -> Iterator[int]:
        if command.ids:
            yield from command.ids
            return
        after, left = 0, command.limit
        while left is None or left > 0:
            with self.units_of_work() as uow:
                page = uow.quarantine.open_ids(after, command.since, command.until, min(_PAGE, left or _PAGE))
            if not page:
                return
            yield from page
            after = page[-1]
            left = None if left is None else left - len(page)

    def _replay(self, quarantine_id: int, *, dry_run: bool) -> AcceptedMessages:
        with self.units_of_work() as uow:
            row = quarantined(uow, quarantine_id)
        if row.dismissal is not None:
            return AcceptedMessages()  # meanwhile
        if row.size > len(row.message.body):
            return AcceptedMessages(quarantined=1)  # only its beginning was kept: the publisher must send it again
        return self.accept_messages(AcceptMessages((row.message,), replay_of=(quarantine_id,), dry_run=dry_run))


def _selection(command: ReplayQuarantine) -> str:
    told = {"since": command.since, "until": command.until, "limit": command.limit}
    return ", ".join(f"{name} {value}" for name, value in told.items() if value is not None)


def _outcome(total: AcceptedMessages, *, is_whole: bool) -> str:
    read = total.accepted + total.duplicate + total.stale
    end = "" if is_whole else "; it ended before the last message"
    return f"orders read: {read}; messages that still cannot be read: {total.quarantined}{end}"
