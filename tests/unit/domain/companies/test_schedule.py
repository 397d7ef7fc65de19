"""Examples of when invoice runs happen; the laws behind them are in test_schedule_properties.py."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from domain.companies.schedule import CatchUp, Every, Schedule, Slot, catch_up, effective_schedule, first_run, next_slot

LONDON = "Europe/London"


def utc(text: str) -> datetime:
    """Read `2026-03-29 01:00` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def firings(schedule: Schedule, after: str, count: int) -> list[str]:
    """Return the next slots as `local time = UTC time`."""
    found: list[str] = []
    now = utc(after)
    for _ in range(count):
        slot = next_slot(schedule, now)
        assert slot is not None
        now = slot.instant
        found.append(f"{slot.local:%m-%d %H:%M} = {now:%m-%d %H:%M}")
    return found


# The ordinary calendar


def test_the_default_is_sunday_at_midnight() -> None:
    """Seed 002: without a time it defaults to Sunday at midnight, which is the midnight a Sunday starts with."""
    assert firings(Schedule(), "2026-11-21 05:46", 2) == ["11-22 00:00 = 11-22 00:00", "11-29 00:00 = 11-29 00:00"]


def test_an_hourly_schedule_fires_at_its_minute_of_the_hour() -> None:
    """The hour of `at` means nothing to it."""
    hourly = Schedule(every=Every.HOUR, at=time(17, 20))

    assert firings(hourly, "2026-11-21 23:10", 2) == ["11-21 23:20 = 11-21 23:20", "11-22 00:20 = 11-22 00:20"]


def test_a_daily_schedule_fires_at_its_time_in_the_zone_of_the_plan() -> None:
    """Midnight in Kathmandu is 18:15 in UTC."""
    daily = Schedule(every=Every.DAY, timezone="Asia/Kathmandu")

    assert firings(daily, "2026-11-21 18:14", 2) == ["11-22 00:00 = 11-21 18:15", "11-23 00:00 = 11-22 18:15"]


def test_a_weekly_schedule_keeps_its_local_time_when_the_offset_changes() -> None:
    """Nine o'clock stays nine o'clock before and after the clocks go forward."""
    weekly = Schedule(weekday=0, at=time(9), timezone=LONDON)

    assert firings(weekly, "2026-03-22 00:00", 2) == ["03-23 09:00 = 03-23 09:00", "03-30 09:00 = 03-30 08:00"]


def test_the_thirty_first_means_the_last_day_of_a_shorter_month() -> None:
    """Clamping one month does not move the next one."""
    monthly = Schedule(every=Every.MONTH, day=31)

    days = [line[:5] for line in firings(monthly, "2027-12-31 12:00", 5)]

    assert days == ["01-31", "02-29", "03-31", "04-30", "05-31"]


def test_a_monthly_schedule_crosses_the_year() -> None:
    """December is followed by January, and an ordinary February has 28 days."""
    monthly = Schedule(every=Every.MONTH, day=29, at=time(23, 59))

    assert [line[:5] for line in firings(monthly, "2026-12-29 23:58", 3)] == ["12-29", "01-29", "02-28"]


def test_the_next_slot_is_strictly_after_the_given_time() -> None:
    """Asked at the very instant of a slot, the answer is the one after it; a microsecond earlier it is that slot."""
    midnight = utc("2026-11-22 00:00")

    assert next_slot(Schedule(), midnight) == Slot.from_key("2026-11-29T00:00@UTC")
    assert next_slot(Schedule(), midnight - timedelta(microseconds=1)) == Slot.from_key("2026-11-22T00:00@UTC")


def test_invoicing_on_dispatch_has_no_slots() -> None:
    """There is nothing to wait for: each order is invoiced as soon as it is billable."""
    on_dispatch = Schedule(every=Every.DISPATCH)

    assert next_slot(on_dispatch, utc("2026-11-21 00:00")) is None
    assert first_run(on_dispatch, utc("2026-11-22 09:00"), utc("2026-11-21 00:00")) is None


# Clocks going forward


def test_a_missing_time_fires_at_the_first_instant_after_the_gap() -> None:
    """London has no 01:30 on 29 March 2026; the run of that day is neither lost nor an hour late."""
    daily = Schedule(every=Every.DAY, at=time(1, 30), timezone=LONDON)

    assert firings(daily, "2026-03-28 12:00", 2) == ["03-29 01:30 = 03-29 01:00", "03-30 01:30 = 03-30 00:30"]


