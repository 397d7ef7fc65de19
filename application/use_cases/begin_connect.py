"""Begin to connect an integration with its vendor: where the user gives consent."""

import base64
import secrets
from dataclasses import dataclass
from hashlib import sha256

from application.accounting.consent_desk import ConsentDesk, Consenting
from application.accounting.keep_consent import Given, choose, keep_consent
from application.ports.clock import Clock
from application.ports.connections import Connection, PendingConsent
from application.ports.oauth import ConsentLost, Grant, Granted
from application.ports.task_queue import TaskQueue
from application.ports.unit_of_work import UnitsOfWork
from domain.errors import DomainError, Invalid

_STATE_BYTES = 24
_VERIFIER_BYTES = 48


@dataclass(frozen=True, slots=True)
class BeginConnect:
    """The integration by its path."""

    integration: str
    actor: str


@dataclass(frozen=True, slots=True)
class BegunConnect:
    """The user opens ``authorize_url``; the vendor sends the browser to ``redirect_uri`` with a code and this very ``state``."""

    integration: str
    authorize_url: str
    state: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Connected:
    """It is connected. ``again``: it was before, to the same organisation."""

    connection: Connection
    again: bool


@dataclass(frozen=True, slots=True)
class BeginConnectHandler:
    """A consent that had begun before is void from now on; a connection that works goes on until the new one is finished."""

    desk: ConsentDesk
    units_of_work: UnitsOfWork
    task_queue: TaskQueue
    clock: Clock

    def __call__(self, command: BeginConnect) -> BegunConnect | Connected:
        """Connected at once where the app has a right of its own. Raises NotFound, Invalid, DomainError and TemporaryFailure."""
        asked = self.desk.find(command.integration)
        if _has_own_right(asked):
            try:
                return self._connect(asked, asked.vendor.ask(asked.app), command.actor)
            except ConsentLost as lost:
                if not (asked.vendor.consent_first and asked.app.redirect_uri):
                    raise DomainError(
                        "consent_refused", lost.text, "Let the vendor's page of the app allow it, and connect again."
                    ) from lost
        return self._begin(asked)

    def _begin(self, asked: Consenting) -> BegunConnect:
        path = asked.integration.path
        if not asked.app.redirect_uri:
            raise Invalid(f"{path}: settings.redirect_uri", "it is missing", "Set it as the vendor's page of the app has it.")
        state = secrets.token_urlsafe(_STATE_BYTES)
        verifier = secrets.token_urlsafe(_VERIFIER_BYTES) if asked.vendor.uses_pkce else ""
        now = self.clock.now()
        with self.units_of_work() as uow:
            uow.connections.save_pending(path, PendingConsent(state, verifier, asked.app.redirect_uri, now), now)
            uow.commit()
        url = asked.vendor.authorize_url(asked.app, state, _challenge(verifier))
        return BegunConnect(path, url, state, asked.app.redirect_uri)

    def _connect(self, asked: Consenting, granted: Granted, actor: str) -> Connected:
        organisations = asked.vendor.organisations(asked.app, granted.tokens)
        organisation = choose(organisations, None, asked.app.organisation_id)
        if organisation is None:
            raise DomainError("no_organisation", "The app reaches several organisations.", "Name one in settings.tenant_id.")
        given = Given(granted.tokens, granted.scopes, actor, self.clock.now())
        with self.units_of_work() as uow:
            kept = keep_consent(uow, asked, given, organisation)
            uow.commit()
        self.task_queue.lanes_due([asked.integration.path])
        return Connected(*kept)


def _has_own_right(asked: Consenting) -> bool:
    """Whether to ask with client credentials at once: they are the app's own, or it is known which organisation has consented."""
    if asked.app.grant is not Grant.CLIENT_CREDENTIALS:
        return False
    return not asked.vendor.consent_first or bool(asked.app.organisation_id)


def _challenge(verifier: str) -> str:
    """RFC 7636, 4.2: S256."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode() if verifier else ""
