"""Drive orders or deliveries again, by filter and time range: what is right already stays as it is.

In batches, each its own transaction with how far it came: stopping midway loses nothing, and `continue` goes on there.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.day_calls import day_calls
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.replays import Replay, Replayed, Selection
from application.ports.task_queue import TaskQueue
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.replaying.step import ReplayStep
from domain.errors import Conflict, NotFound, TemporaryFailure

_BATCH = 200
# One that was not moved on for this long was stopped, and may be continued.
_STOPPED_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class StartReplay:
    """``rate`` is how many a second, at most; 0: as fast as it goes. ``dry_run`` does the real work and keeps none of it.

    ``begun`` is called with the replay's id once it is recorded, ``progress`` with the count looked at after each batch.
    """

    what: Replayed
    wanted: Selection
    actor: str
    reason: str = ""
    rate: float = 0.0
    dry_run: bool = False
    progress: Callable[[int], None] | None = None
    begun: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class ContinueReplay:
    """Go on with one that was stopped; ``actor`` goes to the audit log. ``dry_run`` tells what is left of it, and keeps nothing."""

    replay_id: int
    rate: float = 0.0
    progress: Callable[[int], None] | None = None
    actor: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ReplayHandler:
    """Raises NotFound for an id that does not exist, Conflict where the same selection is being replayed right now."""

    units_of_work: UnitsOfWork
    steps: Mapping[Replayed, ReplayStep]
    task_queue: TaskQueue
    clock: Clock
    sleep: Callable[[float], None]

    def __call__(self, command: StartReplay | ContinueReplay) -> Replay:
        """How far it came: to its end, unless it is interrupted."""
        if isinstance(command, ContinueReplay):
            replay = self._find(command)
            return self._rehearse(replay, command) if command.dry_run else self._drive(replay, command)
        if command.dry_run:
            return self._rehearse(_new(command, self.clock), command)
        return self._drive(self._begin(command), command)

    def _begin(self, command: StartReplay) -> Replay:
        now = self.clock.now()
        with self.units_of_work() as uow:
            other = uow.replays.open_like(command.what, command.wanted)
            if other is not None and now - other.updated_at < _STOPPED_AFTER:
                raise _running(other)
            replay = uow.replays.begin(_new(command, self.clock))
            detail = f"{command.what}: {_told(command.wanted)}"
            uow.audit.add(AuditEntry(now, command.actor, "replayed", f"rpl_{replay.replay_id}", command.reason, detail))
            uow.commit()
        if command.begun:
            command.begun(replay.replay_id)
        return replay

    def _find(self, command: ContinueReplay) -> Replay:
        now = self.clock.now()
        with self.units_of_work() as uow:
            replay = uow.replays.lock(command.replay_id)
            if replay is None:
                raise NotFound("replay", f"rpl_{command.replay_id}", "billhook replay list")
            if replay.finished_at is None and now - replay.updated_at < _STOPPED_AFTER:
                raise _running(replay)
            if command.actor and replay.finished_at is None and not command.dry_run:
                detail = f"behind {replay.looked_at} looked at"
                uow.audit.add(AuditEntry(now, command.actor, "replay_continued", f"rpl_{replay.replay_id}", detail=detail))
                uow.commit()
        return replay

    def _drive(self, replay: Replay, command: StartReplay | ContinueReplay) -> Replay:
        try:
            return self._go_through(replay, command)
        except KeyboardInterrupt:
            self._let_go(replay.replay_id)
            raise

    def _let_go(self, replay_id: int) -> None:
        """It may be continued at once: nobody is at it any more."""
        with suppress(TemporaryFailure), self.units_of_work() as uow:
            replay = uow.replays.lock(replay_id)
            if replay is not None:
                uow.replays.save(replace(replay, updated_at=self.clock.now() - _STOPPED_AFTER))
                uow.commit()

    def _go_through(self, replay: Replay, command: StartReplay | ContinueReplay) -> Replay:
        filled = set[str]()
        while replay.finished_at is None:
            self._keep_reserve(replay, filled)
            before = replay
            replay, lanes = self._batch(replay)
            self.task_queue.lanes_due(lanes)
            filled.update(lanes)
            if command.progress:
                command.progress(replay.looked_at)
            if command.rate and replay.finished_at is None:
                self.sleep((replay.looked_at - before.looked_at) / command.rate)
        return replay

    def _keep_reserve(self, replay: Replay, filled: Collection[str]) -> None:
        """What is old leaves the last calls of a vendor's day to what is new.

        Some deliveries take a call of their own, so each that waits counts as one.
        """
        with self.units_of_work() as uow:
            refusals = [_no_calls_left(uow, path, self.clock.now()) for path in sorted(filled)]
        text = next(filter(None, refusals), "")
        if text:
            self._let_go(replay.replay_id)
            step = f"Go on when fewer wait, or tomorrow: billhook replay continue rpl_{replay.replay_id}"
            raise Conflict("day_reserve", f"{text} The replay stopped after {replay.looked_at}.", step)

    def _batch(self, replay: Replay) -> tuple[Replay, Sequence[str]]:
        step = self.steps[replay.what]
        with self.units_of_work() as uow:
            locked = uow.replays.lock(replay.replay_id) or replay
            if locked.finished_at is not None or locked.position != replay.position:
                return locked, ()  # somebody else continues it, too
            ids = _next_ids(uow, step, locked)
            now = self.clock.now()
            done = step.drive(uow, ids, locked, now)
            moved = replace(
                locked,
                position=ids[-1] if ids else locked.position,
                looked_at=locked.looked_at + len(ids),
                changed=locked.changed + done.changed,
                updated_at=now,
                finished_at=None if ids else now,
            )
            uow.replays.save(moved)
            uow.commit()
        return moved, done.lanes

    def _rehearse(self, replay: Replay, command: StartReplay | ContinueReplay) -> Replay:
        """The real work, each batch in a transaction that is rolled back: nobody waits for the locks of a million rows."""
        counted = set[int]()
        while replay.finished_at is None:
            with self.units_of_work() as uow:
                ids = _next_ids(uow, self.steps[replay.what], replay)
                if not ids:
                    break
                done = self.steps[replay.what].drive(uow, ids, replay, self.clock.now(), counted)
            counted |= done.documents
            replay = replace(replay, position=ids[-1], looked_at=replay.looked_at + len(ids), changed=replay.changed + done.changed)
            if command.progress:
                command.progress(replay.looked_at)
        return replay


def _no_calls_left(uow: UnitOfWork, path: str, now: datetime) -> str:
    """Why nothing more should be put into a lane; empty where it may."""
    integration = uow.configurations.current().integrations.get(path)
    calls = day_calls(uow, integration, now)
    if integration is None or calls is None:
        return ""
    waiting = sum(lane.depth for lane in uow.deliveries.lanes("", None, now, integration.company) if lane.integration == path)
    if calls.left - waiting > calls.reserve:
        return ""
    return (
        f"{path} has {waiting} deliveries waiting and {calls.left} calls left today, of which {calls.reserve} are kept for new documents."
    )


def _new(command: StartReplay, clock: Clock) -> Replay:
    now = clock.now()
    return Replay(0, command.what, command.wanted, command.actor, command.reason, 0, 0, 0, now, now)


def _next_ids(uow: UnitOfWork, step: ReplayStep, replay: Replay) -> Sequence[int]:
    left = min(_BATCH, replay.wanted.limit - replay.looked_at)
    return step.select(uow, replay.wanted, replay.position, left) if left > 0 else ()


def _running(replay: Replay) -> Conflict:
    text = f"{replay.actor} is replaying the same {replay.what} right now, as rpl_{replay.replay_id}."
    return Conflict(
        "replay_running", text, f"Wait for it, or two minutes after it stopped: billhook replay continue rpl_{replay.replay_id}"
    )


def _told(wanted: Selection) -> str:
    names = ("company", "decision", "integration", "state", "since", "until", "limit")
    told = {name: getattr(wanted, name) for name in names}
    return ", ".join(
        filter(None, (f"{len(wanted.ids)} by id" if wanted.ids else "", *(f"{name} {told[name]}" for name in names if told[name])))
    )
