"""Who asks whom for a consent: an integration with its vendor and the vendor's app."""

from collections.abc import Callable
from dataclasses import dataclass

from application.configuration import Configuration
from application.lane_contexts import lane_context
from application.ports.destination import LaneContext
from application.ports.oauth import OAuthApp, OAuthVendor, OAuthVendors
from application.ports.unit_of_work import UnitsOfWork
from domain.companies.integration import Integration
from domain.errors import DomainError, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Consenting:
    """An integration that needs a consent, and where to get it."""

    integration: Integration
    app: OAuthApp
    vendor: OAuthVendor


@dataclass(frozen=True, slots=True)
class ConsentDesk:
    """Finds both by the path of the integration."""

    units_of_work: UnitsOfWork
    vendors: OAuthVendors
    app_of: Callable[[LaneContext], OAuthApp]

    def find(self, path: str) -> Consenting:
        """Raises NotFound, DomainError("no_consent_needed"), and Invalid where the settings name no app."""
        with self.units_of_work() as uow:
            if path not in uow.configurations.current().integrations:
                raise NotFound("integration", path, "Declare it in a file, then: billhook apply -f FILE")
            lane = lane_context(uow, path)
        vendor = self.vendors.of(lane.integration.kind)
        if vendor is None:
            text = f"Integrations of the kind {lane.integration.kind} are not connected: they work with their settings and secrets alone."
            raise DomainError("no_consent_needed", text, f"Look whether it works: billhook integrations check {path}")
        app = self.app_of(lane)
        for name, value in (("settings.client_id", app.client_id), ("secrets.client_secret", app.client_secret)):
            if not value:
                raise Invalid(
                    f"{path}: {name}", "it is missing", "The vendor's page of the app shows it. Add it, then: billhook apply -f FILE"
                )
        return Consenting(lane.integration, app, vendor)

    def path_of(self, company: str, kind: str, name: str = "") -> str:
        """The path of a company's integration; without a name there must be one of the kind only. Raises NotFound and Invalid."""
        with self.units_of_work() as uow:
            configuration = uow.configurations.current()
        named = _of_kind(configuration, company, kind)
        found = [each for each in named if not name or each.name == name]
        if not found:
            wanted = "/".join(filter(None, (company, kind, name)))
            others = ", ".join(each.path for each in named)
            raise NotFound("integration", wanted, f"There is: {others}" if others else "Declare it in a file, then: billhook apply -f FILE")
        if len(found) > 1:
            names = ", ".join(each.name or "(none)" for each in found)
            raise Invalid("--name", f"company {company} has several integrations of the kind {kind}", f"Say which with --name: {names}")
        return found[0].path


def _of_kind(configuration: Configuration, company: str, kind: str) -> list[Integration]:
    return [each for each in configuration.integrations_of(company) if each.kind == kind]
