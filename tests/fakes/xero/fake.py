"""The fake Xero that tests start: a real HTTP server which keeps books, holds to Xero's rules and limits, and fails on demand."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Self

from adapters.system.clock import SystemClock
from application.ports.clock import Clock
from tests.fakes.xero.chart import Account, TaxRate
from tests.fakes.xero.contract import Contract
from tests.fakes.xero.faults import Faults
from tests.fakes.xero.gateway import API_ROOT, Gateway
from tests.fakes.xero.identity import DEFAULT_SCOPES, App, Identity, Tokens
from tests.fakes.xero.identity_pages import Decision, IdentityPages
from tests.fakes.xero.limits import Allowance, Limits
from tests.fakes.xero.log import CallLog
from tests.fakes.xero.organisation import Organisation, Organisations, default_settings
from tests.fakes.xero.server import Server


class FakeXero:
    """``with FakeXero() as xero:`` - everything is on one port of 127.0.0.1.

    ``clock`` drives tokens, limits, idempotency keys and the days of documents; the machine's where none is given. ``limits``:
    Xero's own unless changed. ``contract`` holds calls and answers to Xero's published description; None: nothing is held to it.
    ``identity_url`` is in front of ``/connect/token`` and ``/connect/revocation``.
    """

    def __init__(self, clock: Clock | None = None, limits: Allowance | None = None, contract: Contract | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self.faults = Faults()
        self.calls = CallLog()
        self.identity = Identity(self.clock)
        self.limits = Limits(self.clock, limits or Allowance())
        self._organisations = Organisations(self.clock)
        self._pages = IdentityPages(self.identity, self._organisations)
        self._gateway = Gateway(self.clock, self._organisations, self._pages, self.limits, self.faults, self.calls, contract)
        self._server = Server(self._gateway.act)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._gateway.closed.set()
        self._server.close()

    @property
    def origin(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return self._server.origin

    @property
    def api_url(self) -> str:
        return self.origin + API_ROOT

    @property
    def connections_url(self) -> str:
        return f"{self.origin}/connections"

    @property
    def login_url(self) -> str:
        """The whole address of the authorize page."""
        return f"{self.origin}/identity/connect/authorize"

    @property
    def identity_url(self) -> str:
        """``/connect/token`` and ``/connect/revocation`` come behind it."""
        return self.origin

    @property
    def contract_violations(self) -> list[str]:
        """Calls and answers that Xero's published description does not allow. Must stay empty."""
        return self._gateway.violations

    @property
    def peak_in_flight(self) -> int:
        """The most calls of one tenant that were under way at the same time."""
        return self.limits.peak_in_flight

    @property
    def refused_calls(self) -> int:
        """How many 429s were handed out, planned ones too; ``limits.refused`` has those of limits that were reached, by problem."""
        return self._gateway.refused_calls

    @property
    def replays(self) -> int:
        """How many answers were given again because of an idempotency key."""
        return self._gateway.keys.replays

    def add_organisation(  # the settings of a company are many, and each test names one or two
        self,
        name: str = "Demo Company (UK)",
        base_currency: str = "GBP",
        currencies: Iterable[str] = ("GBP", "EUR"),
        *,
        accounts: Iterable[Account] | None = None,
        tax_rates: Iterable[TaxRate] | None = None,
        period_lock_date: date | None = None,
        end_of_year_lock_date: date | None = None,
        time_zone: str = "Europe/London",
    ) -> Organisation:
        """An organisation with the chart of a new British company; accounts and tax rates replace the usual ones."""
        usual = default_settings(name, base_currency, currencies)
        chart = usual.accounts if accounts is None else tuple(accounts)
        rates = usual.tax_rates if tax_rates is None else tuple(tax_rates)
        chosen = replace(usual, accounts=chart, tax_rates=rates, time_zone=time_zone)
        return self._organisations.add(replace(chosen, period_lock_date=period_lock_date, end_of_year_lock_date=end_of_year_lock_date))

    def add_app(
        self,
        client_id: str = "billhook",
        client_secret: str = "app-secret",
        redirect_uri: str = "http://localhost:8765/callback",
        scopes: str = DEFAULT_SCOPES,
    ) -> App:
        """Register a client. It may ask for these scopes, blanks between them, and no others."""
        app = App(client_id, client_secret, redirect_uri, frozenset(scopes.split()))
        self.identity.apps[client_id] = app
        return app

    def will_consent(self, *organisations: Organisation) -> None:
        """From now on the user agrees for these organisations; for all of them where this was never said."""
        self._pages.decision = Decision(organisations)

    def will_deny(self) -> None:
        """From now on the user says no."""
        self._pages.decision = Decision(denied=True)

    def connect(self, app: App, *organisations: Organisation, scopes: str | None = None) -> Tokens:
        """Tokens as after a consent for these organisations, without the way through a browser."""
        asked = app.scopes if scopes is None else scopes.split()
        grant = self.identity.consented(app.client_id, asked, [organisation.tenant_id for organisation in organisations])
        return self.identity.issue(grant)

    def authorized_url(self, app: App, scopes: str | None = None) -> str:
        """The authorize page as a browser would be sent to it, without PKCE; for tests of the fake and of callbacks."""
        asked = "%20".join(sorted(app.scopes)) if scopes is None else scopes.replace(" ", "%20")
        state = secrets.token_urlsafe(8)
        query = f"response_type=code&client_id={app.client_id}&redirect_uri={app.redirect_uri}&scope={asked}&state={state}"
        return f"{self.login_url}?{query}"
