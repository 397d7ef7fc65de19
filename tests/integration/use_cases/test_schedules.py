"""Slots fire once, through outages and with two schedulers; on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from application.ports.runs import Run
from application.use_cases.execute_run import ExecuteRun
from application.use_cases.fire_schedules import FireSchedules
from domain.companies.schedule import Every, Schedule
from tests.factories import a_company, a_configuration, a_plan
from tests.integration.use_cases.house import House, a_message


def fire(house: House) -> tuple[int, ...]:
    return house.fire_schedules(FireSchedules())


def runs(house: House) -> list[Run]:
    with house.units_of_work() as uow:
        return list(uow.runs.due(100, house.clock.now()))


def plan(house: House, **changes: object) -> None:
    house.configure(a_configuration(a_company(plan=a_plan(**changes)), revision=2))


def test_without_a_schedule_the_first_run_is_within_the_hour_and_then_on_sundays(house: House) -> None:
    """Seed 002: no time set, so it sends in the next hour and then Sundays at midnight."""
    assert fire(house) == ()
    house.clock.advance(minutes=60)

    assert len(fire(house)) == 1

    with house.units_of_work() as uow:
        [state] = uow.runs.plans()
    assert state.next_run_at == datetime(2026, 11, 22, 0, 0, tzinfo=UTC)


def test_the_slot_of_a_daily_plan_fires_once_however_often_it_is_asked(house: House) -> None:
    plan(house, schedule=Schedule(Every.DAY, timezone="Europe/London"))
    fire(house)
    house.clock.advance(hours=13)

    assert [len(fire(house)) for _ in range(3)] == [1, 0, 0]


def test_two_schedulers_at_once_fire_a_slot_once(house: House) -> None:
    plan(house, schedule=Schedule(Every.HOUR))
    fire(house)
    house.clock.advance(hours=2)

    with ThreadPoolExecutor(2) as pool:
        fired = list(pool.map(lambda _: fire(house), range(2)))

    assert sum(map(len, fired)) == 1


def test_after_an_outage_one_run_catches_up(house: House) -> None:
    plan(house, schedule=Schedule(Every.DAY))
    fire(house)
    house.clock.advance(days=9)

    assert len(fire(house)) == 1
    assert fire(house) == ()


def test_a_changed_schedule_takes_effect_and_a_disabled_plan_never_fires(house: House) -> None:
    plan(house, schedule=Schedule(Every.HOUR))
    fire(house)
    plan(house, schedule=Schedule(Every.HOUR), enabled=False)
    fire(house)
    house.clock.advance(days=2)

    assert fire(house) == ()


def test_dispatch_plans_run_as_soon_as_an_order_is_due_and_only_then(house: House) -> None:
    plan(house, schedule=Schedule(Every.DISPATCH))
    assert fire(house) == ()
    house.feed(a_message())

    [run_id] = fire(house)

    assert fire(house) == (), "the run is open: no second one"
    assert house.execute_run(ExecuteRun(run_id)).issued == (1,)
    assert fire(house) == ()


def test_a_run_that_was_cut_off_is_taken_up_and_ends_once(house: House) -> None:
    plan(house, schedule=Schedule(Every.DISPATCH))
    house.feed(a_message())
    [run_id] = fire(house)
    [run] = runs(house)
    assert run.state != "done"

    first = house.execute_run(ExecuteRun(run_id))
    second = house.execute_run(ExecuteRun(run_id))

    assert first == second
    assert runs(house) == []


def test_first_run_at_a_time_that_was_set_keeps_its_time_of_day(house: House) -> None:
    plan(house, next_invoice_at=datetime(2026, 11, 24, 6, 30, tzinfo=UTC), schedule=Schedule(Every.DAY))
    fire(house)
    house.clock.advance(days=3)

    assert len(fire(house)) == 1

    with house.units_of_work() as uow:
        [state] = uow.runs.plans()
    assert state.next_run_at == datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
