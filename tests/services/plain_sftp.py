"""An SFTP server without any of OpenSSH's extensions, in a thread, for one user with a password. Made of paramiko's server half."""

import os
import socket
import threading
from pathlib import Path
from typing import Any, Self

import paramiko

_HOST = "127.0.0.1"


class PlainSftpServer:
    """Plain renames only, and no word about free space. `attempts` are the passwords that were tried."""

    username, password = "acme", "s3cret-of-one-run"

    def __init__(self, files: Path) -> None:
        self.files = files
        self.host_key = paramiko.ECDSAKey.generate()
        self.attempts: list[str] = []
        self._listener = socket.create_server((_HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._transports: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._accept, name="plain-sftp", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        for transport in self._transports:
            transport.close()

    def _accept(self) -> None:
        while True:
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport = paramiko.Transport(connected)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, str(self.files))
            self._transports.append(transport)
            transport.start_server(event=threading.Event(), server=_Door(self))


class _Door(paramiko.ServerInterface):
    def __init__(self, server: PlainSftpServer) -> None:
        self._server = server

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        self._server.attempts.append(password)
        right = (username, password) == (self._server.username, self._server.password)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Handle(paramiko.SFTPHandle):
    def stat(self) -> Any:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.writefile.fileno()))


class _Files(paramiko.SFTPServerInterface):
    """The folder as the server's root."""

    def __init__(self, server: paramiko.ServerInterface, root: str) -> None:
        super().__init__(server)
        self._root = Path(root)

    def stat(self, path: str) -> Any:
        return self._answer(lambda: paramiko.SFTPAttributes.from_stat(self._real(path).stat()))

    lstat = stat

    def list_folder(self, path: str) -> Any:
        return self._answer(lambda: [paramiko.SFTPAttributes.from_stat(entry.stat(), entry.name) for entry in self._real(path).iterdir()])

    def open(self, path: str, flags: int, attr: Any) -> Any:
        def opened() -> paramiko.SFTPHandle:
            descriptor = os.open(self._real(path), flags, 0o644)
            handle = _Handle(flags)
            writes = flags & (os.O_WRONLY | os.O_RDWR)
            handle.readfile = handle.writefile = os.fdopen(descriptor, "wb" if writes else "rb")
            return handle

        return self._answer(opened)

    def remove(self, path: str) -> int:
        return self._done(lambda: self._real(path).unlink())

    def mkdir(self, path: str, attr: Any) -> int:
        return self._done(lambda: self._real(path).mkdir())

    def chattr(self, path: str, attr: Any) -> int:
        return self._done(lambda: os.truncate(self._real(path), attr.st_size))

    def rename(self, oldpath: str, newpath: str) -> int:
        """As the protocol says: never over an existing file."""
        if self._real(newpath).exists():
            return paramiko.SFTP_FAILURE
        return self._done(lambda: self._real(oldpath).rename(self._real(newpath)))

    def _real(self, path: str) -> Path:
        return self._root / self.canonicalize(path).lstrip("/")

    def _done(self, act: Any) -> int:
        answer = self._answer(act)
        return answer if isinstance(answer, int) and answer != paramiko.SFTP_OK else paramiko.SFTP_OK

    @staticmethod
    def _answer(act: Any) -> Any:
        try:
            return act()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
