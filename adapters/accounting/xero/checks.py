"""Whether deliveries to an organisation can work, each with the next step. Reads only."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from adapters.accounting.xero.api import XeroApi
from adapters.accounting.xero.chart import Chart
from adapters.accounting.xero.charts import Charts
from adapters.accounting.xero.contacts import Contacts
from adapters.accounting.xero.settings import XeroSettings
from adapters.accounting.xero.tax_types import TaxTypes, plain
from application.accounting.next_steps import connect_command
from application.ports.destination import CheckResult, LaneContext
from domain.errors import DomainError, TemporaryFailure
from domain.money import ZERO
from domain.pricing.line_tax import Category, LineTax
from domain.pricing.tax_decision import Regime, TaxDecision, decide_tax
from domain.pricing.tax_rates import TaxRate

_BY_REGIME = {
    Regime.SELLER_NOT_REGISTERED: Category.OUTSIDE_SCOPE,
    Regime.INTRA_COMMUNITY: Category.INTRA_COMMUNITY,
    Regime.EXPORT: Category.EXPORT,
}


@dataclass(frozen=True, slots=True)
class Checks:
    """``rates_of`` gives our tax rates of a country, ``granted`` the scopes of the consent, ``day_left`` the calls left today.

    ``granted`` may give none, where Xero did not say them.
    """

    api: XeroApi
    lane: LaneContext
    settings: XeroSettings
    charts: Charts
    contacts: Contacts
    rates_of: Callable[[str], Sequence[TaxRate]]
    granted: Callable[[], Collection[str]]
    day_left: Callable[[], int | None]
    today: Callable[[], date]

    def run(self) -> Sequence[CheckResult]:
        """All of it; what depends on something that failed is left out."""
        try:
            access = self.api.vendor.access()
            chart = self.charts.of(self.api, 0)
            self.api.records("Invoices", params={"page": 1, "pageSize": 1})
        except (DomainError, TemporaryFailure) as failure:
            return [_failed("connection", failure)]
        name = chart.name or access.organisation_name
        connected = CheckResult("connection", ok=True, detail=f"{name} ({chart.country}, {chart.base_currency})")
        return [connected, *self._set_up(chart)]

    def _set_up(self, chart: Chart) -> Iterator[CheckResult]:
        yield self._scopes()
        yield from self._accounts(chart)
        yield self._currency(chart)
        yield from self._tax_types(chart)
        yield self._contact()
        yield self._lock_date(chart)
        yield self._calls()

    def _scopes(self) -> CheckResult:
        """What the settings ask for now, beside what the user once agreed to: a scope that was added later works after a reconnect."""
        granted = self.granted()
        missing = sorted(set(self.api.vendor.app.scopes) - set(granted)) if granted else []
        # Needed by none of the questions above, so that nothing else would show it.
        if self.settings.attach_pdf and granted and not any(scope.startswith("accounting.attachments") for scope in granted):
            missing = sorted({*missing, "accounting.attachments"})
        if not missing:
            return CheckResult("scopes", ok=True, detail=" ".join(sorted(granted)) or "Xero did not name them")
        step = f"Let scopes of {self.settings.path} name it, apply, and connect again: {connect_command(self.settings.path)}."
        return CheckResult("scopes", ok=False, detail=f"the consent does not cover {' '.join(missing)}", next_step=step)

    def _accounts(self, chart: Chart) -> Iterator[CheckResult]:
        yield self._account(chart, "sales_account", self.settings.sales_account, lambda kind: kind == "REVENUE", "of the class REVENUE")
        if self.settings.is_tracked:
            cogs, asset = self.settings.cogs_account, self.settings.inventory_asset_account
            yield self._account(chart, "cogs_account", cogs, lambda kind: kind == "EXPENSE", "of the class EXPENSE")
            yield self._account(chart, "inventory_asset_account", asset, lambda kind: kind == "ASSET", "of the type INVENTORY", "INVENTORY")
        rounding = chart.rounding_account
        detail = f"{rounding.code} {rounding.name}" if rounding else "none: a document that needs a rounding line will be refused"
        yield CheckResult("rounding account", ok=True, detail=detail)

    def _account(  # noqa: PLR0913 - an account, and what it must be
        self, chart: Chart, setting: str, code: str, is_class: Callable[[str], bool], wanted: str, type_: str = ""
    ) -> CheckResult:
        account = chart.accounts.get(code)
        step = f"Correct {setting} of {self.settings.path}, or the account in Xero."
        if account is None or not account.is_active:
            return CheckResult(setting, ok=False, detail=f"there is no active account {code!r}", next_step=step)
        fits = is_class(account.account_class) and type_ in {"", account.type}
        shown = f"{code} {account.name}, {account.type}"
        return CheckResult(setting, ok=fits, detail=shown if fits else f"{shown}; it must be {wanted}", next_step="" if fits else step)

    def _currency(self, chart: Chart) -> CheckResult:
        wanted = self.lane.company.currency
        ok = not wanted or wanted in chart.currencies
        detail = f"{', '.join(sorted(chart.currencies))} in Xero" + (f"; the company's is {wanted}" if wanted else "")
        step = "" if ok else f"Add {wanted} in Xero (Settings, Currencies)."
        return CheckResult("currencies", ok=ok, detail=detail, next_step=step)

    def _tax_types(self, chart: Chart) -> Iterator[CheckResult]:
        account = chart.accounts.get(self.settings.sales_account)
        if account is None:
            return
        tax_types = TaxTypes(chart.tax_rates, account.account_class, self.settings.tax_types)
        decision = decide_tax(self.lane.seller, self.lane.company.party, "")
        for tax in self._taxes(decision):
            name = f"tax {tax.category.value} at {plain(tax.rate * 100)} %"
            try:
                rate = tax_types.of(tax, decision)
                yield CheckResult(name, ok=True, detail=f"{rate.tax_type} ({rate.name})")
            except DomainError as error:
                yield _failed(name, error)

    def _taxes(self, decision: TaxDecision) -> Sequence[LineTax]:
        """The taxes that invoices to the company itself can have."""
        if decision.regime in _BY_REGIME:
            return [LineTax(_BY_REGIME[decision.regime], ZERO)]
        found = {}
        for rate in self.rates_of(decision.rate_country or self.lane.seller.address.country):
            standard = Category.STANDARD if rate.rate else Category.ZERO_RATED
            tax = LineTax(Category.EXEMPT if rate.exempt_reason else standard, rate.rate)
            found[tax.category, tax.rate] = tax
        return list(found.values())

    def _contact(self) -> CheckResult:
        if self.settings.bills_customers:
            return CheckResult("contact", ok=True, detail="each customer's own; created where Xero has none")
        try:
            contact_id = self.contacts.looked_up(self.settings.contact_name)
        except (DomainError, TemporaryFailure) as failure:
            return _failed("contact", failure)
        return CheckResult("contact", ok=True, detail=f"{self.settings.contact_name} ({contact_id})")

    def _lock_date(self, chart: Chart) -> CheckResult:
        locked, today = chart.locked_until, self.today()
        if locked is None:
            return CheckResult("lock date", ok=True, detail="none")
        ok = locked < today
        step = "" if ok else "Move the lock date in Xero: documents of today would be refused."
        return CheckResult("lock date", ok=ok, detail=f"the books are closed up to {locked}", next_step=step)

    def _calls(self) -> CheckResult:
        left = self.day_left()
        ok = left is None or left > 0
        step = "" if ok else "Wait, or set day_limit: 5000 where the app's tier allows it."
        return CheckResult("calls left today", ok=ok, detail=f"{left} of {self.settings.day_limit}", next_step=step)


def _failed(name: str, failure: DomainError | TemporaryFailure) -> CheckResult:
    step = failure.next_step if isinstance(failure, DomainError) else "Try again in a while."
    return CheckResult(name, ok=False, detail=failure.text, next_step=f"{step.rstrip('.')}.")
