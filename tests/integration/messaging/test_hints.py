"""Hints: published with confirms or quietly dropped, answered by actors in a worker, never in anybody's way."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dramatiq
import pytest
from dramatiq.errors import DecodeError

from adapters.messaging.no_task_queue import NoTaskQueue
from adapters.messaging.quorum_broker import HintEncoder, QuorumBroker
from adapters.messaging.task_queue import DramatiqTaskQueue
from adapters.messaging.topology import DELIVERY_QUEUE, INVOICING_QUEUE
from domain.errors import NotFound, TemporaryFailure
from entrypoints.actors import register_actors
from tests.integration.messaging.support import RecordingTelemetry, dead_bodies, on_channel, ready, wait_for_ready
from tests.services import rabbitmq
from tests.services.process import wait_until
from tests.services.rabbitmq import RabbitServer, vhost_of


class Work:
    """Two use cases that note what they were called with, and then do as they are told."""

    def __init__(self, outcome: Callable[[], object] = lambda: None) -> None:
        self.runs: list[int] = []
        self.lanes: list[str] = []
        self._outcome = outcome

    def execute_run(self, run_id: int) -> object:
        self.runs.append(run_id)
        return self._outcome()

    def drain_lane(self, integration: str) -> object:
        self.lanes.append(integration)
        return self._outcome()


@contextmanager
def working(url: str, work: Work) -> Iterator[QuorumBroker]:
    """A worker process's insides: broker, actors, two threads."""
    broker = QuorumBroker(url, "worker")
    register_actors(broker, work.execute_run, work.drain_lane)
    for actor in broker.actors.values():
        actor.options.update(max_retries=2, min_backoff=5, max_backoff=10)  # a bug is tried again within minutes; here at once
    worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=100)
    worker.start()
    try:
        yield broker
    finally:
        worker.stop(timeout=10_000)
        broker.close()


@pytest.fixture
def task_queue(broker_url: str, telemetry: RecordingTelemetry) -> Iterator[DramatiqTaskQueue]:
    queue = DramatiqTaskQueue(QuorumBroker(broker_url, "scheduler"), telemetry)
    yield queue
    queue.close()


def raising(error: Exception) -> Callable[[], object]:
    def outcome() -> object:
        raise error

    return outcome


def test_hints_go_through_quorum_queues_to_the_use_cases(broker_url: str, task_queue: DramatiqTaskQueue) -> None:
    """The round trip: what the task queue sends is what the actors answer, by name, queue and argument."""
    work = Work()

    with working(broker_url, work):
        task_queue.runs_due([42])
        task_queue.lanes_due(["777/xero", "777/pdf_emailer", "777/xero"])
        wait_until(lambda: work.runs and len(work.lanes) == 2, "the use cases to be called", timeout_s=20)

    assert work.runs == [42]
    assert sorted(work.lanes) == ["777/pdf_emailer", "777/xero"]
    assert (ready(broker_url, INVOICING_QUEUE), ready(broker_url, DELIVERY_QUEUE)) == (0, 0)


@pytest.mark.parametrize("failure", [TemporaryFailure("The lane is held."), NotFound("run", "42")])
def test_what_may_work_later_and_what_never_will_are_both_done_with(
    broker_url: str, task_queue: DramatiqTaskQueue, failure: Exception
) -> None:
    """The first is hinted again by the sweep, the second never succeeds: no retry, no dead letter."""
    work = Work(raising(failure))

    with working(broker_url, work):
        task_queue.runs_due([42])
        task_queue.runs_due([43])
        wait_until(lambda: len(work.runs) == 2, "both hints", timeout_s=20)

    assert sorted(work.runs) == [42, 43]
    queues = (INVOICING_QUEUE, f"{INVOICING_QUEUE}.DQ", f"{INVOICING_QUEUE}.XQ")
    assert [ready(broker_url, queue) for queue in queues] == [0, 0, 0]


