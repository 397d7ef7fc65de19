# ruff: noqa: S321 - TLS is the default; plain FTP needs the operator's consent in the settings
"""FTP clients of the standard library, fitted for strict servers. Passive mode goes to the host of the control connection only."""

import ftplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from adapters.file_drop.sockets import Resolve, Timeouts, connect, reset
from adapters.file_drop.wire import Meanwhile, described, nothing
from application.ports.file_drop import DropAddress
from domain.errors import DomainError, TemporaryFailure

FTP_PORT = 21
_NO_TLS = "Ask the partner for FTP with TLS, use SFTP, or accept an unprotected password and files with allow_plain_ftp: true."


class SecureFtp(ftplib.FTP_TLS):
    """Data connections resume the TLS session of the control connection: with it a server knows that both are the same client.

    vsftpd insists on that by default (``require_ssl_reuse``).
    """

    # Each reading of ``session`` makes a copy, by writing all of it out and reading it again.
    _resumed: ssl.SSLSession | None = None
    _meanwhile: Meanwhile = staticmethod(nothing)

    @contextmanager
    def doing(self, meanwhile: Meanwhile) -> Iterator[None]:
        """Inside, ``meanwhile`` is done once a transfer has begun, while the server makes the keys of its data connection."""
        self._meanwhile = meanwhile
        try:
            yield
        finally:
            self._meanwhile = nothing

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """Open a data connection and secure it. Its size is never known: nothing is asked for from its middle."""
        control = self.sock
        if rest is not None or not isinstance(control, ssl.SSLSocket):
            raise ftplib.error_proto("The control connection is not secured, or a part of a file was asked for.")
        plain = socket.create_connection(self.makepasv(), self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = plain
        try:
            self.putcmd(cmd)
            # Made ready while the server is busy with the command; the handshake waits until it said yes.
            self._resumed = self._resumed or control.session
            data = self.context.wrap_socket(plain, server_hostname=self.host, session=self._resumed, do_handshake_on_connect=False)
            self._await_yes()
            self._shake_hands(data)
        except BaseException:
            reset(data)
            raise
        return data, None

    def _shake_hands(self, data: ssl.SSLSocket) -> None:
        timeout_s = data.gettimeout()
        data.settimeout(0)
        # The first part, our hello, is sent; the server's answer takes it a while.
        with suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            data.do_handshake()
        self._meanwhile()
        data.settimeout(timeout_s)
        data.do_handshake()

    def _await_yes(self) -> None:
        answer = self.getresp()
        # Some servers say 200 before the 150, as in ftplib's own ``ntransfercmd``.
        if answer.startswith("2"):
            answer = self.getresp()
        if not answer.startswith("1"):
            raise ftplib.error_reply(answer)


def open_ftp(address: DropAddress, resolve: Resolve, timeouts: Timeouts, tls: ssl.SSLContext) -> ftplib.FTP:
    """Connect, secure unless consented otherwise, log in, binary mode."""
    port = address.port or FTP_PORT
    ftp = ftplib.FTP(timeout=timeouts.connect_s) if address.allow_plain_ftp else SecureFtp(timeout=timeouts.connect_s, context=tls)
    try:
        _greet(ftp, address, connect(address.host, port, resolve, timeouts.connect_s))
        if isinstance(ftp, SecureFtp):
            _secure(ftp, address)
        _log_in(ftp, address)
        ftp.voidcmd("TYPE I")
        ftp.timeout = timeouts.answer_s
        control = ftp.sock
        if control is not None:
            control.settimeout(timeouts.answer_s)
            control.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    except BaseException as error:
        abort_ftp(ftp)
        if isinstance(error, (OSError, EOFError, ftplib.Error)):
            raise TemporaryFailure(f"The FTP connection to {address.host}:{port} could not be made: {described(error)}") from error
        raise
    return ftp


def _greet(ftp: ftplib.FTP, address: DropAddress, control: socket.socket) -> None:
    """As ``FTP.connect``, over a connection to the checked address and with the name that the certificate has to show."""
    ftp.host = address.host
    ftp.sock = control
    ftp.af = control.family
    ftp.file = control.makefile("r", encoding=ftp.encoding)
    ftp.welcome = ftp.getresp()


def _secure(ftp: SecureFtp, address: DropAddress) -> None:
    try:
        ftp.auth()
        ftp.prot_p()
    except ssl.SSLCertVerificationError as error:
        raise DomainError(
            "certificate_refused",
            f"The certificate of {address.host} cannot be trusted: {error.verify_message}. Nothing was sent.",
            "Ask the partner for a certificate that is valid for this host name; for an authority of its own set SSL_CERT_FILE.",
        ) from error
    except ftplib.error_perm as error:
        raise DomainError("plain_ftp_refused", f"{address.host} does not speak TLS ({error}). Nothing was sent.", _NO_TLS) from error


def _log_in(ftp: ftplib.FTP, address: DropAddress) -> None:
    try:
        if isinstance(ftp, SecureFtp):
            ftp.login(address.username, address.password, secure=False)  # it is secured already
        else:
            ftp.login(address.username, address.password)
    except ftplib.error_perm as error:
        raise DomainError(
            "login_refused", f"{address.host} refused the log-in of {address.username!r}: {error}", "Correct the username or the password."
        ) from error


def abort_ftp(ftp: ftplib.FTP) -> None:
    """Hang up at once. The file that answers are read from holds the connection too."""
    reset(ftp.sock)
    with suppress(OSError):
        ftp.close()


def end_upload(data: socket.socket) -> None:
    """Say that this was all, so that the server does not take the end for a cut.

    What it says to that is not awaited: many servers just hang up, and their answer on the control connection decides.
    """
    if isinstance(data, ssl.SSLSocket):
        timeout_s = data.gettimeout()
        data.settimeout(0)
        try:
            data.unwrap()
        except ssl.SSLWantWriteError:  # there was no room yet for these last bytes
            data.settimeout(timeout_s)
            data.unwrap()
        except ssl.SSLWantReadError:
            pass
    data.shutdown(socket.SHUT_WR)
