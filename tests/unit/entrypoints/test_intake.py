"""Orders from the files of a folder: none is lost, whoever writes them however slowly."""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from application.catalogue import Catalogue
from application.use_cases.accept_messages import AcceptedMessages, AcceptMessages, ReadMessage
from domain.errors import TemporaryFailure
from entrypoints.intake import run_folder
from tests.fakes.telemetry import RememberedTelemetry
from tests.services.process import wait_until

_LONG_AGO = 1_000_000_000


class Store:
    """Remembers the refs it took; ``meanwhile`` is called with each batch, before it is taken."""

    def __init__(self) -> None:
        self.refs: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def accept_messages(self, command: AcceptMessages) -> AcceptedMessages:
        self.meanwhile()
        bodies = [message.message.body if isinstance(message, ReadMessage) else message.body for message in command.messages]
        self.refs += [json.loads(body)["ref"] for body in bodies]
        return AcceptedMessages(accepted=len(bodies))


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    """Before an intake that looks often and waits a short time."""
    monkeypatch.setattr("entrypoints.intake._POLL_S", 0.02)
    monkeypatch.setattr("entrypoints.intake._QUIET_S", 0.5)
    return Store()


def take(store: Store, folder: Path, stop: threading.Event | None = None) -> None:
    """Until the folder is empty, or until told to stop."""
    run_folder(cast("Catalogue", store), RememberedTelemetry(), folder, stop or threading.Event(), until_idle=stop is None)


def lines(*refs: int) -> str:
    return "".join(f'{{"ref": "{ref}"}}\n' for ref in refs)


def old(path: Path, content: str) -> Path:
    """A file that was written long ago."""
    path.write_text(content)
    os.utime(path, (_LONG_AGO, _LONG_AGO))
    return path


def names(folder: Path) -> list[tuple[str, str]]:
    """Each file's own name and what it ends in now."""
    return sorted((path.name.split(".")[0], path.suffix) for path in folder.iterdir())


def test_a_file_that_is_written_slowly_is_taken_whole(store: Store, tmp_path: Path) -> None:
    """Its writer needs longer than the intake waits; it pauses less than that."""
    written = range(15)

    def write() -> None:
        with (tmp_path / "day.jsonl").open("w") as file:
            for ref in written:
                file.write(lines(ref))
                file.flush()
                time.sleep(0.08)

    writer = threading.Thread(target=write)
    writer.start()
    while not any(tmp_path.iterdir()):
        time.sleep(0.01)
    take(store, tmp_path)
    writer.join()

    assert set(store.refs) == {str(ref) for ref in written}
    assert names(tmp_path) == [("day", ".done")]


def test_a_file_that_grows_while_it_is_read_is_read_again_and_not_renamed_before(store: Store, tmp_path: Path) -> None:
    """Twice is harmless, once too few is not."""
    path = old(tmp_path / "day.jsonl", lines(1))
    grown = iter([2])

    def grow() -> None:
        for ref in grown:
            with path.open("a") as file:
                file.write(lines(ref))

    store.meanwhile = grow
    take(store, tmp_path)

    assert set(store.refs) == {"1", "2"}
    assert names(tmp_path) == [("day", ".done")]


def test_a_file_that_is_replaced_while_it_is_read_is_read_as_well(store: Store, tmp_path: Path) -> None:
    """A partner that exports again, in the right way, under the same name."""
    path = old(tmp_path / "day.jsonl", lines(1))
    following = iter([old(tmp_path / "day.part", lines(2))])
    store.meanwhile = lambda: [part.rename(path) for part in following] and None

    take(store, tmp_path)

    assert store.refs == ["1", "2"]


def test_a_file_under_another_name_waits_for_its_rename(store: Store, tmp_path: Path) -> None:
    old(tmp_path / "day.jsonl.part", lines(1))

    take(store, tmp_path)

    assert store.refs == []
    assert names(tmp_path) == [("day", ".part")]


def test_a_file_from_the_future_is_taken_as_well(store: Store, tmp_path: Path) -> None:
    """A copy keeps the time of another machine, whose clock may be ahead."""
    path = old(tmp_path / "day.jsonl", lines(1))
    os.utime(path, (time.time() + 3600,) * 2)

    take(store, tmp_path)

    assert store.refs == ["1"]


def test_a_file_stays_while_the_store_is_away(store: Store, tmp_path: Path) -> None:
    """And is taken once it is back."""
    old(tmp_path / "day.jsonl", lines(1))
    tries = iter([1])

    def away() -> None:
        for _ in tries:
            raise TemporaryFailure("The database is away.")

    store.meanwhile = away
    take(store, tmp_path)

    assert store.refs == ["1"]
    assert names(tmp_path) == [("day", ".done")]


def test_a_paused_intake_leaves_files_where_they_are_and_takes_them_later(store: Store, tmp_path: Path) -> None:
    """A file that was begun is read again from its start; the beat goes on meanwhile."""
    first, *_, last = range(1200)
    old(tmp_path / "day.jsonl", lines(*range(1200)))
    stop, allowed, beats = threading.Event(), threading.Event(), []
    allowed.set()
    store.meanwhile = allowed.clear
    catalogue = cast("Catalogue", store)
    options = {"may_go_on": allowed.is_set, "on_beat": lambda: beats.append(1)}
    intake = threading.Thread(target=run_folder, args=(catalogue, RememberedTelemetry(), tmp_path, stop), kwargs=options)
    intake.start()
    wait_until(lambda: len(beats) > 20, "some beats after the pause")
    during, left = list(store.refs), names(tmp_path)

    store.meanwhile = lambda: None
    allowed.set()
    wait_until(lambda: names(tmp_path) == [("day", ".done")], "the file to be taken")
    stop.set()
    intake.join()

    assert (during[0], str(last) in during, left) == (str(first), False, [("day", ".jsonl")])
    assert set(store.refs) == {str(ref) for ref in range(1200)}
