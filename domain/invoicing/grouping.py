"""Which orders share an invoice (DESIGN section 2, Grouping)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from domain.companies.company import Company
from domain.companies.plan import Layout
from domain.invoicing.case import Case


def group_orders(company: Company, cases: Iterable[Case]) -> Iterator[tuple[Case, ...]]:
    """Groups of eligible orders, one invoice each, in the order in which they came.

    ``individual``: one each. ``combined``: orders that share currency, bill-to party and tax decision (not rate), at
    most ``orders_per_invoice_max`` on one.
    """
    if company.plan.layout is Layout.INDIVIDUAL:
        for case in cases:
            yield (case,)
        return
    groups: dict[object, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.priced.currency, case.buyer, case.tax_decision].append(case)
    size = company.plan.orders_per_invoice_max
    for group in groups.values():
        for start in range(0, len(group), size):
            yield tuple(group[start : start + size])
