from threading import Barrier, Thread

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from domain.delivery.call_budget import CallLimits, Calls, Window
from tests.contracts.persistence.stock import NOW

CALLS = Calls(
    recent=(1_795_000_000.25, 1_795_000_001.5),
    by_hour={1_794_996_000: 7, 1_794_999_600: 2},
    in_flight={"permit": 1_795_000_001.5},
    blocked_until=1_795_000_060.0,
    blocked_for="minute",
    day_left=4_990,
    day_left_at=1_795_000_001.5,
)


def test_calls_come_back_as_they_were_saved(units_of_work: SqlUnitsOfWork) -> None:
    """To the last digit, and nothing for a key that is not known."""
    with units_of_work() as uow:
        assert uow.call_budgets.lock("xero:tenant-1") == Calls()
        uow.call_budgets.save("xero:tenant-1", CALLS, NOW)
        uow.commit()

    with units_of_work() as uow:
        assert uow.call_budgets.find("xero:tenant-1") == uow.call_budgets.lock("xero:tenant-1") == CALLS
        assert uow.call_budgets.find("xero:tenant-2") == Calls()


def test_what_is_not_committed_was_never_called(units_of_work: SqlUnitsOfWork) -> None:
    """Also where the key was locked for the first time."""
    with units_of_work() as uow:
        uow.call_budgets.lock("xero:tenant-1")
        uow.call_budgets.save("xero:tenant-1", CALLS, NOW)

    with units_of_work() as uow:
        assert uow.call_budgets.find("xero:tenant-1") == Calls()


def test_many_that_count_at_once_lose_no_call(units_of_work: SqlUnitsOfWork) -> None:
    """From the first call on, when there is no row to lock yet."""
    start = Barrier(4)
    limits = CallLimits((Window(1_000, 60.0),))

    def call(name: str) -> None:
        start.wait()
        for number in range(5):
            with units_of_work() as uow:
                made = uow.call_budgets.lock("jortt:app")
                uow.call_budgets.save("jortt:app", made.entered(f"{name}{number}", limits, NOW.timestamp()), NOW)
                uow.commit()

    threads = [Thread(target=call, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with units_of_work() as uow:
        assert uow.call_budgets.find("jortt:app").day_used(NOW.timestamp()) == 20
