"""Where a server comes from: given by URL, a container, an installed binary, or the system's package manager; else a plain failure.

Never a skip: a test run that silently left out its servers would be green and prove nothing.
"""

import contextlib
import fcntl
import gc
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.services.process import ServiceError


@dataclass(frozen=True, slots=True)
class Program:
    """A server's executable and the Debian packages that bring it."""

    name: str
    packages: tuple[str, ...]
    folders: tuple[str, ...]
    """Glob patterns looked at before PATH, the newest version first."""


POSTGRES = Program("postgres", ("postgresql",), ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"))
# Debian's command in PATH is a wrapper that insists on the system's folders, hence the real script first.
RABBITMQ = Program("rabbitmq-server", ("rabbitmq-server",), ("/usr/lib/rabbitmq/lib/*/sbin", "/opt/rabbitmq/sbin"))
SSHD = Program("sshd", ("openssh-server",), ("/usr/sbin", "/usr/local/sbin"))
VSFTPD = Program("vsftpd", ("vsftpd",), ("/usr/sbin", "/usr/local/sbin"))


def find(program: Program) -> Path | None:
    """The executable on this machine, or None."""
    for pattern in program.folders:
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), key=_version, reverse=True):
            if os.access(folder / program.name, os.X_OK):
                return folder / program.name
    in_path = shutil.which(program.name)
    return Path(in_path) if in_path else None


def require(program: Program) -> Path:
    """The executable, installed through apt-get where it is missing and we may; else ServiceError with what to do."""
    path = find(program)
    if path is not None:
        return path
    with _one_at_a_time():
        path = find(program)  # another process may have installed it while this one waited
        if path is None:
            _install(program)
            path = find(program)
    if path is None:
        message = f"The packages {' '.join(program.packages)} were installed, yet {program.name} is not where it is expected."
        raise ServiceError(message)
    return path


@cache
def docker_answers() -> bool:
    """Whether a Docker engine can be asked to start containers. The answer is asked for once per process."""
    try:
        import docker  # noqa: PLC0415 - reads the environment when imported, and is not needed where URLs are given
    except ImportError:
        return False
    try:
        with contextlib.closing(docker.from_env(timeout=5)) as client:
            return bool(client.ping())
    except Exception:  # noqa: BLE001 - no socket, no permission, a broken context: each means "no"
        return False
    finally:
        with warnings.catch_warnings():  # the client forgets to close a socket that it could not connect
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


def _install(program: Program) -> None:
    wanted = " ".join(program.packages)
    install = f"install it (on Debian and Ubuntu: apt-get install {wanted})"
    how = f"Give the server by URL (see CONTRIBUTING.md), start a Docker engine, or {install}"
    if shutil.which("apt-get") is None:
        message = f"The tests need {program.name}, which this machine does not have, and there is no apt-get to install it with. {how}."
        raise ServiceError(message)
    if os.geteuid() != 0:
        message = f"The tests need {program.name}, which this machine does not have, and only root may install it. {how}."
        raise ServiceError(message)
    print(f"Installing {wanted} for the tests (apt-get)", flush=True)
    with _services_stay_stopped():
        _apt_get("update", "-qq")
        _apt_get("install", "-y", "-qq", "--no-install-recommends", *program.packages)


def _apt_get(*words: str) -> None:
    done = subprocess.run(
        ["apt-get", "-o", "DPkg::Lock::Timeout=300", *words],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        message = f"apt-get {' '.join(words)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise ServiceError(message)


@contextlib.contextmanager
def _services_stay_stopped() -> Iterator[None]:
    """Debian starts the service of a package it installs; the tests only want the binary. See invoke-rc.d(8) for the file."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Test workers are several processes, and the package manager is one."""
    with (Path(tempfile.gettempdir()) / f"billhook-provision-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _version(folder: Path) -> tuple[int, ...]:
    digits = "".join(character if character.isdigit() else " " for character in str(folder))
    return tuple(int(number) for number in digits.split())
