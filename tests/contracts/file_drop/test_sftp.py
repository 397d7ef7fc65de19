"""SFTP against OpenSSH: who is let in, whom we talk to, and connections that break at every point (fault matrix 24, 25 and 27)."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from subprocess import CalledProcessError
from uuid import uuid4

import pytest

from adapters.file_drop.file_drop import FileDropsByType
from adapters.file_drop.keys import generate_private_key, public_key_line
from adapters.file_drop.sockets import Timeouts
from application.ports.file_drop import DropAddress, FileToPut
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, NotThere, Outcome, Refused, RetryLater, Unknown
from domain.errors import DomainError, TemporaryFailure
from tests.contracts.file_drop.conftest import sftp_address
from tests.services.fault_proxy import FaultProxy
from tests.services.plain_sftp import PlainSftpServer
from tests.services.process import ServiceError
from tests.services.sshd import Sshd

CONTENT = b"<order>" + bytes(range(256)) * 160 + b"</order>"
PART = ".billhook-order-1.xml.part"
USER_AUTH = "userauth-request"


@pytest.fixture
def root(sshd: Sshd) -> Path:
    """A folder that belongs to the test."""
    return sshd.files / uuid4().hex


@pytest.fixture
def proxy(sshd: Sshd) -> Iterator[FaultProxy]:
    with FaultProxy(sshd.port) as proxy:
        yield proxy


@pytest.fixture
def own_sshd() -> Iterator[Sshd]:
    """One that a test may restart."""
    with Sshd() as server:
        yield server


def drops(*, patience_s: float = 20) -> FileDropsByType:
    """With the time that an answer may take; short where none comes, long where the machine may be busy."""
    return FileDropsByType(timeouts=Timeouts(connect_s=20, greeting_s=max(patience_s, 3), login_s=20, answer_s=patience_s))


def put(address: DropAddress, name: str = "order-1.xml") -> Outcome:
    """One file over a connection of its own."""
    with drops().open(address) as drop:
        return drop.put("", name, CONTENT, lambda: None)


def seen(root: Path) -> dict[str, bytes]:
    """What a partner sees: all but temporary names."""
    return {path.name: path.read_bytes() for path in root.glob("*") if not path.name.startswith(".billhook-")}


def refused(address: DropAddress) -> DomainError:
    """Why the connection was not made."""
    with pytest.raises(DomainError) as caught, drops().open(address):
        pass
    return caught.value


# Who is let in


def test_a_wrong_password_needs_a_person(sshd: Sshd, root: Path) -> None:
    """The password is in no sentence."""
    error = refused(replace(sftp_address(sshd, str(root)), private_key="", password="wrong-s3cret"))

    assert error.code == "login_refused"
    assert error.next_step
    assert "wrong-s3cret" not in f"{error.text} {error.next_step}"


def test_a_key_that_the_partner_does_not_know_needs_a_person(sshd: Sshd, root: Path) -> None:
    """The next step names the public key."""
    error = refused(replace(sftp_address(sshd, str(root)), private_key=generate_private_key()))

    assert error.code == "login_refused"
    assert "public key" in error.next_step


def test_a_key_made_for_an_integration_lets_us_in(own_sshd: Sshd) -> None:
    """The partner has been given the line of its public half."""
    key = generate_private_key()
    own_sshd.authorize(public_key_line(key))

    assert isinstance(put(replace(sftp_address(own_sshd, str(own_sshd.files)), private_key=key)), Delivered)


def test_a_password_follows_a_key_that_is_refused(tmp_path: Path) -> None:
    """An integration may have both."""
    with PlainSftpServer(tmp_path) as server:
        address = DropAddress("sftp", "", "127.0.0.1", server.port, server.username, f"ecdsa-sha2-nistp256 {server.host_key.get_base64()}")
        outcome = put(replace(address, private_key=generate_private_key(), password=server.password))

        assert isinstance(outcome, Delivered)
        assert server.attempts == [server.password]


def test_a_root_without_the_right_to_write_is_a_fault_of_the_lane(sshd: Sshd, root: Path) -> None:
    """One sentence for all documents, of which none is sent in vain."""
    root.mkdir(mode=0o555)
    if os.geteuid() != 0:
        root.chmod(0o555)

    with pytest.raises(DomainError) as caught:
        put(sftp_address(sshd, str(root)))

    assert caught.value.code == "folder_refused"
    assert caught.value.text.startswith(f"No file can be put into {root}: ")
    assert "the right to write" in caught.value.next_step
    assert "billhook deliveries retry" not in caught.value.next_step


def test_a_folder_below_the_root_without_the_right_to_write_needs_a_person(sshd: Sshd, root: Path) -> None:
    """The other folders are fine, so it is a matter of that document."""
    root.mkdir()
    root.chmod(0o777)
    (root / "closed").mkdir(mode=0o555)

    with drops().open(sftp_address(sshd, str(root))) as drop:
        outcome = drop.put("closed", "order-1.xml", CONTENT, lambda: None)

    assert isinstance(outcome, Refused)
    assert outcome.code == "permission_denied"
    assert outcome.next_step.endswith("then `billhook deliveries retry {delivery}`.")


# Whom we talk to


def test_a_changed_host_key_stops_before_the_log_in(own_sshd: Sshd) -> None:
    """Both fingerprints are shown; the server has not even learned the user's name."""
    address = replace(sftp_address(own_sshd, str(own_sshd.files)), password="s3cret")
    own_sshd.restart_with("other_host_key")
    log_before = len(own_sshd.log)

    error = refused(address)

    assert error.code == "host_key_changed"
    assert own_sshd.fingerprint("host_key") in error.text
    assert own_sshd.fingerprint("other_host_key") in error.text + error.next_step
    assert error.next_step
    assert USER_AUTH not in own_sshd.log[log_before:]


