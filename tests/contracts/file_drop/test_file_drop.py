"""What every file drop does: on this machine, over SFTP (OpenSSH and a server without its extensions), over FTP with TLS and without."""

import os
import threading
import time
from pathlib import Path

import pytest

from application.ports.destination import LeaseVoid
from domain.delivery.outcome import CannotTell, Delivered, NotThere, Refused
from tests.contracts.file_drop.conftest import Yard

CONTENT = b"<order>\r\n\x00\xff" + bytes(range(256)) * 16 + b"\n</order>"
PART = ".billhook-order-1.xml.part"


def final(yard: Yard, folder: str, name: str) -> str:
    """The full path at the other side."""
    return "/".join(part for part in (yard.address.root, folder, name) if part)


def plant(yard: Yard, name: str, content: bytes, *, age_s: float = 0) -> Path:
    """A file that is there already, and that the server's user may change."""
    yard.root.mkdir(parents=True, exist_ok=True)
    yard.root.chmod(0o777)
    path = yard.root / name
    path.write_bytes(content)
    path.chmod(0o666)
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def test_a_file_arrives_whole_under_its_final_name(yard: Yard) -> None:
    """Byte by byte, and the answer names the path."""
    with yard.drops.open(yard.address) as drop:
        outcome = drop.put("", "order-1.xml", CONTENT, yard.hand_over)

    assert outcome == Delivered(remote_id=final(yard, "", "order-1.xml"))
    assert yard.files() == {"order-1.xml": CONTENT}
    assert yard.handed_over == [1]


def test_nothing_is_visible_before_it_is_handed_over(yard: Yard) -> None:
    """At that moment the whole content waits under the temporary name."""
    seen: list[dict[str, bytes]] = []
    with yard.drops.open(yard.address) as drop:
        drop.put("", "order-1.xml", CONTENT, lambda: seen.append(yard.files()))

    assert seen == [{PART: CONTENT}]


def test_an_equal_file_counts_as_delivered(yard: Yard) -> None:
    """It is not written again, and nothing is handed over."""
    with yard.drops.open(yard.address) as drop:
        drop.put("", "order-1.xml", CONTENT, lambda: None)
        before = (yard.root / "order-1.xml").stat()
        outcome = drop.put("", "order-1.xml", CONTENT, yard.hand_over)

    assert outcome == Delivered(remote_id=final(yard, "", "order-1.xml"))
    after = (yard.root / "order-1.xml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert yard.handed_over == []


@pytest.mark.parametrize("other", [CONTENT + b" ", CONTENT[:-1] + b"?", b""], ids=["longer", "same-size", "empty"])
def test_a_different_file_is_left_alone_and_needs_a_person(yard: Yard, other: bytes) -> None:
    """Also where only one byte differs."""
    plant(yard, "order-1.xml", other)
    with yard.drops.open(yard.address) as drop:
        outcome = drop.put("", "order-1.xml", CONTENT, yard.hand_over)

    assert isinstance(outcome, Refused)
    assert outcome.code == "file_differs"
    assert outcome.next_step
    assert yard.files() == {"order-1.xml": other}
    assert yard.handed_over == []


def test_missing_folders_are_made(yard: Yard) -> None:
    """The root and the folders below it."""
    with yard.drops.open(yard.address) as drop:
        outcome = drop.put("2026/11", "order-1.xml", CONTENT, yard.hand_over)

    assert outcome == Delivered(remote_id=final(yard, "2026/11", "order-1.xml"))
    assert yard.files() == {"2026/11/order-1.xml": CONTENT}


@pytest.mark.parametrize("content", [b"", b"x", bytes(300_000)], ids=["empty", "one-byte", "many-packets"])
def test_any_length_arrives(yard: Yard, content: bytes) -> None:
    """From nothing to several packets."""
    with yard.drops.open(yard.address) as drop:
        drop.put("", "order-1.xml", content, yard.hand_over)

    assert yard.files() == {"order-1.xml": content}


@pytest.mark.parametrize("name", ["Zoë Ångström 請求書.xml", "x" * 196 + ".xml", "-a b.xml", "a..b.xml"])
def test_unusual_names_are_kept(yard: Yard, name: str) -> None:
    """Languages, 200 bytes, blanks and dashes."""
    with yard.drops.open(yard.address) as drop:
        outcome = drop.put("", name, CONTENT, yard.hand_over)

    assert isinstance(outcome, Delivered)
    assert yard.files() == {name: CONTENT}


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("", "../order.xml"),
        ("", ".."),
        ("", ""),
        ("", "a/b.xml"),
        ("", "a\\b.xml"),
        ("", "order\n.xml"),
        ("", "order\r\nDELE x"),
        ("", "order\x00.xml"),
        ("", "order\u202elmx.xml"),
        ("", "order\ud800.xml"),
        ("", "x" * 300),
        ("", "ö" * 101),
        ("", PART),
        ("../elsewhere", "order.xml"),
        ("a/../../b", "order.xml"),
        ("/etc", "order.xml"),
        ("a\nb", "order.xml"),
    ],
)
def test_names_that_could_lead_elsewhere_are_refused(yard: Yard, folder: str, name: str) -> None:
    """Nothing is sent."""
    with yard.drops.open(yard.address) as drop:
        outcome = drop.put(folder, name, CONTENT, yard.hand_over)

    assert isinstance(outcome, Refused)
    assert outcome.code == "name_refused"
    assert (yard.handed_over, yard.root.exists()) == ([], False)


