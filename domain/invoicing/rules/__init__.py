"""The invoicing rules, one a file, in the order in which they are asked (DESIGN section 2).

Each file holds ``passes`` (cheap: it runs for every message), ``facts`` and ``fix`` (for people, only when asked).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

from domain.invoicing.case import Case
from domain.invoicing.rules import (
    already_invoiced,
    before_start,
    cancelled,
    company_unknown,
    currency_missing,
    free_of_charge,
    from_flow,
    has_error,
    on_hold,
    plan_disabled,
    price_missing,
    status_not_billable,
    tax_missing,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its public code, its test, and what it says of itself."""

    code: str
    passes: Callable[[Case], bool]
    facts: Callable[[Case], Mapping[str, str]]
    fix: Callable[[Case], str]


def _rule(module: ModuleType) -> Rule:
    return Rule(module.__name__.rpartition(".")[2], module.passes, module.facts, module.fix)


RULES: tuple[Rule, ...] = tuple(
    map(
        _rule,
        (
            from_flow,
            company_unknown,
            plan_disabled,
            before_start,
            already_invoiced,
            cancelled,
            on_hold,
            has_error,
            status_not_billable,
            free_of_charge,
            price_missing,
            tax_missing,
            currency_missing,
        ),
    )
)
