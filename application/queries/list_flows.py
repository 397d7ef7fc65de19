"""The declared flows, and how far each has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.flows import FlowState
from application.ports.unit_of_work import UnitsOfWork
from domain.companies.flow import Flow


@dataclass(frozen=True, slots=True)
class ListedFlow:
    """A flow; the state is that of a new one where it never ran."""

    flow: Flow
    state: FlowState

    @property
    def next_run_at(self) -> datetime | None:
        """None where none is to come, or the scheduler has not seen the flow yet."""
        return self.state.next_run_at if self.flow.enabled else None


@dataclass(frozen=True, slots=True)
class ListFlowsHandler:
    """There are few of them: all are told at once."""

    units_of_work: UnitsOfWork

    def __call__(self) -> Sequence[ListedFlow]:
        """By name."""
        with self.units_of_work() as uow:
            flows = uow.configurations.current().flows
            states = {state.name: state for state in uow.flows.states()}
        return [ListedFlow(flow, states.get(name, FlowState(name))) for name, flow in sorted(flows.items())]