def test_a_log_in_would_show_in_the_log(own_sshd: Sshd) -> None:
    """Without this the test above could not fail."""
    put(sftp_address(own_sshd, str(own_sshd.files)))

    assert USER_AUTH in own_sshd.log


def test_an_unpinned_server_is_shown_and_refused(own_sshd: Sshd) -> None:
    """A person compares the fingerprint and pins it."""
    error = refused(replace(sftp_address(own_sshd, ""), host_key=""))

    assert error.code == "host_key_missing"
    assert own_sshd.fingerprint() in error.next_step
    assert USER_AUTH not in own_sshd.log


@pytest.mark.parametrize("prefix", ["", "files.example "])
def test_the_line_of_a_public_key_is_as_good_as_a_fingerprint(sshd: Sshd, root: Path, prefix: str) -> None:
    """As in a .pub file, and as `ssh-keyscan` prints it."""
    address = replace(sftp_address(sshd, str(root)), host_key=prefix + sshd.host_key_line())

    assert isinstance(put(address), Delivered)


def test_any_of_the_servers_keys_may_be_pinned(own_sshd: Sshd) -> None:
    """A server with several keys shows the one that was pinned, though another kind comes first."""
    own_sshd.restart_with("host_key", "rsa_host_key")
    address = sftp_address(own_sshd, str(own_sshd.files))

    assert isinstance(put(replace(address, host_key=own_sshd.fingerprint("rsa_host_key"))), Delivered)


# Connections that break


