"""A measured figure beside its floor and its goal, and how one is made of several runs."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.benchmarks.progress import say


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` and ``floor`` in ``unit``, medians of ``runs``; ``ratio`` is what the goal is about.

    ``goal`` is the least that ``ratio`` may be, or the most where ``at_most`` is set.
    """

    what: str
    unit: str
    value: float
    floor_is: str
    floor: float
    ratio: float
    goal: float
    runs: Sequence[Mapping[str, float]]
    at_most: bool = False
    facts: Mapping[str, Any] | None = None

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal

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
    facts: Mapping[str, Any] | None = None,
) -> Figure:
    """Measure both in turn, so that what else the machine does meets both. ``ours`` and ``theirs`` answer in ``unit``; more is faster."""
    runs: list[dict[str, float]] = []
    for number in range(1, repeats + 1):
        floor, value = theirs(), ours()
        runs.append({"value": round(value, 3), "floor": round(floor, 3), "ratio": round(value / floor, 3)})
        say(f"{what}, run {number} of {repeats}: {value:,.1f} {unit}; floor {floor:,.1f}; ratio {value / floor:.2f}")
    value, floor, ratio = (round(statistics.median(run[name] for run in runs), 3) for name in ("value", "floor", "ratio"))
    return Figure(what, unit, value, floor_is, floor, ratio, goal, runs, facts=facts)
