"""Refresh the tokens of connections that nothing was delivered over for long: an unused refresh token dies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from application.accounting.access_tokens import AccessTokens
from application.accounting.consent_desk import ConsentDesk
from application.ports.clock import Clock
from application.ports.connections import Connection, ConnectionState
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from domain.errors import DomainError, TemporaryFailure

# Refresh tokens die unused after 60 days at Xero and 45 at Fortnox, some pages say 30 and 31; jortt does not say (facts:
# accounting-apis, B1.2, B2.2, B3.2).
IDLE_MAX: Mapping[str, timedelta] = {"xero": timedelta(days=25), "fortnox": timedelta(days=20), "jortt": timedelta(days=20)}
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class KeepConnectionsAlive:
    """Look at all connections."""


@dataclass(frozen=True, slots=True)
class KeepConnectionsAliveHandler:
    """Any number may run: each refresh happens once, under the lock of its connection."""

    desk: ConsentDesk
    access_tokens: AccessTokens
    units_of_work: UnitsOfWork
    clock: Clock
    telemetry: Telemetry
    idle_max: Mapping[str, timedelta] = field(default_factory=lambda: IDLE_MAX)

    def __call__(self, _command: KeepConnectionsAlive) -> int:
        """How many were refreshed. What cannot be refreshed now is tried again the next time."""
        with self.units_of_work() as uow:
            declared = uow.configurations.current().integrations
            known = [(each, declared[each.integration].kind) for each in uow.connections.list() if each.integration in declared]
        idle = [(connection, kind) for connection, kind in known if self._is_idle(connection, kind)]
        return sum(self._refresh(connection, kind) for connection, kind in idle[:_AT_ONCE])

    def _is_idle(self, connection: Connection, kind: str) -> bool:
        if connection.state is not ConnectionState.OK or connection.tokens is None or connection.refreshed_at is None:
            return False
        # Where there is no refresh token, nothing dies.
        return bool(connection.tokens.refresh_token) and self.clock.now() - connection.refreshed_at > self.idle_max.get(kind, timedelta.max)

    def _refresh(self, connection: Connection, kind: str) -> bool:
        try:
            app = self.desk.find(connection.integration).app
            self.access_tokens.renewed(connection.integration, kind, app, connection.tokens.access_token if connection.tokens else "")
        except (DomainError, TemporaryFailure) as error:
            self.telemetry.problem("connection_not_kept_alive", integration=connection.integration, reason=error.text)
            return False
        return True
