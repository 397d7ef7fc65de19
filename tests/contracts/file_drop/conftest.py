"""The servers, one of each for a test worker, and a drop of its own for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.file_drop.file_drop import FileDropsByType
from adapters.file_drop.keys import fingerprint
from adapters.file_drop.sockets import resolve_by_system
from application.ports.file_drop import DropAddress
from tests.services.ftpd import PyFtpServer, Vsftpd
from tests.services.plain_sftp import PlainSftpServer
from tests.services.sshd import Sshd


@dataclass
class Yard:
    """A drop and what a partner sees of it. ``root`` is the drop's root on this machine."""

    drops: FileDropsByType
    address: DropAddress
    root: Path
    proves_absence: bool = True
    tells_age: bool = True
    handed_over: list[int] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)

    def hand_over(self) -> None:
        """Count."""
        self.handed_over.append(1)

    def files(self) -> dict[str, bytes]:
        """Everything that is there, temporary names too, by path below the root."""
        return {str(path.relative_to(self.root)): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def sshd() -> Iterator[Sshd]:
    with Sshd() as server:
        yield server


@pytest.fixture(scope="session")
def vsftpd() -> Iterator[Vsftpd]:
    with Vsftpd() as server:
        yield server


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, PyFtpServer | PlainSftpServer]]:
    """Those that run in threads of this process."""
    with ExitStack() as stack:
        yield {
            "ftp": stack.enter_context(PyFtpServer()),
            "ftps": stack.enter_context(PyFtpServer(tls=True)),
            "plain_sftp": stack.enter_context(PlainSftpServer(tmp_path_factory.mktemp("plain-sftp"))),
        }


def sftp_address(server: Sshd, root: str, port: int | None = None) -> DropAddress:
    """With the key, and the host key pinned."""
    return DropAddress(
        "sftp", root, "127.0.0.1", port or server.port, server.username, server.fingerprint(), private_key=server.private_key
    )


def ftp_address(server: PyFtpServer | Vsftpd, root: str, port: int | None = None, *, plain: bool = False) -> DropAddress:
    """By the name that the certificates show."""
    return DropAddress("ftp", root, "localhost", port or server.port, server.username, allow_plain_ftp=plain, password=server.password)


@pytest.fixture(params=["local", "sshd", "plain_sftp", "vsftpd", "ftp", "ftps"])
def yard(request: pytest.FixtureRequest, tmp_path: Path) -> Yard:
    """A new root at each kind of drop."""
    connections: list[str] = []

    def resolve(host: str, port: int) -> str:
        connections.append(host)
        return resolve_by_system(host, port)

    made = _YARDS[request.param](request, tmp_path, resolve)
    made.connections = connections
    return made


def _local(_request: pytest.FixtureRequest, tmp_path: Path, _resolve: Callable[[str, int], str]) -> Yard:
    return Yard(FileDropsByType(), DropAddress("local", str(tmp_path / "root")), tmp_path / "root")


def _sshd(request: pytest.FixtureRequest, _tmp_path: Path, resolve: Callable[[str, int], str]) -> Yard:
    server: Sshd = request.getfixturevalue("sshd")
    root = server.files / uuid4().hex
    return Yard(FileDropsByType(resolve), sftp_address(server, str(root)), root)


def _plain_sftp(request: pytest.FixtureRequest, _tmp_path: Path, resolve: Callable[[str, int], str]) -> Yard:
    server: PlainSftpServer = request.getfixturevalue("servers")["plain_sftp"]
    name = uuid4().hex
    pinned = fingerprint(server.host_key.asbytes())
    address = DropAddress("sftp", name, "127.0.0.1", server.port, server.username, pinned, password=server.password)
    return Yard(FileDropsByType(resolve), address, server.files / name, proves_absence=False)


def _vsftpd(request: pytest.FixtureRequest, _tmp_path: Path, resolve: Callable[[str, int], str]) -> Yard:
    server: Vsftpd = request.getfixturevalue("vsftpd")
    root = server.files / uuid4().hex
    drops = FileDropsByType(resolve, tls=server.certificates.client_context())
    return Yard(drops, ftp_address(server, str(root)), root, tells_age=False)


def _pyftpdlib(request: pytest.FixtureRequest, _tmp_path: Path, resolve: Callable[[str, int], str]) -> Yard:
    server: PyFtpServer = request.getfixturevalue("servers")[request.param]
    name = uuid4().hex
    tls = server.certificates.client_context() if server.certificates else None
    return Yard(FileDropsByType(resolve, tls=tls), ftp_address(server, f"/{name}", plain=tls is None), server.files / name)


_YARDS = {"local": _local, "sshd": _sshd, "plain_sftp": _plain_sftp, "vsftpd": _vsftpd, "ftp": _pyftpdlib, "ftps": _pyftpdlib}
