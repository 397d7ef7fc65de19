"""What things of ours are called at a vendor, asked for and kept in short units of work of their own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from application.ports.clock import Clock
from application.ports.remote_links import RemoteLink
from application.ports.unit_of_work import UnitsOfWork

_KEPT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class RemoteMemory:
    """The links, with those that were found once kept beside. Keep one for a lane's visit, not for ever: others write too."""

    units_of_work: UnitsOfWork
    clock: Clock
    _kept: dict[tuple[str, str, str], RemoteLink] = field(default_factory=dict, repr=False, compare=False)

    def by_key(self, scope: str, type_: str, keys: Collection[str]) -> Mapping[str, RemoteLink]:
        """The links that are known, by our key."""
        found = {key: link for key in keys if (link := self._kept.get((scope, type_, key)))}
        unseen = [key for key in keys if key not in found]
        if unseen:
            with self.units_of_work() as uow:
                read = uow.remote_links.by_key(scope, type_, unseen)
            self._keep(scope, read.values())
            found.update(read)
        return found

    def by_remote_id(self, scope: str, type_: str, remote_ids: Collection[str]) -> Mapping[str, RemoteLink]:
        """The links that are known, by the vendor's name."""
        with self.units_of_work() as uow:
            return uow.remote_links.by_remote_id(scope, type_, remote_ids)

    def put(self, scope: str, links: Sequence[RemoteLink]) -> None:
        """Insert or replace; kept for good when this returns."""
        if not links:
            return
        with self.units_of_work() as uow:
            uow.remote_links.put(scope, links, self.clock.now())
            uow.commit()
        self._keep(scope, links)

    def remove(self, scope: str, type_: str, *keys: str) -> None:
        """Forget links, for example because the things are gone there."""
        for key in keys:
            self._kept.pop((scope, type_, key), None)
        with self.units_of_work() as uow:
            for key in keys:
                uow.remote_links.remove(scope, type_, key)
            uow.commit()

    def _keep(self, scope: str, links: Collection[RemoteLink]) -> None:
        if len(self._kept) + len(links) > _KEPT_MAX:
            self._kept.clear()
        self._kept.update({(scope, link.type, link.key): link for link in links})
