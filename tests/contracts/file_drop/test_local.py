"""A folder of this machine: nothing that a partner puts there leads out of the root."""

from pathlib import Path

import pytest

from adapters.file_drop.file_drop import FileDropsByType
from application.ports.file_drop import DropAddress, FileDrop
from domain.delivery.outcome import Delivered, Outcome, Refused


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Beside it is a folder that must stay empty."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def put(root: Path, folder: str = "") -> Outcome:
    """One file."""
    with FileDropsByType().open(DropAddress("local", str(root))) as opened:
        drop: FileDrop = opened
        return drop.put(folder, "order-1.xml", b"<order/>", lambda: None)


def test_a_folder_that_is_a_link_is_refused(root: Path) -> None:
    """Also where it leads to a folder that may be written."""
    (root / "in").symlink_to(root.parent / "outside")

    outcome = put(root, "in/2026")

    assert isinstance(outcome, Refused)
    assert outcome.code == "outside_root"
    assert list((root.parent / "outside").iterdir()) == []


@pytest.mark.parametrize("name", ["order-1.xml", ".billhook-order-1.xml.part"])
def test_a_file_that_is_a_link_is_not_followed(root: Path, name: str) -> None:
    """Neither as the final nor as the temporary name."""
    (root / name).symlink_to(root.parent / "outside" / "target")

    outcome = put(root)

    assert isinstance(outcome, Refused)
    assert list((root.parent / "outside").iterdir()) == []


def test_the_root_itself_may_be_a_link(root: Path) -> None:
    """The operator named it."""
    (root.parent / "drop").symlink_to(root)

    assert put(root.parent / "drop") == Delivered(remote_id=f"{root.parent}/drop/order-1.xml")
    assert (root / "order-1.xml").read_bytes() == b"<order/>"


def test_no_descriptor_stays_open(root: Path) -> None:
    """A worker lives long."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(20):
        put(root, f"a/{number}")
    (root / "b").symlink_to(root)
    put(root, "b/c")

    assert len(list(Path("/proc/self/fd").iterdir())) == before
