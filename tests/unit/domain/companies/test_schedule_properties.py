"""Laws of the schedule, held against a second, naive reading of them: somebody who looks at the clock on the wall once a minute."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.companies.schedule import Every, Schedule, Slot, catch_up, effective_schedule, first_run, next_slot

ZONES = [
    *("UTC", "Africa/Casablanca", "America/Asuncion", "America/Havana", "America/New_York", "America/St_Johns", "Antarctica/Troll"),
    *("Asia/Beirut", "Asia/Kathmandu", "Asia/Pyongyang", "Asia/Tehran", "Australia/Lord_Howe", "Europe/London", "Pacific/Apia"),
    "Pacific/Chatham",
]
FIRST, LAST = datetime(2010, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

timed = [every for every in Every if every is not Every.DISPATCH]
tricky_times = st.sampled_from([time(0), time(1), time(1, 30), time(2, 15), time(23, 59)])
times_of_day = tricky_times | st.builds(time, st.integers(0, 23), st.integers(0, 59))
schedules = st.builds(Schedule, st.sampled_from(timed), times_of_day, st.integers(0, 6), st.integers(1, 31), st.sampled_from(ZONES))
instants = st.integers(0, (LAST - FIRST) // MINUTE).map(lambda minutes: FIRST + minutes * MINUTE)


def wall_clock(instant: datetime, zone: str) -> datetime:
    """Return what a clock in the zone shows."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@cache
def clock_changes(zone: str) -> list[datetime]:
    """Return the days, within a day, on which the offset of the zone changes; a plain day for a zone that has none."""
    days = [FIRST + n * DAY for n in range((LAST - FIRST) // DAY)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    return [days[n] for n, (one, other) in enumerate(pairwise(offsets)) if one != other] or days[:1]


@st.composite
def around_a_clock_change(draw: st.DrawFn) -> tuple[Schedule, datetime]:
    """Draw a schedule with a short period, and a time some hours before the clocks of its zone change."""
    schedule = draw(st.builds(Schedule, st.sampled_from([Every.HOUR, Every.DAY]), times_of_day, timezone=st.sampled_from(ZONES)))
    change = draw(st.sampled_from(clock_changes(schedule.timezone)))
    return schedule, change + draw(st.integers(-6 * 60, 24 * 60)) * MINUTE


def on_schedule(schedule: Schedule, local: datetime) -> bool:
    """Tell whether a local minute is one of the schedule's, by the calendar alone."""
    if schedule.every is Every.HOUR:
        return local.minute == schedule.at.minute
    month_end = monthrange(local.year, local.month)[1]
    right_day = {
        Every.DAY: True,
        Every.WEEK: local.weekday() == schedule.weekday,
        Every.MONTH: local.day == min(schedule.day, month_end),
    }[schedule.every]
    return right_day and local.time() == schedule.at


def watched(schedule: Schedule, start: datetime, end: datetime) -> list[tuple[str, datetime]]:
    """Return key and time of each run between start (exclusive) and end, as seen by looking at the clock every minute.

    A minute that the clock shows or jumps over for the first time counts; of several scheduled minutes at one look, the last one does.
    """
    found: list[tuple[str, datetime]] = []
    instant = start - timedelta(hours=4)
    shown = wall_clock(instant, schedule.timezone)
    while instant < end:
        instant += MINUTE
        fired: datetime | None = None
        while shown < wall_clock(instant, schedule.timezone):
            shown += MINUTE
            fired = shown if on_schedule(schedule, shown) else fired
        if fired is not None and instant > start:
            found.append((Slot(fired, schedule.timezone).key, instant))
    return found


def slots(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Slot]:
    """Walk from slot to slot, each found from the instant of the one before."""
    slot = next_slot(schedule, start)
    while slot is not None and slot.instant <= end:
        yield slot
        slot = next_slot(schedule, slot.instant)


@settings(max_examples=150, deadline=None)
@given(around_a_clock_change())
def test_the_slots_around_a_clock_change_are_those_a_person_at_the_clock_would_fire(case: tuple[Schedule, datetime]) -> None:
    """Same keys at the same instants through gaps, repeated hours and skipped days, from whatever minute one starts."""
    schedule, start = case
    end = start + timedelta(hours=36)

    assert [(slot.key, slot.instant) for slot in slots(schedule, start, end)] == watched(schedule, start, end)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(0), time(2, 15)], ids=str)
@pytest.mark.parametrize("every", [Every.DAY, Every.WEEK, Every.MONTH])
def test_ten_years_of_slots_are_the_days_of_the_calendar_in_strict_order(zone: str, at: time, every: Every) -> None:
    """No scheduled day is lost or doubled; only the midnight of a day that a zone skipped is missing."""
    schedule = Schedule(every, at, weekday=6, day=31, timezone=zone)
    start, end = datetime(2011, 6, 1, tzinfo=UTC), datetime(2021, 6, 1, tzinfo=UTC)

    found = list(slots(schedule, start, end))

    days = (found[0].local + n * DAY for n in range((found[-1].local - found[0].local).days + 1))
    skipped = {datetime.fromisoformat("2011-12-30 00:00")} if zone == "Pacific/Apia" else set()
    assert [slot.local for slot in found] == [day for day in days if on_schedule(schedule, day) and day not in skipped]
    assert all(one.instant < other.instant for one, other in pairwise(found))


@settings(deadline=None)
@given(schedules, instants)
def test_a_slot_is_the_next_one_for_every_time_since_the_slot_before(schedule: Schedule, now: datetime) -> None:
    """Asked at any time, also by a scheduler that was away, the answer depends only on where now lies between two slots."""
    slot = next_slot(schedule, now)
    assert slot is not None

    just_before = slot.instant - timedelta(microseconds=1)

    assert slot.instant > now
    assert next_slot(schedule, just_before) == slot
    assert next_slot(schedule, now + (just_before - now) / 2) == slot