@pytest.mark.parametrize(
    ("zone", "after", "expected"),
    [
        ("America/Havana", "2026-03-07 12:00", "03-08 00:00 = 03-08 05:00"),
        ("Asia/Beirut", "2026-03-28 12:00", "03-29 00:00 = 03-28 22:00"),
        ("America/Asuncion", "2023-09-30 12:00", "10-01 00:00 = 10-01 04:00"),
    ],
)
def test_the_default_sunday_midnight_fires_where_clocks_skip_just_that_hour(zone: str, after: str, expected: str) -> None:
    """Some countries change their clocks on Sunday at 00:00, so the default slot is the one that does not exist."""
    assert firings(Schedule(timezone=zone), after, 1) == [expected]


def test_an_hourly_slot_that_coincides_with_its_successor_is_left_out() -> None:
    """01:00 does not exist and would fire when the clock shows 02:00, as 02:00 itself does: one run, not two."""
    hourly = Schedule(every=Every.HOUR, timezone=LONDON)

    assert firings(hourly, "2026-03-28 23:30", 3) == ["03-29 00:00 = 03-29 00:00", "03-29 02:00 = 03-29 01:00", "03-29 03:00 = 03-29 02:00"]


def test_an_hourly_slot_in_a_gap_is_kept_where_it_has_its_own_instant() -> None:
    """01:30 does not exist and fires at 02:00, half an hour before 02:30."""
    hourly = Schedule(every=Every.HOUR, at=time(0, 30), timezone=LONDON)

    assert firings(hourly, "2026-03-29 00:00", 3) == ["03-29 00:30 = 03-29 00:30", "03-29 01:30 = 03-29 01:00", "03-29 02:30 = 03-29 01:30"]


def test_a_gap_of_half_an_hour_moves_an_hourly_slot_by_a_quarter() -> None:
    """Lord Howe Island goes from 02:00 to 02:30, so 02:15 fires at 02:30."""
    hourly = Schedule(every=Every.HOUR, at=time(0, 15), timezone="Australia/Lord_Howe")

    assert firings(hourly, "2026-10-03 15:00", 2) == ["10-04 02:15 = 10-03 15:30", "10-04 03:15 = 10-03 16:15"]


def test_the_midnight_of_a_day_that_was_skipped_is_left_out() -> None:
    """Samoa had no 30 December 2011: its midnight would coincide with that of the 31st."""
    daily = Schedule(every=Every.DAY, timezone="Pacific/Apia")

    assert firings(daily, "2011-12-29 00:00", 2) == ["12-29 00:00 = 12-29 10:00", "12-31 00:00 = 12-30 10:00"]


def test_the_friday_run_of_a_skipped_friday_fires_when_saturday_starts() -> None:
    """A weekly run is not lost with its day."""
    weekly = Schedule(weekday=4, at=time(9), timezone="Pacific/Apia")

    assert firings(weekly, "2011-12-29 00:00", 2) == ["12-30 09:00 = 12-30 10:00", "01-06 09:00 = 01-05 19:00"]


def test_the_hours_of_a_skipped_day_are_one_run() -> None:
    """All twenty-four of them would fire at the same instant."""
    hourly = Schedule(every=Every.HOUR, at=time(0, 30), timezone="Pacific/Apia")

    assert firings(hourly, "2011-12-30 09:00", 3) == ["12-29 23:30 = 12-30 09:30", "12-30 23:30 = 12-30 10:00", "12-31 00:30 = 12-30 10:30"]


# Clocks going back


def test_a_repeated_time_fires_the_first_time_round_only() -> None:
    """London has 01:30 twice on 25 October 2026."""
    daily = Schedule(every=Every.DAY, at=time(1, 30), timezone=LONDON)

    assert firings(daily, "2026-10-24 12:00", 2) == ["10-25 01:30 = 10-25 00:30", "10-26 01:30 = 10-26 01:30"]


def test_between_the_two_occurrences_the_slot_has_already_fired() -> None:
    """The clock shows 01:10 for the second time; 01:30 is ahead on the wall, but was fired an hour ago."""
    daily = Schedule(every=Every.DAY, at=time(1, 30), timezone=LONDON)

    assert firings(daily, "2026-10-25 01:10", 1) == ["10-26 01:30 = 10-26 01:30"]


def test_an_hourly_schedule_does_not_fire_in_the_repeated_hour() -> None:
    """A slot is its local time, so the 25-hour day has 24 runs."""
    hourly = Schedule(every=Every.HOUR, timezone=LONDON)

    assert firings(hourly, "2026-10-24 23:30", 2) == ["10-25 01:00 = 10-25 00:00", "10-25 02:00 = 10-25 02:00"]


def test_a_repeated_half_hour_does_not_fire_twice() -> None:
    """Lord Howe Island goes back from 02:00 to 01:30, so 01:45 is shown twice."""
    hourly = Schedule(every=Every.HOUR, at=time(0, 45), timezone="Australia/Lord_Howe")

    assert firings(hourly, "2026-04-04 14:00", 2) == ["04-05 01:45 = 04-04 14:45", "04-05 02:45 = 04-04 16:15"]


