import pytest

from adapters.accounting.xero.limits import budgets_of, day_left, retry_after
from application.accounting.access_tokens import Access
from domain.delivery.call_budget import Calls

ACCESS = Access("token", "tenant", "Demo")


def test_an_organisation_and_the_app_have_budgets_of_their_own() -> None:
    tenant, app = budgets_of(ACCESS, "client", 1000)

    assert (tenant.key, app.key) == ("xero:tenant", "xero-app:client")
    assert (tenant.limits.in_flight_max, tenant.limits.day_calls, tenant.limits.reserve) == (5, 1000, 100)
    assert app.blocked_by == "app"


def test_the_sixty_first_call_waits_for_the_minute() -> None:
    limits = budgets_of(ACCESS, "client", 5000)[0].limits
    calls = Calls(recent=tuple(float(second) / 10 for second in range(60)))

    assert calls.wait_s(limits, 6.0)[0] == pytest.approx(limits.windows[0].held_s - 6.0)
    assert limits.windows[0].held_s >= 60


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "30", "X-Rate-Limit-Problem": "Minute"}, (30.0, "minute")),
        ({"Retry-After": "66975", "X-Rate-Limit-Problem": "day"}, (66975.0, "day")),
        ({"Retry-After": "0", "X-Rate-Limit-Problem": "appminute"}, (1.0, "appminute")),
    ],
)
def test_what_xero_says_is_obeyed(headers: dict[str, str], expected: tuple[float, str]) -> None:
    assert retry_after(headers) == expected


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}, {"X-Rate-Limit-Problem": "concurrent"}])
def test_without_a_time_the_wait_is_short(headers: dict[str, str]) -> None:
    seconds, _ = retry_after(headers)

    assert 0.5 <= seconds <= 1.5


def test_what_is_left_of_the_day_is_read() -> None:
    assert day_left({"X-DayLimit-Remaining": "4321"}) == 4321
    assert day_left({"X-DayLimit-Remaining": "many"}) is None
    assert day_left({}) is None
