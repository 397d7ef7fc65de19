"""Doing all that is due by looking into the database: how a worker without a broker works, and how ``--until-idle`` does.

The broker's hints only make this faster; whoever polls and whoever is hinted call the same use cases.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from application.catalogue import Catalogue
from application.use_cases.drain_lane import DrainLane
from application.use_cases.execute_run import ExecuteRun
from application.use_cases.send_alerts import SendAlerts
from application.use_cases.sweep import Sweep


def work_once(catalogue: Catalogue, threads: int = 1) -> int:
    """Execute every due run, then drain every due lane; returns how much was found to do. Lanes go side by side."""
    runs = catalogue.sweep(Sweep()).runs
    _side_by_side(threads, [partial(catalogue.execute_run, ExecuteRun(run_id)) for run_id in runs])
    lanes = catalogue.sweep(Sweep()).lanes
    _side_by_side(threads, [partial(catalogue.drain_lane, DrainLane(lane)) for lane in lanes])
    return len(runs) + len(lanes)


def work_until_idle(catalogue: Catalogue, threads: int = 1) -> None:
    """Do all that is due now, alerts too, and all that comes due meanwhile."""
    while work_once(catalogue, threads):
        pass
    catalogue.send_alerts(SendAlerts())


def _side_by_side(threads: int, jobs: Iterable[Callable[[], object]]) -> None:
    if threads == 1:
        for job in jobs:
            job()
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()
