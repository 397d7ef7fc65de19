"""Everything the rules may look at for one order: no rule reads anything else."""

from dataclasses import dataclass, field
from functools import cached_property

from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.companies.plan import BillTo
from domain.orders.order import Order
from domain.parties import Party
from domain.pricing.price_list import PriceList
from domain.pricing.price_order import PricedOrder, price_order
from domain.pricing.tax_decision import TaxDecision, decide_tax
from domain.pricing.tax_rates import TaxRates


@dataclass(frozen=True)
class Terms:
    """What is configured for one company: who sells, who buys, prices and taxes."""

    seller: AdminCompany
    company: Company
    prices: PriceList = field(default_factory=PriceList)
    rates: TaxRates = field(default_factory=TaxRates)

    @cached_property
    def company_party(self) -> Party:
        """The company as the buyer: the same for each of its orders."""
        return self.company.party

    @cached_property
    def company_tax(self) -> TaxDecision:
        """The tax regime where the company is the buyer: the same for each of its orders."""
        return decide_tax(self.seller, self.company_party, "")


# Not frozen, for one is made for each message (domain/value.py), and it keeps what it has worked out.
@dataclass(eq=False, slots=True)
class Case:
    """One order under the terms of its company. ``terms`` is None where the company is not configured.

    ``invoice_number`` is the display number of the live invoice the order is on, or empty.
    """

    order: Order
    terms: Terms | None
    is_admin_company: bool = False
    invoice_number: str = ""
    _priced: PricedOrder | None = field(default=None, init=False, repr=False)

    @property
    def known_terms(self) -> Terms:
        """The terms, for rules that come after ``company_unknown``."""
        if self.terms is None:
            raise ValueError(f"company {self.order.company_ref!r} is not configured")
        return self.terms

    @property
    def buyer(self) -> Party:
        """The bill-to party: the company, or the order's customer where the plan says so."""
        terms = self.known_terms
        return terms.company_party if terms.company.plan.bill_to is BillTo.COMPANY else self.order.billing

    @property
    def tax_decision(self) -> TaxDecision:
        """The tax regime of this order. Trade invoices follow the buyer; consumers' follow the goods."""
        terms = self.known_terms
        if terms.company.plan.bill_to is BillTo.COMPANY:
            return terms.company_tax
        return decide_tax(terms.seller, self.buyer, self.order.shipping.address.country)

    @property
    def priced(self) -> PricedOrder:
        """The order's lines with prices and taxes, or what is missing. Worked out once."""
        if self._priced is None:
            terms = self.known_terms
            self._priced = price_order(self.order, terms.company.currency, terms.prices, self.tax_decision, terms.rates)
        return self._priced
