"""What things of ours are called at a vendor."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RemoteLink:
    """Our ``key`` for a thing of a type (customer, item, article, order, ...) and its ``remote_id`` there.

    ``fingerprint`` is of what was last written or read there, so that an echo of our own writing is known as one.
    """

    type: str
    key: str
    remote_id: str
    fingerprint: str = ""


class RemoteLinks(Protocol):
    """The store of links inside a unit of work. ``scope`` is ``VENDOR:ORGANISATION``."""

    def by_key(self, scope: str, type_: str, keys: Collection[str]) -> Mapping[str, RemoteLink]:
        """The links that are known, by our key."""
        ...

    def by_remote_id(self, scope: str, type_: str, remote_ids: Collection[str]) -> Mapping[str, RemoteLink]:
        """The links that are known, by the vendor's name; where several lead to one, the first by key."""
        ...

    def put(self, scope: str, links: Sequence[RemoteLink], at: datetime) -> None:
        """Insert or replace."""
        ...

    def remove(self, scope: str, type_: str, key: str) -> None:
        """Forget a link, for example because the thing is gone there."""
        ...
