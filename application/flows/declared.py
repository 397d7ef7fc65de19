"""Whether a declared flow fits the integrations that it names, and the other flows."""

from collections.abc import Iterable, Iterator

from application.configuration import Configuration
from application.configuration_mistakes import Mistake
from application.flows.documents import STATUSES, document_of
from domain.companies.flow import Conflict, Flow, FlowDocument
from domain.companies.integration import Integration
from domain.companies.plan import BillTo

KINDS = frozenset(STATUSES)


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
        elif key == "source":
            yield from _document_mistakes(flow, integration, place)
    if flow.source == flow.target:
        yield Mistake(f"{place}.target", "A flow needs two integrations.")
    if flow.target in wanted.integrations:
        yield from _target_mistakes(flow, wanted, place)
    yield from _conflict_mistakes(flow, wanted, place)


def _document_mistakes(flow: Flow, source: Integration, place: str) -> Iterator[Mistake]:
    known, document = STATUSES[source.kind], document_of(flow, source)
    if document not in known:
        yield Mistake(f"{place}.document", f"{source.path} has no {document}s to read: choose {_or(known)}.")
        return
    for status in flow.statuses:
        if status.casefold() not in known[document]:
            yield Mistake(f"{place}.statuses", _no_such_status(status, source, document))


def _no_such_status(status: str, source: Integration, document: FlowDocument) -> str:
    known = STATUSES[source.kind]
    text = f"{source.path} does not say of its {document}s whether they are {status!r}. They can be {_or(known[document])}."
    others = [other for other, statuses in known.items() if status.casefold() in statuses]
    return f"{text} With document: {others[0]} it does." if others else text


def _target_mistakes(flow: Flow, wanted: Configuration, place: str) -> Iterator[Mistake]:
    company = wanted.companies[wanted.integrations[flow.target].company]
    if company.plan.bill_to is not BillTo.CUSTOMER:
        text = f"Company {company.ref} is billed itself, so everything that comes would be its own: set plan.bill_to: customer."
        yield Mistake(f"{place}.target", text)


def _conflict_mistakes(flow: Flow, wanted: Configuration, place: str) -> Iterator[Mistake]:
    """Two flows that each overwrite the other's side would swap what people changed on both; one alone cannot see what is newer."""
    back = [other for other in wanted.flows.values() if other.enabled and flow.is_opposite(other)]
    place = f"{place}.conflicts"
    if flow.conflicts is Conflict.NEWEST and not back:
        text = f"To know what is newest, changes must be seen on both sides: declare a flow of customers from {flow.target} too"
        yield Mistake(place, f"{text}, also with conflicts: newest, or let one side count with conflicts: source.")
    for other in back:
        if Conflict.NEWEST in {flow.conflicts, other.conflicts} and flow.conflicts is not other.conflicts:
            yield Mistake(place, f"{other.name} goes the other way with conflicts: {other.conflicts}. Say newest in both, or in neither.")
        elif flow.conflicts is other.conflicts is Conflict.SOURCE:
            text = f"{other.name} goes the other way, and each would overwrite what the other brought"
            yield Mistake(place, f"{text}: let one say source and the other target, or both newest.")


def _or(names: Iterable[str]) -> str:
    *most, last = map(str, names)
    return f"{', '.join(most)} or {last}" if most else str(last)
