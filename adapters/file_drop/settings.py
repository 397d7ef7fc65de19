"""The settings and secrets of an integration as a drop's address."""

from collections.abc import Mapping
from typing import Any, cast, get_args

from application.key_pairs import MADE_KEY
from application.ports.file_drop import DropAddress, FsType
from domain.errors import Invalid


def drop_address(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> DropAddress:
    """Read ``fs_type``, ``fs_root``, ``host``, ``port``, ``username``, ``host_key``, ``allow_plain_ftp`` and the secrets.

    Raises Invalid with the setting's name. A missing ``host_key`` is no mistake here: the connection then tells the key to pin.
    """
    fs_type = settings.get("fs_type")
    if fs_type not in get_args(FsType):
        raise Invalid("fs_type", f"It is {fs_type!r}; it must be one of {', '.join(get_args(FsType))}.")
    address = DropAddress(
        fs_type=cast("FsType", fs_type),
        root=str(settings.get("fs_root") or ""),
        host=str(settings.get("host") or ""),
        port=settings.get("port"),
        username=str(settings.get("username") or ""),
        host_key=str(settings.get("host_key") or ""),
        allow_plain_ftp=bool(settings.get("allow_plain_ftp", False)),
        password=secrets.get("password", ""),
        private_key=secrets.get("private_key") or ("" if secrets.get("password") else secrets.get(MADE_KEY, "")),
    )
    _refuse_incomplete(address)
    return address


def _refuse_incomplete(address: DropAddress) -> None:
    if address.fs_type == "local":
        if not address.root.startswith("/"):
            raise Invalid("fs_root", "A local folder needs its full path.")
        return
    for name, value in (("host", address.host), ("username", address.username)):
        if not value:
            raise Invalid(name, f"It is needed for {address.fs_type}.")
    if any(ord(character) < ord(" ") for character in address.root + address.host + address.username):
        raise Invalid("fs_root", "Host, username and folder must not contain control characters.")
