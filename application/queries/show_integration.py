"""One integration: its settings, its switch, how its lane stands, and the public key that its partner must know."""

from dataclasses import dataclass

from application.key_pairs import public_key, shown_secret, takes_key_pair
from application.ports.clock import Clock
from application.ports.deliveries import Lane
from application.ports.destination import Destinations
from application.ports.key_pairs import KeyPairs
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.companies.integration import Integration
from domain.errors import DomainError, NotFound


@dataclass(frozen=True, slots=True)
class IntegrationDetails:
    """``secrets`` are names, never values. ``public_key`` is the line for the partner; empty where there is no key.

    Where there is one that cannot be read, ``key_problem`` says so, and what to do. ``lane`` says how its deliveries stand.
    """

    integration: Integration
    takes: tuple[str, ...]
    secrets: tuple[str, ...]
    public_key: str
    lane: Lane | None
    key_problem: str = ""


@dataclass(frozen=True, slots=True)
class ShowIntegrationHandler:
    """Raises NotFound."""

    units_of_work: UnitsOfWork
    destinations: Destinations
    key_pairs: KeyPairs
    clock: Clock

    def __call__(self, path: str) -> IntegrationDetails:
        """By ``COMPANY/KIND``."""
        with self.units_of_work() as uow:
            integration = uow.configurations.current().integrations.get(path)
            if integration is None:
                raise NotFound("integration", path, "billhook integrations list")
            names = uow.configurations.secret_names().get(path, {})
            lane = next((lane for lane in uow.deliveries.lanes("", None, self.clock.now()) if lane.integration == path), None)
            key, problem = self._public_key(uow, integration)
        return IntegrationDetails(
            integration,
            tuple(sorted(self.destinations.takes(integration))),
            tuple(sorted(map(shown_secret, names))),
            key,
            lane,
            problem,
        )

    def _public_key(self, uow: UnitOfWork, integration: Integration) -> tuple[str, str]:
        """The line, or why there is none although there is a key."""
        try:
            secrets = uow.configurations.secrets_of(integration.path) if takes_key_pair(integration) else {}
            return public_key(self.key_pairs, integration, secrets), ""
        except DomainError as error:
            return "", f"{error.text} {error.next_step}".strip()
