"""FTP: what goes over the wire unprotected, strict and odd servers, and connections that break at every point (fault matrix 26)."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.file_drop.file_drop import FileDropsByType
from adapters.file_drop.sockets import Timeouts
from application.ports.file_drop import DropAddress, FileToPut
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, NotThere, Outcome, Refused, RetryLater, Unknown
from domain.errors import DomainError, TemporaryFailure
from tests.contracts.file_drop.conftest import ftp_address
from tests.services.fault_proxy import FaultProxy
from tests.services.ftpd import PyFtpServer, Vsftpd
from tests.services.process import wait_until

CONTENT = b"<order>\r\n" + bytes(range(256)) * 160 + b"\n</order>"
PATIENCE = Timeouts(connect_s=20, greeting_s=20, login_s=20, answer_s=20)


@pytest.fixture
def server() -> Iterator[PyFtpServer]:
    """Without TLS, one for each test: it remembers its commands."""
    with PyFtpServer() as server:
        yield server


@pytest.fixture(params=["plain", "tls"])
def either(request: pytest.FixtureRequest) -> Iterator[PyFtpServer]:
    """With TLS and without."""
    with PyFtpServer(tls=request.param == "tls") as server:
        yield server


@pytest.fixture
def proxy(server: PyFtpServer) -> Iterator[FaultProxy]:
    """For the control connection; data connections go past it."""
    with FaultProxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def line(either: PyFtpServer) -> Iterator[FaultProxy]:
    """As above, with TLS and without."""
    with FaultProxy(either.port) as proxy:
        yield proxy


def drops(server: PyFtpServer | Vsftpd | None = None) -> FileDropsByType:
    """Trusting the authority of that server, else the system's."""
    certificates = server.certificates if server is not None else None
    return FileDropsByType(timeouts=PATIENCE, tls=certificates.client_context() if certificates else None)


def to(server: PyFtpServer, port: int | None = None) -> DropAddress:
    """With the operator's consent, where the server knows no TLS."""
    return ftp_address(server, "/in", port, plain=server.certificates is None)


def put(address: DropAddress, using: FileDropsByType | None = None) -> Outcome:
    """One file over a connection of its own."""
    with (using or drops()).open(address) as drop:
        return drop.put("", "order-1.xml", CONTENT, lambda: None)


def seen(server: PyFtpServer) -> dict[str, bytes]:
    """What a partner sees: all but temporary names."""
    return {path.name: path.read_bytes() for path in (server.files / "in").glob("*") if not path.name.startswith(".billhook-")}


def refused(address: DropAddress, using: FileDropsByType | None = None) -> DomainError:
    """Why the connection was not made."""
    with pytest.raises(DomainError) as caught, (using or drops()).open(address):
        pass
    return caught.value


# What goes over the wire


def test_a_server_without_tls_learns_nothing(server: PyFtpServer) -> None:
    """Neither user nor password, unless the operator accepted it."""
    error = refused(ftp_address(server, "/in"))

    assert error.code == "plain_ftp_refused"
    assert "allow_plain_ftp" in error.next_step
    assert not [command for command in server.commands if command.startswith(("USER", "PASS"))]


def test_plain_ftp_with_consent_shows_the_password(server: PyFtpServer, proxy: FaultProxy) -> None:
    """That is what the consent is about, and it shows that the next test looks in the right place."""
    put(to(server, proxy.port))

    assert server.password.encode() in proxy.connections[0].up


def test_tls_hides_password_and_names() -> None:
    """A listener on the line learns neither."""
    with PyFtpServer(tls=True) as server, FaultProxy(server.port) as proxy:
        outcome = put(ftp_address(server, "/in", proxy.port), drops(server))

    assert isinstance(outcome, Delivered)
    assert server.password.encode() not in proxy.connections[0].up
    assert b"order-1" not in proxy.connections[0].up


def test_a_certificate_of_an_unknown_authority_is_refused_before_the_log_in() -> None:
    """As is every one that does not fit."""
    with PyFtpServer(tls=True) as server:
        error = refused(ftp_address(server, "/in"))

    assert error.code == "certificate_refused"
    assert not [command for command in server.commands if command.startswith(("USER", "PASS"))]


