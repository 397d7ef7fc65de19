"""Measurements in processes of their own: a clean memory, and nothing of the benchmark beside what is measured."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any, TypeVar

Result = TypeVar("Result")

# Not forked: a child would inherit connections, threads and memory.
_SPAWN = get_context("spawn")
_START_TIMEOUT_S = 60


def apart(function: Callable[..., Result], *arguments: Any) -> Result:
    """The answer of a function of a module, called in a new process."""
    with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool:
        return pool.submit(function, *arguments).result()


def at_once(function: Callable[..., Result], calls: Sequence[tuple[Any, ...]]) -> list[Result]:
    """The answers of as many processes as there are calls; each gets as its first argument a function that waits for the others."""
    with ProcessPoolExecutor(len(calls), mp_context=_SPAWN, initializer=_meet, initargs=(_SPAWN.Barrier(len(calls)),)) as pool:
        return [done.result() for done in [pool.submit(function, *arguments) for arguments in calls]]


_barrier: list[Barrier] = []


def _meet(barrier: Barrier) -> None:
    _barrier[:] = [barrier]


def wait_for_the_others() -> None:
    """Returns when every process of ``at_once`` is here."""
    _barrier[0].wait(_START_TIMEOUT_S)
