"""Take orders from a file on a person's word: the way of every message, and noted in the audit log."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from application.message_batches import in_batches
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.quarantine import IncomingMessage
from application.ports.unit_of_work import UnitsOfWork
from application.use_cases.accept_messages import AcceptedMessages, AcceptMessages, AcceptMessagesHandler


@dataclass(frozen=True, slots=True)
class ImportOrders:
    """``messages`` as they stand in the file called ``name``, read as they are needed; ``progress`` is told how many were taken."""

    messages: Iterable[IncomingMessage]
    name: str
    actor: str
    batch_size: int = 500
    dry_run: bool = False
    progress: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class ImportOrdersHandler:
    """Batch by batch, each its own transaction: stopping midway loses nothing, and the same file again repeats nothing.

    What came of it is noted at the end, also where it ends early. It is noted before the first batch as well, since a process
    that is killed notes nothing any more.
    """

    units_of_work: UnitsOfWork
    accept_messages: AcceptMessagesHandler
    clock: Clock

    def __call__(self, command: ImportOrders) -> AcceptedMessages:
        """What became of the orders in the file."""
        self._note(command, "orders_import_begun", "")
        total, taken, is_whole = AcceptedMessages(), 0, False
        try:
            for batch in in_batches(command.messages, command.batch_size):
                total += self.accept_messages(AcceptMessages(batch, dry_run=command.dry_run))
                taken += len(batch)
                if command.progress:
                    command.progress(taken)
            is_whole = True
        finally:
            self._note(command, "orders_imported", _told(total, is_whole=is_whole))
        return total

    def _note(self, command: ImportOrders, action: str, detail: str) -> None:
        if command.dry_run:
            return
        with self.units_of_work() as uow:
            uow.audit.add(AuditEntry(self.clock.now(), command.actor, action, command.name, detail=detail))
            uow.commit()


def _told(total: AcceptedMessages, *, is_whole: bool) -> str:
    counts = f"{total.accepted} new or newer, {total.duplicate} known already, {total.stale} older than known"
    return f"{counts}, {total.quarantined} quarantined{'' if is_whole else '; it ended before the end of the file'}"
