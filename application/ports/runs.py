"""Invoicing runs and the slots of the schedules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Run:
    """One invoicing run of one company. ``slot`` is unique per company: it is what makes a slot fire once."""

    run_id: int
    company: str
    slot: str
    state: str  # due, done
    issued: int
    skipped: Mapping[str, int]
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlanState:
    """Where a company's schedule stands; ``next_slot`` is the key of the slot that fires at ``next_run_at``."""

    company: str
    next_run_at: datetime | None
    next_slot: str
    schedule_fingerprint: str


class Runs(Protocol):
    """The run store inside a unit of work."""

    def lock_plan(self, company: str) -> PlanState | None:
        """The plan's row, locked until the unit of work ends: it serialises all invoicing of one company."""
        ...

    def plans(self) -> Sequence[PlanState]:
        """Every plan's state, not locked."""
        ...

    def due_plans(self, at: datetime) -> Sequence[str]:
        """Companies whose next slot has come."""
        ...

    def save_plan(self, state: PlanState) -> None:
        """Keep where the schedule stands; made where it does not exist."""
        ...

    def add(self, company: str, slot: str, at: datetime) -> int | None:
        """Start a run for a slot; None where the slot was fired before."""
        ...

    def due(self, limit: int, at: datetime) -> Sequence[Run]:
        """Runs not finished and not paused, oldest first."""
        ...

    def find(self, run_id: int) -> Run | None:
        """One by id."""
        ...

    def finish(self, run_id: int, issued: int, skipped: Mapping[str, int], at: datetime) -> None:
        """The run is done."""
        ...

    def open_for(self, company: str) -> bool:
        """Whether a run of this company is not finished."""
        ...
