"""Messages between a parent and its child: four bytes of length, then so many bytes."""

import socket

ANSWER = b"A"
FAILURE = b"F"
_LENGTH = 4


def send_frame(connection: socket.socket, content: bytes) -> None:
    """Send one message."""
    connection.sendall(len(content).to_bytes(_LENGTH, "big") + content)


def receive_frame(connection: socket.socket) -> bytes:
    """The next message; empty where the other side is gone. The socket's time-out holds for each piece."""
    header = _receive_exactly(connection, _LENGTH)
    return _receive_exactly(connection, int.from_bytes(header, "big")) if header else b""


def _receive_exactly(connection: socket.socket, size: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < size:
        piece = connection.recv(min(size - len(pieces), 1 << 20))
        if not piece:
            return b""
        pieces += piece
    return bytes(pieces)
