"""One transaction, and the stores that take part in it."""

from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from adapters.persistence.alerts import SqlAlerts
from adapters.persistence.audit_log import SqlAuditLog
from adapters.persistence.books import SqlBooks
from adapters.persistence.call_budgets import SqlCallBudgets
from adapters.persistence.configurations import ConfigurationCache, SqlConfigurations
from adapters.persistence.connections import SqlConnections
from adapters.persistence.deliveries import SqlDeliveries
from adapters.persistence.documents import SqlDocuments
from adapters.persistence.errors import as_temporary, passing_errors
from adapters.persistence.flows import SqlFlows
from adapters.persistence.incidents import SqlIncidents
from adapters.persistence.number_guards import SqlNumberGuards
from adapters.persistence.orders import SqlOrders
from adapters.persistence.pauses import SqlPauses
from adapters.persistence.quarantine import SqlQuarantine
from adapters.persistence.remote_links import SqlRemoteLinks
from adapters.persistence.replays import SqlReplays
from adapters.persistence.runs import SqlRuns
from adapters.persistence.vat_checks import SqlVatChecks
from adapters.persistence.verification import SqlVerification
from application.ports.alerts import Alerts
from application.ports.audit_log import AuditLog
from application.ports.books import Books
from application.ports.call_budgets import CallBudgets
from application.ports.configurations import Configurations
from application.ports.connections import Connections
from application.ports.deliveries import Deliveries
from application.ports.documents import Documents
from application.ports.flows import Flows
from application.ports.incidents import Incidents
from application.ports.number_guards import NumberGuards
from application.ports.orders import Orders
from application.ports.pauses import Pauses
from application.ports.quarantine import Quarantine
from application.ports.remote_links import RemoteLinks
from application.ports.replays import Replays
from application.ports.runs import Runs
from application.ports.secret_box import SecretBox
from application.ports.vat_checks import VatChecks
from application.ports.verification import Verification


class SqlUnitOfWork:
    """The port ``UnitOfWork``: entered once, left once."""

    orders: Orders
    quarantine: Quarantine
    configurations: Configurations
    documents: Documents
    deliveries: Deliveries
    runs: Runs
    alerts: Alerts
    audit: AuditLog
    verification: Verification
    connections: Connections
    call_budgets: CallBudgets
    remote_links: RemoteLinks
    pauses: Pauses
    replays: Replays
    books: Books
    number_guards: NumberGuards
    incidents: Incidents
    vat_checks: VatChecks
    flows: Flows

    def __init__(self, engine: Engine, secret_box: SecretBox, cache: ConfigurationCache) -> None:
        self._engine = engine
        self._secret_box = secret_box
        self._cache = cache
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        with passing_errors():
            self._connection = self._begin()
        return self

    def _begin(self) -> Connection:
        connection = self._engine.connect()
        try:
            connection.begin()
            self._open_stores(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_stores(self, connection: Connection) -> None:
        configurations = SqlConfigurations(connection, self._secret_box, self._cache)
        self.orders = SqlOrders(connection)
        self.quarantine = SqlQuarantine(connection)
        self.configurations = configurations
        self.documents = SqlDocuments(connection, configurations.revision_read)
        self.deliveries = SqlDeliveries(connection)
        self.runs = SqlRuns(connection)
        self.alerts = SqlAlerts(connection)
        self.audit = SqlAuditLog(connection)
        self.verification = SqlVerification(connection)
        self.connections = SqlConnections(connection, self._secret_box)
        self.call_budgets = SqlCallBudgets(connection)
        self.remote_links = SqlRemoteLinks(connection)
        self.pauses = SqlPauses(connection)
        self.replays = SqlReplays(connection)
        self.books = SqlBooks(connection)
        self.number_guards = SqlNumberGuards(connection)
        self.incidents = SqlIncidents(connection)
        self.vat_checks = SqlVatChecks(connection)
        self.flows = SqlFlows(connection)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()
        temporary = None if error is None else as_temporary(error)
        if temporary is not None:
            raise temporary from error

    def _close(self) -> None:
        """Closing rolls back what was not committed. A connection that broke is thrown away by the pool, and that is no news."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def commit(self) -> None:
        """Make it last, and end: whatever is done afterwards fails, instead of being rolled back in silence.

        A lost connection raises TemporaryFailure although the commit may have happened: only who does the work again
        finds out, by the business keys (a slot, an order's version, a number).
        """
        if self._connection is None:
            raise RuntimeError("a unit of work that ended cannot commit")
        with passing_errors():
            self._connection.commit()
        self._close()


class SqlUnitsOfWork:
    """The port ``UnitsOfWork`` on one engine."""

    def __init__(self, engine: Engine, secret_box: SecretBox) -> None:
        self._engine = engine
        self._secret_box = secret_box
        self._cache = ConfigurationCache()

    def __call__(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._engine, self._secret_box, self._cache)
