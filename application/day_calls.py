"""What the limit of a vendor's day leaves, for those integrations whose setting ``day_limit`` names one."""

from dataclasses import dataclass
from datetime import datetime

from application.ports.unit_of_work import UnitOfWork
from domain.companies.integration import Integration
from domain.delivery.call_budget import CallLimits


@dataclass(frozen=True, slots=True)
class DayCalls:
    """``left`` are the calls that may still be made today, ``reserve`` those of them that are kept for new documents."""

    left: int
    reserve: int


def day_calls(uow: UnitOfWork, integration: Integration | None, now: datetime) -> DayCalls | None:
    """None without a limit a day, and where nothing is connected."""
    day_limit = int(integration.settings.get("day_limit") or 0) if integration else 0
    connection = uow.connections.find(integration.path) if integration and day_limit else None
    if integration is None or connection is None or not connection.organisation_id:
        return None
    limits = CallLimits.of_day(day_limit)
    made = uow.call_budgets.find(f"{integration.kind}:{connection.organisation_id}")
    return DayCalls(made.left_today(limits, now.timestamp()) or 0, limits.reserve)
