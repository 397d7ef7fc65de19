"""Whether a declared flow fits the integrations that it names."""

from collections.abc import Iterator

from application.configuration import Configuration
from application.configuration_mistakes import Mistake
from domain.companies.flow import Flow
from domain.companies.plan import BillTo

KINDS = frozenset({"fortnox", "jortt"})


def flow_mistakes(flow: Flow, wanted: Configuration) -> Iterator[Mistake]:
    """Everything that stands against it; nothing of a flow that is switched off, whose integrations may be gone."""
    if not flow.enabled:
        return
    place = f"flows[{flow.name}]"
    for key, path in (("source", flow.source), ("target", flow.target)):
        integration = wanted.integrations.get(path)
        if integration is None:
            yield Mistake(f"{place}.{key}", f"There is no integration {path!r}. Name one as COMPANY/KIND, or COMPANY/KIND/NAME.")
        elif integration.kind not in KINDS:
            yield Mistake(f"{place}.{key}", f"Flows go between {' and '.join(sorted(KINDS))}, and {path} is none of them.")
    if flow.source == flow.target:
        yield Mistake(f"{place}.target", "A flow needs two integrations.")
    if flow.target in wanted.integrations:
        yield from _target_mistakes(flow, wanted, place)


def _target_mistakes(flow: Flow, wanted: Configuration, place: str) -> Iterator[Mistake]:
    company = wanted.companies[wanted.integrations[flow.target].company]
    if company.plan.bill_to is not BillTo.CUSTOMER:
        text = f"Company {company.ref} is billed itself, so everything that comes would be its own: set plan.bill_to: customer."
        yield Mistake(f"{place}.target", text)
