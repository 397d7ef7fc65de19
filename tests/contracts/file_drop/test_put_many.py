"""Many files over one connection: what is uploaded together is handed over together, and each has an outcome of its own."""

from collections.abc import Sequence

import pytest

from application.ports.file_drop import FileToPut
from domain.delivery.outcome import Delivered, Refused, RetryLater
from tests.contracts.file_drop.conftest import Yard

FILES = tuple(FileToPut("", f"order-{number}.xml", b"<orders/>" * number) for number in range(1, 6))


def test_each_file_gets_there_and_those_uploaded_together_are_handed_over_together(yard: Yard) -> None:
    """Right before the first of them can be seen."""
    handed_over: list[str] = []
    too_early: list[str] = []

    def hand_over(files: Sequence[FileToPut]) -> None:
        handed_over.extend(file.name for file in files)
        too_early.extend(file.name for file in files if file.name in yard.files())

    with yard.drops.open(yard.address) as drop:
        outcomes = list(drop.put_many(FILES, hand_over))

    assert [file for file, outcome in outcomes if isinstance(outcome, Delivered)] == list(FILES)
    assert handed_over == [file.name for file in FILES]
    assert too_early == []
    assert yard.files() == {file.name: file.content for file in FILES}


def test_what_is_there_already_is_not_handed_over(yard: Yard) -> None:
    """Equal or not; the others go."""
    handed_over: list[str] = []
    with yard.drops.open(yard.address) as drop:
        drop.put("", FILES[0].name, FILES[0].content, yard.hand_over)
        drop.put("", FILES[1].name, b"another", yard.hand_over)

        done = list(drop.put_many(FILES, lambda files: handed_over.extend(each.name for each in files)))

    outcomes = {file.name: outcome for file, outcome in done}
    assert isinstance(outcomes[FILES[0].name], Delivered)
    assert isinstance(outcomes[FILES[1].name], Refused)
    assert handed_over == [file.name for file in FILES[2:]]
    assert yard.files()[FILES[1].name] == b"another"


def test_a_worker_that_may_not_send_any_more_leaves_nothing(yard: Yard) -> None:
    """No upload under any name."""

    def refuse(_files: object) -> None:
        raise InterruptedError

    with yard.drops.open(yard.address) as drop, pytest.raises(InterruptedError):
        list(drop.put_many(FILES, refuse))

    assert yard.files() == {}


def test_a_bad_name_stops_no_other(yard: Yard) -> None:
    """It is refused by itself."""
    bad = FileToPut("", "../order.xml", b"<orders/>")
    with yard.drops.open(yard.address) as drop:
        outcomes = {file.name: outcome for file, outcome in drop.put_many((FILES[0], bad, FILES[1]), lambda _files: None)}

    assert isinstance(outcomes[bad.name], Refused)
    assert set(yard.files()) == {FILES[0].name, FILES[1].name}


def test_more_files_than_go_at_once_all_get_there(yard: Yard) -> None:
    """Many, and some that are larger than a burst."""
    files = [FileToPut("", f"order-{number}.xml", bytes(200_000 if number % 20 == 0 else number)) for number in range(60)]
    with yard.drops.open(yard.address) as drop:
        outcomes = list(drop.put_many(iter(files), lambda _files: None))

    assert [file for file, outcome in outcomes if isinstance(outcome, Delivered)] == files
    assert yard.files() == {file.name: file.content for file in files}


def test_an_upload_that_cannot_be_opened_stops_no_other(yard: Yard) -> None:
    """Whatever stands in its way; the next try finds the others there."""
    yard.root.mkdir(parents=True)
    yard.root.chmod(0o777)
    (yard.root / f".billhook-{FILES[2].name}.part").mkdir()
    with yard.drops.open(yard.address) as drop:
        outcomes = {file.name: outcome for file, outcome in drop.put_many(FILES, lambda _files: None)}

    arrived = {name for name, outcome in outcomes.items() if isinstance(outcome, Delivered)}
    assert arrived == {file.name for file in FILES} - {FILES[2].name}
    assert isinstance(outcomes[FILES[2].name], Refused | RetryLater)
    assert set(yard.files()) == arrived