def test_a_bug_is_tried_again_a_few_times_and_then_dead_lettered(broker_url: str, task_queue: DramatiqTaskQueue) -> None:
    """Through the delay queue and back: its quorum declaration works with Dramatiq's retries."""
    work = Work(raising(RuntimeError("a bug")))

    with working(broker_url, work):
        task_queue.lanes_due(["777/xero"])
        wait_until(lambda: ready(broker_url, f"{DELIVERY_QUEUE}.XQ") == 1, "the dead letter", timeout_s=20)

    assert work.lanes == ["777/xero"] * 3


def test_what_is_no_hint_is_dead_lettered_and_hurts_no_worker(broker_url: str, task_queue: DramatiqTaskQueue) -> None:
    """Not JSON, not an object, too large, an actor nobody knows."""
    work = Work()
    strange = [b"\xff", b"[1]", b'"' + b"x" * 20_000 + b'"', dramatiq.Message(DELIVERY_QUEUE, "drain_lane.v9", (), {}, {}).encode()]

    with working(broker_url, work):
        task_queue.lanes_due(["777/xero"])
        for body in strange:
            on_channel(broker_url, lambda channel, body=body: channel.basic_publish("", DELIVERY_QUEUE, body))
        task_queue.lanes_due(["777/fortnox"])
        wait_until(lambda: len(work.lanes) == 2, "the hints around it", timeout_s=20)
        wait_for_ready(broker_url, 4, f"{DELIVERY_QUEUE}.XQ")

    assert sorted(dead_bodies(broker_url, f"{DELIVERY_QUEUE}.XQ")) == sorted(strange)


def test_a_worker_holds_two_connections_for_each_queue(broker_server: RabbitServer, broker_url: str) -> None:
    """The queue and its delay queue; the connections that declared them are closed again."""

    def connections() -> list[str]:
        found = broker_server.api("GET", f"/api/vhosts/{vhost_of(broker_url)}/connections")
        return [str(connection["client_properties"]["connection_name"]) for connection in found]

    with working(broker_url, Work()):
        wait_until(lambda: len(connections()) == 4, "the broker to list four connections", timeout_s=30, every_s=0.5)

        assert all(name.startswith("billhook worker ") for name in connections())


def test_confirmed_hints_survive_a_restart_of_the_broker_and_the_sender_goes_on(
    broker_server: RabbitServer, broker_url: str, task_queue: DramatiqTaskQueue, telemetry: RecordingTelemetry
) -> None:
    """The connection that the restart broke is replaced within the same call."""
    task_queue.runs_due(range(100))

    broker_server.restart()
    task_queue.runs_due([100])

    wait_for_ready(broker_url, 101, INVOICING_QUEUE)
    assert telemetry.problems == []


def test_a_deleted_queue_is_made_again_by_the_next_hint(broker_url: str, task_queue: DramatiqTaskQueue) -> None:
    """An unroutable hint comes back at once, because it is sent as mandatory."""
    task_queue.runs_due([1])
    on_channel(broker_url, lambda channel: channel.queue_delete(INVOICING_QUEUE))

    task_queue.runs_due([2])

    wait_for_ready(broker_url, 1, INVOICING_QUEUE)


def test_a_full_queue_refuses_hints_and_the_sender_goes_on(
    broker_url: str, task_queue: DramatiqTaskQueue, telemetry: RecordingTelemetry
) -> None:
    """Workers are away for days and every sweep hints again: the queue stays bounded."""
    task_queue.runs_due([0])

    # Confirms come one by one, so the filling is done without them.
    body = dramatiq.Message(INVOICING_QUEUE, "execute_run.v1", (1,), {}, {}).encode()
    on_channel(broker_url, lambda channel: [channel.basic_publish("", INVOICING_QUEUE, body) for _ in range(10_100)])
    wait_until(lambda: ready(broker_url, INVOICING_QUEUE) >= 10_000, "a full queue", timeout_s=30)
    task_queue.runs_due([1, 2])
    task_queue.lanes_due(["777/xero"])

    assert telemetry.names() == ["hints.queue_full"]
    assert ready(broker_url, DELIVERY_QUEUE) == 1


