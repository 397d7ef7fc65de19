"""A company with a Xero, and what connects the two: the real parts over a database, against the fake."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests
from sqlalchemy import Engine

from adapters.accounting.app_of import app_of
from adapters.accounting.oauth_vendors import OAuthVendorsByKind
from adapters.outbound.addresses import OutboundAddresses
from adapters.outbound.allowed_networks import parse_allowed_networks
from adapters.outbound.sessions import OutboundSessions
from adapters.persistence.engine import make_engine
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from application.accounting.access_tokens import Access, AccessTokens
from application.accounting.consent_desk import ConsentDesk
from application.accounting.vendor_addresses import VendorAddresses
from application.ports.clock import Clock
from application.ports.connections import Connection, ConnectionState, Tokens
from application.ports.oauth import OAuthApp, OAuthVendors
from application.use_cases.begin_connect import BeginConnect, BeginConnectHandler, BegunConnect
from application.use_cases.disconnect import DisconnectHandler
from application.use_cases.finish_connect import FinishConnect, FinishConnectHandler
from tests import factories
from tests.fakes.clock import SetClock
from tests.fakes.task_queue import RememberedHints
from tests.fakes.telemetry import RememberedTelemetry
from tests.fakes.xero.fake import FakeXero

LANE = "501/xero"
SECRET_KEY = "a key of more than thirty-two characters"
REDIRECT = "http://localhost:8765/callback"
SETTINGS = {
    "client_id": "billhook",
    "redirect_uri": REDIRECT,
    "errors_to": "ops@acme.example",
    "email_from": "accounts@acme.example",
    "day_limit": 5000,
}


def outbound() -> OutboundSessions:
    """Sessions that may go to this machine."""
    return OutboundSessions(OutboundAddresses(parse_allowed_networks("127.0.0.0/8")))


def open_session() -> AbstractContextManager[requests.Session]:
    """One of them."""
    return outbound().open()


def xero_at(origin: str) -> VendorAddresses:
    """The addresses of a fake."""
    return VendorAddresses(xero_api_url=origin, xero_login_url=origin, xero_identity_url=origin)


@dataclass
class Office:
    """All parts on one database, with one fake Xero whose clock is theirs."""

    engine: Engine
    xero: FakeXero
    clock: SetClock
    telemetry: RememberedTelemetry = field(default_factory=RememberedTelemetry)
    hints: RememberedHints = field(default_factory=RememberedHints)

    def __post_init__(self) -> None:
        self.units_of_work = SqlUnitsOfWork(self.engine, AesGcmSecretBox(SECRET_KEY))
        self.vendors: OAuthVendors = OAuthVendorsByKind(xero_at(self.xero.origin), open_session, self.clock)
        self.wire()

    def wire(self) -> None:
        """Put together what depends on the vendors."""
        self.access_tokens = AccessTokens(self.units_of_work, self.vendors, self.clock, self.telemetry)
        self.desk = ConsentDesk(self.units_of_work, self.vendors, app_of)
        self.begin_connect = BeginConnectHandler(self.desk, self.units_of_work, self.hints, self.clock)
        self.finish_connect = FinishConnectHandler(self.desk, self.units_of_work, self.hints, self.clock)
        self.disconnect = DisconnectHandler(self.desk, self.units_of_work, self.clock)

    def declare(self, kind: str = "xero", **settings: Any) -> None:
        """The integration with its settings and its secret."""
        integration = factories.an_integration(kind=kind, settings={**SETTINGS, **settings})
        configuration = factories.a_configuration(integrations={integration.path: integration})
        with self.units_of_work() as uow:
            uow.configurations.save(configuration, {}, {integration.path: {"client_secret": "app-secret"}})
            uow.commit()

    @property
    def app(self) -> OAuthApp:
        """Our app at Xero."""
        return self.desk.find(LANE).app

    def begin(self) -> BegunConnect:
        """Begin to connect."""
        begun = self.begin_connect(BeginConnect(LANE, "ada"))
        assert isinstance(begun, BegunConnect)
        return begun

    def connect(self) -> Connection:
        """The whole consent, as the user of the fake gives it."""
        finished = self.finish_connect(FinishConnect(LANE, browse(self.begin().authorize_url), "ada"))
        return finished.connection

    def current(self) -> Access:
        """Access for a call now."""
        return self.access_tokens.current(LANE, "xero", self.app)

    def connection(self) -> Connection:
        """As it is stored."""
        with self.units_of_work() as uow:
            found = uow.connections.find(LANE)
        assert found is not None
        return found

    def alerts(self) -> list[str]:
        """The texts of all alerts that are to be mailed."""
        with self.units_of_work() as uow:
            mails = uow.alerts.unsent(self.clock.now() + timedelta(days=1), 100)
        return [f"{alert.text} {alert.next_step}" for mail in mails for alert in mail.alerts]


def browse(authorize_url: str) -> str:
    """What a browser does: open the address, and end at the one it is sent to."""
    answer = requests.get(authorize_url, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def connected(tokens_until: timedelta, clock: Clock, refresh_token: str, organisation_id: str) -> Connection:
    """A connection whose access token is known to end at some time."""
    tokens = Tokens("an access token", clock.now() + tokens_until, refresh_token)
    return Connection(
        LANE,
        ConnectionState.OK,
        client_id="billhook",
        organisation_id=organisation_id,
        organisation_name="Demo Company (UK)",
        tokens=tokens,
        refreshed_at=clock.now(),
        connected_at=clock.now(),
    )


@contextmanager
def a_process(url: str, origin: str, clock: Clock) -> Iterator[tuple[SqlUnitsOfWork, AccessTokens, ConsentDesk]]:
    """The parts of another worker, with connections of its own."""
    engine = make_engine(url, pool_size=2)
    units_of_work = SqlUnitsOfWork(engine, AesGcmSecretBox(SECRET_KEY))
    vendors = OAuthVendorsByKind(xero_at(origin), open_session, clock)
    yield units_of_work, AccessTokens(units_of_work, vendors, clock, RememberedTelemetry()), ConsentDesk(units_of_work, vendors, app_of)
    engine.dispose()
