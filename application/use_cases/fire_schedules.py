"""Start the runs whose slot has come. Two schedulers may do this at once: a slot's key fires once per company."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from application.configuration import Configuration
from application.ports.clock import Clock
from application.ports.runs import PlanState
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from domain.companies.plan import Plan
from domain.companies.schedule import Every, Slot, catch_up, effective_schedule, first_run


@dataclass(frozen=True, slots=True)
class FireSchedules:
    """Fire all that is due now."""


@dataclass(frozen=True, slots=True)
class FireSchedulesHandler:
    """One short transaction a company, so that one company's trouble is not another's."""

    units_of_work: UnitsOfWork
    clock: Clock
    telemetry: Telemetry

    def __call__(self, _command: FireSchedules) -> tuple[int, ...]:
        """The ids of the runs that were started."""
        now = self.clock.now()
        self._follow_configuration(now)
        with self.units_of_work() as uow:
            due = uow.runs.due_plans(now)
            configuration = uow.configurations.current()
            waiting = [company for company in uow.orders.companies_with_due() if _runs_on_dispatch(configuration, company)]
        fired = [self._fire(company, now) for company in due] + [self._fire_dispatch(company, now) for company in waiting]
        return tuple(run_id for run_id in fired if run_id is not None)

    def _follow_configuration(self, now: datetime) -> None:
        """Give plans that are new, or whose schedule was changed, their next slot."""
        with self.units_of_work() as uow:
            configuration = uow.configurations.current()
            known = {state.company: state for state in uow.runs.plans()}
        for company in configuration.companies.values():
            state = known.get(company.ref)
            if state is None or state.schedule_fingerprint != schedule_fingerprint(company.plan):
                self._start_plan(company.ref, now)

    def _start_plan(self, company_ref: str, now: datetime) -> None:
        with self.units_of_work() as uow:
            plan = uow.configurations.current().companies[company_ref].plan
            fingerprint = schedule_fingerprint(plan)
            state = uow.runs.lock_plan(company_ref)
            if state is not None and state.schedule_fingerprint == fingerprint:
                return
            slot = first_run(plan.schedule, plan.next_invoice_at, now, timezone=plan.timezone) if plan.enabled else None
            uow.runs.save_plan(_at(PlanState(company_ref, None, "", fingerprint), slot))
            uow.commit()

    def _fire(self, company_ref: str, now: datetime) -> int | None:
        with self.units_of_work() as uow:
            state = uow.runs.lock_plan(company_ref)
            company = uow.configurations.current().companies.get(company_ref)
            if state is None or company is None or state.next_run_at is None or state.next_run_at > now:
                return None
            plan = company.plan
            schedule = effective_schedule(plan.schedule, plan.next_invoice_at, timezone=plan.timezone)
            turn = catch_up(schedule, Slot.from_key(state.next_slot), now)
            run_id = uow.runs.add(company_ref, turn.fire.key, now)
            uow.runs.save_plan(_at(state, turn.then))
            uow.commit()
        self.telemetry.event("schedule_fired", company=company_ref, slot=turn.fire.key, run_id=run_id)
        return run_id

    def _fire_dispatch(self, company_ref: str, now: datetime) -> int | None:
        with self.units_of_work() as uow:
            uow.runs.lock_plan(company_ref)
            if uow.runs.open_for(company_ref):
                return None
            run_id = uow.runs.add(company_ref, f"dispatch:{now.isoformat()}", now)
            uow.commit()
        return run_id


def schedule_fingerprint(plan: Plan) -> str:
    """Changes when the slots of a plan do."""
    return sha256(repr((plan.enabled, plan.schedule, plan.next_invoice_at, plan.timezone)).encode()).hexdigest()


def _at(state: PlanState, slot: Slot | None) -> PlanState:
    return replace(state, next_run_at=slot.instant if slot else None, next_slot=slot.key if slot else "")


def _runs_on_dispatch(configuration: Configuration, company_ref: str) -> bool:
    company = configuration.companies.get(company_ref)
    if company is None or not company.plan.enabled or company.plan.schedule is None:
        return False
    return company.plan.schedule.every is Every.DISPATCH
