"""The order must have been dispatched, and, where the plan says so, paid.

An order that carries a dispatch time is billable whatever later status it moved to: the order management system can
push orders past "Dispatched" (seed facts 2.2). The payment status applies to customer billing (DESIGN section 2).
"""

from collections.abc import Mapping

from domain.companies.plan import BillTo, Plan
from domain.invoicing.case import Case
from domain.orders.order import Order
from domain.orders.status import is_one_of


def passes(case: Case) -> bool:
    """Whether the order gets past this rule."""
    plan = case.known_terms.company.plan
    return _has_reached(case.order, plan) and _is_paid(case.order, plan)


def _has_reached(order: Order, plan: Plan) -> bool:
    return order.dispatched_at is not None or is_one_of(order.status, order.status_name, plan.billable_statuses)


def _is_paid(order: Order, plan: Plan) -> bool:
    if plan.bill_to is BillTo.COMPANY or not plan.payment_statuses:
        return True
    return order.payment_status.lower() in {status.lower() for status in plan.payment_statuses}


def facts(case: Case) -> Mapping[str, str]:
    """What the answer rests on."""
    order = case.order
    return {
        "status": str(order.status),
        "status_name": order.status_name,
        "dispatched_at": str(order.dispatched_at),
        "payment_status": order.payment_status,
        "billable_statuses": ", ".join(case.known_terms.company.plan.billable_statuses),
    }


def fix(case: Case) -> str:
    """What would let the order pass."""
    if not _is_paid(case.order, case.known_terms.company.plan):
        return "The order waits for its payment; its next message is decided anew."
    return "The order waits for its dispatch; its next message is decided anew."
