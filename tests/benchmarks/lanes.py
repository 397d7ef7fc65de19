"""Order files over lanes, from PostgreSQL to a file server, as workers drain them; beside bare uploads and renames of the same bytes."""

import ftplib
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import paramiko

from application.use_cases.drain_lane import DrainLane
from domain.companies.integration import Integration
from entrypoints.container import Application
from entrypoints.garbage import collect_seldom
from tests import factories
from tests.benchmarks import stage
from tests.benchmarks.apart import apart, at_once, wait_for_the_others
from tests.benchmarks.figures import Figure, compare
from tests.benchmarks.orders import order_body
from tests.services.ftpd import Vsftpd
from tests.services.postgres import PostgresServer
from tests.services.sshd import Sshd

GOAL = 0.8
GOAL_TEN = 1.5
LANES = 10
WORKERS = min(os.cpu_count() or 1, LANES)
"""A fleet has as many worker processes as the machine has cores (docs/how-to/run-a-fleet.md)."""
THREADS = 4
"""Of each worker; as many as BILLHOOK_WORKER_THREADS has by default."""
ITEMS = 3
_KIND = "generic_filesystem"
_FIRST_COMPANY = 501


@dataclass(frozen=True, slots=True)
class Yard:
    """A file server: its address as settings and secrets, its folder on this machine, and whom TLS trusts."""

    settings: dict[str, Any]
    secrets: dict[str, str]
    files: Path
    trusted: str = ""


def sftp_yard(server: Sshd) -> Yard:
    """OpenSSH."""
    address = {"fs_type": "sftp", "host": "127.0.0.1", "port": server.port, "username": server.username}
    return Yard({**address, "host_key": server.fingerprint()}, {"private_key": server.private_key}, server.files)


def ftps_yard(server: Vsftpd) -> Yard:
    """The server is vsftpd: TLS, every data connection secured as well."""
    address = {"fs_type": "ftp", "host": "localhost", "port": server.port, "username": server.username}
    return Yard(address, {"password": server.password}, server.files, str(server.certificates.authority))


def measure_sftp(postgres: PostgresServer, server: Sshd, count: int, repeats: int) -> Figure:
    """One lane over SFTP."""
    floor_is = "paramiko alone: put (as it is by default) and posix_rename of the same bytes, one file after the other"
    return _measure_one(postgres, sftp_yard(server), _bare_sftp, "order files over one SFTP lane", floor_is, count, repeats)


def measure_ftp(postgres: PostgresServer, server: Vsftpd, count: int, repeats: int) -> Figure:
    """One lane over FTP with TLS."""
    floor_is = "ftplib alone: STOR, RNFR and RNTO of the same bytes, with TLS that is resumed, one file after the other"
    return _measure_one(postgres, ftps_yard(server), _bare_ftps, "order files over one FTP lane with TLS", floor_is, count, repeats)


def measure_ten(postgres: PostgresServer, server: Sshd, count: int, repeats: int) -> Figure:
    """Ten lanes at once, drained by the workers of a fleet, beside one lane; each lane has as many files."""
    yard = sftp_yard(server)
    ten = postgres.template(f"ten-lanes-{count}", partial(_fill, yard=yard, lanes=LANES, count=count))
    one = postgres.template(f"one-lane-{count}", partial(_fill, yard=yard, lanes=1, count=count))
    return compare(
        what=f"order files over ten SFTP lanes at once, {WORKERS} workers",
        unit="files/s",
        floor_is="one lane, which is drained by one worker",
        goal=GOAL_TEN,
        repeats=repeats,
        ours=lambda: _drained(postgres, ten, yard, LANES, count),
        theirs=lambda: _drained(postgres, one, yard, 1, count),
        facts={"files_per_lane": count, "lanes": LANES, "workers": WORKERS, "threads": THREADS},
    )


