"""Order files over lanes, from PostgreSQL to a file server, as workers drain them; beside bare uploads and renames of the same bytes.

What makes the comparison fair: the same server, files and bytes; one connection each, whose log-in counts; the same steps that a
partner's server sees (upload under another name, ask for the size, rename), where the lane asks for the final name, too. Both
run in a new process. What such a process does once in its life (modules, the schema, the text of statements) is done before the
clock starts, by a few files over a connection of their own: a worker runs for weeks.
"""

import ftplib
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from io import BytesIO, StringIO
from itertools import islice
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
from tests.benchmarks.distance import at_distance
from tests.benchmarks.figures import Figure, compare
from tests.benchmarks.orders import order_body
from tests.services.ftpd import Vsftpd
from tests.services.postgres import PostgresServer
from tests.services.sshd import Sshd

GOAL = 0.8
GOAL_TEN = 1.5
ROUND_TRIP_S = 0.01
"""To a partner's server in the same country."""
LANES = 10
WORKERS = min(os.cpu_count() or 1, LANES)
"""A fleet has as many worker processes as the machine has cores (docs/how-to/run-a-fleet.md)."""
THREADS = 4
"""Of each worker; as many as BILLHOOK_WORKER_THREADS has by default."""
ITEMS = 3
_KIND = "generic_filesystem"
_FIRST_COMPANY = 501
_FIRST_OF_WARM_UP = 901
WARM_UP = 20
"""Files that each process delivers before the clock starts."""


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
    floor_is = "paramiko alone: put (which asks for the size by default) and posix_rename of the same bytes, one file after the other"
    return _measure_one(postgres, sftp_yard(server), _bare_sftp, "order files over one SFTP lane", floor_is, count, repeats)


def measure_ftp(postgres: PostgresServer, server: Vsftpd, count: int, repeats: int) -> Figure:
    """One lane over FTP with TLS."""
    floor_is = "ftplib alone: STOR, SIZE, RNFR and RNTO of the same bytes, with TLS that is resumed, one file after the other"
    return _measure_one(postgres, ftps_yard(server), _bare_ftps, "order files over one FTP lane with TLS", floor_is, count, repeats)


def measure_ten(postgres: PostgresServer, server: Sshd, count: int, repeats: int) -> Figure:
    """Ten lanes at once, drained by the workers of a fleet, beside one lane; each lane has as many files.

    Partners are elsewhere, so the server is some milliseconds away. Without that distance the workers, the database and the file
    server fill this machine's cores, and the comparison tells how many those are: its ratio is among the facts.
    """
    near = sftp_yard(server)
    beside = _compare_ten(postgres, near, "beside", count, repeats)
    with at_distance(server.port, ROUND_TRIP_S) as port:
        away = _compare_ten(postgres, replace(near, settings={**near.settings, "port": port}), "away", count, repeats)
    facts = {"round_trip_ms": ROUND_TRIP_S * 1000, "ratio_without_distance": beside.ratio, "without_distance": beside.value}
    return replace(away, facts={**away.facts, **facts})


