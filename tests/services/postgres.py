"""A PostgreSQL server for tests and benchmarks: `with postgres.start() as server: server.create_database()`.

Each test worker has a server of its own rather than one for the run: tests kill and restart it, and must not hit another worker's.
"""

import contextlib
import os
import secrets
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.services import provision
from tests.services.process import PrivateFolder, ServerProcess, ServiceError, free_port, service_user, wait_until

URL_VARIABLE = "BILLHOOK_TEST_DATABASE_URL"
IMAGE_VARIABLE = "BILLHOOK_TEST_POSTGRES_IMAGE"

# A killed server loses nothing with these, for the kernel still has what was written; only a crash of the machine would.
# synchronous_commit stays on: without it the last commits before a kill are lost, which is what the fault tests look for.
_FAST = ("-c", "fsync=off", "-c", "full_page_writes=off")
_ALWAYS = ("-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "log_min_messages=warning", "-c", "timezone=UTC")


class PostgresServer(ABC):
    """One server. `url()` names a database on it; every database made here goes away with the server."""

    def __init__(self) -> None:
        self._templates: dict[str, str] = {}
        self._lock = threading.Lock()

    @abstractmethod
    def url(self, database: str = "postgres") -> str:
        """`postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, for libpq, psycopg and SQLAlchemy alike."""

    @abstractmethod
    def start(self) -> None:
        """Returns when the server answers."""

    @abstractmethod
    def stop(self) -> None:
        """A clean shutdown; connections are closed, transactions rolled back."""

    @abstractmethod
    def kill(self) -> None:
        """Kill -9 of the server and all its backends."""

    def restart(self) -> None:
        """A clean shutdown and a start on the same port with the same data."""
        self.stop()
        self.start()

    def create_database(self, template: str | None = None) -> str:
        """A new database, empty or a copy of one made by `template()`; returns its URL. Takes about 60 ms."""
        name = f"billhook_{secrets.token_hex(6)}"
        self._administer(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template or "template0")),
        )
        return self.url(name)

    def template(self, key: str, fill: Callable[[str], object]) -> str:
        """The name of a database that `fill(url)` prepared, once per key: a migrated schema is copied faster than it is migrated.

        `fill` must close its connections, for PostgreSQL copies only a database that nobody uses.
        """
        with self._lock:
            if key not in self._templates:
                url = self.create_database()
                fill(url)
                self._templates[key] = urlsplit(url).path.lstrip("/")
            return self._templates[key]

    def drop_database(self, url: str) -> None:
        """Drops the database, whoever is connected to it."""
        name = urlsplit(url).path.lstrip("/")
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @abstractmethod
    def close(self) -> None:
        """Ends the server for good."""

    def is_answering(self) -> bool:
        """Whether a query gets an answer now."""
        with psycopg.connect(self.url(), connect_timeout=5) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)


class LocalPostgres(PostgresServer):
    """Started from the binaries of this machine, in a folder of its own, never as root."""

    def __init__(self, *, durable: bool = False, settings: dict[str, str] | None = None) -> None:
        super().__init__()
        self._binaries = provision.require(provision.POSTGRES).parent
        self._password = secrets.token_urlsafe(12)
        self._extra = [word for name, value in (settings or {}).items() for word in ("-c", f"{name}={value}")]
        self._speed = () if durable else _FAST
        self._folder = PrivateFolder("postgres", service_user("postgres"))
        try:
            self._initialise()
            self._start_on_a_free_port()
        except BaseException:
            self._folder.remove()
            raise

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{quote(self._password)}@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int | None:
        """Of the postmaster."""
        return self._process.pid

    def start(self) -> None:
        self._process.start()
        self._process.answers(self.is_answering)

    def stop(self) -> None:
        self._process.stop(signal.SIGINT)

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._process.kill()
        self._folder.remove()

    def _initialise(self) -> None:
        password = self._folder.write("password", self._password)
        self._folder.run(
            [
                self._binaries / "initdb",
                "--pgdata=data",
                "--username=postgres",
                "--auth=scram-sha-256",
                f"--pwfile={password}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "--no-instructions",
            ]
        )

    def _start_on_a_free_port(self) -> None:
        """A port that was free a moment ago may be taken, by another worker that starts its servers too."""
        for attempt in range(3):
            self.port = free_port()
            words = ("-D", "data", "-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
            self._process = ServerProcess(
                self._folder, "postgres", [self._binaries / "postgres", *words, *_ALWAYS, *self._speed, *self._extra]
            )
            try:
                self.start()
            except ServiceError:
                self._process.kill()
                if attempt == 2 or "Address already in use" not in self._process.log:
                    raise
            else:
                return


class ContainerPostgres(PostgresServer):
    """Started by testcontainers. The port is fixed, since Docker would give a restarted container another one."""

    def __init__(self, *, durable: bool = False, settings: dict[str, str] | None = None) -> None:
        super().__init__()
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - asks for Docker when imported

        self.port = free_port()
        words = [*_ALWAYS, *(() if durable else _FAST)]
        for name, value in (settings or {}).items():
            words += ["-c", f"{name}={value}"]
        image = os.environ.get(IMAGE_VARIABLE, "postgres:18-alpine")
        container: Any = PostgresContainer(image, username="postgres", password=secrets.token_hex(8), dbname="postgres", driver=None)
        self._container = container.with_bind_ports(5432, self.port).with_command(["postgres", *words])
        self._container.start()
        self._wait()

    def url(self, database: str = "postgres") -> str:
        container = self._container
        return f"postgresql://postgres:{container.password}@{container.get_container_host_ip()}:{self.port}/{database}"

    def start(self) -> None:
        self._container.get_wrapped_container().start()
        self._wait()

    def stop(self) -> None:
        self._container.get_wrapped_container().stop(timeout=60)

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def close(self) -> None:
        self._container.stop()

    def _wait(self) -> None:
        wait_until(self.is_answering, "the PostgreSQL container to answer", timeout_s=120)


class GivenPostgres(PostgresServer):
    """A running server that the environment names; its user must be allowed to create databases."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._parts = urlsplit(url)
        self._made: list[str] = []

    def url(self, database: str = "") -> str:
        return urlunsplit(self._parts._replace(path=f"/{database or unquote(self._parts.path.lstrip('/')) or 'postgres'}"))

    def create_database(self, template: str | None = None) -> str:
        self._made.append(super().create_database(template))
        return self._made[-1]

    def close(self) -> None:
        for url in self._made:
            self.drop_database(url)

    def start(self) -> None:
        self._refuse()

    def stop(self) -> None:
        self._refuse()

    def kill(self) -> None:
        self._refuse()

    def _refuse(self) -> None:
        message = f"{URL_VARIABLE} names a server that is not ours to stop. Tests that kill PostgreSQL use start(own=True)."
        raise ServiceError(message)


@contextlib.contextmanager
def start(*, own: bool = False, durable: bool = False, settings: dict[str, str] | None = None) -> Iterator[PostgresServer]:
    """A server for the length of the block.

    own: never the one that the environment names, for tests that stop or kill it.
    durable: with fsync, as in production; for measurements.
    settings: of postgresql.conf; they do not reach a server that the environment names.
    """
    server = _provide(own=own, durable=durable, settings=settings)
    try:
        yield server
    finally:
        server.close()


def _provide(*, own: bool, durable: bool, settings: dict[str, str] | None) -> PostgresServer:
    given = os.environ.get(URL_VARIABLE)
    if given and not own:
        return GivenPostgres(given)
    if provision.docker_answers():
        return ContainerPostgres(durable=durable, settings=settings)
    return LocalPostgres(durable=durable, settings=settings)
