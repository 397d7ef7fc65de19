"""The reasoned answer to "why is this order invoiced, or not?"."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.invoicing.case import Case
from domain.invoicing.rules import RULES, Rule


class Decision(StrEnum):
    """What is kept per order. A rule's code where a rule fails, else one of the three below."""

    FROM_FLOW = "from_flow"
    COMPANY_UNKNOWN = "company_unknown"
    PLAN_DISABLED = "plan_disabled"
    BEFORE_START = "before_start"
    CANCELLED = "cancelled"
    ON_HOLD = "on_hold"
    HAS_ERROR = "has_error"
    STATUS_NOT_BILLABLE = "status_not_billable"
    FREE_OF_CHARGE = "free_of_charge"
    PRICE_MISSING = "price_missing"
    TAX_MISSING = "tax_missing"
    CURRENCY_MISSING = "currency_missing"
    DUE = "due"
    INVOICED = "invoiced"
    CHANGED_AFTER_INVOICE = "changed_after_invoice"


# These wait for somebody to add a price, a rate or a currency: they are reported, never silently skipped.
NEEDS_PERSON = frozenset({Decision.PRICE_MISSING, Decision.TAX_MISSING, Decision.CURRENCY_MISSING, Decision.COMPANY_UNKNOWN})


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule as ``explain`` shows it: did it pass, on which facts, and what would make it pass."""

    code: str
    passed: bool
    facts: Mapping[str, str]
    fix: str


def first_failing(case: Case) -> Rule | None:
    """The first rule that fails, in the binding order of DESIGN section 2."""
    for rule in RULES:
        if not rule.passes(case):
            return rule
    return None


def decide(case: Case) -> Decision:
    """The decision for an order, apart from a change after invoicing, which only storage can see."""
    rule = first_failing(case)
    if rule is None:
        return Decision.DUE
    return Decision.INVOICED if rule.code == "already_invoiced" else Decision(rule.code)


def explain(case: Case) -> tuple[RuleResult, ...]:
    """Every rule up to the last that can be judged: without a company, none of the others can."""
    results: list[RuleResult] = []
    for rule in RULES:
        passed = rule.passes(case)
        results.append(RuleResult(rule.code, passed, rule.facts(case), "" if passed else rule.fix(case)))
        if not passed and case.terms is None:
            break
    return tuple(results)
