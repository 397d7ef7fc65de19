"""Whether deliveries to an organisation can work, each with the next step. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.accounting.jortt.api import JorttApi, Record
from adapters.accounting.jortt.customers import Customers
from adapters.accounting.jortt.documents import CURRENCY
from adapters.accounting.jortt.settings import EMAIL, ESTIMATE, PEPPOL, JorttSettings
from application.ports.destination import CheckResult, LaneContext
from domain.errors import DomainError, TemporaryFailure


@dataclass(frozen=True, slots=True)
class Checks:
    """For one integration."""

    api: JorttApi
    lane: LaneContext
    settings: JorttSettings
    customers: Customers

    def run(self) -> Sequence[CheckResult]:
        """All of it; what depends on something that failed is left out."""
        try:
            access = self.api.vendor.access()
            organisation = self.api.read("/organizations/me") or {}
        except (DomainError, TemporaryFailure) as failure:
            return [_failed("connection", failure)]
        name = str(organisation.get("company_name") or access.organisation_name)
        return [CheckResult("connection", ok=True, detail=f"{name} ({access.organisation_id})"), *self._set_up(organisation)]

    def _set_up(self, organisation: Record) -> Iterator[CheckResult]:
        yield self._reads("customers", "/customers")
        documents = "estimates" if self.settings.document == ESTIMATE else "invoices"
        yield self._reads(documents, f"/{documents}")
        yield self._currency()
        yield self._customer()
        if self.settings.is_sent:
            yield self._sending(organisation)

    def _reads(self, name: str, path: str) -> CheckResult:
        try:
            next(self.api.pages(path), None)
        except (DomainError, TemporaryFailure) as failure:
            return _failed(name, failure)
        return CheckResult(name, ok=True, detail="can be read")

    def _currency(self) -> CheckResult:
        wanted = self.lane.company.currency
        ok = wanted in {"", CURRENCY}
        step = "" if ok else f"jortt takes {CURRENCY} only: bill this company in {CURRENCY}, or keep its books elsewhere."
        return CheckResult(
            "currency", ok=ok, detail=f"{CURRENCY} in jortt" + (f"; the company's is {wanted}" if wanted else ""), next_step=step
        )

    def _customer(self) -> CheckResult:
        wanted = self.settings.default_customer
        if not wanted:
            return CheckResult("customer", ok=True, detail="each buyer's own; created where jortt has none")
        try:
            customer_id = self.customers.default(anew=True)
        except (DomainError, TemporaryFailure) as failure:
            return _failed("customer", failure)
        return CheckResult("customer", ok=True, detail=f"{wanted} ({customer_id})")

    def _sending(self, organisation: Record) -> CheckResult:
        method = self.settings.send_method
        problem = ""
        if organisation.get("data_complete_for_sending_invoices") is False:
            problem = "the data of the organisation are not complete for sending"
        elif method == PEPPOL and organisation.get("has_peppol_access") is False:
            problem = "the organisation has no access to Peppol"
        elif method == EMAIL and organisation.get("invoice_from_email_confirmed") is False:
            problem = "the address that invoices are mailed from is not confirmed"
        step = "Complete it in the settings of jortt, or choose status: draft." if problem else ""
        return CheckResult("sending", ok=not problem, detail=problem or f"by {method}", next_step=step)


def _failed(name: str, failure: DomainError | TemporaryFailure) -> CheckResult:
    step = failure.next_step if isinstance(failure, DomainError) else "Try again in a while."
    return CheckResult(name, ok=False, detail=failure.text, next_step=f"{step.rstrip('.')}.")