def _measure_one(
    postgres: PostgresServer,
    yard: Yard,
    bare: Callable[[dict[str, Any], str, dict[str, bytes]], float],
    what: str,
    floor_is: str,
    count: int,
    repeats: int,
) -> Figure:
    template = postgres.template(f"{yard.settings['fs_type']}-lane-{count}", partial(_fill, yard=yard, lanes=1, count=count))
    # The bytes of the floor are those that a lane delivered.
    _drained(postgres, template, yard, 1, count)
    contents = _taken(yard)

    def theirs() -> float:
        folder = _new_folder(yard)
        seconds = apart(bare, asdict(yard), str(folder), contents)
        return _counted(yard, len(contents)) / seconds

    return compare(
        what=what,
        unit="files/s",
        floor_is=floor_is,
        goal=GOAL,
        repeats=repeats,
        ours=lambda: _drained(postgres, template, yard, 1, count),
        theirs=theirs,
        facts={"files": count, "bytes_per_file": sum(map(len, contents.values())) // count},
    )


def _path(lane: int) -> str:
    return f"{_FIRST_COMPANY + lane}/{_KIND}"


def _folder(yard: Yard) -> Path:
    return yard.files / "lanes"


def _fill(url: str, *, yard: Yard, lanes: int, count: int) -> None:
    """As many companies as lanes, each with this many orders that are owed to its file drop."""
    companies = [factories.a_company(ref=str(_FIRST_COMPANY + lane)) for lane in range(lanes)]
    settings = {**yard.settings, "fs_root": str(_folder(yard))}
    integrations = {f"{company.ref}/{_KIND}": Integration(company.ref, _KIND, settings=settings) for company in companies}
    with stage.application(url) as billhook:
        billhook.migrate()
        with billhook.container.units_of_work()() as uow:
            configuration = factories.a_configuration(*companies, integrations=integrations)
            uow.configurations.save(configuration, {}, dict.fromkeys(integrations, yard.secrets))
            uow.commit()
    numbers = range(1_000_000, 1_000_000 + count * lanes)
    stage.feed(url, (order_body(number, company=companies[number % lanes].ref, items=ITEMS) for number in numbers))


def _drained(postgres: PostgresServer, template: str, yard: Yard, lanes: int, count: int) -> float:
    """Files a second; all lanes, with ``count`` files each, are drained to their ends."""
    files = count * lanes
    _new_folder(yard, make=False)
    with stage.fresh_copy(postgres, template) as url:
        shares = [(url, yard.trusted, lanes_of_one, count) for lanes_of_one in _shares(lanes)]
        spans = at_once(_drain, shares)
        seconds = max(ended for _, ended in spans) - min(began for began, _ in spans)
        if (rows := stage.count(url, "deliveries", "state = 'delivered'")) != files:
            raise RuntimeError(f"of {files} deliveries {rows} are delivered")
    return _counted(yard, files) / seconds


def _shares(lanes: int) -> list[range]:
    """The lanes of each worker; one lane is one worker's."""
    return [range(worker, lanes, WORKERS) for worker in range(min(lanes, WORKERS))]


def _drain(url: str, trusted: str, lanes: Sequence[int], count: int) -> tuple[float, float]:
    """When one worker began and ended with its lanes, each of which has this many files."""
    with _trusting(trusted), stage.application(url, allowed_networks="127.0.0.1,localhost", worker_threads=THREADS) as billhook:
        with billhook.container.units_of_work()() as uow:
            uow.configurations.current()
        collect_seldom()  # as the worker does
        wait_for_the_others()
        began = time.monotonic()
        with ThreadPoolExecutor(THREADS) as threads:
            for done in [threads.submit(_drain_lane, billhook, _path(lane), count) for lane in lanes]:
                done.result()
        return began, time.monotonic()


def _drain_lane(billhook: Application, path: str, count: int) -> None:
    """Slice after slice, as the hints of a lane with work left have it drained again."""
    while count > 0:
        settled = billhook.catalogue.drain_lane(DrainLane(path))
        if not settled:
            raise RuntimeError(f"lane {path} stopped with {count} files left")
        count -= settled


@contextmanager
def _trusting(authority: str) -> Iterator[None]:
    """This process is a benchmark's own: its environment may say whom TLS trusts."""
    if authority:
        os.environ["SSL_CERT_FILE"] = authority
    yield


def _new_folder(yard: Yard, *, make: bool = True) -> Path:
    """An empty folder for the floor; for a lane, that there is none yet."""
    folder = _folder(yard)
    if folder.exists():
        folder.rename(folder.with_name(uuid4().hex))
    if make:
        folder.mkdir()
        folder.chmod(0o777)
    return folder


def _taken(yard: Yard) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(_folder(yard).iterdir())}


def _counted(yard: Yard, count: int) -> int:
    names = [path.name for path in _folder(yard).iterdir() if path.suffix == ".xml" and not path.name.startswith(".")]
    if len(names) != count:
        raise RuntimeError(f"{count} files became {len(names)}")
    return count


def _bare_sftp(yard: dict[str, Any], folder: str, contents: dict[str, bytes]) -> float:
    address, secrets = yard["settings"], yard["secrets"]
    key = paramiko.Ed25519Key.from_private_key(StringIO(secrets["private_key"]))
    began = time.perf_counter()
    transport = paramiko.Transport((address["host"], address["port"]))
    try:
        transport.connect(username=address["username"], pkey=key)
        sftp = paramiko.SFTPClient.from_transport(transport)
        if sftp is None:
            raise RuntimeError("no SFTP session")
        for name, content in contents.items():
            sftp.putfo(BytesIO(content), f"{folder}/.{name}.part")
            sftp.posix_rename(f"{folder}/.{name}.part", f"{folder}/{name}")
    finally:
        transport.close()
    return time.perf_counter() - began


class _ResumingFtp(ftplib.FTP_TLS):
    """As servers ask for: the data connection resumes the session of the control connection."""

    def ntransfercmd(self, cmd: str, rest: Any = None) -> Any:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - it is secured two lines below
        # Else the end of each file waits 40 ms for an acknowledgement: that would flatter us.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = getattr(self.sock, "session", None)
        return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size


def _bare_ftps(yard: dict[str, Any], folder: str, contents: dict[str, bytes]) -> float:
    address, secrets = yard["settings"], yard["secrets"]
    with _trusting(yard["trusted"]):
        began = time.perf_counter()
        ftp = _ResumingFtp()
        ftp.connect(address["host"], address["port"])
        ftp.login(address["username"], secrets["password"])
        ftp.prot_p()
        for name, content in contents.items():
            ftp.storbinary(f"STOR {folder}/.{name}.part", BytesIO(content))
            ftp.rename(f"{folder}/.{name}.part", f"{folder}/{name}")
        ftp.quit()
    return time.perf_counter() - began
