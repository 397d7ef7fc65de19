"""Calls at vendors, counted by the whole fleet as one: each asks for a permit first."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitsOfWork
from domain.delivery.call_budget import CallLimits, Calls
from domain.errors import TemporaryFailure


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of a vendor by its name, such as ``xero:TENANT``.

    ``blocked_by``: where the vendor names the limit that was reached, the names that mean this budget begin so (Xero: ``app``). The
    budgets without one take whatever no other is named for.
    """

    key: str
    limits: CallLimits
    blocked_by: str = ""


class Permit:
    """The right to make one call; what came of it is told here."""

    def __init__(self, pacer: "CallPacer", budgets: Sequence[Budget], permit_id: str) -> None:
        self._pacer = pacer
        self._budgets = budgets
        self._id = permit_id
        self._open = True

    def answered(self, day_left: int | None = None) -> None:
        """The call is over; ``day_left`` is what the vendor says is left of the day."""
        if not self._open:
            return
        self._open = False
        now = self._pacer.clock.now().timestamp()

        def end(budget: Budget, calls: Calls) -> Calls:
            return calls.answered(self._id, now, day_left if budget.limits.day_calls else None)

        self._note(self._budgets, end)

    def blocked(self, seconds: float, limit: str) -> None:
        """The vendor refused the call: not before so many seconds, because of the limit it named (empty where it named none)."""
        self._open = False
        now = self._pacer.clock.now().timestamp()
        meant = {budget.key for budget in _meant(self._budgets, limit)}

        def end(budget: Budget, calls: Calls) -> Calls:
            ended = calls.answered(self._id, now)
            return ended.blocked(now + seconds, limit) if budget.key in meant else ended

        self._note(self._budgets, end)

    def _note(self, budgets: Sequence[Budget], change: Callable[[Budget, Calls], Calls]) -> None:
        # What the vendor did is worth more than our count: a permit that is not given back ends by itself.
        with suppress(TemporaryFailure), self._pacer.units_of_work() as uow:
            for budget in budgets:
                uow.call_budgets.save(budget.key, change(budget, uow.call_budgets.lock(budget.key)), self._pacer.clock.now())
            uow.commit()


@dataclass(frozen=True, slots=True)
class CallPacer:
    """Gives permits within the limits, and waits for them a little."""

    units_of_work: UnitsOfWork
    clock: Clock
    sleep: Callable[[float], None]
    nap_max_s: float = 5.0

    @contextmanager
    def permit(self, budgets: Sequence[Budget], *, can_wait: bool = False) -> Iterator[Permit]:
        """A permit for one call under all these budgets. It is given back at the end.

        Waits where that takes ``nap_max_s`` in all at most, else raises TemporaryFailure with the limit and the time to wait: the lane
        is then parked until that time. ``can_wait`` is for calls that are not urgent: they leave the day's reserve to the others.
        """
        # In one order, so that two workers never wait for one another's rows.
        ordered = sorted(budgets, key=lambda budget: budget.key)
        permit = Permit(self, ordered, self._enter(ordered, can_wait=can_wait))
        try:
            yield permit
        finally:
            permit.answered()

    def _enter(self, budgets: Sequence[Budget], *, can_wait: bool) -> str:
        permit_id = uuid.uuid4().hex
        napped = 0.0
        while True:
            seconds, limit, key = self._try(budgets, permit_id, can_wait=can_wait)
            if not seconds:
                return permit_id
            if napped + seconds > self.nap_max_s:
                code = "day_limit" if limit.lower().startswith("day") else ""
                raise TemporaryFailure(f"The limit of calls at {key} is reached ({limit}).", retry_after_s=seconds, code=code)
            self.sleep(seconds)
            napped += seconds

    def _try(self, budgets: Sequence[Budget], permit_id: str, *, can_wait: bool) -> tuple[float, str, str]:
        """Enter all budgets, or say how long to wait, for which limit, and of whom."""
        with self.units_of_work() as uow:
            made = [uow.call_budgets.lock(budget.key) for budget in budgets]
            # The time is read under the locks: whoever waited for them must not enter in the past.
            at = self.clock.now()
            now = at.timestamp()
            waits = [
                (*calls.wait_s(budget.limits, now, can_wait=can_wait), budget.key) for budget, calls in zip(budgets, made, strict=True)
            ]
            longest = max(waits, default=(0.0, "", ""))
            if longest[0] > 0:
                return longest
            for budget, calls in zip(budgets, made, strict=True):
                uow.call_budgets.save(budget.key, calls.entered(permit_id, budget.limits, now), at)
            uow.commit()
        return 0.0, "", ""


def _meant(budgets: Sequence[Budget], limit: str) -> Sequence[Budget]:
    named = [budget for budget in budgets if budget.blocked_by and limit.lower().startswith(budget.blocked_by)]
    return named or [budget for budget in budgets if not budget.blocked_by]
