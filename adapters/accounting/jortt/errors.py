"""What jortt complains about, and what a person does next (facts: accounting-apis, B3.2, B3.4).

Where no row fits, jortt's own words stand with the general next step: nothing it says is ever lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.accounting.answer import Answer
from domain.delivery.outcome import Refused
from domain.errors import DomainError

RETRY = "billhook deliveries retry {delivery}"
UNAUTHORIZED, NOT_FOUND, CONFLICT = 401, 404, 409
OK = range(200, 300)
_TEXT_MAX = 1000
_SHOWN_MAX = 5
_GENERAL = "Correct in jortt or in the configuration what it complains about"
# By the key of the error, or by that of a detail, which says more.
_KNOWN: Mapping[str, tuple[str, str]] = {
    "operation.year_closed": ("year_closed", "Open the financial year in jortt, or enter the document there by hand"),
    "resource.not_found": ("gone_there", "Look in jortt whether it was deleted there"),
    "params.invalid_encoding": ("text_refused", "Correct the texts of the document: jortt cannot read them"),
    "Customer::EmailMissing": ("email_missing", "Give the customer an e-mail address in jortt, or choose send_method: self"),
    "Peppol::NotEnabled": ("peppol_not_possible", "Switch on Peppol in jortt, or choose another send_method"),
    "Peppol::ReceiverMissing": (
        "peppol_not_possible",
        "Give the customer a Peppol scheme and identifier in jortt, or choose another send_method",
    ),
    "DirectDebit::NotEnabled": ("payment_method_refused", "Switch on direct debit in jortt, or map another payment_method"),
    "Invoice::NotSent": ("invoice_is_draft_there", "Send the invoice in jortt first"),
}
# A new token would be refused in the same way.
_ACCESS: Mapping[str, tuple[str, str]] = {
    "scopes.insufficient": ("scope_missing", "Give the app the scopes that are asked for, then connect again: billhook connect jortt"),
    "organization.requires_mkb_plan": ("plan_missing", "The API needs the MKB or Plus plan of jortt: change the plan there"),
    "organization.non_existing": ("no_access", "Connect again: billhook connect jortt"),
}
_OF_THE_LANE = frozenset({"needs_reauth", "no_access", "scope_missing", "plan_missing", "address_refused"})


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error of jortt's; ``parameters`` are those it names, ``keys`` all its keys, the most exact first."""

    status: int
    text: str
    keys: tuple[str, ...] = ()
    parameters: tuple[str, ...] = field(default=())

    @property
    def key(self) -> str:
        """The key of the error itself; empty where a proxy answered."""
        return self.keys[-1] if self.keys else ""

    def about(self, parameter: str) -> bool:
        """Whether it is about a parameter, on whatever level."""
        return any(parameter in each for each in self.parameters)

    @property
    def names_sent(self) -> bool:
        """Whether it says that the document is sent already."""
        return any("inalized" in key for key in self.keys)


def complaint_of(answer: Answer) -> Complaint:
    """What an answer that is an error says: jortt's own shape, else the beginning of its text."""
    document = answer.json()
    error = document.get("error") if isinstance(document, Mapping) else None
    if not isinstance(error, Mapping):
        return Complaint(answer.status, answer.shown() or "no text")
    given = error.get("details")
    details = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
    message = str(error.get("message") or error.get("key") or "no text")
    texts = [_detail(each) for each in details[:_SHOWN_MAX]]
    keys = (*(str(each.get("key") or "") for each in details), str(error.get("key") or ""))
    parameters = tuple(str(each["param"]) for each in details if each.get("param"))
    return Complaint(answer.status, " · ".join(filter(None, texts)) or message, keys, parameters)


def refused(complaint: Complaint) -> Refused:
    """The outcome for a complaint."""
    error = _error(complaint)
    return Refused(error.code, error.text, f"{error.next_step}, then: {RETRY}")


def refusal(error: DomainError) -> Refused:
    """One document's refusal. What is wrong with the whole lane is raised: it parks the lane and refuses nothing."""
    if error.code in _OF_THE_LANE:
        raise error
    return Refused(error.code, error.text, f"{error.next_step.rstrip('.')}, then: {RETRY}")


def raise_for(answer: Answer) -> None:
    """Raise DomainError for an answer that is an error: no_access, scope_missing, plan_missing, and what the table says."""
    if answer.status in OK:
        return
    complaint = complaint_of(answer)
    raise access_error(complaint) if answer.status == UNAUTHORIZED else _error(complaint)


def access_error(complaint: Complaint) -> DomainError:
    """Why the app may not do this."""
    code, step = _ACCESS.get(complaint.key, ("no_access", "Connect again: billhook connect jortt"))
    return DomainError(code, f"jortt answered {complaint.status} ({complaint.key or 'no key'}): {complaint.text}", step)


def is_token_too_old(answer: Answer) -> bool:
    """Whether another token may help. A missing scope is a 401 too, and would be answered the same with a new one (facts: B3.2, C.16)."""
    return answer.status == UNAUTHORIZED and complaint_of(answer).key.partition(".")[0] in {"", "access_token"}


def _error(complaint: Complaint) -> DomainError:
    code, step = next((_KNOWN[key] for key in complaint.keys if key in _KNOWN), ("jortt_refused", _GENERAL))
    return DomainError(code, f"jortt answered {complaint.status}: {complaint.text}"[:_TEXT_MAX], step)


def _detail(detail: Mapping[str, Any]) -> str:
    return f"{detail.get('param') or ''} {detail.get('message') or detail.get('key') or ''}".strip()
