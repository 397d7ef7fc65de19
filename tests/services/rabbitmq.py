"""A RabbitMQ broker for tests and benchmarks: `with rabbitmq.start() as broker: url = broker.create_vhost()`.

Each test worker has a broker of its own rather than one for the run: tests kill and restart it, and must not hit another worker's.
Inside a broker a virtual host for each test keeps queues and messages apart. They are made over the HTTP API of the management
plugin, in some 20 ms; `rabbitmqctl` needs more than a second, most of it to start an Erlang machine.
"""

import base64
import contextlib
import json
import os
import secrets
import socket
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pika

from tests.services import provision
from tests.services.process import PrivateFolder, ServerProcess, ServiceError, free_port, service_user, wait_until

URL_VARIABLE = "BILLHOOK_TEST_BROKER_URL"
API_URL_VARIABLE = "BILLHOOK_TEST_BROKER_API_URL"
IMAGE_VARIABLE = "BILLHOOK_TEST_RABBITMQ_IMAGE"

# Lean and quick: schedulers that sleep instead of spinning, and a small machine is no reason to refuse messages.
_ERLANG_WORDS = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
_SETTINGS = {
    "disk_free_limit.absolute": "50MB",
    "log.file.level": "warning",
    "raft.wal_max_size_bytes": "16000000",
    "management.rates_mode": "none",
}


