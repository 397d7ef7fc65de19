"""The settings that every kind of file drop shares (seed 001: FS Type, FS Root, and the credentials of the type)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from entrypoints.configuration.fields import MailAddresses
from entrypoints.configuration.kinds.kind import Surroundings
from entrypoints.configuration.strict import Strict

PORT_MAX = 65_535
SECRETS = {
    "password": "The password of the log-in.",
    "private_key": "An OpenSSH private key, for SFTP in place of a password.",
}


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


def check(settings: FileDropSettings, _around: Surroundings) -> Iterator[tuple[str, str]]:
    """What a type needs must be there, and nothing that it has no use for."""
    if settings.fs_type == "local":
        if not settings.fs_root.startswith("/"):
            yield "fs_root", "A local folder needs its full path, such as /srv/orders."
        for key in ("host", "username", "host_key", "port"):
            if getattr(settings, key):
                yield key, "A local folder has no use for this: leave it out, or set fs_type to sftp or ftp."
        return
    for key in ("host", "username"):
        if not getattr(settings, key):
            yield key, f"{settings.fs_type} needs it."
    if settings.fs_type == "sftp" and not settings.host_key:
        yield (
            "host_key",
            "SFTP needs the server's key. Show it with: ssh-keyscan HOST | ssh-keygen -lf - and compare it with your partner's.",
        )
    if settings.fs_type == "sftp" and settings.allow_plain_ftp:
        yield "allow_plain_ftp", "This is for fs_type: ftp only."