# Identity


def test_a_slot_is_named_by_its_local_time_and_zone() -> None:
    """The text is stored under a unique constraint, so it never changes."""
    slot = next_slot(Schedule(timezone=LONDON), utc("2026-11-21 00:00"))

    assert slot is not None
    assert slot.key == "2026-11-22T00:00@Europe/London"
    assert Slot.from_key(slot.key) == slot


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22T00:00",
        "2026-11-22T00:00@",
        "2026-11-22@UTC",
        "20261122T0000@UTC",
        "2026-11-22T00:00:30@UTC",
        "2026-11-22T00:00+01:00@UTC",
    ],
)
def test_only_the_exact_text_of_a_key_is_read_back(text: str) -> None:
    """A second spelling of the same slot would slip past the unique constraint."""
    with pytest.raises(ValueError, match=r"\w"):
        Slot.from_key(text)


# The first run


def test_with_nothing_set_the_first_run_is_at_the_next_full_hour() -> None:
    """Seed 002: "it will automatically send in the next hour"."""
    slot = first_run(None, None, utc("2026-11-21 05:46"))

    assert slot is not None
    assert slot.instant == utc("2026-11-21 06:00")


def test_with_nothing_set_the_first_run_is_within_the_hour_even_when_clocks_go_back() -> None:
    """Counted on London's clock, the slot after 01:30 would be an hour and a half away."""
    slot = first_run(None, None, utc("2026-10-25 00:30"), timezone=LONDON)

    assert slot is not None
    assert slot.instant == utc("2026-10-25 01:00")


def test_with_nothing_set_later_runs_are_on_sunday_at_midnight_in_the_zone_of_the_plan() -> None:
    """Seed 002: "then it will default to Sunday at Midnight"."""
    later = effective_schedule(None, None, timezone="America/New_York")

    assert firings(later, "2026-11-21 06:00", 2) == ["11-22 00:00 = 11-22 05:00", "11-29 00:00 = 11-29 05:00"]


def test_a_next_invoice_time_is_the_first_run_and_later_runs_keep_its_time_of_day() -> None:
    """Seed 002: Next Invoice sets a time of day by default; the weekday stays that of the schedule."""
    schedule, next_invoice_at = Schedule(weekday=0, at=time(6), timezone=LONDON), utc("2026-07-15 13:15")

    slot = first_run(schedule, next_invoice_at, utc("2026-07-01 00:00"))
    later = effective_schedule(schedule, next_invoice_at)

    assert slot == Slot.from_key("2026-07-15T14:15@Europe/London")
    assert firings(later, "2026-07-15 13:15", 1) == ["07-20 14:15 = 07-20 13:15"]
    assert firings(later, "2026-12-01 00:00", 1) == ["12-07 14:15 = 12-07 14:15"]


def test_a_next_invoice_time_without_a_schedule_is_followed_by_sundays_at_that_time() -> None:
    """Weekly on Sunday is the default rhythm, and only its midnight is replaced."""
    next_invoice_at = utc("2026-11-24 16:30")

    slot = first_run(None, next_invoice_at, utc("2026-11-21 00:00"), timezone=LONDON)

    assert slot == Slot.from_key("2026-11-24T16:30@Europe/London")
    assert firings(effective_schedule(None, next_invoice_at, timezone=LONDON), "2026-11-24 16:30", 1) == ["11-29 16:30 = 11-29 16:30"]


def test_a_next_invoice_time_that_is_past_is_due_at_once() -> None:
    """The person asked for a run then; it is late, not void."""
    slot = first_run(Schedule(), utc("2026-11-20 09:00"), utc("2026-11-21 00:00"))

    assert slot is not None
    assert slot.instant == utc("2026-11-20 09:00")


def test_a_next_invoice_time_in_the_repeated_hour_is_not_an_hour_early() -> None:
    """The second 01:30 in London has no slot of its own there, so it is kept as a slot of UTC."""
    slot = first_run(Schedule(timezone=LONDON), utc("2026-10-25 01:30"), utc("2026-10-01 00:00"))

    assert slot is not None
    assert slot.instant == utc("2026-10-25 01:30")
    assert slot.key == "2026-10-25T01:30@UTC"


def test_the_seconds_of_a_next_invoice_time_are_dropped() -> None:
    """Slots are whole minutes."""
    slot = first_run(Schedule(), utc("2026-11-24 09:15:42.5"), utc("2026-11-21 00:00"))

    assert slot is not None
    assert slot.key == "2026-11-24T09:15@UTC"
    assert effective_schedule(Schedule(), utc("2026-11-24 09:15:42.5")).at == time(9, 15)


