"""The worker's role: take hints from the broker and do the work; without a broker, look for work in the database."""

import threading
from collections.abc import Callable

import dramatiq

from application.catalogue import Catalogue
from application.ports.telemetry import Telemetry
from application.use_cases.drain_lane import DrainLane
from application.use_cases.execute_run import ExecuteRun
from application.use_cases.post_notices import PostNotices
from application.use_cases.send_alerts import SendAlerts
from domain.errors import TemporaryFailure
from entrypoints.actors import register_actors
from entrypoints.polling import Polling

POLL_S = 1.0
ALERTS_EVERY_S = 10.0
# A worker asked to stop finishes the document in hand; what it does not finish in time, another takes up.
DRAIN_TIMEOUT_MS = 60_000


def run(  # noqa: PLR0913 - what a role needs, by name
    catalogue: Catalogue,
    telemetry: Telemetry,
    broker: dramatiq.Broker | None,
    threads: int,
    stop: threading.Event,
    on_beat: Callable[[], None] = lambda: None,
) -> None:
    """Work until stopped, then drain: finish what is in hand and take nothing new."""
    if broker is None:
        _poll(catalogue, telemetry, threads, stop, on_beat)
        return
    register_actors(
        broker,
        execute_run=lambda run_id: catalogue.execute_run(ExecuteRun(run_id)),
        drain_lane=lambda integration: catalogue.drain_lane(DrainLane(integration)),
    )
    worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=100)
    worker.start()
    telemetry.event("worker_started", threads=threads)
    try:
        while not stop.is_set():
            _send_alerts(catalogue, telemetry)
            on_beat()
            stop.wait(ALERTS_EVERY_S)
    finally:
        worker.stop(timeout=DRAIN_TIMEOUT_MS)
        telemetry.event("worker_stopped")


def _poll(catalogue: Catalogue, telemetry: Telemetry, threads: int, stop: threading.Event, on_beat: Callable[[], None]) -> None:
    polling = Polling(catalogue, telemetry, threads)
    while not stop.is_set():
        try:
            found = polling.work_once()
        except TemporaryFailure as failure:
            telemetry.problem("worker_waits", reason=failure.text)
            found = 0
        if not found:
            _send_alerts(catalogue, telemetry)
            stop.wait(POLL_S)
        on_beat()


def _send_alerts(catalogue: Catalogue, telemetry: Telemetry) -> None:
    try:
        catalogue.send_alerts(SendAlerts(gather_s=ALERTS_EVERY_S))
        catalogue.post_notices(PostNotices())
    except TemporaryFailure as failure:
        telemetry.problem("alerts_wait", reason=failure.text)