@settings(deadline=None)
@given(schedules, instants)
def test_a_slot_waits_at_most_one_period_and_the_longest_clock_change(schedule: Schedule, now: datetime) -> None:
    """A clock change delays a run by its own length, never by a period: two hours at most, or the day Samoa skipped."""
    longest = {Every.HOUR: timedelta(hours=1), Every.DAY: DAY, Every.WEEK: 7 * DAY, Every.MONTH: 31 * DAY}[schedule.every]
    slot = next_slot(schedule, now)
    assert slot is not None

    assert slot.instant - now <= longest + (DAY if schedule.timezone == "Pacific/Apia" else timedelta(hours=2))


@settings(deadline=None)
@given(schedules, instants)
def test_a_key_reads_back_as_its_slot(schedule: Schedule, now: datetime) -> None:
    """The stored text is enough to go on after a restart."""
    slot = next_slot(schedule, now)

    assert slot is not None
    assert Slot.from_key(slot.key) == slot
    assert Slot.from_key(slot.key).instant == slot.instant


@settings(deadline=None)
@given(st.integers(1, 31), st.integers(2010, 2034), st.integers(1, 12), st.sampled_from(ZONES))
def test_every_month_has_one_run_on_its_day_or_its_last_day(day: int, year: int, month: int, zone: str) -> None:
    """31 becomes 30, 29 or 28, and only in the months that are too short."""
    schedule = Schedule(Every.MONTH, time(12), day=day, timezone=zone)
    month_start = datetime(year, month, 1, tzinfo=ZoneInfo(zone))

    slot = next_slot(schedule, month_start)

    assert slot is not None
    assert slot.local == datetime.combine(month_start.date().replace(day=min(day, monthrange(year, month)[1])), time(12))


@settings(deadline=None)
@given(st.none() | schedules, st.none() | instants, instants, st.sampled_from(ZONES))
def test_the_first_run_keeps_its_promise(schedule: Schedule | None, next_invoice_at: datetime | None, now: datetime, zone: str) -> None:
    """Exactly at the time asked for, else at the next slot of the schedule, else within the hour."""
    slot = first_run(schedule, next_invoice_at, now, timezone=zone)
    assert slot is not None

    if next_invoice_at is not None:
        assert slot.instant == next_invoice_at
        later = effective_schedule(schedule, next_invoice_at, timezone=zone)
        assert later.at == wall_clock(next_invoice_at, later.timezone).time()
    elif schedule is not None:
        assert slot == next_slot(schedule, now)
    else:
        assert now < slot.instant <= now + timedelta(hours=1)


class Fleet:
    """The stored side of scheduling: one next slot per company, and the keys that were fired, unique."""

    def __init__(self, schedule: Schedule, due: Slot) -> None:
        """Start with a stored slot."""
        self.schedule, self.due, self.fired = schedule, due, dict[str, datetime]()

    def tick(self, now: datetime, seen: Slot) -> bool:
        """Fire `seen`, the slot a scheduler read some time ago, unless it is not due by its clock or its key is taken."""
        if seen.instant > now:
            return False
        answer = catch_up(self.schedule, seen, now)
        assert answer.then is not None
        if answer.fire.key in self.fired:
            return False
        self.fired[answer.fire.key] = now
        self.due = answer.then
        return True


outages = st.lists(st.integers(1, 90) | st.integers(1, 60 * 24 * 40), min_size=1, max_size=25)


@settings(deadline=None)
@given(st.sampled_from([Every.HOUR, Every.DAY, Every.WEEK]), around_a_clock_change(), outages)
def test_each_gap_between_two_ticks_costs_one_run_if_slots_fell_into_it(
    every: Every, case: tuple[Schedule, datetime], gaps: list[int]
) -> None:
    """A tick, however late, fires once where one or many slots have passed since the last one, and otherwise not at all."""
    schedule, start = Schedule(every, case[0].at, timezone=case[0].timezone), case[1]
    first = next_slot(schedule, start)
    assert first is not None
    fleet, now = Fleet(schedule, first), start

    for minutes in gaps:
        passed = next_slot(schedule, now)
        now += minutes * MINUTE
        runs_before = len(fleet.fired)
        while fleet.tick(now, fleet.due):
            pass

        assert passed is not None
        assert len(fleet.fired) - runs_before == (passed.instant <= now)
        assert fleet.due.instant > now


@settings(deadline=None)
@given(
    around_a_clock_change(),
    st.lists(st.tuples(st.integers(1, 600), st.integers(-90, 90), st.integers(-90, 90), st.booleans()), min_size=1, max_size=25),
)
def test_of_two_schedulers_that_race_for_a_slot_exactly_one_fires_it(
    case: tuple[Schedule, datetime], rounds: list[tuple[int, int, int, bool]]
) -> None:
    """Both read the same stored slot, their clocks are off by up to 90 minutes, and either may come first."""
    schedule, now = case
    first = next_slot(schedule, now)
    assert first is not None
    fleet = Fleet(schedule, first)

    for minutes, one_off, other_off, swapped in rounds:
        now += minutes * MINUTE
        seen, clocks = fleet.due, [now + one_off * MINUTE, now + other_off * MINUTE]
        due = any(seen.instant <= clock for clock in clocks)
        wins = [fleet.tick(clock, seen) for clock in (reversed(clocks) if swapped else clocks)]

        assert sum(wins) == due
        assert (seen.key in fleet.fired) == due
        assert fleet.due.instant > seen.instant or not due