def test_the_remains_of_an_earlier_try_are_replaced(yard: Yard) -> None:
    """Also where they are longer than the file."""
    plant(yard, PART, b"half an order" * 1000)
    with yard.drops.open(yard.address) as drop:
        outcome = drop.put("", "order-1.xml", CONTENT, yard.hand_over)

    assert isinstance(outcome, Delivered)
    assert yard.files() == {"order-1.xml": CONTENT}


def test_old_uploads_of_ours_are_removed(yard: Yard) -> None:
    """Young ones may be another worker's, and other files are not ours. A server that does not tell the age keeps all."""
    day_s = 24 * 3600
    plant(yard, ".billhook-order-0.xml.part", b"cut", age_s=2 * day_s)
    plant(yard, ".billhook-order-2.xml.part", b"under way", age_s=60)
    plant(yard, "partner.part", b"not ours", age_s=2 * day_s)
    with yard.drops.open(yard.address) as drop:
        drop.put("", "order-1.xml", CONTENT, yard.hand_over)

    kept = {".billhook-order-2.xml.part", "partner.part", "order-1.xml"}
    assert set(yard.files()) == (kept if yard.tells_age else {*kept, ".billhook-order-0.xml.part"})


def test_a_void_lease_leaves_nothing(yard: Yard) -> None:
    """What the caller raises goes on to it, and the drop can be used further."""

    def void() -> None:
        raise LeaseVoid

    with yard.drops.open(yard.address) as drop:
        with pytest.raises(LeaseVoid):
            drop.put("", "order-1.xml", CONTENT, void)
        assert yard.files() == {}
        assert isinstance(drop.put("", "order-1.xml", CONTENT, yard.hand_over), Delivered)


def test_a_partner_may_take_the_file_at_once(yard: Yard) -> None:
    """The answer to the rename is enough."""
    stop = threading.Event()
    taken: list[bytes] = []

    def take_on_sight() -> None:
        while not stop.is_set():
            try:
                (yard.root / "order-1.xml").rename(yard.root / "taken.xml")
            except FileNotFoundError:
                continue
            taken.append((yard.root / "taken.xml").read_bytes())

    partner = threading.Thread(target=take_on_sight)
    with yard.drops.open(yard.address) as drop:
        partner.start()
        outcome = drop.put("", "order-1.xml", CONTENT, yard.hand_over)
        while not taken:
            time.sleep(0.001)
        stop.set()
        partner.join()

    assert isinstance(outcome, Delivered)
    assert taken == [CONTENT]


def test_a_look_up_finds_an_equal_file(yard: Yard) -> None:
    """That settles a delivery without an answer."""
    with yard.drops.open(yard.address) as drop:
        drop.put("in", "order-1.xml", CONTENT, yard.hand_over)
        found = drop.look_up("in", "order-1.xml", CONTENT)

    assert found == Delivered(remote_id=final(yard, "in", "order-1.xml"))


def test_a_look_up_cannot_tell_about_a_file_that_is_gone(yard: Yard) -> None:
    """The partner may have taken it: a person asks, and reads what for."""
    with yard.drops.open(yard.address) as drop:
        drop.put("", "order-2.xml", CONTENT, yard.hand_over)
        found = drop.look_up("", "order-1.xml", CONTENT)

    assert isinstance(found, CannotTell)
    assert "order-1.xml" in found.how_to_check


def test_a_look_up_cannot_tell_about_a_different_file(yard: Yard) -> None:
    """It is not ours."""
    plant(yard, "order-1.xml", b"another")
    with yard.drops.open(yard.address) as drop:
        found = drop.look_up("", "order-1.xml", CONTENT)

    assert isinstance(found, CannotTell)


def test_an_upload_that_still_waits_proves_that_nothing_arrived(yard: Yard) -> None:
    """Where a rename is one step; else nobody can tell."""
    plant(yard, PART, CONTENT)
    with yard.drops.open(yard.address) as drop:
        found = drop.look_up("", "order-1.xml", CONTENT)

    assert isinstance(found, NotThere if yard.proves_absence else CannotTell)


def test_many_files_go_over_one_connection(yard: Yard) -> None:
    """200 of them."""
    wanted = {f"order-{number}.xml": CONTENT + str(number).encode() for number in range(200)}
    with yard.drops.open(yard.address) as drop:
        outcomes = [drop.put("", name, content, yard.hand_over) for name, content in wanted.items()]

    assert {type(outcome) for outcome in outcomes} == {Delivered}
    assert yard.files() == wanted
    assert len(yard.connections) == (0 if yard.address.fs_type == "local" else 1)


def test_a_check_puts_a_trial_file_and_takes_it_away(yard: Yard) -> None:
    """It says where it was connected to."""
    with yard.drops.open(yard.address) as drop:
        results = drop.check()

    assert [(result.name, result.ok) for result in results] == [("connection", True), ("folder", True)]
    assert yard.files() == {}
