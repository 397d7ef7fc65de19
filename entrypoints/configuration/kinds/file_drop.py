"""The settings that every kind of file drop shares (seed 001: FS Type, FS Root, and the credentials of the type)."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import Field

from domain.errors import Invalid
from entrypoints.configuration.fields import MailAddresses
from entrypoints.configuration.kinds.kind import Surroundings
from entrypoints.configuration.strict import Strict

PORT_MAX = 65_535
SECRETS = {
    "password": "The password of the log-in.",
    "private_key": "An OpenSSH private key without a passphrase, for SFTP; it goes before a password.",
}
_NAME = re.compile(r"[\w-]+(\.[\w-]+)*\.?")


class FileDropSettings(Strict):
    """Where the files go."""

    fs_type: Annotated[
        Literal["sftp", "ftp", "local"], Field(description="`sftp`, `ftp` (secured with TLS) or `local`, a folder of this machine.")
    ]
    fs_root: Annotated[str, Field(min_length=1, max_length=500, description="The folder the files are put into; made where it is missing.")]
    host: Annotated[str, Field(max_length=255, description="Name or address of the server; not for `local`.")] = ""
    port: Annotated[int | None, Field(ge=1, le=PORT_MAX, description="Port; default: 22 for SFTP, 21 for FTP.")] = None
    username: Annotated[str, Field(max_length=255, description="Log-in name; not for `local`.")] = ""
    host_key: Annotated[
        str,
        Field(max_length=2000, description="SFTP: the server's key, as `SHA256:…` or as a line of a public key file. It is never learned."),
    ] = ""
    allow_plain_ftp: Annotated[bool, Field(description="Speak FTP without TLS: password and files can be read on the way.")] = False
    errors_to: Annotated[MailAddresses, Field(description="Who is told what cannot be delivered.")] = ""


def check(settings: FileDropSettings, around: Surroundings) -> Iterator[tuple[str, str]]:
    """What a type needs must be there and make sense, and nothing that it has no use for."""
    if settings.fs_type == "local":
        yield from _check_local(settings)
        return
    for key in ("host", "username"):
        if not getattr(settings, key):
            yield key, f"{settings.fs_type} needs it."
    if settings.host and (problem := _host_problem(settings.host)):
        yield "host", problem
    if settings.fs_type == "ftp" and settings.host_key:
        yield "host_key", "This is for fs_type: sftp only; FTP is held to its certificate."
    if settings.fs_type == "sftp":
        yield from _check_host_key(settings, around)
        if settings.allow_plain_ftp:
            yield "allow_plain_ftp", "This is for fs_type: ftp only."


def check_secrets(settings: FileDropSettings, secrets: Mapping[str, str], around: Surroundings) -> Iterator[tuple[str, str]]:
    """A key must be one that can be logged in with, and a type must have a use for what is given."""
    if settings.fs_type == "local":
        for name in secrets:
            yield name, "A local folder has no use for this: leave it out, or set fs_type to sftp or ftp."
    elif "private_key" in secrets and settings.fs_type == "ftp":
        yield "private_key", "This is for fs_type: sftp only: leave it out, and give the password."
    elif "private_key" in secrets:
        try:
            around.key_pairs.public_line(secrets["private_key"], settings.fs_type)
        except Invalid as error:
            yield "private_key", f"{error.text.removeprefix('private_key: ')} {error.next_step}"


def _check_local(settings: FileDropSettings) -> Iterator[tuple[str, str]]:
    if not settings.fs_root.startswith("/"):
        yield "fs_root", "A local folder needs its full path, such as /srv/orders."
    for key in ("host", "username", "host_key", "port"):
        if getattr(settings, key):
            yield key, "A local folder has no use for this: leave it out, or set fs_type to sftp or ftp."


def _check_host_key(settings: FileDropSettings, around: Surroundings) -> Iterator[tuple[str, str]]:
    host = settings.host if settings.host and not _host_problem(settings.host) else "HOST"
    port = f" -p {settings.port}" if settings.port else ""
    show = f"Show it with: ssh-keyscan{port} {host} | ssh-keygen -lf - and compare it with your partner's."
    if not settings.host_key:
        yield "host_key", f"SFTP needs the server's key. {show}"
        return
    try:
        around.key_pairs.fingerprint(settings.host_key)
    except Invalid as error:
        yield "host_key", f"{error.text.removeprefix('host_key: ')} {show}"


def _host_problem(host: str) -> str:
    """Why it is neither a name nor an address; empty where it is one."""
    if "://" in host:
        return f"Write the name alone, without {host.partition('://')[0]}://; a folder goes into fs_root, a port into port."
    if "/" in host:
        return "Write the name alone; a folder goes into fs_root."
    if "@" in host:
        return "Write the name alone; the log-in name goes into username."
    if _is_address(host) or _NAME.fullmatch(host):
        return ""
    if _NAME.fullmatch(host.rpartition(":")[0]) and host.rpartition(":")[2].isdecimal():
        return "Write the name alone; the port goes into port."
    return "This is no name and no address of a server."


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
