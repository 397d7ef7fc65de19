"""Runs of flows: when, by whom, and one at a time; on SQLite and PostgreSQL."""

from dataclasses import replace
from typing import Any

import pytest

from application.ports.pauses import PauseScope, Stop
from application.queries.list_flows import ListFlowsHandler
from application.use_cases.run_flow import RunDueFlows, RunFlow
from domain.errors import Conflict, TemporaryFailure
from tests.fakes.sources import a_source_order
from tests.integration.use_cases.flow_house import FLOW, FORTNOX, JORTT, FlowHouse, taken


def test_who_ran_a_flow_by_hand_and_why_is_written_down(flowing: FlowHouse) -> None:
    """A preview and a run of the schedule are no acts of a person."""
    flowing.run_flow(RunFlow("in", actor="ann", reason="They wait for it"))
    flowing.run_flow(RunFlow("in", dry_run=True, actor="ben"))
    flowing.house.clock.advance(hours=5)
    flowing.run_flow.run_due(RunDueFlows())

    with flowing.house.units_of_work() as uow:
        acts = uow.audit.about("flow:in")
    assert [(act.actor, act.action, act.reason) for act in acts] == [("ann", "flow_run", "They wait for it")]


def test_a_slot_fires_once_and_an_outage_costs_one_run(flowing: FlowHouse) -> None:
    """Every hour unless the flow says otherwise; a scheduler that comes second finds nothing due."""
    flowing.source.orders = [a_source_order()]
    run_due = flowing.run_flow.run_due
    assert run_due(RunDueFlows()) == ()

    flowing.house.clock.advance(hours=5)
    assert [len(reports) for reports in (run_due(RunDueFlows()), run_due(RunDueFlows()))] == [1, 0]
    flowing.house.drain(JORTT)
    flowing.house.clock.advance(hours=1)

    assert len(run_due(RunDueFlows())) == 1


def test_a_failing_source_costs_nothing_but_time(flowing: FlowHouse) -> None:
    """The problem is told, the lease is free, and the next run takes everything."""
    flowing.source.orders = [a_source_order()]
    flowing.source.failures = [TemporaryFailure("The vendor is away.")]

    with pytest.raises(TemporaryFailure):
        flowing.run()
    assert flowing.state().problem == "The vendor is away."

    assert taken(flowing.run()) == ["in-17"]
    assert flowing.state().problem == ""


def test_a_flow_whose_source_is_paused_rests(flowing: FlowHouse) -> None:
    """It goes on when the pause is over."""
    flowing.source.orders = [a_source_order()]
    flowing.run_flow.run_due(RunDueFlows())
    flowing.house.clock.advance(hours=2)
    now = flowing.house.clock.now()
    with flowing.house.units_of_work() as uow:
        uow.pauses.begin(Stop(PauseScope.INTEGRATION, FORTNOX, "stock-taking", "tests"), now)
        uow.commit()

    assert flowing.run_flow.run_due(RunDueFlows()) == ()
    with pytest.raises(Conflict, match="paused by tests: stock-taking"):
        flowing.run()
    assert taken(flowing.run_flow(RunFlow("in", dry_run=True))) == ["in-17"]
    with flowing.house.units_of_work() as uow:
        uow.pauses.end(PauseScope.INTEGRATION, FORTNOX, "tests", now)
        uow.commit()

    assert len(flowing.run_flow.run_due(RunDueFlows())) == 1


def test_a_flow_that_is_switched_off_takes_nothing_and_may_be_looked_at(flowing: FlowHouse) -> None:
    """Not even by hand; no run of it is to come."""
    flowing.source.orders = [a_source_order()]
    flowing.run_flow.run_due(RunDueFlows())
    flowing.declare(replace(FLOW, enabled=False))

    with pytest.raises(Conflict, match="The flow in is switched off"):
        flowing.run()

    assert taken(flowing.run_flow(RunFlow("in", dry_run=True))) == ["in-17"]
    [listed] = ListFlowsHandler(flowing.house.units_of_work)()
    assert (listed.state.next_run_at is None, listed.next_run_at) == (False, None)


def test_two_runs_of_one_flow_do_not_happen_at_once(flowing: FlowHouse) -> None:
    """Unless the first died: its lease runs out."""
    now = flowing.house.clock.now()
    with flowing.house.units_of_work() as uow:
        state = uow.flows.lock("in")
        uow.flows.save(replace(state, leased_until=now.replace(hour=now.hour + 1), token=7))
        uow.commit()

    with pytest.raises(Conflict, match="running now"):
        flowing.run()
    flowing.house.clock.advance(hours=1, seconds=1)

    assert flowing.run().flow == "in"
    assert flowing.state().token == 8


def test_a_run_that_was_overtaken_writes_nothing_more(flowing: FlowHouse) -> None:
    """Its orders may be in, and are known as the same when they come again."""
    flowing.source.orders = [a_source_order()]
    reading = flowing.source.read

    def overtaken(what: Any, cursor: str) -> Any:
        with flowing.house.units_of_work() as uow:
            state = uow.flows.lock("in")
            uow.flows.save(replace(state, token=state.token + 1, leased_until=None))
            uow.commit()
        flowing.source.read = reading  # type: ignore[method-assign]
        return reading(what, cursor)

    flowing.source.read = overtaken  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="taken over"):
        flowing.run()

    assert taken(flowing.run()) == ["in-17"]
    assert len(flowing.house.deliveries()) == 1
