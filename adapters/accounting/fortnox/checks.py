"""Whether deliveries to a company can work, each with the next step. Reads only."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from adapters.accounting.fortnox.api import FortnoxApi
from adapters.accounting.fortnox.articles import Articles
from adapters.accounting.fortnox.customers import Customers
from adapters.accounting.fortnox.records import text_of
from adapters.accounting.fortnox.registers import Register, Registers
from adapters.accounting.fortnox.sale import INVOICES, ORDERS
from adapters.accounting.fortnox.settings import FALLBACK, NO_ARTICLES, FortnoxSettings
from application.ports.destination import CheckResult, LaneContext
from domain.errors import DomainError, TemporaryFailure


@dataclass(frozen=True, slots=True)
class Checks:
    """``today`` is the day."""

    api: FortnoxApi
    lane: LaneContext
    settings: FortnoxSettings
    registers: Registers
    customers: Customers
    articles: Articles
    today: Callable[[], date]

    def run(self) -> Sequence[CheckResult]:
        """All of it; what depends on something that failed is left out."""
        try:
            access = self.api.vendor.access()
            register = self.registers.of(self.api, 0)
            # Whether the consent and the licence reach as far as the documents, and all that is made for them.
            for resource in self._written():
                self.api.newest(resource)
        except (DomainError, TemporaryFailure) as failure:
            return [_failed("connection", failure)]
        connected = CheckResult("connection", ok=True, detail=f"{access.organisation_name} ({access.organisation_id})")
        return [connected, *self._set_up(register)]

    def _written(self) -> Iterator[str]:
        yield (ORDERS if self.settings.is_order else INVOICES).name
        yield "customers"
        if self.settings.articles != NO_ARTICLES:
            yield "articles"

    def _set_up(self, register: Register) -> Iterator[CheckResult]:
        yield self._currency(register)
        yield self._terms(register)
        yield self._period(register)
        yield self._tried("customer", self._customer)
        yield self._tried("articles", self._articles)

    def _currency(self, register: Register) -> CheckResult:
        wanted = self.lane.company.currency
        ok = not wanted or wanted in register.currencies
        detail = f"{', '.join(sorted(register.currencies))} in Fortnox" + (f"; the company's is {wanted}" if wanted else "")
        return CheckResult("currencies", ok=ok, detail=detail, next_step="" if ok else f"Add {wanted} in Fortnox (Register, Valutor).")

    def _terms(self, register: Register) -> CheckResult:
        if register.terms is None:
            return CheckResult("terms of payment", ok=True, detail="not checked: the consent does not cover them")
        wanted = {*self.settings.payment_terms.values(), *self.settings.payment_methods.values()}
        missing = sorted(wanted - register.terms)
        there = f"{', '.join(sorted(register.terms))} in Fortnox"
        if missing:
            step = "Correct payment_terms and payment_methods, or add the terms in Fortnox (Register, Betalningsvillkor)."
            return CheckResult("terms of payment", ok=False, detail=f"missing: {', '.join(missing)}; {there}", next_step=step)
        return CheckResult("terms of payment", ok=True, detail=there)

    def _period(self, register: Register) -> CheckResult:
        locked = register.locked_until
        ok = locked is None or locked < self.today()
        step = "" if ok else "Open the period in Fortnox: documents of today would be refused."
        return CheckResult("closed period", ok=ok, detail=f"up to {locked}" if locked else "none", next_step=step)

    def _customer(self) -> str:
        if not self.settings.default_customer:
            return "each buyer's own; created where Fortnox has none"
        record = self.customers.default()
        return f"{self.settings.default_customer} {text_of(record, 'Name')}, {text_of(record, 'VATType')}"

    def _articles(self) -> str:
        number = self.settings.fallback_article
        if self.settings.articles != FALLBACK:
            return f"articles: {self.settings.articles}"
        if not self.articles.exists(number):
            step = f"Add it in Fortnox, or correct fallback_article of {self.settings.path}"
            raise DomainError("article_missing", f"Fortnox has no article {number}.", step)
        return f"{number} stands in for what Fortnox has not"

    def _tried(self, name: str, look: Callable[[], str]) -> CheckResult:
        try:
            return CheckResult(name, ok=True, detail=look())
        except (DomainError, TemporaryFailure) as failure:
            return _failed(name, failure)


def _failed(name: str, failure: DomainError | TemporaryFailure) -> CheckResult:
    step = failure.next_step if isinstance(failure, DomainError) else "Try again in a while."
    return CheckResult(name, ok=False, detail=failure.text, next_step=f"{step.rstrip('.')}.")
