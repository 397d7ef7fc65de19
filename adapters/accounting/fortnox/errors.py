"""What Fortnox complains about, in plain English and with its own Swedish words (facts: accounting-apis, B2.5).

Only the codes are stable. Where none fits, Fortnox's words stand with the general next step: nothing it says is ever lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.accounting.answer import Answer
from adapters.accounting.vendor_api import UNAUTHORIZED
from domain.delivery.outcome import Refused
from domain.errors import DomainError

RETRY = "billhook deliveries retry {delivery}"
# What a person has entered must not be tried again.
BY_HAND = "enter the document in Fortnox by hand, then: billhook deliveries delivered {delivery}"
DONE_BY_HAND = BY_HAND[0].upper() + BY_HAND[1:]
TAKEN = 2000637
SYSTEM_EXCEPTION = 1000003
_FORBIDDEN = 403
_GENERAL = "Correct in Fortnox or in the configuration what it complains about"
_CONNECT = "Connect again: billhook connect fortnox"


@dataclass(frozen=True, slots=True)
class Problem:
    """What an answer that is none says; ``code`` is 0 where it names none."""

    status: int
    code: int
    message: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.message} (code {self.code})" if self.code else f"{self.message} (status {self.status})"


@dataclass(frozen=True, slots=True)
class _Known:
    code: str
    text: str
    next_step: str


_CUSTOMER = _Known("customer_missing", "Fortnox does not know the customer.", "Try again: it is looked for anew")
_ARTICLE = _Known("article_missing", "Fortnox does not know an article.", "Try again: articles are looked for anew")
_ACCOUNT = _Known("account_missing", "An account is not in Fortnox's chart of accounts, or not active.", "Activate the account in Fortnox")
_VALUE = _Known("value_refused", "A field has a value that Fortnox does not take.", "Correct the order, or field_map")
_WAREHOUSE = _Known("warehouse", "Fortnox's warehouse module stands against it.", "Look at the stock of the article in Fortnox")
_HOUSE_WORK = _Known("house_work", "Fortnox takes it for house work and misses details.", "Correct the article in Fortnox")
_CURRENCY = _Known("currency_missing", "Fortnox does not have the currency.", "Add the currency in Fortnox (Register, Valutor)")
_KNOWN: Mapping[int, _Known] = {
    2000106: _VALUE,
    2000108: _VALUE,
    2000134: _VALUE,
    2000204: _CUSTOMER,
    2000359: _Known("characters_refused", "A text has characters that Fortnox does not take.", "Correct the text of the order"),
    2000423: _ACCOUNT,
    2000428: _ARTICLE,
    2000429: _Known("terms_missing", "Fortnox does not have these terms of payment.", "Correct payment_terms or payment_methods"),
    2000432: _Known("unit_missing", "Fortnox does not have the unit.", "Add the unit in Fortnox, or correct field_map"),
    2000433: _CUSTOMER,
    2000434: _Known("document_missing", "Fortnox does not find the invoice.", "Look for it in Fortnox"),
    2000439: _Known("document_missing", "Fortnox does not find the order.", "Look for it in Fortnox"),
    2000637: _Known("customer_number_taken", "The customer number was used before.", "Look for the number in Fortnox"),
    2001161: _Known("project_missing", "Fortnox does not have the project.", "Correct field_map, or add the project in Fortnox"),
    2001265: _ACCOUNT,
    2001302: _ARTICLE,
    2001304: _ACCOUNT,
    2001399: _Known("field_unknown", "Fortnox has no field of that name.", "Correct field_map"),
    2002462: _ACCOUNT,
    2002980: _HOUSE_WORK,
    2003124: _WAREHOUSE,
    2003125: _WAREHOUSE,
    2003126: _WAREHOUSE,
    2003127: _WAREHOUSE,
    2003157: _HOUSE_WORK,
    2003277: _WAREHOUSE,
    2003399: _WAREHOUSE,
    2003498: _Known("not_finished", "The invoice must be finished in Fortnox first.", "Finish it in Fortnox"),
    2003977: _Known("row_without_text", "A row has a quantity and neither text nor article.", "Give the order's line a description"),
    2004021: _HOUSE_WORK,
    2004052: _ACCOUNT,
    2004167: _Known(
        "vat_account_missing",
        "This rate of VAT is none of the company's own, and needs an account.",
        "Name the account by field_map: InvoiceRows[].AccountNumber, with a table from lines[].tax_rate",
    ),
    2004344: _CURRENCY,
}
# Their codes are not documented: by their words they are known (facts: B2.8).
_KNOWN_BY_WORDS: Mapping[str, _Known] = {
    "kunde inte hämta/hitta moms": _Known(
        "vat_rate_missing", "Fortnox does not have a rate of VAT that stands in it.", "Add the rate in Fortnox, or correct the tax rates"
    ),
    "kunde inte hämta/hitta valuta": _CURRENCY,
}
_OF_THE_LANE: Mapping[int, _Known] = {
    2000310: _Known("no_access", "Fortnox does not take the app's log-in.", _CONNECT),
    2000311: _Known("no_access", "Fortnox does not take the app's log-in.", _CONNECT),
    2000663: _Known(
        "scope_missing",
        "The consent does not cover this call.",
        "Add the scope at Fortnox's page of the app, and connect again: billhook connect fortnox",
    ),
    2001101: _Known("licence_missing", "The company has no licence for this part of Fortnox.", "Add the licence in Fortnox"),
    2001103: _Known("licence_missing", "The company has no licence for integrations.", "Add the licence in Fortnox"),
    2003275: _Known("no_access", "Fortnox does not take the token.", _CONNECT),
}
CUSTOMER_CODES = frozenset({2000204, 2000433})


def problem_of(answer: Answer) -> Problem:
    """From any of Fortnox's shapes: keys in either case, its log-in's, its warehouse's; else the beginning of the text."""
    document = _lower(answer.json())
    inner = _lower(document.get("errorinformation")) or document
    texts = [text for name in ("message", "error_description", "error") if isinstance(text := inner.get(name), str)]
    message = next(filter(None, (*texts, answer.shown())), "no text")
    code = str(inner.get("code") or "")
    return Problem(answer.status, int(code) if code.isdecimal() else 0, message)


def lane_problem(answer: Answer) -> DomainError | None:
    """What is wrong with the whole connection; None where the answer is about what was asked."""
    problem = problem_of(answer)
    known = _OF_THE_LANE.get(problem.code)
    if known is not None:
        return DomainError(known.code, f"{known.text} Fortnox says: {problem}", known.next_step)
    if answer.status in {UNAUTHORIZED, _FORBIDDEN}:
        return DomainError("no_access", f"Fortnox does not let this app in: {problem}", _CONNECT)
    return None


def refusal(problem: Problem, what: str = "it") -> DomainError:
    """A refusal of one thing, as an error."""
    known = _KNOWN.get(problem.code) or _KNOWN_BY_WORDS.get(problem.message.casefold().rstrip("."))
    if known is None:
        return DomainError("fortnox_refused", f"Fortnox refused {what}: {problem}", _GENERAL)
    return DomainError(known.code, f"Fortnox refused {what}: {known.text} It says: {problem}", known.next_step)


def refused(error: DomainError) -> Refused:
    """The outcome of one document's error."""
    if "{delivery}" in error.next_step:
        return Refused(error.code, error.text, error.next_step)
    step = error.next_step.rstrip(".")
    return Refused(error.code, error.text, f"{step}, then: {RETRY}" if step else RETRY)


def _lower(document: Any) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in document.items()} if isinstance(document, Mapping) else {}