def test_a_cut_anywhere_shows_nothing_half(sshd: Sshd, proxy: FaultProxy, root: Path) -> None:
    """Cut after N bytes for many N, either way. Afterwards the look-up is right, and the file is there once."""
    put(sftp_address(sshd, str(root / "healthy"), proxy.port))
    whole = proxy.connections[-1]
    points = [{"up": len(whole.up) * step // 24} for step in range(1, 25)]
    points += [{"down": len(whole.down) * step // 16} for step in range(1, 17)]
    # Around the rename, which is at the end.
    points += [{"up": len(whole.up) - back} for back in (40, 120, 160, 200, 260, 320)] + [
        {"down": len(whole.down) - back} for back in (1, 40, 90)
    ]
    outcomes: set[type] = set()

    for number, point in enumerate(points):
        below = root / str(number)
        address = sftp_address(sshd, str(below), proxy.port)
        proxy.cut_after(**point)
        outcome: Outcome | None = None
        with suppress(TemporaryFailure):
            outcome = put(address)
        proxy.heal()
        outcomes.add(type(outcome))
        settle(address, below, outcome, point)

    assert {Unknown, ConnectionLost} <= outcomes


def settle(address: DropAddress, below: Path, outcome: Outcome | None, point: dict[str, int]) -> None:
    """What the delivery engine does next, with a look at the partner's side before and after."""
    assert seen(below) in ({}, {"order-1.xml": CONTENT}), point
    with drops().open(address) as drop:
        if isinstance(outcome, Unknown):
            found = drop.look_up("", "order-1.xml", CONTENT)
            assert isinstance(found, Delivered | NotThere), point
            assert isinstance(found, NotThere) or seen(below), point
        elif isinstance(outcome, Delivered):
            assert seen(below), point
        else:
            assert isinstance(outcome, ConnectionLost | None), point
            assert not seen(below), point
        assert isinstance(drop.put("", "order-1.xml", CONTENT, lambda: None), Delivered)
    assert [path.name for path in below.iterdir()] == ["order-1.xml"], point


def test_a_cut_between_upload_and_rename_hands_nothing_over(sshd: Sshd, proxy: FaultProxy, root: Path) -> None:
    """The upload waits under its temporary name; the next try replaces it."""
    address = sftp_address(sshd, str(root), proxy.port)

    with drops().open(address) as drop:
        outcome = drop.put("", "order-1.xml", CONTENT, proxy.cut)
        again = drop.put("", "order-1.xml", CONTENT, lambda: None)

    assert isinstance(outcome, ConnectionLost | Unknown)
    assert isinstance(again, Delivered)
    assert {path.name for path in root.iterdir()} == {"order-1.xml"}


def test_a_rename_without_an_answer_is_looked_up(sshd: Sshd, proxy: FaultProxy, root: Path) -> None:
    """It was carried out: the file is found, and sent no second time."""
    address = sftp_address(sshd, str(root), proxy.port)

    with drops().open(address) as drop:
        outcome = drop.put("", "order-1.xml", CONTENT, proxy.swallow_next_answer)
        proxy.heal()
        found = drop.look_up("", "order-1.xml", CONTENT)

    assert isinstance(outcome, Unknown)
    assert isinstance(found, Delivered)


def test_a_rename_without_an_answer_and_a_file_that_is_gone_need_a_person(sshd: Sshd, proxy: FaultProxy, root: Path) -> None:
    """The partner took it; only they know."""
    address = sftp_address(sshd, str(root), proxy.port)

    with drops().open(address) as drop:
        drop.put("", "order-1.xml", CONTENT, proxy.swallow_next_answer)
        proxy.heal()
        (root / "order-1.xml").unlink()
        found = drop.look_up("", "order-1.xml", CONTENT)

    assert isinstance(found, CannotTell)
    assert "order-1.xml" in found.how_to_check


def test_many_renames_without_an_answer_are_looked_up(sshd: Sshd, proxy: FaultProxy, root: Path) -> None:
    """They are asked for at once: each of them may have been carried out, and none is sent a second time."""
    files = [FileToPut("", f"order-{number}.xml", CONTENT) for number in range(3)]

    with drops().open(sftp_address(sshd, str(root), proxy.port)) as drop:
        outcomes = [outcome for _, outcome in drop.put_many(files, lambda _files: proxy.swallow_next_answer())]
        proxy.heal()
        found = [drop.look_up("", file.name, file.content) for file in files]

    assert [type(outcome) for outcome in outcomes] == [Unknown] * 3
    assert {type(each) for each in found} <= {Delivered, NotThere}
    assert len(seen(root)) == sum(isinstance(each, Delivered) for each in found)


def test_a_server_that_falls_silent_is_given_up(sshd: Sshd, proxy: FaultProxy, root: Path) -> None:
    """After the time that an answer may take. Before the rename nothing was handed over, after it a look-up is due."""
    with drops(patience_s=1).open(sftp_address(sshd, str(root), proxy.port)) as drop:
        after = drop.put("", "order-1.xml", CONTENT, proxy.fall_silent)
        before = drop.put("", "order-2.xml", CONTENT, lambda: None)

    assert isinstance(after, Unknown)
    assert "stopped answering" in after.reason
    assert isinstance(before, ConnectionLost)
    assert seen(root) == {"order-1.xml": CONTENT}


def test_a_connection_that_was_closed_while_idle_is_made_anew(sshd: Sshd, proxy: FaultProxy, root: Path) -> None:
    """The next file notices nothing."""
    with drops().open(sftp_address(sshd, str(root), proxy.port)) as drop:
        drop.put("", "order-1.xml", CONTENT, lambda: None)
        proxy.cut()
        outcome = drop.put("", "order-2.xml", CONTENT, lambda: None)

    assert isinstance(outcome, Delivered)
    assert len(proxy.connections) == 2


def test_a_lane_parks_where_the_server_cannot_be_reached_again(sshd: Sshd, proxy: FaultProxy, root: Path) -> None:
    """Nothing of the document was handed over."""
    with drops().open(sftp_address(sshd, str(root), proxy.port)) as drop:
        drop.put("", "order-1.xml", CONTENT, lambda: None)
        proxy.refuse()
        proxy.cut()
        outcome = drop.put("", "order-2.xml", CONTENT, lambda: None)

    assert isinstance(outcome, ConnectionLost)
    assert seen(root) == {"order-1.xml": CONTENT}


def test_a_server_that_does_not_introduce_itself_is_a_passing_failure(sshd: Sshd, proxy: FaultProxy) -> None:
    """It takes the connection and says nothing."""
    proxy.fall_silent()

    with pytest.raises(TemporaryFailure, match=str(proxy.port)), drops(patience_s=1).open(sftp_address(sshd, "", proxy.port)):
        pass


def test_a_server_that_is_not_there_is_a_passing_failure(sshd: Sshd, proxy: FaultProxy) -> None:
    """The address is in the sentence."""
    proxy.refuse()

    with pytest.raises(TemporaryFailure, match=str(proxy.port)), drops().open(sftp_address(sshd, "", proxy.port)):
        pass


@pytest.fixture
def full_disk() -> Iterator[Sshd]:
    """A small disk with a file on it that takes all room; where this machine lets nobody mount one, the device that is always full."""
    try:
        server = Sshd(disk_bytes=1024 * 1024)
    except (ServiceError, CalledProcessError):
        server = Sshd()
        (server.files / PART).symlink_to("/dev/full")
    else:
        (server.files / "filler").write_bytes(bytes(1024 * 1024 - 16 * 1024))
    with server:
        yield server


def test_a_full_disk_is_tried_again_later(full_disk: Sshd) -> None:
    """The sentence says so, the upload is taken away, and once there is room the file arrives."""
    address = sftp_address(full_disk, str(full_disk.files))

    full = put(address)
    left = [path.name for path in full_disk.files.iterdir()]
    (full_disk.files / "filler").unlink(missing_ok=True)
    afterwards = put(address)

    assert isinstance(full, RetryLater)
    assert "disk" in full.reason
    assert "full" in full.reason
    assert set(left) <= {"filler"}
    assert isinstance(afterwards, Delivered)


def test_a_device_that_is_always_full_is_tried_again_later(sshd: Sshd, root: Path) -> None:
    """The server says only "failure", and there is room on the disk, as where a quota is used up: the sentence names what it may be."""
    root.mkdir()
    root.chmod(0o777)
    (root / PART).symlink_to("/dev/full")

    outcome = put(sftp_address(sshd, str(root)))

    assert isinstance(outcome, RetryLater)
    assert "may be full" in outcome.reason
    assert list(root.iterdir()) == []
