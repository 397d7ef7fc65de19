from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.runs import PlanState, Run
from tests.contracts.persistence.stock import NOW, seconds


def test_a_plan_is_kept_and_changed(units_of_work: SqlUnitsOfWork) -> None:
    """Made where it does not exist; there is one for each company."""
    first = PlanState("501", NOW, "2026-11-22T00:00@Europe/London", "f1")
    second = PlanState("501", None, "", "f2")

    with units_of_work() as uow:
        unknown = uow.runs.lock_plan("501")
        uow.runs.save_plan(first)
        kept = uow.runs.lock_plan("501")
        uow.runs.save_plan(second)
        uow.commit()

    with units_of_work() as uow:
        assert (unknown, kept, list(uow.runs.plans())) == (None, first, [second])


def test_due_plans_are_those_whose_slot_has_come(units_of_work: SqlUnitsOfWork) -> None:
    """The instant itself counts; a plan without a next run never does."""
    with units_of_work() as uow:
        uow.runs.save_plan(PlanState("later", NOW + seconds(0.000001), "s", "f"))
        uow.runs.save_plan(PlanState("now", NOW, "s", "f"))
        uow.runs.save_plan(PlanState("before", NOW - seconds(1), "s", "f"))
        uow.runs.save_plan(PlanState("never", None, "", "f"))

        assert list(uow.runs.due_plans(NOW)) == ["before", "now"]


def test_a_slot_fires_once(units_of_work: SqlUnitsOfWork) -> None:
    """Another company may use a slot of the same name."""
    with units_of_work() as uow:
        first = uow.runs.add("501", "slot", NOW)
        again = uow.runs.add("501", "slot", NOW + seconds(1))
        other = uow.runs.add("777", "slot", NOW)
        uow.commit()

    assert first is not None
    assert again is None
    assert other is not None


def test_a_run_is_due_until_it_is_finished(units_of_work: SqlUnitsOfWork) -> None:
    """Then it tells what came of it."""
    with units_of_work() as uow:
        first = uow.runs.add("501", "1", NOW) or 0
        second = uow.runs.add("501", "2", NOW) or 0
        due = [run.run_id for run in uow.runs.due(1, NOW)]
        open_before = uow.runs.open_for("501")
        uow.runs.finish(first, 3, {"on_hold": 2}, NOW + seconds(5))
        uow.runs.finish(second, 0, {}, NOW + seconds(6))
        uow.commit()

    with units_of_work() as uow:
        assert (due, open_before, uow.runs.open_for("501"), list(uow.runs.due(10, NOW))) == ([first], True, False, [])
        assert uow.runs.find(first) == Run(first, "501", "1", "done", 3, {"on_hold": 2}, NOW, NOW + seconds(5))
        assert uow.runs.find(10**9) is None
