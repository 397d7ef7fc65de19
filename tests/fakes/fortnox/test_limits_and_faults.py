import threading
import time

import pytest
import requests

from tests.fakes.clock import SetClock
from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.caller import Caller, code_of


def test_more_than_25_calls_in_5_seconds_are_refused_without_a_hint(clocked_fortnox: FakeFortnox, clock: SetClock) -> None:
    """For each company; once the window is empty it goes on."""
    companies = [clocked_fortnox.add_company(tenant_id) for tenant_id in ("1000", "2000")]
    with Caller(clocked_fortnox, "1000") as first, Caller(clocked_fortnox, "2000") as second:
        answers = [first.get("customers") for _ in range(26)]
        other = second.get("customers")
        clock.advance(seconds=5)
        later = first.get("customers")

    assert [answer.status_code for answer in answers] == [200] * 25 + [429]
    assert "Retry-After" not in answers[-1].headers
    assert (other.status_code, later.status_code) == (200, 200)
    assert (clocked_fortnox.refused_calls, [company.refused_calls for company in companies]) == (1, [1, 0])
    assert clocked_fortnox.calls["GET", "/3/customers"] == 28
    assert [company.calls["GET", "/3/customers"] for company in companies] == [27, 1]


def test_refused_calls_count_against_the_limit(clocked_fortnox: FakeFortnox, clock: SetClock) -> None:
    """Hammering does not help."""
    clocked_fortnox.add_company()
    with Caller(clocked_fortnox) as caller:
        for _ in range(25):
            caller.get("customers")
        clock.advance(seconds=3)
        refused = [caller.get("customers").status_code for _ in range(25)]
        clock.advance(seconds=3)

        assert set(refused) == {429}
        assert caller.get("customers").status_code == 429


def test_a_refused_call_does_nothing(clocked_fortnox: FakeFortnox) -> None:
    """429 is safe to repeat."""
    company = clocked_fortnox.add_company()
    clocked_fortnox.window.calls_max = 0
    with Caller(clocked_fortnox) as caller:
        assert caller.post("customers", {"Customer": {"Name": "Åke"}}).status_code == 429

    assert company.customers == {}


def test_a_dropped_answer_hides_whether_the_work_was_done(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """The caller sees the same either way."""
    fake_fortnox.faults.create_then_drop("/3/customers")
    fake_fortnox.faults.drop_before_create("/3/customers")

    for number in ("done", "not-done"):
        with pytest.raises(requests.ConnectionError):
            caller.customer(CustomerNumber=number)

    assert list(fake_fortnox.companies["1000"].customers) == ["done"]
    assert fake_fortnox.faults.pending == []


@pytest.mark.parametrize("processed", [True, False])
def test_an_error_of_the_vendor_may_come_before_or_after_the_work(caller: Caller, fake_fortnox: FakeFortnox, processed: bool) -> None:
    """500 with the code of a system exception."""
    fake_fortnox.faults.status(500, "/3/customers", processed=processed)

    answer = caller.post("customers", {"Customer": {"Name": "Åke", "CustomerNumber": "C1"}})

    assert code_of(answer) == (500, 1000003)
    assert ("C1" in fake_fortnox.companies["1000"].customers) is processed


def test_a_gateway_may_answer_with_a_page(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Only to the request that was meant."""
    fake_fortnox.faults.html_502("/3/invoices*", "GET")

    usual, broken = caller.get("customers"), caller.get("invoices/1")

    assert usual.status_code == 200
    assert (broken.status_code, broken.headers["Content-Type"]) == (502, "text/html")


def test_a_slow_answer_comes_after_the_work(fake_fortnox: FakeFortnox) -> None:
    """Who does not wait for it must look."""
    fake_fortnox.add_company()
    fake_fortnox.faults.slow(30, "/3/customers", "POST")
    headers = {"Authorization": f"Bearer {fake_fortnox.token('1000')}"}

    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{fake_fortnox.api_url}/3/customers", json={"Customer": {"Name": "Åke", "CustomerNumber": "C1"}}, headers=headers, timeout=0.3
        )

    assert "C1" in fake_fortnox.companies["1000"].customers


def test_a_slow_answer_does_not_hold_up_the_end(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Nor other calls."""
    fake_fortnox.faults.slow(30, "/3/customers", "GET")
    started = time.monotonic()
    waiting = threading.Thread(target=lambda: caller.get("customers"))
    waiting.start()
    while not fake_fortnox.calls["GET", "/3/customers"]:
        fake_fortnox.closed.wait(0.01)

    with Caller(fake_fortnox) as other:
        other.get("customers")
    fake_fortnox.closed.set()
    waiting.join()

    assert time.monotonic() - started < 15


def test_what_was_just_made_may_be_missing_from_lists(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """It can be read by its number at once."""
    fake_fortnox.faults.delayed_visibility(lists=2)
    caller.customer(CustomerNumber="C1")

    seen = [len(caller.get("customers").json()["Customers"]) for _ in range(3)]

    assert seen == [0, 0, 1]
    assert caller.get("customers/C1").status_code == 200


def test_calls_can_be_counted_by_pattern(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """With and without a slash at the end."""
    caller.get("customers/1")
    caller.get("customers/2")
    caller.get("customers/")

    assert fake_fortnox.calls.matching("GET", "/3/customers*") == 3
    assert fake_fortnox.calls["GET", "/3/customers"] == 1
