"""What it means that Xero does not let a call through (facts: accounting-apis, B1.2, B1.9).

A missing scope is said so. A 403 has several causes, and one of them only needs a new consent: the organisation was disconnected from
the app. So Xero is asked for which organisations the app may work, and the connection is given up only where it leaves this one out.
"""

from dataclasses import dataclass

from adapters.accounting.answer import Answer
from adapters.accounting.vendor_api import UNAUTHORIZED, VendorApi
from adapters.accounting.xero.complaints import problem_in
from application.accounting.access_tokens import Access
from application.accounting.next_steps import connect_command
from domain.errors import DomainError

FORBIDDEN = 403
_OK = 200
_CONNECTIONS = "/connections"
_NO_SCOPE = "authorizationunsuccessful"
_NO_SCOPE_HEADER = "insufficient_scope"
_SETTINGS = "accounting.settings"
# By a part of the path, the first that fits; everything else is about what is set up.
_SCOPES = (
    ("/Attachments", "accounting.attachments"),
    ("/Contacts", "accounting.contacts"),
    ("/Invoices", "accounting.invoices"),
    ("/CreditNotes", "accounting.invoices"),
    ("/PurchaseOrders", "accounting.invoices"),
)


@dataclass(frozen=True, slots=True)
class Admission:
    """Of one integration. ``root`` calls Xero's addresses that belong to no organisation."""

    root: VendorApi

    def refusal(self, answer: Answer, path: str) -> DomainError:
        """The error for an answer of 401 or 403: scope_missing, needs_reauth or no_access.

        Where the organisation is gone, the connection needs a person from now on. Raises TemporaryFailure where Xero cannot be asked.
        """
        said = f"Xero answered {answer.status}: {_said(answer).rstrip('.')}"
        if lacks_scope(answer):
            return self._scope_missing(needed_scope(path), said)
        if answer.status == FORBIDDEN:
            access = self.root.access()
            if self._is_disconnected(access):
                reason = f"{said}, and lists {access.organisation_name} among the app's connections no more."
                return self.root.access_tokens.lose(self.root.lane_path, self.root.app, access.token, reason)
        step = "See in Xero whether the organisation is active and whoever connected it still belongs to it; then connect again: "
        text = f"Xero does not let this app into the organisation. {said}."
        return DomainError("no_access", text, step + connect_command(self.root.lane_path))

    def _is_disconnected(self, access: Access) -> bool:
        """Whether Xero says so; no other answer than a list of the connections does."""
        answer = self.root.call("GET", _CONNECTIONS)
        listed = answer.json()
        if answer.status != _OK or not isinstance(listed, list):
            return False
        tenants = {str(each.get("tenantId")).lower() for each in listed if isinstance(each, dict)}
        return access.organisation_id.lower() not in tenants

    def _scope_missing(self, scope: str, said: str) -> DomainError:
        again = f"connect again: {connect_command(self.root.lane_path)}"
        known = scope in self.root.app.scopes
        step = f"It is among the scopes that are asked for now: {again}" if known else f"Add {scope} to scopes, apply, and {again}"
        return DomainError("scope_missing", f"The consent does not cover this call, which needs {scope}. {said}.", step)


def lacks_scope(answer: Answer) -> bool:
    """Whether an answer says that the consent does not go so far: a new token would be answered the same."""
    named = _NO_SCOPE_HEADER in str(answer.headers.get("WWW-Authenticate") or "").lower()
    return answer.status in {UNAUTHORIZED, FORBIDDEN} and (named or _NO_SCOPE in _said(answer).lower())


def is_token_too_old(answer: Answer) -> bool:
    """A 401 for the token."""
    return answer.status == UNAUTHORIZED and not lacks_scope(answer)


def needed_scope(path: str) -> str:
    """The scope that calls of a path need, by its name of 2026."""
    return next((scope for part, scope in _SCOPES if part in path), _SETTINGS)


def _said(answer: Answer) -> str:
    return problem_in(answer.json(), answer.shown())
