"""Integrations, what they take, and which secrets they have."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.key_pairs import shown_secret
from application.ports.destination import Destinations
from application.ports.unit_of_work import UnitsOfWork
from domain.companies.integration import Integration


@dataclass(frozen=True, slots=True)
class IntegrationRow:
    """``takes`` are the subjects that are delivered there (invoice, credit_note, order); ``secrets`` are names, never values."""

    integration: Integration
    takes: tuple[str, ...]
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListIntegrationsHandler:
    """Reads one consistent state."""

    units_of_work: UnitsOfWork
    destinations: Destinations

    def __call__(self, after: str, limit: int) -> Sequence[IntegrationRow]:
        """By path, from the first after ``after`` on."""
        with self.units_of_work() as uow:
            known = uow.configurations.current().integrations
            names = uow.configurations.secret_names()
        paths = sorted(path for path in known if path > after)[:limit]
        return [
            IntegrationRow(
                known[path], tuple(sorted(self.destinations.takes(known[path]))), tuple(sorted(map(shown_secret, names.get(path, {}))))
            )
            for path in paths
        ]