def _compare_ten(postgres: PostgresServer, yard: Yard, where: str, count: int, repeats: int) -> Figure:
    ten = postgres.template(f"ten-lanes-{where}-{count}", partial(_fill, yard=yard, lanes=LANES, count=count))
    one = postgres.template(f"one-lane-{where}-{count}", partial(_fill, yard=yard, lanes=1, count=count))
    return compare(
        what=f"order files over ten SFTP lanes at once, {WORKERS} workers, the server {where}",
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
    bare: Callable[[dict[str, Any], str, dict[str, bytes]], None],
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
        folders = [str(_new_folder(yard, name)) for name in (_WARM_UP, _LANES)]
        seconds = apart(_timed, bare, asdict(yard), folders, contents)
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


_LANES, _WARM_UP = "lanes", "warm-up"


def _fill(url: str, *, yard: Yard, lanes: int, count: int) -> None:
    """As many companies as lanes, each with this many orders that are owed to its file drop; and one for each worker's warm-up."""
    refs = {str(_FIRST_COMPANY + lane): _LANES for lane in range(lanes)}
    refs |= {str(_FIRST_OF_WARM_UP + worker): _WARM_UP for worker in range(WORKERS)}
    companies = [factories.a_company(ref=ref) for ref in refs]
    integrations = {
        f"{ref}/{_KIND}": Integration(ref, _KIND, settings={**yard.settings, "fs_root": str(yard.files / name)})
        for ref, name in refs.items()
    }
    with stage.application(url) as billhook:
        billhook.migrate()
        with billhook.container.units_of_work()() as uow:
            configuration = factories.a_configuration(*companies, integrations=integrations)
            uow.configurations.save(configuration, {}, dict.fromkeys(integrations, yard.secrets))
            uow.commit()
    counts = {ref: WARM_UP if name == _WARM_UP else count for ref, name in refs.items()}
    # In turn, as orders of many companies arrive.
    turns = (ref for turn in range(max(counts.values())) for ref in refs if turn < counts[ref])
    stage.feed(url, (order_body(number, company=ref, items=ITEMS) for number, ref in enumerate(turns, 1_000_000)))


def _drained(postgres: PostgresServer, template: str, yard: Yard, lanes: int, count: int) -> float:
    """Files a second; all lanes, with ``count`` files each, are drained to their ends."""
    files = count * lanes
    for name in (_LANES, _WARM_UP):
        _new_folder(yard, name, make=False)
    with stage.fresh_copy(postgres, template) as url:
        shares = [(url, yard.trusted, worker, lanes_of_one, count) for worker, lanes_of_one in enumerate(_shares(lanes))]
        spans = at_once(_drain, shares)
        seconds = max(ended for _, ended in spans) - min(began for began, _ in spans)
        if (rows := stage.count(url, "deliveries", "state = 'delivered'") - WARM_UP * len(shares)) != files:
            raise RuntimeError(f"of {files} deliveries {rows} are delivered")
    return _counted(yard, files) / seconds


def _shares(lanes: int) -> list[range]:
    """The lanes of each worker; one lane is one worker's."""
    return [range(worker, lanes, WORKERS) for worker in range(min(lanes, WORKERS))]


def _drain(url: str, trusted: str, worker: int, lanes: Sequence[int], count: int) -> tuple[float, float]:
    """When one worker began and ended with its lanes, each of which has this many files."""
    with _trusting(trusted), stage.application(url, allowed_networks="127.0.0.1,localhost", worker_threads=THREADS) as billhook:
        _drain_lane(billhook, f"{_FIRST_OF_WARM_UP + worker}/{_KIND}", WARM_UP)
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


def _new_folder(yard: Yard, name: str, *, make: bool = True) -> Path:
    """An empty folder for the floor; for a lane, that there is none yet."""
    folder = yard.files / name
    if folder.exists():
        folder.rename(folder.with_name(uuid4().hex))
    if make:
        folder.mkdir()
        folder.chmod(0o777)
    return folder


def _taken(yard: Yard) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((yard.files / _LANES).iterdir())}


def _counted(yard: Yard, count: int) -> int:
    names = [path.name for path in (yard.files / _LANES).iterdir() if path.suffix == ".xml" and not path.name.startswith(".")]
    if len(names) != count:
        raise RuntimeError(f"{count} files became {len(names)}")
    return count


def _timed(
    bare: Callable[[dict[str, Any], str, dict[str, bytes]], None], yard: dict[str, Any], folders: Sequence[str], contents: dict[str, bytes]
) -> float:
    """The seconds that the loop takes for all files; it has put a few into the first folder before."""
    warm_up, folder = folders
    with _trusting(yard["trusted"]):
        bare(yard, warm_up, dict(islice(contents.items(), WARM_UP)))
        began = time.perf_counter()
        bare(yard, folder, contents)
        return time.perf_counter() - began


def _bare_sftp(yard: dict[str, Any], folder: str, contents: dict[str, bytes]) -> None:
    address, secrets = yard["settings"], yard["secrets"]
    key = paramiko.Ed25519Key.from_private_key(StringIO(secrets["private_key"]))
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


class _ResumingFtp(ftplib.FTP_TLS):
    """As servers ask for: the data connection resumes the session of the control connection."""

    def ntransfercmd(self, cmd: str, rest: Any = None) -> Any:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - it is secured two lines below
        # Else the end of each file waits 40 ms for an acknowledgement: that would flatter us.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = getattr(self.sock, "session", None)
        return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size


def _bare_ftps(yard: dict[str, Any], folder: str, contents: dict[str, bytes]) -> None:
    address, secrets = yard["settings"], yard["secrets"]
    ftp = _ResumingFtp()
    ftp.connect(address["host"], address["port"])
    ftp.login(address["username"], secrets["password"])
    ftp.prot_p()
    for name, content in contents.items():
        part = f"{folder}/.{name}.part"
        ftp.storbinary(f"STOR {part}", BytesIO(content))
        # As paramiko's put does by itself: a server may keep less than it was sent.
        if ftp.size(part) != len(content):
            raise RuntimeError(f"{part} is cut")
        ftp.rename(part, f"{folder}/{name}")
    ftp.quit()
