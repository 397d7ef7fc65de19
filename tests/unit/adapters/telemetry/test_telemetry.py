"""Logs are one JSON object a line, and nothing named like a secret gets through."""

import json
import logging

import pytest

from adapters.telemetry.telemetry import StructlogTelemetry, configure_logging


@pytest.fixture
def json_logs():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_logging("info", "json")
    yield
    root.handlers[:], level = before
    root.setLevel(level)


def test_an_event_is_one_json_line_with_its_facts(json_logs, capsys) -> None:
    configure_logging("info", "json")

    StructlogTelemetry("worker").event("delivery_settled", delivery_id=17)

    line = json.loads(capsys.readouterr().err)
    assert {"event": "delivery_settled", "delivery_id": 17, "role": "worker", "level": "info"}.items() <= line.items()


def test_libraries_log_in_the_same_form(json_logs, capsys) -> None:
    configure_logging("info", "json")

    logging.getLogger("zeep").warning("connection %s", "lost")

    assert json.loads(capsys.readouterr().err)["event"] == "connection lost"


def test_a_broker_that_is_away_is_a_warning_with_a_next_step(json_logs, capsys) -> None:
    """Dramatiq calls it critical."""
    configure_logging("info", "json")

    logging.getLogger("dramatiq.worker.ConsumerThread(lanes)").critical("Consumer encountered a connection error: %s", "refused")

    line = json.loads(capsys.readouterr().err)
    assert line["level"] == "warning"
    assert "refused" in line["event"]
    assert line["event"].endswith("Next step: billhook doctor")


def test_what_else_a_worker_calls_critical_stays_so(json_logs, capsys) -> None:
    configure_logging("info", "json")

    logging.getLogger("dramatiq.worker.ConsumerThread(lanes)").critical("Consumer encountered an unexpected error.")

    assert json.loads(capsys.readouterr().err)["level"] == "critical"


def test_what_is_named_like_a_secret_is_masked(json_logs, capsys) -> None:
    configure_logging("info", "json")

    StructlogTelemetry().problem("log_in_refused", smtp_password="hunter2", access_token="abc")

    assert "hunter2" not in (printed := capsys.readouterr().err)
    assert "abc" not in printed


@pytest.mark.parametrize("library", ["pika", "paramiko.transport"])
def test_what_our_own_events_say_is_not_said_by_the_library_as_well(json_logs, library) -> None:
    """A connection that breaks is one line of ours, with the next step, and no trace of theirs."""
    configure_logging("info", "json")

    assert not logging.getLogger(library).isEnabledFor(logging.ERROR)