def test_without_a_broker_hints_are_dropped_told_once_and_cost_nothing(telemetry: RecordingTelemetry) -> None:
    """Nothing listens on port 1."""
    task_queue = DramatiqTaskQueue(QuorumBroker("amqp://guest:guest@127.0.0.1:1/", "scheduler"), telemetry)

    began = time.monotonic()
    for _ in range(100):
        task_queue.runs_due([1, 2])
        task_queue.lanes_due(["777/xero"])

    assert time.monotonic() - began < 2
    assert [(name, facts["dropped"]) for name, facts in telemetry.problems] == [("hints.dropped", 2)]


def test_after_the_rest_it_tries_again(broker_url: str, telemetry: RecordingTelemetry) -> None:
    """The broker is back: so are the hints."""
    broker = QuorumBroker("amqp://guest:guest@127.0.0.1:1/", "scheduler")
    task_queue = DramatiqTaskQueue(broker, telemetry, rest_s=0)
    task_queue.runs_due([1])

    broker.parameters = QuorumBroker(broker_url, "scheduler").parameters
    task_queue.runs_due([2])
    task_queue.close()

    wait_for_ready(broker_url, 1, INVOICING_QUEUE)


def test_a_broker_that_does_not_answer_stalls_the_caller_for_a_few_seconds_at_most(telemetry: RecordingTelemetry) -> None:
    """It accepts the connection and says nothing; the operator's timeouts in the URL shorten what is 10 seconds else."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        broker = QuorumBroker(f"amqp://guest:guest@127.0.0.1:{port}/?stack_timeout=1", "scheduler")
        task_queue = DramatiqTaskQueue(broker, telemetry)

        began = time.monotonic()
        task_queue.runs_due([1])
        task_queue.runs_due([2])

    assert time.monotonic() - began < 5
    assert telemetry.names() == ["hints.dropped"]


def test_a_broker_in_a_memory_alarm_stalls_the_caller_for_a_few_seconds_at_most(telemetry: RecordingTelemetry) -> None:
    """It accepts connections and reads nothing from publishers; the URL shortens what is 5 seconds else."""
    with rabbitmq.start(own=True, settings={"vm_memory_high_watermark.absolute": "1MB"}) as starved:
        task_queue = DramatiqTaskQueue(QuorumBroker(f"{starved.url()}?blocked_connection_timeout=1", "scheduler"), telemetry)

        began = time.monotonic()
        task_queue.runs_due([1])
        task_queue.runs_due([2])

        assert time.monotonic() - began < 5
        assert [(name, facts["dropped"]) for name, facts in telemetry.problems] == [("hints.dropped", 1)]
        assert "Blocked" in str(telemetry.problems[0][1]["reason"])


def test_a_hint_that_is_not_only_ids_is_refused_when_it_is_encoded() -> None:
    """Documents do not belong in the broker."""
    with pytest.raises(ValueError, match="only ids"):
        HintEncoder().encode({"args": ["x" * 20_000]})


@pytest.mark.parametrize("data", [b"", b"{", b"null", b"[" * 100_000, b"{" + b" " * 20_000 + b"}", b"\xff"])
def test_what_cannot_be_a_hint_is_a_decode_error(data: bytes) -> None:
    """The one error that Dramatiq answers with a dead letter."""
    with pytest.raises(DecodeError):
        HintEncoder().decode(data)


def test_the_embedded_default_drops_every_hint() -> None:
    """Its worker looks for work itself."""
    task_queue = NoTaskQueue()

    task_queue.runs_due([1])
    task_queue.lanes_due(["777/xero"])
    task_queue.close()
