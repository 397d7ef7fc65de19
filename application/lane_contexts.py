"""Whose lane it is, read from the store."""

from application.ports.destination import LaneContext
from application.ports.unit_of_work import UnitOfWork
from domain.errors import NotFound


def lane_context(uow: UnitOfWork, path: str) -> LaneContext:
    """The integration of that path with its company, seller and secrets. Raises NotFound, DomainError("secret_unreadable")."""
    configuration = uow.configurations.current()
    integration = configuration.integrations.get(path)
    if integration is None:
        raise NotFound("integration", path, "billhook integrations list")
    company = configuration.companies[integration.company]
    return LaneContext(integration, company, configuration.admin_companies[company.admin_company], uow.configurations.secrets_of(path))
