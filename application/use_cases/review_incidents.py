"""Look at the incidents: end those that are over, remind of those that last, and tell of those that stayed over."""

from dataclasses import dataclass

from application.accounting.access_tokens import NEEDS_REAUTH
from application.incidents import remind, resolve, tell_end
from application.number_guarding import tell_of_series
from application.ports.clock import Clock
from application.ports.connections import ConnectionState
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.companies.flow import flow_of
from domain.delivery.incident import QUIET, SERIES_BEHIND, Incident

_PAGE = 200


@dataclass(frozen=True, slots=True)
class ReviewIncidents:
    """All that are open."""


@dataclass(frozen=True, slots=True)
class ReviewIncidentsHandler:
    """Any number may do so at once: what somebody else ended or reminded of is left alone."""

    units_of_work: UnitsOfWork
    clock: Clock

    def __call__(self, _command: ReviewIncidents) -> int:
        """How many were told of."""
        told = after = 0
        while True:
            with self.units_of_work() as uow:
                page = uow.incidents.list(after, _PAGE, open_only=True)
            told += sum(self._review(incident) for incident in page)
            if len(page) < _PAGE:
                return told + self._tell_ends()
            after = page[-1].incident_id

    def _tell_ends(self) -> int:
        now = self.clock.now()
        with self.units_of_work() as uow:
            told = sum(tell_end(uow, incident, now) for incident in uow.incidents.ended(now - QUIET, _PAGE))
            uow.commit()
        return told

    def _review(self, incident: Incident) -> bool:
        now = self.clock.now()
        with self.units_of_work() as uow:
            if self._is_over(uow, incident):
                resolve(uow, incident, now)
                told = False
            else:
                told = incident.is_to_be_reminded(now) and remind(uow, incident, now)
            uow.commit()
        return told

    def _is_over(self, uow: UnitOfWork, incident: Incident) -> bool:
        if incident.cause == SERIES_BEHIND:
            tell_of_series(uow, self.clock.now())
            return False
        if flow_of(incident.subject):
            # Each run of a flow says itself whether it is over.
            flow = uow.configurations.current().flows.get(flow_of(incident.subject))
            return flow is None or not flow.enabled
        integration = uow.configurations.current().integrations.get(incident.subject)
        if integration is None or not integration.enabled:
            return True
        if incident.is_about_deliveries:
            left = uow.incidents.deliveries_left(incident)
            if left != incident.count:
                uow.incidents.recount(incident, left)
            return left == 0
        if incident.cause == NEEDS_REAUTH:
            return _is_reconnected(uow, incident)
        return not uow.incidents.is_waited_for(incident)


def _is_reconnected(uow: UnitOfWork, incident: Incident) -> bool:
    """Since it was seen last: a connection may look well and belong to another app than the settings say."""
    connection = uow.connections.find(incident.subject)
    if connection is None or connection.state is not ConnectionState.OK or connection.connected_at is None:
        return False
    return connection.connected_at > incident.last_seen_at
