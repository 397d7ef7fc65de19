"""The intake as a process that is killed, told to stop, or given too much."""

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.messaging.support import dead_bodies, declare, declare_with_delivery_limit, publish, ready, wait_for_ready
from tests.services.process import wait_until

ROOT = Path(__file__).parents[3]
MIB = 1024 * 1024
ENDS_S = 240
"""Far above what it takes; a busy machine is no fault."""


def start(url: str, store: Path, mode: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.integration.messaging.intake_process", url, str(store), mode], cwd=ROOT)


def run(url: str, store: Path, mode: str = "plain") -> int:
    with start(url, store, mode) as process:
        try:
            return process.wait(ENDS_S)
        finally:
            process.kill()


def rows(store: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in store.read_text().splitlines()] if store.exists() else []


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_killed_between_commit_and_acknowledgement_it_loses_nothing(broker_url: str, store: Path) -> None:
    """The committed batch comes again, for the inbox to recognise; the rest comes once. The order of redelivery is the broker's."""
    declare(broker_url)
    sent = [f"order {number}" for number in range(120)]
    publish(broker_url, [body.encode() for body in sent])

    died = run(broker_url, store, "die_after_commit")
    committed = len(rows(store))
    wait_for_ready(broker_url, 120)
    ended = run(broker_url, store)

    assert (died, ended) == (-signal.SIGKILL, 0)
    assert committed > 0
    assert sorted(str(row["start"]) for row in rows(store)) == sorted([*sent[:committed], *sent])
    assert ready(broker_url) == 0


def test_a_message_that_kills_the_process_is_the_only_one_that_is_dead_lettered(broker_url: str, store: Path) -> None:
    """After a crash messages come one at a time, so no other is counted with it, however often the process dies."""
    declare_with_delivery_limit(broker_url, 2)
    sent = [f"order {number}" for number in range(60)]
    publish(broker_url, [*(body.encode() for body in sent[:30]), b"poison", *(body.encode() for body in sent[30:])])

    deaths = 0
    while run(broker_url, store, "die_of_poison") == -signal.SIGKILL:
        deaths += 1

    assert deaths == 3
    assert sorted(str(row["start"]) for row in rows(store)) == sorted(sent)
    wait_for_ready(broker_url, 1, "billhook.intake.dead")
    assert dead_bodies(broker_url) == [b"poison"]


def test_terminated_in_a_batch_it_finishes_that_batch_and_ends_well(broker_url: str, store: Path) -> None:
    """SIGTERM, as a deployment sends it."""
    declare(broker_url)
    publish(broker_url, [b"order %d" % number for number in range(120)])

    process = start(broker_url, store, "wait_in_batch")
    wait_until(store.with_suffix(".began").exists, "the first batch", timeout_s=ENDS_S)
    process.terminate()
    store.with_suffix(".go").touch()

    assert process.wait(ENDS_S) == 0
    assert 0 < len(rows(store)) <= 50
    wait_for_ready(broker_url, 120 - len(rows(store)))


def test_a_message_of_100_mb_is_cut_and_the_memory_stays_bounded(broker_url: str, store: Path) -> None:
    """RabbitMQ 3.10 lets it through. What is kept is one byte over the limit, with the size and hash of the whole."""
    declare(broker_url)
    large = b"large " + b"x" * (100 * MIB)
    publish(broker_url, [b"before", large, b"after"])

    ended = run(broker_url, store)

    before, cut, after = rows(store)
    assert ended == 0
    assert (before["start"], after["start"], after["size"]) == ("before", "after", None)
    assert (cut["kept"], cut["size"]) == (MIB + 1, len(large))
    assert cut["sha256"] == hashlib.sha256(large).hexdigest()
    assert int(str(after["grown"])) < 16 * MIB


def test_a_hundred_large_messages_wait_with_the_broker_and_not_in_memory(broker_url: str, store: Path) -> None:
    """Each is within the limit, so each is taken whole; in memory are a batch and about as much again."""
    declare(broker_url)
    publish(broker_url, [b"x" * (MIB - 1)] * 100)

    ended = run(broker_url, store)

    assert ended == 0
    assert [row["kept"] for row in rows(store)] == [MIB - 1] * 100
    assert max(int(str(row["grown"])) for row in rows(store)) < 48 * MIB
