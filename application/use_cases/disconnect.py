"""End the connection of an integration, at the vendor and here."""

from contextlib import suppress
from dataclasses import dataclass, replace

from application.accounting.consent_desk import ConsentDesk
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.connections import Connection, ConnectionState
from application.ports.oauth import ConsentLost
from application.ports.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The integration by its path."""

    integration: str
    actor: str
    reason: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Disconnected:
    """What was ended; ``connection`` is None where there was nothing to end.

    ``shared_with`` are integrations that live by the same consent (same app, same organisation): it then stays at the vendor.
    """

    integration: str
    connection: Connection | None
    shared_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DisconnectHandler:
    """The tokens are put out of use first, then ended there, then forgotten: dying midway leaves what a second try needs."""

    desk: ConsentDesk
    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self, command: Disconnect) -> Disconnected:
        """Raises NotFound and Invalid, and TemporaryFailure where the vendor cannot be reached: then do it again."""
        asked = self.desk.find(command.integration)
        ended, shared_with = self._put_out_of_use(command)
        if ended is None or command.dry_run:
            return Disconnected(command.integration, ended, shared_with)
        if ended.tokens is not None and not shared_with:
            with suppress(ConsentLost):
                asked.vendor.end(asked.app, ended.tokens, ended.consent_id)
        self._forget(command, ended)
        return Disconnected(command.integration, ended, shared_with)

    def _forget(self, command: Disconnect, ended: Connection) -> None:
        now = self.clock.now()
        with self.units_of_work() as uow:
            present = uow.connections.lock(command.integration)
            if present is None or present.connected_at != ended.connected_at or present.state is not ConnectionState.NOT_CONNECTED:
                return  # somebody has connected it anew meanwhile
            uow.connections.save(Connection(command.integration, ConnectionState.NOT_CONNECTED), now)
            uow.connections.save_pending(command.integration, None, now)
            detail = f"{ended.organisation_name} ({ended.organisation_id})"
            uow.audit.add(AuditEntry(now, command.actor, "disconnected", command.integration, command.reason, detail))
            uow.commit()

    def _put_out_of_use(self, command: Disconnect) -> tuple[Connection | None, tuple[str, ...]]:
        """Under the lock: no worker is refreshing these tokens, and none will. None where there is nothing to end."""
        with self.units_of_work() as uow:
            connection = uow.connections.lock(command.integration)
            if connection is None or (connection.tokens is None and connection.state is ConnectionState.NOT_CONNECTED):
                return None, ()
            shared_with = tuple(each.integration for each in uow.connections.list() if _lives_by(each, connection))
            if not command.dry_run:
                ending = replace(connection, state=ConnectionState.NOT_CONNECTED, reason="It is being disconnected.")
                uow.connections.save(ending, self.clock.now())
                uow.commit()
        return connection, shared_with


def _lives_by(other: Connection, ended: Connection) -> bool:
    """Whether ending the consent at the vendor would end another connection too: there it is one for the app and the organisation."""
    same = (other.client_id, other.organisation_id) == (ended.client_id, ended.organisation_id)
    return same and other.integration != ended.integration and other.state is ConnectionState.OK
