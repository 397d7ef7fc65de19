"""Why is this order invoiced, or not? Every rule, with the facts and the fix, judged now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from application.judging import case_of
from application.ports.order_translator import OrderTranslators
from application.ports.orders import StoredOrder
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.queries.show_order import find_order
from application.use_cases.credit_invoice import find_document
from domain.invoicing.case import Case
from domain.invoicing.decision import Decision, RuleResult, decide, explain
from domain.invoicing.rules.already_invoiced import credit_command
from domain.pricing.price_order import InvoiceLine


@dataclass(frozen=True, slots=True)
class Explanation:
    """``difference`` tells, for an order changed after invoicing, what is on the invoice and what the order says now.

    Its keys: ``invoiced`` and ``now`` (the lines that differ), or ``lines and prices`` where none does, and ``status``.
    """

    ref: str
    source: str
    company: str
    decision: str
    rules: tuple[RuleResult, ...]
    invoice_number: str
    difference: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExplainOrderHandler:
    """Raises NotFound, or Conflict where two sources have the ref."""

    units_of_work: UnitsOfWork
    translators: OrderTranslators

    def __call__(self, ref: str) -> Explanation:
        """Judge the newest version under the configuration in force."""
        with self.units_of_work() as uow:
            stored = find_order(uow, ref)
            configuration = uow.configurations.current()
            order = self.translators.for_source(stored.source).translate(stored.body)
            case = case_of(order, configuration, stored.invoice_number)
            changed = bool(stored.invoice_number) and stored.billing_fingerprint != stored.invoiced_fingerprint
            difference = _difference(uow, stored, case) if changed else {}
        decision = Decision.CHANGED_AFTER_INVOICE if changed else decide(case)
        if stored.invoice_number and not changed:
            decision = Decision.INVOICED
        rules = _changed_rules(case) if changed else explain(case)
        return Explanation(stored.ref, stored.source, stored.company_ref, decision, rules, stored.invoice_number, difference)


def _changed_rules(case: Case) -> tuple[RuleResult, ...]:
    """The rules of an order that changed after it was invoiced: here there is something to do."""
    reissue = decide(replace(case, invoice_number="")) is Decision.DUE
    fix = f"The order changed after it was invoiced. To correct it: {credit_command(case, reissue=reissue)}"
    return tuple(replace(result, fix=fix) if result.code == "already_invoiced" else result for result in explain(case))


def _difference(uow: UnitOfWork, stored: StoredOrder, case: Case) -> dict[str, list[str]]:
    invoice = find_document(uow, stored.invoice_number)
    invoiced = [_text(line) for line in invoice.issued.draft.lines if line.order_ref in {stored.ref, f"{stored.source}:{stored.ref}"}]
    now = [_text(line) for line in case.priced.lines] if case.terms else []
    status = [case.order.status_name or str(case.order.status)]
    if sorted(invoiced) == sorted(now):
        return {"lines and prices": ["no change"], "status": status}
    return {
        "invoiced": _without(invoiced, now),
        "now": _without(now, invoiced),
        "status": status,
    }


def _without(lines: list[str], others: list[str]) -> list[str]:
    """The lines the others do not have; a line that is there twice is told once more than the others have it."""
    return list((Counter(lines) - Counter(others)).elements())


def _text(line: InvoiceLine) -> str:
    price = f"{line.quantity.normalize():f} at {line.unit_price.normalize():f}"
    return f"{line.sku} x {price}, tax {line.tax.category} {line.tax.rate.normalize():f}"