def test_a_certificate_has_to_name_the_host_of_the_settings(vsftpd: Vsftpd) -> None:
    """Not the address that its name led to."""
    using = FileDropsByType(lambda _host, _port: "127.0.0.1", PATIENCE, vsftpd.certificates.client_context())

    error = refused(replace(ftp_address(vsftpd, str(vsftpd.files)), host="files.example"), using)

    assert error.code == "certificate_refused"
    assert "files.example" in error.text


def test_a_wrong_password_needs_a_person(either: PyFtpServer) -> None:
    """The password is in no sentence."""
    error = refused(replace(to(either), password="wrong-s3cret"), drops(either))

    assert error.code == "login_refused"
    assert "wrong-s3cret" not in f"{error.text} {error.next_step}"


# Odd servers


def test_the_address_in_the_answer_to_pasv_is_ignored() -> None:
    """A server could send us anywhere with it."""
    with PyFtpServer(passive_address="192.0.2.1") as server:
        assert isinstance(put(to(server)), Delivered)


def test_a_server_that_does_not_rename_needs_a_person() -> None:
    """Nothing is visible, and the upload is taken away."""
    with PyFtpServer(permissions="elradmw") as server:
        outcome = put(to(server))
        left = list((server.files / "in").iterdir())

    assert isinstance(outcome, Refused)
    assert outcome.code == "ftp_refused"
    assert left == []


def test_a_server_that_takes_no_files_is_a_fault_of_the_lane() -> None:
    """One sentence for all documents, with the folder and the server's own words."""
    with PyFtpServer(permissions="elr") as server:
        (server.files / "in").mkdir()
        with pytest.raises(DomainError) as caught:
            put(to(server))

    assert caught.value.code == "folder_refused"
    assert caught.value.text.startswith("No file can be put into /in: ")
    assert "550" in caught.value.text
    assert "billhook deliveries retry" not in caught.value.next_step


@pytest.mark.parametrize(("there", "named"), [("", "/in"), ("in", "/in/new"), ("in/new", "/in/new/orders")])
def test_a_folder_that_cannot_be_made_is_named(there: str, named: str) -> None:
    """The topmost that is not there; those above it are fine."""
    with PyFtpServer(permissions="elradfw") as server:
        (server.files / there).mkdir(parents=True, exist_ok=True)
        with pytest.raises(DomainError) as caught:
            put(replace(to(server), root="/in/new/orders"))

    assert caught.value.code == "folder_refused"
    assert f"The folder {named} cannot be made: 550" in caught.value.text


def test_a_folder_that_somebody_made_meanwhile_is_no_mistake(server: PyFtpServer) -> None:
    """A single file that is refused in a good folder stays a matter of that file, also below a root that is relative."""
    (server.files / "in" / ".billhook-order-1.xml.part").mkdir(parents=True)
    with drops().open(replace(to(server), root="in")) as drop:
        refused_one = drop.put("", "order-1.xml", CONTENT, lambda: None)
        other = drop.put("", "order-2.xml", CONTENT, lambda: None)

    assert isinstance(refused_one, Refused)
    assert isinstance(other, Delivered)
    assert set(seen(server)) == {"order-2.xml"}


# A full disk


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("452 Insufficient storage space.", "is full"),
        ("426 No space left on device; transfer aborted.", "No space left"),
        ("451 Failure writing to local file.", "may be full"),  # all that vsftpd says of it
    ],
)
def test_a_full_disk_is_tried_again_later(either: PyFtpServer, answer: str, told: str) -> None:
    """The sentence says so, nothing is left behind, and once there is room the file arrives."""
    (either.files / "in").mkdir()
    either.disk_full = answer
    full = put(to(either), drops(either))
    left = list((either.files / "in").iterdir())
    either.disk_full = ""
    afterwards = put(to(either), drops(either))

    assert isinstance(full, RetryLater)
    assert told in full.reason
    assert left == []
    assert isinstance(afterwards, Delivered)


# Connections that break


def test_a_cut_anywhere_shows_nothing_half(server: PyFtpServer, proxy: FaultProxy) -> None:
    """Cut the control connection after N bytes for many N, either way. Afterwards the look-up is right, and the file is there once."""
    put(to(server, proxy.port))
    whole = proxy.connections[0]
    points = [{"up": count} for count in range(1, len(whole.up), 14)] + [{"down": count} for count in range(1, len(whole.down), 29)]
    outcomes: set[type] = set()

    for number, point in enumerate(points):
        address = replace(to(server, proxy.port), root=f"/{number}")
        proxy.cut_after(**point)
        outcome: Outcome | None = None
        with suppress(TemporaryFailure):
            outcome = put(address)
        proxy.heal()
        outcomes.add(type(outcome))
        settle(address, server.files / str(number), outcome, point)

    assert {Unknown, ConnectionLost} <= outcomes


