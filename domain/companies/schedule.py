"""When the invoice runs of a plan happen. Pure: the clock is an argument, and the only outside fact is zoneinfo's time zone database.

A run belongs to a slot, and a slot is a local time in the plan's zone. A slot fires at the first instant at which a clock on the wall
there shows its time or a later one. That one sentence settles every change of the clock:

- a time that exists twice (clocks go back) fires once, the first time round; the repeated hour of an hourly schedule does not fire again;
- a time that does not exist (clocks go forward) fires at the first instant after the gap;
- slots that would fire at the same instant, because a gap swallowed them, are one slot: the last of them; the others never existed.

So the instants of a schedule strictly increase, and a slot's key, stored with a unique constraint per company, lets it fire only once
through restarts, competing schedulers and a new edition of the time zone database.
"""

from bisect import bisect_left
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo


class Every(StrEnum):
    """How often a plan invoices.

    Day, week and month are the only public list of the Invoice Schedule (facts, seed systems 1.2); hour and dispatch come from the design.
    """

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    DISPATCH = "dispatch"


@dataclass(frozen=True, slots=True)
class Schedule:
    """The rhythm of a plan's runs; the defaults are Sunday at midnight (seed 002: Invoice Schedule, Next Invoice).

    ``at`` is a local time in whole minutes; an hourly schedule uses its minute only. ``weekday`` runs from Monday 0 to Sunday 6. ``day`` is
    the day of the month, and means the last day in a month that is too short. ``timezone`` is an IANA name. ValueError on anything else.
    """

    every: Every = Every.WEEK
    at: time = time(0, 0)
    weekday: int = 6
    day: int = 1
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        _zone(self.timezone)
        if self.at.tzinfo is not None or self.at.second or self.at.microsecond:
            raise ValueError(f"The time of day {self.at} must be a local time in whole minutes, such as 09:30.")
        if self.weekday not in range(7):
            raise ValueError(f"The weekday {self.weekday} must be from 0 (Monday) to 6 (Sunday).")
        if self.day not in range(1, 32):
            raise ValueError(f"The day of the month {self.day} must be from 1 to 31.")


