"""One transaction, and the stores that take part in it."""

from types import TracebackType
from typing import Protocol, Self

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
from application.ports.vat_checks import VatChecks
from application.ports.verification import Verification


class UnitOfWork(Protocol):
    """A transaction as a context manager: it rolls back unless ``commit`` was called.

    No network, PDF or template work inside. Raises TemporaryFailure where the database cannot be reached, or made
    this transaction give way to another: then the whole unit of work may be done again.
    """

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

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def commit(self) -> None:
        """Make it last."""
        ...


class UnitsOfWork(Protocol):
    """Opens units of work."""

    def __call__(self) -> UnitOfWork:
        """A transaction that may write."""
        ...
