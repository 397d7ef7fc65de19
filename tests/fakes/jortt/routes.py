"""Which call is which: method, path, the scope it needs, and the fields its body may have."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.fakes.jortt import customers, estimates, invoices, registers
from tests.fakes.jortt.customers import Customers
from tests.fakes.jortt.errors import Refusal
from tests.fakes.jortt.estimates import Estimates
from tests.fakes.jortt.http import Reply, Request
from tests.fakes.jortt.invoices import Invoices

Handler = Callable[..., Reply]
_INVOICE = frozenset(invoices.WRITABLE)
_ESTIMATE = frozenset(estimates.WRITABLE)
_CUSTOMER = frozenset(customers.WRITABLE)


@dataclass(frozen=True, slots=True)
class Route:
    """``handler`` takes the organisation, the request, and the id where the path has one."""

    method: str
    template: str
    scope: str
    handler: Handler
    fields: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Method and path, as calls are counted."""
        return f"{self.method} {self.template}"

    def match(self, path: str) -> list[str] | None:
        """The parts of the path that vary; None where it is another path."""
        found = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", self.template), path)
        return None if found is None else list(found.groups())


def routes_of(customers_: Customers, invoices_: Invoices, estimates_: Estimates) -> list[Route]:
    """All calls."""
    return [
        Route("GET", "/v3/customers", "customers:read", customers_.list),
        Route("POST", "/v3/customers", "customers:write", customers_.create, _CUSTOMER),
        Route("GET", "/v3/customers/{customer_id}", "customers:read", customers_.read),
        Route("PUT", "/v3/customers/{customer_id}", "customers:write", customers_.replace, _CUSTOMER),
        Route("DELETE", "/v3/customers/{customer_id}", "customers:write", customers_.delete),
        Route("PUT", "/v3/customers/{customer_id}/set_archived", "customers:write", customers_.archive, frozenset({"archived"})),
        Route("GET", "/v3/customers/{customer_id}/vat-percentages", "customers:read", customers_.vat_percentages),
        Route("GET", "/v3/invoices", "invoices:read", invoices_.list),
        Route("POST", "/v3/invoices", "invoices:write", invoices_.create, _INVOICE),
        Route("GET", "/v3/invoices/{id}", "invoices:read", invoices_.read),
        Route("PUT", "/v3/invoices/{id}", "invoices:write", invoices_.replace, _INVOICE),
        Route("DELETE", "/v3/invoices/{id}", "invoices:write", invoices_.delete),
        Route("POST", "/v3/invoices/{id}/send", "invoices:write", invoices_.send, invoices.SEND_FIELDS),
        Route("GET", "/v3/invoices/{id}/send_settings", "invoices:read", invoices_.send_settings),
        Route("POST", "/v3/invoices/{id}/credit", "invoices:write", invoices_.credit, frozenset({"send_method"})),
        Route("GET", "/v3/estimates", "estimates:read", estimates_.list),
        Route("POST", "/v3/estimates", "estimates:write", estimates_.create, _ESTIMATE),
        Route("GET", "/v3/estimates/{id}", "estimates:read", estimates_.read),
        Route("PUT", "/v3/estimates/{id}", "estimates:write", estimates_.replace, _ESTIMATE),
        Route("POST", "/v3/estimates/{id}/send", "estimates:write", estimates_.send, estimates.SEND_FIELDS),
        Route("GET", "/v3/ledger_accounts/invoices", "invoices:write", registers.ledger_accounts),
        Route("GET", "/v3/organizations/me", "organizations:read", registers.organisation_me),
        Route("GET", "/v3/tradenames", "organizations:read", registers.tradenames),
        Route("GET", "/v3/labels", "organizations:read", registers.labels),
        Route("POST", "/v3/labels", "organizations:write", registers.create_label, frozenset({"description"})),
    ]


def route_of(routes: Iterable[Route], request: Request) -> tuple[Route, list[str]]:
    """The call and what varies in its path. Raises Refusal."""
    found = [(route, parts) for route in routes if (parts := route.match(request.path)) is not None]
    if not found:
        raise Refusal(404, "endpoint.not_found")
    chosen = next((each for each in found if each[0].method == request.method), None)
    if chosen is None:
        raise Refusal(405, "resource.method_not_allowed")
    return chosen
