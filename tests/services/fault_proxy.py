"""A TCP proxy that does what networks do: cut after so many bytes, fall silent, refuse. `with FaultProxy(port) as proxy: proxy.port`."""

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Self

_HOST = "127.0.0.1"


@dataclass
class Traffic:
    """What went through one connection, in bytes as they came. `up` is from the client to the server."""

    up: bytearray = field(default_factory=bytearray)
    down: bytearray = field(default_factory=bytearray)


class FaultProxy:
    """In front of one port of this machine. Faults hold for connections made after they were set, until `heal()`."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server((_HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections: list[Traffic] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._up_max: int | None = None
        self._down_max: int | None = None
        self._refusing = self._silent = False
        self._answers_left: int | None = None

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)

    def cut_after(self, *, up: int | None = None, down: int | None = None) -> None:
        """Reset a connection when so many bytes went that way; not one byte more reaches the other side."""
        self._up_max, self._down_max = up, down

    def fall_silent(self) -> None:
        """Let none of the server's answers through from now on, and keep the connections open. Holds for open connections too."""
        self._silent = True

    def refuse(self) -> None:
        """Reset every new connection."""
        self._refusing = True

    def swallow_next_answer(self, skip: int = 0) -> None:
        """Reset a connection when the server answers next, or so many answers later; that answer does not get through.

        Holds for open connections too. An answer is what comes in one block.
        """
        self._answers_left = skip

    def heal(self) -> None:
        """No faults for new connections."""
        self._up_max = self._down_max = None
        self._refusing = self._silent = False
        self._answers_left = None

    def cut(self) -> None:
        """Reset what is connected now."""
        for connected in self._sockets:
            _reset(connected)
        self._sockets.clear()

    def _run(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="fault-proxy", daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refusing:
                _reset(client)
                continue
            server = socket.create_connection((_HOST, self._target_port))
            for connected in (client, server):
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._sockets.append(connected)
            traffic = Traffic()
            self.connections.append(traffic)
            self._run(self._pump, client, server, traffic.up, self._up_max, False)
            self._run(self._pump, server, client, traffic.down, self._down_max, True)

    def _swallows(self) -> bool:
        if self._answers_left is None:
            return False
        self._answers_left -= 1
        return self._answers_left < 0

    def _pump(self, source: socket.socket, sink: socket.socket, seen: bytearray, cut_at: int | None, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(65_536):
                if answers and self._swallows():
                    break
                if cut_at is not None and len(seen) + len(block) >= cut_at:
                    kept = block[: cut_at - len(seen)]
                    seen += kept
                    sink.sendall(kept)
                    break
                seen += block
                if not (answers and self._silent):
                    sink.sendall(block)
            else:
                # The other direction may still have something to say.
                sink.shutdown(socket.SHUT_WR)
                return
        _reset(source)
        _reset(sink)


def _reset(connected: socket.socket) -> None:
    """End a connection with RST; the shutdown wakes the thread that waits on it."""
    with contextlib.suppress(OSError):
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        connected.close()
