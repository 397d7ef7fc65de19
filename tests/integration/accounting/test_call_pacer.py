"""Permits within a vendor's limits, counted over all workers."""

from threading import Thread

import pytest

from application.accounting.call_pacer import Budget, CallPacer
from domain.delivery.call_budget import CallLimits, Window
from domain.errors import TemporaryFailure
from tests.integration.accounting.office import Office

MINUTE = Budget("xero:tenant-1", CallLimits((Window(3, 60.0),), in_flight_max=2, day_calls=6, reserve=2))
APP = Budget("xero-app:billhook", CallLimits((Window(100, 60.0),)), blocked_by="app")


def a_pacer(office: Office, nap_max_s: float = 5.0) -> CallPacer:
    """Its naps move the clock on, and so take no time."""
    return CallPacer(office.units_of_work, office.clock, lambda seconds: office.clock.advance(seconds=seconds), nap_max_s)


def call(pacer: CallPacer, *budgets: Budget, can_wait: bool = False) -> None:
    with pacer.permit(budgets or (MINUTE, APP), can_wait=can_wait) as permit:
        permit.answered()


def test_a_call_too_many_waits_for_the_lane_with_the_time_and_the_limit(office: Office) -> None:
    """Longer than a nap is no work for a worker; after that time it goes."""
    pacer = a_pacer(office)
    for _ in range(3):
        call(pacer)

    with pytest.raises(TemporaryFailure, match=r"xero:tenant-1 is reached \(3 in 60 s\)") as caught:
        call(pacer)

    assert 60 <= caught.value.retry_after_s <= 61
    office.clock.advance(seconds=caught.value.retry_after_s)
    call(pacer)


def test_a_short_wait_is_slept(office: Office) -> None:
    """So often as it takes, but never longer than a nap in all."""
    pacer = a_pacer(office)
    fast = Budget("jortt:app", CallLimits((Window(2, 1.0),)))
    before = office.clock.now()

    for _ in range(8):
        call(pacer, fast)

    assert 3.0 <= (office.clock.now() - before).total_seconds() <= 3.5
    with pytest.raises(TemporaryFailure):
        call(a_pacer(office, nap_max_s=0.5), fast)


def test_calls_that_can_wait_leave_the_reserve(office: Office) -> None:
    """The last calls of the day are for what is urgent."""
    pacer = a_pacer(office)
    for _ in range(4):
        office.clock.advance(seconds=61)
        call(pacer, can_wait=True)
    office.clock.advance(seconds=61)

    with pytest.raises(TemporaryFailure, match="day"):
        call(pacer, can_wait=True)
    call(pacer)
    call(pacer)
    with pytest.raises(TemporaryFailure, match="day"):
        call(pacer)


def test_a_block_holds_for_the_limit_that_the_vendor_named(office: Office) -> None:
    """The app's own limit stops all its tenants, a tenant's only that one."""
    pacer = a_pacer(office)
    other = Budget("xero:tenant-2", MINUTE.limits)
    with pacer.permit((MINUTE, APP)) as permit:
        permit.blocked(40, "minute")

    call(pacer, other, APP)
    with pytest.raises(TemporaryFailure, match="xero:tenant-1") as caught:
        call(pacer)
    assert caught.value.retry_after_s == pytest.approx(40)

    office.clock.advance(seconds=41)
    with pacer.permit((MINUTE, APP)) as permit:
        permit.blocked(30, "AppMinute")
    with pytest.raises(TemporaryFailure, match="xero-app:billhook"):
        call(pacer, other, APP)


def test_what_is_left_of_the_day_is_kept_where_there_is_a_limit_of_the_day(office: Office) -> None:
    """As the vendor said it last."""
    pacer = a_pacer(office)

    with pacer.permit((MINUTE, APP)) as permit:
        permit.answered(day_left=4)

    with office.units_of_work() as uow:
        assert uow.call_budgets.find(MINUTE.key).left_today(MINUTE.limits, office.clock.now().timestamp()) == 4
        assert uow.call_budgets.find(APP.key).day_left is None


def test_a_permit_comes_back_whatever_happens(office: Office) -> None:
    """Also where the call broke; only so many are under way at a time."""
    pacer = a_pacer(office, nap_max_s=0.0)
    wide = Budget("xero:tenant-3", CallLimits(in_flight_max=1))

    def break_midway() -> None:
        with pacer.permit([wide]):
            with pytest.raises(TemporaryFailure, match="calls at a time"):
                call(pacer, wide)
            raise ValueError("the call broke")

    with pytest.raises(ValueError, match="broke"):
        break_midway()

    call(pacer, wide)


def test_many_workers_together_make_no_call_too_many(office_on_each: Office) -> None:
    """Each counts what the others do."""
    pacer = a_pacer(office_on_each, nap_max_s=0.0)
    budget = Budget("xero:tenant-4", CallLimits((Window(10, 60.0),)))
    made: list[int] = []

    def work() -> None:
        for number in range(5):
            try:
                call(pacer, budget)
            except TemporaryFailure:
                continue
            made.append(number)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 10
