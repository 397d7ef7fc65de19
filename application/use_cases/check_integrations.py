"""Ask destinations, live, whether deliveries can work. Sends no document and changes nothing here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from application.lane_contexts import lane_context
from application.ports.destination import CheckResult, Destinations
from application.ports.unit_of_work import UnitsOfWork
from domain.errors import DomainError, NotFound, TemporaryFailure


@dataclass(frozen=True, slots=True)
class CheckIntegrations:
    """The integrations by their paths; none: every one that is enabled."""

    integrations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedIntegration:
    """What was found out about one."""

    integration: str
    checks: tuple[CheckResult, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing stands against deliveries."""
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class CheckIntegrationsHandler:
    """One after the other; what is wrong with one stops none of the others."""

    units_of_work: UnitsOfWork
    destinations: Destinations

    def __call__(self, command: CheckIntegrations) -> Iterator[CheckedIntegration]:
        """Each as soon as it is checked. Raises NotFound for a path that nothing goes by, before anything is asked."""
        for path in self._wanted(command):
            yield CheckedIntegration(path, tuple(self._check(path)))

    def _wanted(self, command: CheckIntegrations) -> Sequence[str]:
        with self.units_of_work() as uow:
            known = uow.configurations.current().integrations
        for path in command.integrations:
            if path not in known:
                raise NotFound("integration", path, "billhook integrations list")
        return command.integrations or [path for path, integration in known.items() if integration.enabled]

    def _check(self, path: str) -> Sequence[CheckResult]:
        try:
            with self.units_of_work() as uow:
                lane = lane_context(uow, path)
        except DomainError as refusal:
            return [CheckResult("settings", ok=False, detail=refusal.text, next_step=refusal.next_step)]
        try:
            with self.destinations.open(lane) as destination:
                return destination.check()
        except TemporaryFailure as failure:
            return [CheckResult("connection", ok=False, detail=failure.text, next_step="Try again later, or correct the address.")]
        except DomainError as refusal:
            return [CheckResult("connection", ok=False, detail=refusal.text, next_step=refusal.next_step)]
