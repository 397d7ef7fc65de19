"""Dramatiq actors: a hint in, one use case called. Registered with a broker that is passed in; none exists at import."""

import logging
from collections.abc import Callable
from typing import TypeVar

import dramatiq

from domain.errors import DomainError, TemporaryFailure

logger = logging.getLogger(__name__)

Subject = TypeVar("Subject", int, str)


def register_actors(broker: dramatiq.Broker, execute_run: Callable[[int], object], drain_lane: Callable[[str], object]) -> None:
    """Answer the hints that adapters/messaging/task_queue.py sends: names and queues are the same there."""

    @dramatiq.actor(actor_name="execute_run.v1", queue_name="billhook.invoicing", broker=broker)
    def execute_run_v1(run_id: int) -> None:
        _act(execute_run, run_id)

    @dramatiq.actor(actor_name="drain_lane.v1", queue_name="billhook.delivery", broker=broker)
    def drain_lane_v1(integration: str) -> None:
        _act(drain_lane, integration)


def _act(use_case: Callable[[Subject], object], subject: Subject) -> None:
    """What becomes of a hint: done where it worked, where it may work later (the sweep hints again) and where it never will.

    Anything else is a bug: it is raised, so Dramatiq logs it, tries three times within minutes and then dead-letters the hint.
    """
    try:
        use_case(subject)
    except TemporaryFailure as failure:
        logger.info("Put off: %r: %s", subject, failure.text)
    except DomainError as refusal:
        logger.warning("Refused: %r: %s (%s). %s", subject, refusal.text, refusal.code, refusal.next_step)
