"""The integrations that need a consent, and how it stands with each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.accounting.next_steps import connect_command
from application.day_calls import day_calls
from application.ports.clock import Clock
from application.ports.connections import Connection, ConnectionState
from application.ports.oauth import OAuthVendors
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.companies.integration import Integration


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One integration. ``next_step`` is a command where somebody has to connect; ``calls_left_today`` is None without a limit a day.

    ``access_expires_at`` is when the present access token ends; it is refreshed before that. ``refreshed_at`` is when tokens came last.
    """

    integration: Integration
    state: ConnectionState
    reason: str
    organisation_id: str
    organisation_name: str
    scopes: tuple[str, ...]
    access_expires_at: datetime | None
    refreshed_at: datetime | None
    connected_at: datetime | None
    consent_begun_at: datetime | None
    calls_left_today: int | None
    next_step: str


@dataclass(frozen=True, slots=True)
class ListConnectionsHandler:
    """Reads one consistent state; asks no vendor."""

    units_of_work: UnitsOfWork
    vendors: OAuthVendors
    clock: Clock

    def __call__(self) -> Sequence[ConnectionRow]:
        """By path, all that are declared and need a consent, connected or not."""
        with self.units_of_work() as uow:
            integrations = uow.configurations.current().integrations
            needing = [each for _, each in sorted(integrations.items()) if self.vendors.of(each.kind) is not None]
            return [self._row(uow, each) for each in needing]

    def _row(self, uow: UnitOfWork, integration: Integration) -> ConnectionRow:
        path = integration.path
        connection = uow.connections.find(path) or Connection(path, ConnectionState.NOT_CONNECTED)
        pending = uow.connections.pending(path)
        state, reason = _state(connection, integration)
        of_day = day_calls(uow, integration, self.clock.now())
        return ConnectionRow(
            integration,
            state,
            reason,
            connection.organisation_id,
            connection.organisation_name,
            connection.scopes,
            connection.tokens.access_expires_at if connection.tokens else None,
            connection.refreshed_at,
            connection.connected_at,
            pending.asked_at if pending else None,
            of_day.left if of_day else None,
            "" if state is ConnectionState.OK else connect_command(path),
        )


def _state(connection: Connection, integration: Integration) -> tuple[ConnectionState, str]:
    client_id = str(integration.settings.get("client_id") or "")
    if connection.state is ConnectionState.OK and client_id and client_id != connection.client_id:
        return ConnectionState.NEEDS_REAUTH, "It was connected with another client_id than the one in its settings."
    return connection.state, connection.reason
