"""The addresses below /3: who may ask, how often, and which part of the fake answers."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from tests.fakes.fortnox import articles, customers, invoices, orders, settings
from tests.fakes.fortnox.company import Company, Kept
from tests.fakes.fortnox.errors import NotServed, Refused, Unauthorized
from tests.fakes.fortnox.fields import NO_RIGHT, refuse_odd_characters
from tests.fakes.fortnox.limits import TOO_MANY
from tests.fakes.fortnox.listing import ListShape, listed
from tests.fakes.fortnox.sending import sent
from tests.fakes.vendor_server import Reply, Request

if TYPE_CHECKING:
    from tests.fakes.fortnox.server import FakeFortnox


class Register(Protocol):
    """A module that keeps one kind of document."""

    LIST: ListShape

    def create(self, company: Company, asked: Mapping[str, Any], /) -> Kept: ...

    def change(self, company: Company, number: str, asked: Mapping[str, Any], /) -> Kept: ...

    def get(self, company: Company, number: str, /) -> Kept: ...


_REGISTERS: Mapping[str, tuple[str, Register]] = {
    "customers": ("Customer", customers),
    "articles": ("Article", articles),
    "invoices": ("Invoice", invoices),
    "orders": ("Order", orders),
}
_SETTINGS = {"currencies", "termsofpayments", "modesofpayments", "units"}
_SCOPES = {"customers": "customer", "articles": "article", "invoices": "invoice", "orders": "order"}
_SCOPES |= {"currencies": "currency", "companyinformation": "companyinformation"}
_INVOICE_ACTIONS: Mapping[str, Callable[[Company, str], Kept]] = {
    "bookkeep": invoices.bookkeep,
    "cancel": invoices.cancel,
    "credit": invoices.credit,
}
_SENDING = {"invoices": {"email", "print", "eprint", "einvoice", "preview"}, "orders": {"email", "print", "preview"}}


class Api:
    """Answers for one fake."""

    def __init__(self, fortnox: "FakeFortnox") -> None:
        self._fortnox = fortnox

    def answer(self, request: Request) -> Reply:
        """Everything below /3, with the refusals as Fortnox writes them."""
        try:
            company = self._company(request)
            company.calls[request.method, request.path.rstrip("/")] += 1
            if not self._fortnox.window.allows(company.tenant_id):
                company.refused_calls += 1
                self._fortnox.refused_calls += 1
                return TOO_MANY
            _check_media(request)
            return self._routed(company, request)
        except (Refused, Unauthorized) as refused:
            return refused.reply()

    def set_up(self, company: Company, resource: str, fields: Mapping[str, Any]) -> Kept:
        """A document of before the test: no call is counted and no effect noted."""
        made = _REGISTERS[resource][1].create(company, fields)
        company.effects.pop()
        return made

    def _company(self, request: Request) -> Company:
        kind, _, token = request.header("Authorization").partition(" ")
        grant = self._fortnox.authority.grant_of(token)
        if kind.lower() != "bearer" or grant is None:
            raise Unauthorized
        company = self._fortnox.companies[grant.tenant_id]
        scope = _SCOPES.get([*request.segments, ""][1], "settings")
        if scope not in grant.scopes:
            raise Refused(2000663, "Har inte behörighet för scope.", self._fortnox.scope_refusal_status)
        if scope in company.unlicensed_scopes:
            raise Refused(2001101, "Ingen aktiv licens för scope.")
        return company

    def _routed(self, company: Company, request: Request) -> Reply:
        match request.method, request.segments[1:]:
            case "GET", ["companyinformation"]:
                return Reply.of_json(settings.company_information(company))
            case "GET", ["settings", "company"]:
                return Reply.of_json(settings.company_settings(company))
            case "GET", ["settings", "lockedperiod"]:
                return Reply.of_json(settings.locked_period(company))
            case "GET", [resource] if resource in _SETTINGS:
                return Reply.of_json(settings.all_of(company, resource, dict(request.query)))
            case "GET", [resource, code] if resource in _SETTINGS:
                return Reply.of_json(settings.one_of(company, resource, code))
            case method, [resource, *rest] if resource in _REGISTERS:
                return self._register(company, request, (method, resource, rest))
            case _:
                raise NotServed(request.path)

    def _register(self, company: Company, request: Request, asked: tuple[str, str, list[str]]) -> Reply:
        wrapper, register = _REGISTERS[asked[1]]
        match asked:
            case "GET", _, []:
                return Reply.of_json(listed(register.LIST, company, request.query))
            case "POST", resource, []:
                made = register.create(company, _unwrapped(request, wrapper))
                made.hidden_lists = self._fortnox.faults.take_hidden_lists()
                # The header names the list, not what was made.
                return Reply.of_json(_shown(company, wrapper, made), 201, Location=resource)
            case "GET", _, [number]:
                return Reply.of_json(_shown(company, wrapper, register.get(company, number)))
            case "PUT", _, [number]:
                register.get(company, number)
                return Reply.of_json(_shown(company, wrapper, register.change(company, number, _unwrapped(request, wrapper))))
            case "DELETE", "customers", [number]:
                customers.delete(company, number)
                return Reply(204)
            case method, resource, [number, action]:
                return self._action(company, (method, resource, action), number)
            case _:
                raise NotServed(request.path)

    def _action(self, company: Company, asked: tuple[str, str, str], number: str) -> Reply:
        match asked:
            case "GET", resource, way if way in _SENDING.get(resource, ()):
                return sent(company, resource, number, way)
            case "PUT", ("invoices" | "orders") as resource, "externalprint":
                return sent(company, resource, number, "externalprint")
            case "PUT", "invoices", action if action in _INVOICE_ACTIONS:
                return Reply.of_json(_shown(company, "Invoice", _INVOICE_ACTIONS[action](company, number)))
            case "PUT", "orders", "cancel":
                return Reply.of_json(_shown(company, "Order", orders.cancel(company, number)))
            case "PUT", "orders", "createinvoice":
                return Reply.of_json(_shown(company, "Invoice", orders.create_invoice(company, number)))
            case _:
                raise NotServed("/".join(asked))


def _check_media(request: Request) -> None:
    accepted = request.header("Accept")
    if accepted and "application/json" not in accepted and "*/*" not in accepted:
        raise Refused(1000030, "Ogiltig svarstyp.")
    if request.body and not request.header("Content-Type").startswith("application/json"):
        raise Refused(1000031, "Ogiltig innehållstyp.")


def _unwrapped(request: Request, wrapper: str) -> dict[str, Any]:
    try:
        document = request.json() if request.body else None
    except json.JSONDecodeError:
        raise Refused(2002115, "Felaktig JSON-syntax.") from None
    if not isinstance(document, dict) or list(document) != [wrapper] or not isinstance(document[wrapper], dict):
        raise Refused(2001392, "Innehållet i anropet saknas eller är felaktigt.")
    refuse_odd_characters(document)
    return dict(document[wrapper])


def _shown(company: Company, wrapper: str, document: Kept) -> dict[str, Any]:
    """The answer; what the user behind the token has no right to see is text, whatever its type."""
    return {wrapper: {name: NO_RIGHT if name in company.hidden_fields else value for name, value in document.items()}}