class RabbitServer(ABC):
    """One broker. `url()` is its default virtual host; `create_vhost()` makes another."""

    @property
    @abstractmethod
    def address(self) -> tuple[str, int]:
        """Host and port of AMQP, for a proxy in between."""

    @property
    @abstractmethod
    def credentials(self) -> tuple[str, str]:
        """User and password of an administrator."""

    @property
    @abstractmethod
    def api_url(self) -> str:
        """Of the management plugin, without a slash at its end."""

    @abstractmethod
    def start(self) -> None:
        """Returns when the broker answers on AMQP and on its HTTP API."""

    @abstractmethod
    def stop(self) -> None:
        """A clean shutdown."""

    def kill(self, *, at_once: bool = False) -> None:
        """Kill -9.

        Unless `at_once`, a second later: RabbitMQ notes the name of a new quorum queue on disk every 500 ms only (ra_directory's
        `auto_save`). One that was declared just before the kill never answers again, and would fail a test of something else.
        """
        if not at_once:
            time.sleep(1)
        self._kill()

    @abstractmethod
    def _kill(self) -> None:
        """Kill -9, now."""

    def restart(self) -> None:
        """A clean shutdown and a start on the same ports with the same data."""
        self.stop()
        self.start()

    @abstractmethod
    def close(self) -> None:
        """Ends the broker for good."""

    def url(self, vhost: str = "/") -> str:
        """`amqp://USER:PASSWORD@HOST:PORT/VHOST`."""
        user, password = self.credentials
        host, port = self.address
        return f"amqp://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{quote(vhost, safe='')}"

    def create_vhost(self) -> str:
        """The URL of a new, empty virtual host."""
        name = f"billhook-{secrets.token_hex(6)}"
        self.api("PUT", f"/api/vhosts/{name}")
        self.api("PUT", f"/api/permissions/{name}/{quote(self.credentials[0], safe='')}", {"configure": ".*", "write": ".*", "read": ".*"})
        return self.url(name)

    def delete_vhost(self, url: str) -> None:
        """Deletes the virtual host with all that is in it, and closes its connections."""
        self.api("DELETE", f"/api/vhosts/{quote(vhost_of(url), safe='')}")

    def api(self, method: str, path: str, body: object = None) -> Any:
        """One call of the HTTP API; the decoded answer, or None where it has no body."""
        user_and_password = base64.b64encode(":".join(self.credentials).encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - the address is our own
            self.api_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {user_and_password}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - as above
            text = response.read()
        return json.loads(text) if text else None

    def drop_connections(self) -> int:
        """Closes every client's connection from the broker's side; returns how many there were.

        The broker lists a connection a few seconds after it was opened.
        """
        connections = self.api("GET", "/api/connections")
        for connection in connections:
            with contextlib.suppress(urllib.error.HTTPError):  # it may have gone by itself
                self.api("DELETE", f"/api/connections/{quote(connection['name'], safe='')}")
        return len(connections)

    def is_answering(self) -> bool:
        """Whether AMQP and the HTTP API answer now."""
        socket.create_connection(self.address, timeout=5).close()  # pika tells the log about every refused connection
        parameters = pika.URLParameters(self.url())
        parameters.socket_timeout = parameters.stack_timeout = 5
        parameters.blocked_connection_timeout = 5
        pika.BlockingConnection(parameters).close()
        return bool(self.api("GET", "/api/overview"))


def vhost_of(url: str) -> str:
    """The name of the virtual host in an AMQP URL."""
    return unquote(urlsplit(url).path.removeprefix("/"))


class LocalRabbit(RabbitServer):
    """Started from the binaries of this machine: own folder, own Erlang cookie, own ports, never as root.

    That includes a port mapper (epmd) of its own: RabbitMQ would start one that stays behind, or join one that others need.
    """

    def __init__(self, *, settings: dict[str, str] | None = None) -> None:
        self._script = provision.require(provision.RABBITMQ)
        self._password = secrets.token_hex(8)
        self._folder = PrivateFolder("rabbitmq", service_user("rabbitmq"))
        self._settings = {**_SETTINGS, **(settings or {})}
        try:
            self._folder.write(".erlang.cookie", secrets.token_hex(16), mode=0o400)
            self._folder.write("enabled_plugins", "[rabbitmq_management].\n")
            self._folder.make("mnesia")
            self._folder.make("log")
            self._start_on_free_ports()
        except BaseException:
            self._folder.remove()
            raise

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    @property
    def credentials(self) -> tuple[str, str]:
        return "billhook", self._password

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._api_port}"

    @property
    def pid(self) -> int | None:
        """Of the Erlang machine."""
        return self._process.pid

    def start(self) -> None:
        self._process.start()
        self._process.answers(self.is_answering)

    def stop(self) -> None:
        self._process.stop()

    def _kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._process.kill()
        self._epmd.kill()
        self._folder.remove()

    def _start_on_free_ports(self) -> None:
        """Ports that were free a moment ago may be taken, by another worker that starts its servers too."""
        for attempt in range(3):
            self.port, self._api_port, distribution_port, epmd_port = (free_port() for _ in range(4))
            self._folder.write("rabbitmq.conf", self._configuration())
            environment = self._environment(distribution_port, epmd_port)
            self._epmd = ServerProcess(self._folder, "epmd", [self._epmd_binary(), "-port", str(epmd_port)], environment)
            self._process = ServerProcess(self._folder, "rabbitmq", [self._script], environment)
            try:
                self._epmd.start()
                self.start()
            except ServiceError:
                self._process.kill()
                self._epmd.kill()
                if attempt == 2 or "eaddrinuse" not in self._process.log:
                    raise
            else:
                return

    def _configuration(self) -> str:
        own = {
            "listeners.tcp.1": f"127.0.0.1:{self.port}",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": str(self._api_port),
            "default_user": "billhook",
            "default_pass": self._password,
        }
        return "".join(f"{name} = {value}\n" for name, value in {**own, **self._settings}.items())

    def _environment(self, distribution_port: int, epmd_port: int) -> dict[str, str]:
        folder = self._folder.path
        return {
            "PATH": f"/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:{os.environ.get('PATH', '')}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"billhook-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "no-environment-file"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{_ERLANG_WORDS} -kernel inet_dist_use_interface {{127,0,0,1}}",
            # Makes the script become the Erlang machine instead of a shell that watches it: one process, one number to signal.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _epmd_binary(self) -> str:
        """Epmd lies in a folder that carries Erlang's version, and is not always in PATH."""
        ask = 'io:put_chars(os:find_executable("epmd", filename:join([code:root_dir(), "bin"]) ++ ":" ++ os:getenv("PATH"))), halt().'
        return self._folder.run(["erl", "-noinput", "-boot", "start_clean", "-eval", ask], {**os.environ, "HOME": str(self._folder.path)})


class ContainerRabbit(RabbitServer):
    """Started by testcontainers. The ports are fixed, since Docker would give a restarted container others."""

    def __init__(self, *, settings: dict[str, str] | None = None) -> None:
        from testcontainers.community.rabbitmq import RabbitMqContainer  # noqa: PLC0415 - asks for Docker when imported

        self._password = secrets.token_hex(8)
        self.port, self._api_port = free_port(), free_port()
        image = os.environ.get(IMAGE_VARIABLE, "rabbitmq:4-management-alpine")
        container: Any = RabbitMqContainer(image, port=5672, username="billhook", password=self._password, vhost="/")
        container.with_bind_ports(5672, self.port).with_bind_ports(15672, self._api_port)
        text = "".join(f"{name} = {value}\n" for name, value in {**_SETTINGS, **(settings or {})}.items())
        container.with_copy_into_container(text.encode(), "/etc/rabbitmq/conf.d/90-billhook.conf")
        self._container = container
        self._container.start()
        self._wait()

    @property
    def address(self) -> tuple[str, int]:
        return self._container.get_container_host_ip(), self.port

    @property
    def credentials(self) -> tuple[str, str]:
        return "billhook", self._password

    @property
    def api_url(self) -> str:
        return f"http://{self._container.get_container_host_ip()}:{self._api_port}"

    def start(self) -> None:
        self._container.get_wrapped_container().start()
        self._wait()

    def stop(self) -> None:
        self._container.get_wrapped_container().stop(timeout=60)

    def _kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def close(self) -> None:
        self._container.stop()

    def _wait(self) -> None:
        wait_until(self.is_answering, "the RabbitMQ container to answer", timeout_s=120)


class GivenRabbit(RabbitServer):
    """A running broker that the environment names; its user must be an administrator, and the management plugin enabled."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._made: list[str] = []

    @property
    def address(self) -> tuple[str, int]:
        return self._parts.hostname or "127.0.0.1", self._parts.port or 5672

    @property
    def credentials(self) -> tuple[str, str]:
        return unquote(self._parts.username or "guest"), unquote(self._parts.password or "guest")

    @property
    def api_url(self) -> str:
        return os.environ.get(API_URL_VARIABLE, f"http://{self.address[0]}:15672").rstrip("/")

    def create_vhost(self) -> str:
        self._made.append(super().create_vhost())
        return self._made[-1]

    def delete_vhost(self, url: str) -> None:
        super().delete_vhost(url)
        self._made.remove(url)

    def close(self) -> None:
        for url in list(self._made):
            self.delete_vhost(url)

    def start(self) -> None:
        self._refuse()

    def stop(self) -> None:
        self._refuse()

    def _kill(self) -> None:
        self._refuse()

    def _refuse(self) -> None:
        message = f"{URL_VARIABLE} names a broker that is not ours to stop. Tests that kill RabbitMQ use start(own=True)."
        raise ServiceError(message)


@contextlib.contextmanager
def start(*, own: bool = False, settings: dict[str, str] | None = None) -> Iterator[RabbitServer]:
    """A broker for the length of the block.

    own: never the one that the environment names, for tests that stop or kill it.
    settings: lines of rabbitmq.conf, such as {"consumer_timeout": "60000"}; they do not reach a broker that the environment names.
    """
    server = _provide(own=own, settings=settings)
    try:
        yield server
    finally:
        server.close()


def _provide(*, own: bool, settings: dict[str, str] | None) -> RabbitServer:
    given = os.environ.get(URL_VARIABLE)
    if given and not own:
        return GivenRabbit(given)
    if provision.docker_answers():
        return ContainerRabbit(settings=settings)
    return LocalRabbit(settings=settings)
