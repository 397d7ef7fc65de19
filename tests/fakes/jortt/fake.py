"""The fake: one server with jortt's API and its log-in server."""

import json
import threading
import traceback
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

from tests.fakes.jortt.books import Now, Organisation
from tests.fakes.jortt.contract import Contract
from tests.fakes.jortt.customers import Customers
from tests.fakes.jortt.documents import Sending
from tests.fakes.jortt.errors import Refusal
from tests.fakes.jortt.estimates import Estimates
from tests.fakes.jortt.faults import Faults
from tests.fakes.jortt.http import Reply, Request, VendorServer
from tests.fakes.jortt.invoices import Invoices
from tests.fakes.jortt.limit import Limit
from tests.fakes.jortt.listing import Pages, SearchIndex
from tests.fakes.jortt.money import money
from tests.fakes.jortt.oauth import App, LogIns, OAuthRefusal
from tests.fakes.jortt.routes import Route, route_of, routes_of

_LOG_IN = "/oauth-provider/oauth"
_OBJECTS = ("customers", "invoices", "estimates", "organizations")
SCOPES = frozenset(f"{each}:{right}" for each in _OBJECTS for right in ("read", "write"))


def system_time() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class FakeJortt:
    """Serves on a port of 127.0.0.1 from construction until the end of its ``with`` block.

    ``requests`` is all that came whole; ``calls`` counts those that were answered by "METHOD /v3/path/{id}"; ``violations`` are breaches of
    the contract, by either side, and fields that no call has. ``faults``, ``limit``, ``sending``, ``index``, ``pages`` and ``log_ins`` are
    switches. Tokens, dates and delays follow ``now``.
    """

    def __init__(self, now: Now = system_time, contract: Contract | None = None) -> None:
        self.requests: list[Request] = []
        self.calls: Counter[str] = Counter()
        self.violations: list[str] = []
        self.organisations: list[Organisation] = []
        self.faults, self.limit = Faults(), Limit()
        self.log_ins, self.sending, self.index = LogIns(now), Sending(now), SearchIndex(now)
        self.pages = Pages(lambda: self.api_url)
        self._contract = contract
        self._customers = Customers(now, self.index, self.pages)
        self._invoices = Invoices(now, self.index, self.pages, self.sending)
        self._routes = routes_of(self._customers, self._invoices, Estimates(now, self.index, self.pages, self.sending))
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = VendorServer(self._answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.close()

    @property
    def api_url(self) -> str:
        """What stands before /v3."""
        return self._server.address

    @property
    def auth_url(self) -> str:
        """What stands before /authorize, /token and /revoke."""
        return self._server.address + _LOG_IN

    def add_organisation(self, name: str = "Drukkerij Utrecht", **switches: Any) -> Organisation:
        """An administration. The first one consents to the apps of others."""
        organisation = Organisation(name, **switches)
        self.organisations.append(organisation)
        self.log_ins.consenting = self.log_ins.consenting or organisation
        return organisation

    def add_app(
        self,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        scopes: Iterable[str] = SCOPES,
        organisation: Organisation | None = None,
    ) -> App:
        """A registered client; with an organisation its owner's own, for ``client_credentials``."""
        app = App(client_id, client_secret, redirect_uri, frozenset(scopes), organisation)
        self.log_ins.apps[client_id] = app
        return app

    def add_customer(self, organisation: Organisation, **fields: Any) -> str:
        """A customer without a call; a Dutch company where nothing else is said. Its id."""
        usual = {
            "is_private": False,
            "customer_name": "Foto Cadeau BV",
            "address_street": "Keizersgracht 1",
            "address_postal_code": "1015CC",
        }
        with self._lock:
            return self._customers.add(organisation, {**usual, "address_city": "Amsterdam", **fields}).id

    def add_invoice(self, organisation: Organisation, customer_id: str, *, sent: bool = False, **fields: Any) -> str:
        """An invoice without a call. Its id."""
        line = {"description": "T-shirt", "quantity": "1", "amount": {"amount": "10.00", "currency": "EUR"}}
        usual = {"customer_id": customer_id, "line_items": [{**line, "vat": {"value": "0.21", "category": None}}]}
        with self._lock:
            invoice = self._invoices.add(organisation, {**usual, **fields})
            if sent:
                self._invoices.finalise(organisation, invoice)
            return invoice.id

    def pay(self, organisation: Organisation, invoice_id: str) -> None:
        """The customer has paid it."""
        organisation.invoices[invoice_id].fields["invoice_due_amount"] = money(Decimal(0))

    def _answer(self, request: Request) -> Reply:
        fault = self.faults.take(request)
        with self._lock:
            self.requests.append(request)
            reply = self._processed(request) if fault is None or fault.processed else None
        if fault is not None and fault.delay_s:
            self._closing.wait(fault.delay_s)
        return (fault and fault.reply) or reply or Reply(500)

    def _processed(self, request: Request) -> Reply:
        try:
            if request.path.startswith(_LOG_IN):
                return self._log_in(request)
            reply = self._called(request)
        except OAuthRefusal as refusal:
            return refusal.reply()
        except Refusal as refusal:
            reply = refusal.reply()
        except Exception:  # noqa: BLE001 - a mistake of the fake's must not look like a lost connection
            self.violations.append(f"The fake failed at {request.method} {request.path}: {traceback.format_exc()}")
            return Refusal(500, "server.internal_error").reply()
        if self._contract is not None:
            self.violations += self._contract.violations(request, reply)
        return reply

    def _called(self, request: Request) -> Reply:
        self.limit.require(request)
        route, parts = route_of(self._routes, request)
        self.calls[route.name] += 1
        organisation = self.log_ins.organisation_of(request, route.scope)
        reply = route.handler(organisation, request, *parts)
        self._note_unknown_fields(route, request)
        return reply

    def _log_in(self, request: Request) -> Reply:
        calls = {
            ("GET", "/authorize"): self.log_ins.authorize,
            ("POST", "/token"): self.log_ins.token,
            ("POST", "/revoke"): self.log_ins.revoke,
        }
        call = calls.get((request.method, request.path.removeprefix(_LOG_IN)))
        if call is None:
            raise Refusal(404, "endpoint.not_found")
        return call(request)

    def _note_unknown_fields(self, route: Route, request: Request) -> None:
        """They are ignored without a word; a client that sends one has a mistake."""
        if route.fields and request.body:
            unknown = json.loads(request.body).keys() - route.fields
            self.violations += [f"{route.name} was sent the unknown field {name}" for name in sorted(unknown)]