@dataclass(frozen=True, slots=True)
class Slot:
    """One run of a plan, identified by its local time (naive, whole minutes) and zone, whatever the clocks there do."""

    local: datetime
    timezone: str

    def __post_init__(self) -> None:
        _zone(self.timezone)
        if self.local.tzinfo is not None or self.local.second or self.local.microsecond:
            raise ValueError(f"The local time {self.local} of a slot must be naive and in whole minutes.")

    @classmethod
    def from_key(cls, key: str) -> Self:
        """Read back what ``key`` wrote. Raises ValueError on any other text."""
        local, _, timezone = key.partition("@")
        slot = cls(datetime.fromisoformat(local), timezone)
        if slot.key != key:
            raise ValueError(f"{key!r} is not the key of a slot, such as 2026-11-22T00:00@Europe/London.")
        return slot

    @property
    def key(self) -> str:
        """The slot's identity as stable text, such as ``2026-11-22T00:00@Europe/London``; unique together with the company."""
        return f"{self.local.isoformat(timespec='minutes')}@{self.timezone}"

    @property
    def instant(self) -> datetime:
        """The UTC time at which the slot fires: when the zone's clock first shows its local time or a later one."""
        return _first_instant(self.local, _zone(self.timezone))


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What a scheduler does about a due slot: fire ``fire`` now, and store ``then`` as the next one (None: the schedule has no slots)."""

    fire: Slot
    then: Slot | None


def next_slot(schedule: Schedule, after: datetime) -> Slot | None:
    """Return the first slot that fires strictly after the aware time ``after``; None for ``dispatch``, which has no slots.

    Cost: one candidate, and one more for each slot that a clock set back shows a second time (at most two in any rule in force today).
    """
    if schedule.every == Every.DISPATCH:
        return None
    zone = _zone(schedule.timezone)
    after = _utc(after)
    local = _following(schedule, _wall_clock(after, zone))
    while (instant := _first_instant(local, zone)) <= after:
        local = _following(schedule, local)
    # After a gap the clock shows more than ``local``: of the slots swallowed by it the last one stands for all.
    return Slot(_latest(schedule, _wall_clock(instant, zone)), schedule.timezone)


def effective_schedule(schedule: Schedule | None, next_invoice_at: datetime | None, *, timezone: str = "UTC") -> Schedule:
    """Return the schedule that every slot after the first run comes from.

    Nothing set: Sunday 00:00 in ``timezone``, which counts only without a schedule (seed 002: "it will default to Sunday at Midnight").
    ``next_invoice_at`` set: its local time of day replaces that of the schedule (seed 002: "default to a certain time of day via the Next
    Invoice field"); weekday and day of the month stay the schedule's.
    """
    schedule = schedule or Schedule(timezone=timezone)
    if next_invoice_at is None:
        return schedule
    local = _wall_clock(_utc(next_invoice_at), _zone(schedule.timezone))
    return replace(schedule, at=local.time().replace(second=0, microsecond=0))


def first_run(schedule: Schedule | None, next_invoice_at: datetime | None, now: datetime, *, timezone: str = "UTC") -> Slot | None:
    """Return the slot of a plan's first run; None for ``dispatch``. To be asked once, when a plan starts or its schedule is changed.

    Nothing set: the next full hour (seed 002: "it will automatically send in the next hour"), counted in UTC, where no hour is repeated.
    ``next_invoice_at`` set: that time, seconds dropped; if it is past, the run is due at once. Only a schedule set: its next slot.
    """
    if schedule is None and next_invoice_at is None:
        return next_slot(Schedule(every=Every.HOUR), now)
    schedule = schedule or Schedule(timezone=timezone)
    if next_invoice_at is None or schedule.every == Every.DISPATCH:
        return next_slot(schedule, now)
    return _slot_at(next_invoice_at, schedule.timezone)


def catch_up(schedule: Schedule, due: Slot, now: datetime) -> CatchUp:
    """Return what to fire for the stored slot ``due``, and the slot after it, so that an outage costs one run and not one per missed slot.

    The slot that fires is the due one, the first that was missed: it depends on stored state only, so schedulers whose clocks differ claim
    the same key and one of them loses. All other slots up to ``now`` are passed over. Whether ``due`` is due is the caller's finding, from
    the time it stored; if a newer time zone database puts the slot later than ``now``, it still fires only once.
    """
    return CatchUp(fire=due, then=next_slot(schedule, max(_utc(now), due.instant)))


_PERIODS = {Every.HOUR: timedelta(hours=1), Every.DAY: timedelta(days=1), Every.WEEK: timedelta(days=7), Every.MONTH: timedelta(days=30)}
# Zoneinfo would open these too, but they mean whatever the machine is set to, nothing yet, or count leap seconds.
_NO_IANA_NAMES = ("localtime", "posixrules", "Factory", "posix/", "right/")
_MID_MONTH = 15  # thirty days before or after it is always the neighbouring month


def _latest(schedule: Schedule, local: datetime) -> datetime:
    slot = _of_period(schedule, local)
    return slot if slot <= local else _neighbour(schedule, local, -1)


def _following(schedule: Schedule, local: datetime) -> datetime:
    slot = _of_period(schedule, local)
    return slot if slot > local else _neighbour(schedule, local, 1)


def _neighbour(schedule: Schedule, local: datetime, step: int) -> datetime:
    anchor = local.replace(day=_MID_MONTH) if schedule.every == Every.MONTH else local
    return _of_period(schedule, anchor + step * _PERIODS[schedule.every])


def _of_period(schedule: Schedule, local: datetime) -> datetime:
    """Return the slot of the hour, day, week or month that ``local`` lies in, be it before or after ``local``."""
    if schedule.every == Every.HOUR:
        return local.replace(minute=schedule.at.minute, second=0, microsecond=0)
    date = local.date()
    if schedule.every == Every.WEEK:
        date += timedelta(days=schedule.weekday - date.weekday())
    elif schedule.every == Every.MONTH:
        date = date.replace(day=min(schedule.day, monthrange(date.year, date.month)[1]))
    return datetime.combine(date, schedule.at)


def _slot_at(instant: datetime, timezone: str) -> Slot:
    """Return the slot that fires at ``instant``: in the zone, or in UTC where the zone's clock shows that time for the second time."""
    instant = _utc(instant).replace(second=0, microsecond=0)
    slot = Slot(_wall_clock(instant, _zone(timezone)).replace(second=0), timezone)
    return slot if slot.instant == instant else Slot(instant.replace(tzinfo=None), "UTC")


def _first_instant(local: datetime, zone: ZoneInfo) -> datetime:
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return instant if _wall_clock(instant, zone) == local else _end_of_gap(local, zone)


def _end_of_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """Halve the time between the two readings of a missing local time (PEP 495: fold 1 lies before the change, fold 0 after it)."""
    before, after = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    seconds = range(int((after - before).total_seconds()) + 1)
    return before + timedelta(seconds=bisect_left(seconds, local, key=lambda s: _wall_clock(before + timedelta(seconds=s), zone)))


def _wall_clock(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"The time {instant} has no zone; give it in UTC.")
    return instant.astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    with suppress(LookupError, ValueError, OSError):
        if not name.startswith(_NO_IANA_NAMES):
            return ZoneInfo(name)
    raise ValueError(f"There is no time zone {name!r}; use an IANA name such as Europe/London.")
