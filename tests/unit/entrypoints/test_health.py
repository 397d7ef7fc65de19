import json
import threading
from http.client import HTTPConnection
from typing import Any

import pytest

from application.ports.destination import CheckResult
from domain.errors import DomainError, TemporaryFailure
from entrypoints.health import STALLED_AFTER_S, Pulse, serving


def ask(address: str, path: str) -> tuple[int, dict[str, Any]]:
    host, _, port = address.rpartition(":")
    connection = HTTPConnection(host, int(port), timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, json.loads(body)


def test_a_part_that_goes_on_is_alive_until_it_stalls() -> None:
    """Each part for itself: one that hangs is not hidden by another that goes on."""
    now = [0.0]
    pulse = Pulse(lambda: now[0])
    intake, _worker = pulse.of("intake"), pulse.of("worker")

    now[0] = STALLED_AFTER_S + 1
    intake()

    assert [(check.name, check.ok) for check in pulse.checks()] == [("intake", True), ("worker", False)]


def test_each_path_answers_with_its_checks() -> None:
    """200 where all is well, 503 where a check fails, 404 for what there is not."""
    ready = [CheckResult("database", ok=True, detail="there")]
    complete = [*ready, CheckResult("disk", ok=False, detail="full", next_step="Make room.")]

    with serving("127.0.0.1:0", {"/ready": lambda: ready, "/complete": lambda: complete}) as address:
        good, bad, unknown = ask(address, "/ready?x=1"), ask(address, "/complete"), ask(address, "/")

    assert good == (200, {"ok": True, "checks": [{"name": "database", "ok": True, "detail": "there", "next_step": ""}]})
    assert (bad[0], bad[1]["ok"], bad[1]["checks"][1]["next_step"]) == (503, False, "Make room.")
    assert unknown[0] == 404


@pytest.mark.parametrize("error", [TemporaryFailure("The database is away."), DomainError("wrong_schema", "The database is away.")])
def test_a_check_that_cannot_be_made_is_a_finding(error: Exception) -> None:
    """The probe gets an answer, not a lost connection."""

    def checks() -> list[CheckResult]:
        raise error

    with serving("127.0.0.1:0", {"/ready": checks}) as address:
        status, document = ask(address, "/ready")

    assert (status, document["checks"][0]["detail"]) == (503, "The database is away.")


def test_many_probes_at_once_make_the_checks_once() -> None:
    """What was found is good for two seconds: probes must not load the database."""
    made: list[int] = []
    with serving("127.0.0.1:0", {"/ready": lambda: made.append(1) or []}) as address:  # type: ignore[func-returns-value]
        threads = [threading.Thread(target=ask, args=(address, "/ready")) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)

    assert len(made) == 1


def test_an_address_that_is_taken_is_told() -> None:
    """With the setting to correct."""
    with serving("127.0.0.1:0", {}) as address, pytest.raises(DomainError) as refusal, serving(address, {}):
        pass

    assert (refusal.value.code, refusal.value.next_step) == ("address_taken", "Correct BILLHOOK_HEALTH_ADDRESS.")
