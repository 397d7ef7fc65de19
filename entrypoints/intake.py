"""The intake's role: order messages from the broker, or from files in a folder, into the store."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from application.catalogue import Catalogue
from application.message_batches import in_batches
from application.ports.clock import Clock
from application.ports.pauses import Queue
from application.ports.quarantine import IncomingMessage
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from application.use_cases.accept_messages import AcceptedMessages, AcceptMessages
from domain.errors import TemporaryFailure
from entrypoints.order_files import read_messages

_POLL_S = 1.0
# A file that was written to more recently may still be growing.
_QUIET_S = 2.0
_DONE = (".done", ".error", ".part", ".tmp")

# A pause is obeyed, and its end noticed, within this time and a little more.
_ASKED_EVERY_S = 1.0

# What shows that a file changed or was replaced: inode, size in bytes, time of the last write in ns.
_Look = tuple[int, int, int]


def acceptor(catalogue: Catalogue) -> Callable[[Sequence[IncomingMessage]], AcceptedMessages]:
    """What a consumer hands its batches to."""
    return lambda batch: catalogue.accept_messages(AcceptMessages(batch))


@dataclass(slots=True)
class IntakePermission:
    """Whether nobody has paused the intake, or all. The database is asked once a second; while it is away, the last answer counts."""

    units_of_work: UnitsOfWork
    clock: Clock
    _asked_at: float = field(default=-_ASKED_EVERY_S, init=False)
    _may: bool = field(default=True, init=False)

    def __call__(self) -> bool:
        """As it was at most a second ago."""
        if time.monotonic() - self._asked_at >= _ASKED_EVERY_S:
            with contextlib.suppress(TemporaryFailure), self.units_of_work() as uow:
                self._may = uow.pauses.of_queue(Queue.INTAKE, "", self.clock.now()) is None
            self._asked_at = time.monotonic()
        return self._may


def run_folder(  # noqa: PLR0913 - what a role needs, by name
    catalogue: Catalogue,
    telemetry: Telemetry,
    folder: Path,
    stop: threading.Event,
    *,
    until_idle: bool = False,
    may_go_on: Callable[[], bool] = lambda: True,
    on_beat: Callable[[], None] = lambda: None,
) -> None:
    """Take files as they come to a folder; ``order_files`` tells what may be in them.

    A file is taken once two looks at it see the same and its last write is 2 seconds ago, so one that is being written waits.
    It is renamed after the commit (``.done``, or ``.error`` where something in it was quarantined), so that dying in between
    only reads it again, which changes nothing. One that grew meanwhile is not renamed, and read again in the same way. A writer
    that pauses for longer must write under another name (``.part``) and rename it at the end.

    ``may_go_on`` is asked before each batch. Where it says no, a file that was begun is read again from its start later. ``on_beat``
    is called as often.
    """

    def goes_on() -> bool:
        on_beat()
        return may_go_on()

    folder.mkdir(parents=True, exist_ok=True)
    before: Mapping[Path, _Look] = {}
    while not stop.is_set():
        looks = _look_around(folder)
        if not goes_on():
            looks = {}
        if until_idle and not looks:
            return
        for path, look in sorted(looks.items()):
            if look == before.get(path) and _is_quiet(look):
                _take(catalogue, telemetry, path, look, goes_on)
        before = looks
        stop.wait(_POLL_S)


def _look_around(folder: Path) -> dict[Path, _Look]:
    waiting = (path for path in folder.iterdir() if not path.name.startswith(".") and path.suffix not in _DONE and path.is_file())
    looks = ((path, _look(path)) for path in waiting)
    return {path: look for path, look in looks if look is not None}


def _look(path: Path) -> _Look | None:
    try:
        return _signs(path.stat())
    except FileNotFoundError:  # taken away, or taken by another intake
        return None


def _signs(found: os.stat_result) -> _Look:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _is_quiet(look: _Look) -> bool:
    # A write in the future is that of a copy with another machine's clock: two looks then have to do.
    return abs(time.time() - look[2] / 1e9) >= _QUIET_S


def _take(catalogue: Catalogue, telemetry: Telemetry, path: Path, look: _Look, may_go_on: Callable[[], bool]) -> None:
    accepted = quarantined = 0
    try:
        with path.open("rb") as lines:
            if _signs(os.fstat(lines.fileno())) != look:
                return
            for batch in in_batches(read_messages(path.name, lines)):
                if not may_go_on():
                    telemetry.event("intake_paused", file=path.name, next_step="billhook pauses list")
                    return
                result = catalogue.accept_messages(AcceptMessages(batch))
                accepted += result.accepted
                quarantined += result.quarantined
    except TemporaryFailure as failure:
        telemetry.problem("intake_waits", file=path.name, reason=failure.text)
        return
    except FileNotFoundError:
        return
    if _look(path) != look:
        telemetry.event("file_still_written", file=path.name, accepted=accepted)
        return
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    path.rename(path.with_name(f"{path.name}.{stamp}{'.error' if quarantined else '.done'}"))
    telemetry.event("file_taken", file=path.name, accepted=accepted, quarantined=quarantined)
