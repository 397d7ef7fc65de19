"""The decision for a stored or arriving order, under the configuration in force."""

from application.configuration import Configuration
from domain.invoicing.case import Case
from domain.invoicing.decision import Decision, decide
from domain.orders.order import Order


def case_of(order: Order, configuration: Configuration, invoice_number: str = "") -> Case:
    """The order with all that the rules may look at."""
    is_admin_company = order.company_ref in configuration.admin_companies
    return Case(order, configuration.terms(order.company_ref), is_admin_company, invoice_number)


def judge(order: Order, configuration: Configuration, invoice_number: str = "") -> Decision:
    """What is kept for an order."""
    return judged(case_of(order, configuration, invoice_number))


def judged(case: Case) -> Decision:
    """``judge``, of a case that is at hand: its prices are resolved once."""
    return standing(changed=False) if case.invoice_number else decide(case)


def standing(*, changed: bool) -> Decision:
    """What is kept for an order on a live invoice. ``changed``: it differs from what that was made of."""
    return Decision.CHANGED_AFTER_INVOICE if changed else Decision.INVOICED
