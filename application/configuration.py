"""All that is declared about companies, as one value: what `apply` writes and every decision reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.companies.flow import Flow
from domain.companies.integration import Integration
from domain.invoicing.case import Terms
from domain.pricing.price_list import PriceBreak, PriceList
from domain.pricing.tax_rates import TaxRate, TaxRates


@dataclass(frozen=True)
class Configuration:
    """The declared world at one revision; keyed by ref, company ref, country, integration path, name.

    ``revision`` grows by one with each applied change. Treat it as a value: nothing in it is ever changed in place.
    """

    revision: int = 0
    admin_companies: Mapping[str, AdminCompany] = field(default_factory=dict)
    companies: Mapping[str, Company] = field(default_factory=dict)
    price_lists: Mapping[str, tuple[PriceBreak, ...]] = field(default_factory=dict)
    tax_rates: Mapping[str, tuple[TaxRate, ...]] = field(default_factory=dict)
    integrations: Mapping[str, Integration] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    _terms: dict[str, Terms] = field(default_factory=dict, repr=False, compare=False)
    _by_company: dict[str, tuple[Integration, ...]] = field(default_factory=dict, repr=False, compare=False)

    def terms(self, company_ref: str) -> Terms | None:
        """The terms of a company, or None where it is not configured. Computed once per company."""
        known = self._terms.get(company_ref)
        company = self.companies.get(company_ref)
        if known is None and company is not None:
            rates = TaxRates(rate for rates in self.tax_rates.values() for rate in rates)
            prices = PriceList(self.price_lists.get(company_ref, ()))
            known = self._terms[company_ref] = Terms(self.admin_companies[company.admin_company], company, prices, rates)
        return known

    def integrations_of(self, company_ref: str) -> tuple[Integration, ...]:
        """The integrations of a company, enabled or not."""
        known = self._by_company.get(company_ref)
        if known is None:
            known = tuple(integration for integration in self.integrations.values() if integration.company == company_ref)
            self._by_company[company_ref] = known
        return known
