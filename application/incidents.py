"""Telling people of incidents: by mail to those who want to know of errors, and by webhook. One way for all that lasts."""

from collections.abc import Callable
from datetime import datetime

from application.configuration import Configuration
from application.ports.alerts import Alert
from application.ports.incidents import Sighting
from application.ports.unit_of_work import UnitOfWork
from domain.companies.integration import Integration
from domain.delivery.incident import Incident, IncidentEvent


def about(integration: Integration, cause: str, text: str, next_step: str, count: int = 1) -> Sighting:
    """Something seen of an integration; told to those it names in ``errors_to``."""
    settings = integration.settings
    recipients, sender = str(settings.get("errors_to") or ""), str(settings.get("email_from") or "")
    return Sighting(cause, integration.path, integration.company, recipients, sender, text, next_step, count)


def about_admin_company(configuration: Configuration, ref: str, cause: str, text: str, next_step: str) -> Sighting:
    """Something seen of an admin company; told to all whom the integrations of its companies name."""
    own = [each for each in configuration.integrations.values() if configuration.companies[each.company].admin_company == ref]
    named = [str(each.settings.get("errors_to") or "") for each in own if each.enabled]
    addresses = dict.fromkeys(address.strip() for text_ in named for address in text_.split(",") if address.strip())
    senders = [str(each.settings["email_from"]) for each in own if each.settings.get("email_from")]
    return Sighting(cause, ref, "", ", ".join(addresses), senders[0] if senders else "", text, next_step)


def tell(uow: UnitOfWork, sighting: Sighting, now: datetime) -> None:
    """Open the incident and tell of it; one that is open is counted up, and what is not mailed yet says so."""
    incident, is_new = uow.incidents.note(sighting, now)
    if is_new:
        _announce(uow, incident, IncidentEvent.OPENED, now)
    elif incident.recipients:
        uow.alerts.refresh([_alert(incident, IncidentEvent.OPENED, incident.opened_at)])


def remind(uow: UnitOfWork, incident: Incident, now: datetime) -> bool:
    """Tell of it again, unless somebody did meanwhile."""
    reminded = uow.incidents.remind(incident, now)
    if reminded:
        _announce(uow, incident, IncidentEvent.REMINDED, now)
    return reminded


def resolve(uow: UnitOfWork, incident: Incident, now: datetime) -> bool:
    """It is over, unless it was already. That is told once it has stayed so for a while: see `tell_end`."""
    return uow.incidents.resolve(incident, now)


def tell_end(uow: UnitOfWork, incident: Incident, now: datetime) -> bool:
    """Tell that it is over, unless somebody did, or it came back."""
    if not uow.incidents.end(incident):
        return False
    _announce(uow, incident, IncidentEvent.RESOLVED, now)
    return True


def resolve_about(uow: UnitOfWork, subject: str, is_over: Callable[[Incident], bool], now: datetime) -> None:
    """All of a subject that are over."""
    for incident in uow.incidents.open_about(subject):
        if is_over(incident):
            resolve(uow, incident, now)


def _announce(uow: UnitOfWork, incident: Incident, event: IncidentEvent, now: datetime) -> None:
    uow.incidents.add_notice(incident, event, now)
    if incident.recipients:
        uow.alerts.add([_alert(incident, event, now)], now)


def _alert(incident: Incident, event: IncidentEvent, at: datetime) -> Alert:
    """Of one mail with the other problems of the company's day."""
    day = at.date().isoformat()
    return Alert(
        incident.recipients,
        incident.sender,
        f"{incident.company or incident.subject}/{day}",
        f"inc_{incident.incident_id}:{event.value}:{day}",
        incident.company,
        _sentence(incident, event),
        "" if event is IncidentEvent.RESOLVED else incident.next_step,
    )


def _sentence(incident: Incident, event: IncidentEvent) -> str:
    count = f" ({incident.count} deliveries so far)" if incident.is_about_deliveries and incident.count > 1 else ""
    if event is IncidentEvent.OPENED:
        return f"{incident.text}{count}"
    since = incident.opened_at.isoformat(sep=" ", timespec="minutes")
    return f"{'Still so' if event is IncidentEvent.REMINDED else 'Over now'}, since {since}: {incident.text}{count}"