def test_a_cut_anywhere_shows_nothing_half_under_tls() -> None:
    """As above. The lengths of a handshake vary by some bytes, so the points are parts of it, and a row of them around the rename."""
    with PyFtpServer(tls=True) as server, FaultProxy(server.port) as proxy:
        using = drops(server)
        put(to(server, proxy.port), using)
        up, down = len(proxy.connections[0].up), len(proxy.connections[0].down)
        points = [{"up": up * step // 8} for step in range(1, 8)] + [{"down": down * step // 8} for step in range(1, 8)]
        points += [{"up": up - back} for back in range(20, 160, 25)] + [{"down": down - back} for back in range(20, 140, 15)]
        outcomes: set[type] = set()

        for number, point in enumerate(points):
            address = replace(to(server, proxy.port), root=f"/{number}")
            proxy.cut_after(**point)
            outcome: Outcome | None = None
            with suppress(TemporaryFailure):
                outcome = put(address, using)
            proxy.heal()
            outcomes.add(type(outcome))
            settle(address, server.files / str(number), outcome, point, using)

    assert {Unknown, ConnectionLost} <= outcomes


@pytest.mark.parametrize("count", [1, 512, 16_384, 40_000])
def test_a_data_connection_that_is_cut_shows_nothing_half(either: PyFtpServer, count: int) -> None:
    """A server that takes the cut for the end says that all is well; the size tells that it is not."""
    either.upload_bytes_max = count
    cut = put(to(either), drops(either))
    visible = seen(either)
    either.upload_bytes_max = None
    afterwards = put(to(either), drops(either))

    assert isinstance(cut, RetryLater | ConnectionLost)
    assert visible == {}
    assert isinstance(afterwards, Delivered)
    assert seen(either) == {"order-1.xml": CONTENT}


def settle(address: DropAddress, below: Path, outcome: Outcome | None, point: dict[str, int], using: FileDropsByType | None = None) -> None:
    """What the delivery engine does next, with a look at the partner's side before and after."""
    final = below / "order-1.xml"
    assert not final.exists() or final.read_bytes() == CONTENT, point
    with (using or drops()).open(address) as drop:
        if isinstance(outcome, Unknown):
            found = drop.look_up("", "order-1.xml", CONTENT)
            assert isinstance(found, Delivered if final.exists() else NotThere), point
        elif isinstance(outcome, Delivered):
            assert final.exists(), point
        else:
            assert isinstance(outcome, ConnectionLost | RetryLater | None), point
            assert not final.exists(), point
        assert isinstance(drop.put("", "order-1.xml", CONTENT, lambda: None), Delivered)
    assert [path.name for path in below.iterdir()] == ["order-1.xml"], point


def test_a_cut_in_the_middle_of_an_upload_shows_nothing(either: PyFtpServer) -> None:
    """Half of the content is under the temporary name; the next try replaces it."""
    part = either.files / "in" / ".billhook-order-1.xml.part"

    def cut_when_it_began() -> None:
        wait_until(lambda: part.stat().st_size > 0, "the upload to begin", every_s=0.001)
        either.hang_up()

    cut = threading.Thread(target=cut_when_it_began)
    cut.start()
    with drops(either).open(to(either)) as drop:
        outcome = drop.put("", "order-1.xml", bytes(80_000_000), lambda: None)
        cut.join()
        visible = seen(either)
        again = drop.put("", "order-1.xml", CONTENT, lambda: None)

    assert isinstance(outcome, ConnectionLost)
    assert visible == {}
    assert isinstance(again, Delivered)
    assert [path.name for path in part.parent.iterdir()] == ["order-1.xml"]


def test_a_cut_between_upload_and_rename_hands_nothing_over(either: PyFtpServer, line: FaultProxy) -> None:
    """The upload waits under its temporary name; the next try replaces it."""
    with drops(either).open(to(either, line.port)) as drop:
        outcome = drop.put("", "order-1.xml", CONTENT, line.cut)
        visible = seen(either)
        again = drop.put("", "order-1.xml", CONTENT, lambda: None)

    assert isinstance(outcome, ConnectionLost)
    assert visible == {}
    assert isinstance(again, Delivered)
    assert [path.name for path in (either.files / "in").iterdir()] == ["order-1.xml"]


def test_a_rename_without_an_answer_is_looked_up(either: PyFtpServer, line: FaultProxy) -> None:
    """It was carried out: the file is found, and sent no second time."""
    with drops(either).open(to(either, line.port)) as drop:
        outcome = drop.put("", "order-1.xml", CONTENT, lambda: line.swallow_next_answer(skip=1))
        line.heal()
        found = drop.look_up("", "order-1.xml", CONTENT)

    assert isinstance(outcome, Unknown)
    assert isinstance(found, Delivered)
    assert len([command for command in either.commands if command.startswith("RNTO")]) == 1


def test_a_rename_without_an_answer_and_a_file_that_is_gone_need_a_person(either: PyFtpServer, line: FaultProxy) -> None:
    """The partner took it; only they know."""
    with drops(either).open(to(either, line.port)) as drop:
        drop.put("", "order-1.xml", CONTENT, lambda: line.swallow_next_answer(skip=1))
        line.heal()
        (either.files / "in" / "order-1.xml").unlink()
        found = drop.look_up("", "order-1.xml", CONTENT)

    assert isinstance(found, CannotTell)
    assert "order-1.xml" in found.how_to_check


def test_a_cut_before_the_second_half_of_a_rename_hands_nothing_over(either: PyFtpServer, line: FaultProxy) -> None:
    """RNFR alone does nothing, so its lost answer leaves no doubt."""
    with drops(either).open(to(either, line.port)) as drop:
        outcome = drop.put("", "order-1.xml", CONTENT, line.swallow_next_answer)

    assert isinstance(outcome, ConnectionLost)
    assert seen(either) == {}


def test_a_server_that_falls_silent_is_given_up(either: PyFtpServer, line: FaultProxy) -> None:
    """After the time that an answer may take."""
    tls = either.certificates.client_context() if either.certificates else None
    impatient = FileDropsByType(timeouts=Timeouts(connect_s=20, answer_s=1), tls=tls)
    with impatient.open(to(either, line.port)) as drop:
        line.fall_silent()
        outcome = drop.put("", "order-1.xml", CONTENT, lambda: None)

    assert isinstance(outcome, ConnectionLost)
    assert "stopped answering" in outcome.reason


def test_the_next_file_is_made_while_tls_is_negotiated(vsftpd: Vsftpd) -> None:
    """Each but the first: there is nothing of the file before it at the server yet."""
    content = CONTENT * 100  # more than is on its way at once
    kept_by_then: list[int] = []

    def files() -> Iterator[FileToPut]:
        for number in range(3):
            kept_by_then.append(sum(path.stat().st_size for path in vsftpd.files.rglob("*") if path.is_file()))
            yield FileToPut("", f"order-{number}.xml", content)

    with drops(vsftpd).open(ftp_address(vsftpd, str(vsftpd.files / "ahead"))) as drop:
        outcomes = [outcome for _, outcome in drop.put_many(files(), lambda _files: None)]

    assert [type(outcome) for outcome in outcomes] == [Delivered] * 3
    assert [kept - kept_by_then[0] for kept in kept_by_then] == [0, 0, len(content)]


def test_a_connection_that_was_closed_while_idle_is_made_anew(either: PyFtpServer) -> None:
    """The next file notices nothing."""
    with drops(either).open(to(either)) as drop:
        drop.put("", "order-1.xml", CONTENT, lambda: None)
        either.hang_up()
        outcome = drop.put("", "order-2.xml", CONTENT, lambda: None)

    assert isinstance(outcome, Delivered)
    assert set(seen(either)) == {"order-1.xml", "order-2.xml"}


def test_a_lane_parks_where_the_server_cannot_be_reached_again(either: PyFtpServer, line: FaultProxy) -> None:
    """Nothing of the document was handed over."""
    with drops(either).open(to(either, line.port)) as drop:
        drop.put("", "order-1.xml", CONTENT, lambda: None)
        line.refuse()
        line.cut()
        outcome = drop.put("", "order-2.xml", CONTENT, lambda: None)

    assert isinstance(outcome, ConnectionLost)
    assert set(seen(either)) == {"order-1.xml"}
