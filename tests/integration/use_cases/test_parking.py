"""A fault in one company's invoicing sets that company aside, and no other; on SQLite and PostgreSQL."""

import pytest

from application.pausing import reason_of
from application.ports.audit_log import AuditFilter
from application.ports.pauses import PauseScope
from application.use_cases.execute_run import ExecuteRun
from application.use_cases.resume_work import ResumeWork, ResumeWorkHandler
from application.use_cases.sweep import Sweep, SweepHandler
from domain.companies.integration import Integration
from domain.errors import Conflict
from tests.factories import a_company, a_configuration
from tests.integration.use_cases.house import LANE, House, a_message


@pytest.fixture
def two_companies(house: House) -> House:
    """501 and 502, each with an order that is due and a run that waits."""
    house.configure(a_configuration(a_company(ref="501"), a_company(ref="502"), revision=2))
    house.feed(a_message("1"), a_message("2", company_ref_id=502))
    with house.units_of_work() as uow:
        for company in ("501", "502"):
            uow.runs.add(company, "slot", house.clock.now())
        uow.commit()
    return house


def due_runs(house: House) -> tuple[int, ...]:
    return SweepHandler(house.units_of_work, house.hints, house.clock)(Sweep(hints=False)).runs


def break_down(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking what the mailer of 501 takes meets a fault that nobody thought of."""
    takes = house.destinations.takes

    def fails(integration: Integration) -> frozenset[str]:
        if integration.company == "501":
            raise ZeroDivisionError("no such thing")
        return takes(integration)

    monkeypatch.setattr(house.destinations, "takes", fails)


def test_a_company_whose_run_meets_a_fault_is_parked_and_the_others_are_invoiced(
    two_companies: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pause names the fault, whom to tell and the undo; nothing of the company is issued; the run stays open."""
    house = two_companies
    break_down(house, monkeypatch)
    first, second = due_runs(house)

    with pytest.raises(Conflict) as parked:
        house.execute_run(ExecuteRun(first))
    done = house.execute_run(ExecuteRun(second))
    with house.units_of_work() as uow:
        [pause] = uow.pauses.open(house.clock.now())
        [entry] = uow.audit.list(AuditFilter(subject="company:501"), 0, 10)

    assert (parked.value.code, done.issued) == ("company_parked", (1,))
    assert "billhook resume --company 501" in parked.value.next_step
    assert (pause.scope, pause.subject, pause.actor, pause.until) == (PauseScope.COMPANY, "501", "billhook", None)
    assert "ZeroDivisionError in run_1" in reason_of(pause)
    assert "support" in reason_of(pause)
    assert (entry.entry.actor, entry.entry.action, entry.entry.detail) == ("billhook", "paused", "run_1")
    assert due_runs(house) == ()
    [told] = [facts for name, facts in house.telemetry.events if name == "company_parked"]
    assert "no such thing" in str(told["error"])
    assert house.problems() == []


def test_a_parked_company_goes_on_where_it_stopped_once_it_is_resumed(two_companies: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same run, without a gap in the numbers."""
    house = two_companies
    with monkeypatch.context() as broken:
        break_down(house, broken)
        first, _ = due_runs(house)
        with pytest.raises(Conflict):
            house.execute_run(ExecuteRun(first))

    ResumeWorkHandler(house.units_of_work, house.hints, house.clock)(ResumeWork(PauseScope.COMPANY, "501", "ann"))

    assert first in due_runs(house)
    assert house.execute_run(ExecuteRun(first)).issued == (1,)
    assert house.problems() == []


def test_a_lane_that_meets_a_fault_rests_and_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lease is given back, nothing was sent, and after the rest it goes on."""
    house.feed(a_message("1"))
    house.run()
    with monkeypatch.context() as broken:
        broken.setattr(house.destinations, "open", lambda _lane: 1 // 0)
        settled = house.drain()
    with house.units_of_work() as uow:
        [lane] = uow.deliveries.lanes("", None, house.clock.now())

    house.clock.advance(hours=1)

    assert (settled, lane.owner, lane.failures) == (0, "", 1)
    assert "ZeroDivisionError" in lane.reason
    assert (lane.integration, house.drain()) == (LANE, 1)
