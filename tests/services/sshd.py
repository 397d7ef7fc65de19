"""An SSH server of OpenSSH that speaks SFTP only: `with Sshd() as server: server.port, server.files`.

Started by root it lets an unprivileged user of the machine in, else ourselves; with the key made here, for that user has no password that
a test could know: every password is a wrong one.
"""

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Self

from tests.services import provision
from tests.services.process import PrivateFolder, ServerProcess, ServiceError, free_port, service_user

_CONFIGURATION = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/{host_key}
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
LogLevel DEBUG1
MaxStartups 100
Subsystem sftp internal-sftp -f AUTH -l ERROR
"""


class Sshd:
    """One server. `files` is the folder for uploads; it is seen from outside and from inside under the same path."""

    def __init__(self, *, disk_bytes: int | None = None) -> None:
        self._binary = provision.require(provision.SSHD)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # OpenSSH's own, which Debian makes when it starts the service
        self._folder = PrivateFolder("sshd", None)
        self._folder.path.chmod(0o755)
        self.username = service_user() or pwd.getpwuid(os.geteuid()).pw_name
        self._mounted = False
        self._process: ServerProcess | None = None
        try:
            self.files = self._folder.make("files")
            self._give(self.files)
            if disk_bytes is not None:
                self._limit(disk_bytes)
            self.private_key = self._make_key("user_key").read_text()
            self.user_line = (self._folder.path / "user_key.pub").read_text()
            self._folder.write("authorized_keys", self.user_line, 0o644)
            self._make_key("host_key")
            self._start_on_a_free_port()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def log(self) -> str:
        """All that the server logged."""
        return (self._folder.path / "sshd.log").read_text(errors="replace")

    def host_key_line(self, name: str = "host_key") -> str:
        """The public key as a line."""
        return (self._folder.path / f"{name}.pub").read_text().strip()

    def fingerprint(self, name: str = "host_key") -> str:
        """As OpenSSH itself computes it."""
        return self._folder.run(["ssh-keygen", "-l", "-f", self._folder.path / f"{name}.pub"]).split()[1]

    def authorize(self, line: str) -> None:
        """Let this public key in too."""
        self._folder.write("authorized_keys", self.user_line + line + "\n", 0o644)

    def start(self, host_keys: tuple[str, ...] = ("host_key",)) -> None:
        """Returns when the server answers."""
        for name in host_keys:
            if not (self._folder.path / name).exists():
                self._make_key(name, "rsa" if name.startswith("rsa") else "ed25519")
        text = _CONFIGURATION.format(port=self.port, folder=self._folder.path, host_key=host_keys[0])
        text += "".join(f"HostKey {self._folder.path}/{name}\n" for name in host_keys[1:])
        configuration = self._folder.write("sshd_config", text)
        self._process = ServerProcess(self._folder, "sshd", [self._binary, "-D", "-e", "-f", configuration])
        self._process.start().answers(self._greets)

    def stop(self) -> None:
        """Ends the server and every connection."""
        if self._process is not None:
            self._process.kill()

    def let_in(self, public_line: str) -> None:
        """One more key logs in, from the next connection on."""
        self._folder.write("authorized_keys", f"{self.user_line}{public_line}\n", 0o644)

    def restart_with(self, *host_keys: str) -> None:
        """The same server with other host keys: `host_key`, `other_host_key`, `rsa_host_key`."""
        self.stop()
        self.start(host_keys)

    def close(self) -> None:
        """Ends the server for good."""
        self.stop()
        if self._mounted:
            subprocess.run(["umount", "-l", str(self.files)], check=True)
        self._folder.remove()

    def _limit(self, size: int) -> None:
        """A small disk of its own."""
        if os.geteuid() != 0:
            message = "A full disk can only be made by root."
            raise ServiceError(message)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(self.files)], check=True)
        self._mounted = True
        self._give(self.files)

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(path, self.username)

    def _make_key(self, name: str, kind: str = "ed25519") -> Path:
        path = self._folder.path / name
        self._folder.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "test", "-f", path])
        return path

    def _start_on_a_free_port(self) -> None:
        for attempt in range(3):
            self.port = free_port()
            try:
                self.start()
            except ServiceError:
                self.stop()
                if attempt == 2 or "Address already in use" not in self.log:
                    raise
            else:
                return

    def _greets(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            return connection.recv(4) == b"SSH-"
