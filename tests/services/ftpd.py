"""FTP servers: vsftpd, strict about TLS as its default configuration is, and pyftpdlib in a thread, which a test can look into."""

import contextlib
import logging
import shutil
import socket
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any, Self

from tests.services import provision
from tests.services.certificates import Certificates, make_certificates
from tests.services.process import PrivateFolder, ServerProcess, ServiceError, free_port, service_user

# The one who starts it is the one it runs as, so nobody's password can be checked: the user is FTP's own "anonymous", who may write here.
_VSFTPD = """
background=NO
listen=YES
listen_address=127.0.0.1
listen_port={port}
run_as_launching_user=YES
anonymous_enable=YES
anon_root={files}
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=022
allow_writeable_chroot=YES
write_enable=YES
local_enable=NO
connect_from_port_20=NO
seccomp_sandbox=NO
xferlog_enable=NO
idle_session_timeout=300
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=YES
ssl_ciphers=HIGH
rsa_cert_file={certificate}
rsa_private_key_file={certificate}
"""


class Vsftpd:
    """vsftpd with `require_ssl_reuse`: a data connection must resume the TLS session of the control connection."""

    username, password = "anonymous", "billhook@example.com"

    def __init__(self) -> None:
        binary = provision.require(provision.VSFTPD)
        self._folder = PrivateFolder("vsftpd", service_user())
        try:
            self.files = self._folder.make("files")
            self.certificates = make_certificates(self._folder.path)
            self._folder.give_to_user(self.certificates.server)
            for attempt in range(3):
                self.port = free_port()
                text = _VSFTPD.format(port=self.port, files=self.files, certificate=self.certificates.server)
                configuration = self._folder.write("vsftpd.conf", text.lstrip())
                self._process = ServerProcess(self._folder, "vsftpd", [binary, configuration])
                try:
                    self._process.start().answers(self._greets)
                except ServiceError:
                    self._process.kill()
                    if attempt == 2:
                        raise
                else:
                    break
        except BaseException:
            self._folder.remove()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._folder.remove()

    def _greets(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            return connection.recv(4) == b"220 "


class PyFtpServer:
    """pyftpdlib in a thread; with TLS it insists on TLS for both connections.

    `upload_bytes_max`: it hangs up a data connection when so much has come, and takes that for the end of the file. `disk_full`: as
    long as it is set, what is uploaded goes to the device that is always full, and this is the answer.
    """

    username, password = "acme", "s3cret-of-one-run"

    def __init__(self, *, tls: bool = False, permissions: str = "elradfmwMT", passive_address: str | None = None) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="billhook-ftp-"))
        self.files = self._home / "files"
        self.files.mkdir()
        self.upload_bytes_max: int | None = None
        self.disk_full = ""
        self.certificates: Certificates | None = make_certificates(self._home) if tls else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyOpenSSL and pyftpdlib warn about themselves
            self._build(permissions, passive_address)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="ftp-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(10)
        shutil.rmtree(self._home)

    def hang_up(self) -> None:
        """Close every connection, as a server does with idle ones."""
        self._hanging_up.set()
        while self._hanging_up.is_set():
            self._stopping.wait(0.005)

    def _build(self, permissions: str, passive_address: str | None) -> None:
        from pyftpdlib.authorizers import DummyAuthorizer  # noqa: PLC0415 - warns when imported
        from pyftpdlib.filesystems import AbstractedFS  # noqa: PLC0415
        from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler  # noqa: PLC0415
        from pyftpdlib.ioloop import IOLoop  # noqa: PLC0415
        from pyftpdlib.servers import FTPServer  # noqa: PLC0415

        authorizer = DummyAuthorizer()
        authorizer.add_user(self.username, self.password, str(self.files), perm=permissions)
        self.commands: list[str] = []
        handler = _handler(self, TLS_FTPHandler if self.certificates else FTPHandler, AbstractedFS)
        logging.getLogger("pyftpdlib").addHandler(logging.NullHandler())  # else it sets up a handler of its own
        options: dict[str, Any] = {
            "authorizer": authorizer,
            "masquerade_address": passive_address,
            "banner": "ready",
            "auth_failed_timeout": 0,
        }
        if self.certificates:
            options |= {"certfile": str(self.certificates.server), "tls_control_required": True, "tls_data_required": True}
        for name, value in options.items():
            setattr(handler, name, value)
        self._hanging_up = threading.Event()
        self._loop = IOLoop()
        self._server = FTPServer(("127.0.0.1", 0), handler, ioloop=self._loop)
        self.port: int = self._server.socket.getsockname()[1]

    def _serve(self) -> None:
        with contextlib.suppress(OSError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            while not self._stopping.is_set():
                self._loop.loop(timeout=0.02, blocking=False)
                if self._hanging_up.is_set():
                    for connection in list(self._loop.socket_map.values()):
                        if connection is not self._server:
                            connection.close()
                    self._hanging_up.clear()
        self._server.close_all()


def _handler(owner: PyFtpServer, base: Any, system: Any) -> Any:
    """Pyftpdlib's handler, which notes the commands and plays the faults of its owner."""
    data_base: Any = base.dtp_handler

    class DataConnection(data_base):
        ac_in_buffer_size = 512

        def recv(self, size: int) -> bytes:
            if owner.upload_bytes_max is not None and self.tot_bytes_received >= owner.upload_bytes_max:
                self.handle_close()
                return b""
            received: bytes = super().recv(size)
            return received

        def handle_error(self) -> None:
            if not owner.disk_full:
                return super().handle_error()
            self._resp = (owner.disk_full, logging.getLogger("pyftpdlib").warning)
            return self.close()

    class Disk(system):
        def open(self, filename: str, mode: str) -> Any:
            # Without a buffer, which would keep a small file until it is closed.
            return Path("/dev/full").open(mode, buffering=0) if owner.disk_full and "r" not in mode else super().open(filename, mode)

    class Handler(base):
        dtp_handler = DataConnection
        abstracted_fs = Disk

        def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
            owner.commands.append(line)
            super().pre_process_command(line, cmd, arg)

    return Handler
