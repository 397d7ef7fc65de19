"""A measured figure beside its floor and its goal, and how one is made of several runs."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from tests.benchmarks.progress import say


class Goal(StrEnum):
    """What the goal is about: times the floor, at least or at most; how much above it at most; or the value itself at most."""

    RATIO_AT_LEAST = "ratio_at_least"
    GROWTH_AT_MOST = "growth_at_most"
    VALUE_AT_MOST = "value_at_most"
    RATIO_AT_MOST = "ratio_at_most"


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` and ``floor`` are in ``unit``, medians of ``runs``; ``ratio`` is the median of the runs' own ratios."""

    what: str
    unit: str
    value: float
    floor_is: str
    floor: float
    ratio: float
    goal: float
    goal_is: Goal = Goal.RATIO_AT_LEAST
    runs: Sequence[Mapping[str, float]] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        match self.goal_is:
            case Goal.RATIO_AT_LEAST:
                return self.ratio >= self.goal
            case Goal.RATIO_AT_MOST:
                return self.ratio <= self.goal
            case Goal.GROWTH_AT_MOST:
                return self.value - self.floor <= self.goal
            case Goal.VALUE_AT_MOST:
                return self.value <= self.goal

    @property
    def summary(self) -> str:
        """One line for people."""
        if self.goal_is is Goal.GROWTH_AT_MOST:
            return f"{self.what}: {self.value:,.0f} {self.unit}, {self.value - self.floor:+,.0f} (goal: at most +{self.goal:g})"
        if self.goal_is in {Goal.VALUE_AT_MOST, Goal.RATIO_AT_MOST}:
            unit = f" {self.unit}" if self.goal_is is Goal.VALUE_AT_MOST else " of it"
            return f"{self.what}: {self.value:.1f} {self.unit}, the floor's is {self.floor:.1f} (goal: at most {self.goal:g}{unit})"
        return f"{self.what}: {self.value:,.0f} {self.unit}, {self.ratio:.2f} of the floor's {self.floor:,.0f} (goal: {self.goal:g})"

    def as_json(self) -> dict[str, Any]:
        """All of it, and whether the goal is met."""
        return {**asdict(self), "met": self.met}


def compare(
    *,
    what: str,
    unit: str,
    floor_is: str,
    goal: float,
    repeats: int,
    ours: Callable[[], float],
    theirs: Callable[[], float],
    facts: Mapping[str, Any],
) -> Figure:
    """Measure both in turn, so that what else the machine does meets both. ``ours`` and ``theirs`` answer in ``unit``; more is faster."""
    runs: list[dict[str, float]] = []
    for number in range(1, repeats + 1):
        floor, value = theirs(), ours()
        runs.append({"value": round(value, 3), "floor": round(floor, 3), "ratio": round(value / floor, 3)})
        say(f"{what}, run {number} of {repeats}: {value:,.1f} {unit}; floor {floor:,.1f}; ratio {value / floor:.2f}")
    value, floor, ratio = (round(statistics.median(run[name] for run in runs), 3) for name in ("value", "floor", "ratio"))
    return Figure(what, unit, value, floor_is, floor, ratio, goal, runs=runs, facts=facts)