def test_a_schedule_alone_starts_at_its_next_slot() -> None:
    """The run within the hour is for plans with nothing set."""
    schedule = Schedule(every=Every.DAY, at=time(18), timezone=LONDON)

    assert first_run(schedule, None, utc("2026-11-21 05:46")) == next_slot(schedule, utc("2026-11-21 05:46"))
    assert effective_schedule(schedule, None) == schedule


# After an outage


def test_after_an_outage_the_first_missed_slot_fires_and_the_others_are_passed_over() -> None:
    """Four nights were missed; one run catches up, and the next is tonight's."""
    daily = Schedule(every=Every.DAY, timezone=LONDON)
    due = Slot.from_key("2026-11-17T00:00@Europe/London")

    answer = catch_up(daily, due, utc("2026-11-20 15:00"))

    assert answer == CatchUp(fire=due, then=Slot.from_key("2026-11-21T00:00@Europe/London"))


def test_without_an_outage_the_due_slot_fires_and_the_following_one_is_next() -> None:
    """The ordinary tick is the same rule with nothing missed."""
    due = Slot.from_key("2026-11-22T00:00@UTC")

    assert catch_up(Schedule(), due, due.instant) == CatchUp(fire=due, then=Slot.from_key("2026-11-29T00:00@UTC"))


def test_two_schedulers_whose_clocks_differ_claim_the_same_slot() -> None:
    """One is past the next slot already; the key it writes is still that of the stored one, so the database lets one of them win."""
    hourly = Schedule(every=Every.HOUR)
    due = Slot.from_key("2026-11-21T05:00@UTC")

    early, late = (catch_up(hourly, due, utc(now)) for now in ("2026-11-21 05:59:59", "2026-11-21 06:00:01"))

    assert early.fire.key == late.fire.key


def test_a_slot_that_new_time_zone_rules_put_later_is_not_fired_again() -> None:
    """The stored time came when the slot's own instant is still to come; the slot after it is next all the same."""
    due = Slot.from_key("2026-11-22T00:00@UTC")

    assert catch_up(Schedule(), due, due.instant - timedelta(hours=1)).then == Slot.from_key("2026-11-29T00:00@UTC")


def test_a_plan_changed_to_dispatch_has_nothing_after_its_due_slot() -> None:
    """The slot that is due still fires."""
    due = Slot.from_key("2026-11-22T00:00@UTC")

    assert catch_up(Schedule(every=Every.DISPATCH), due, due.instant) == CatchUp(fire=due, then=None)


# Refusals


@pytest.mark.parametrize("name", ["Europe/Londn", "", "Europe", "../etc/passwd", "/etc/localtime", "localtime", "right/UTC", "a\0b"])
def test_a_zone_that_is_no_iana_name_is_refused_in_plain_words(name: str) -> None:
    """Also refused are names that zoneinfo would open, but whose meaning is the machine's own or counts leap seconds."""
    with pytest.raises(ValueError, match=r"There is no time zone .*; use an IANA name such as Europe/London\."):
        Schedule(timezone=name)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Schedule(weekday=7), "weekday 7"),
        (lambda: Schedule(weekday=-1), "weekday -1"),
        (lambda: Schedule(day=0), "day of the month 0"),
        (lambda: Schedule(day=32), "day of the month 32"),
        (lambda: Schedule(at=time(9, 30, 15)), "time of day 09:30:15"),
        (lambda: Schedule(at=time(9, 30, tzinfo=UTC)), "time of day 09:30"),
    ],
)
def test_a_schedule_no_calendar_has_is_refused(make: Callable[[], Schedule], text: str) -> None:
    """The message repeats the value and says what would be right."""
    with pytest.raises(ValueError, match=text):
        make()


def test_a_slot_whose_local_time_has_seconds_or_a_zone_is_refused() -> None:
    """Its key could not be told from another's."""
    for local in (datetime.fromisoformat("2026-11-22 00:00:01"), utc("2026-11-22 00:00")):
        with pytest.raises(ValueError, match="whole minutes"):
            Slot(local, "UTC")


@pytest.mark.parametrize(
    "ask",
    [
        lambda naive: next_slot(Schedule(), naive),
        lambda naive: first_run(None, None, naive),
        lambda naive: first_run(None, naive, utc("2026-11-21 00:00")),
        lambda naive: effective_schedule(None, naive),
        lambda naive: catch_up(Schedule(), Slot.from_key("2026-11-22T00:00@UTC"), naive),
    ],
)
def test_a_time_without_a_zone_is_refused(ask: Callable[[datetime], object]) -> None:
    """Python would read it in the zone of the machine."""
    with pytest.raises(ValueError, match="has no zone"):
        ask(datetime.fromisoformat("2026-11-21 00:00"))
