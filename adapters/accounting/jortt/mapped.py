"""What the field map gives beside the document's own fields (docs/reference/field-map.md; seed 003, "Data mapper")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.accounting.jortt.papers import ESTIMATE, Paper
from adapters.accounting.jortt.settings import JorttSettings
from application.accounting.jortt_fields import CUSTOMER, LINES, LIST, NOT_OF_ESTIMATES, OF_CUSTOMERS, OF_DOCUMENTS, OF_LINES, WHOLE
from application.ports.destination import OrderDocument
from domain.mapping.errors import MappingFailed


@dataclass(frozen=True, slots=True)
class Mapped:
    """Fields by name; ``lines`` has one entry for each line of the document, or none at all."""

    document: Mapping[str, Any] = field(default_factory=dict)
    customer: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[Mapping[str, Any], ...] = ()


def mapped_of(paper: Paper, settings: JorttSettings) -> Mapped:
    """The fields for one document. Raises MappingFailed."""
    if settings.field_map is None:
        return Mapped()
    made = settings.field_map.apply(settings.read(paper.source))
    customer, lines = made.pop(CUSTOMER, {}), made.pop(LINES, None)
    document = _fields("", OF_DOCUMENTS, made)
    if paper.kind is ESTIMATE:
        document = {name: value for name, value in document.items() if name not in NOT_OF_ESTIMATES}
    return Mapped(document, _fields(f"{CUSTOMER}.", OF_CUSTOMERS, customer), () if lines is None else _lines(lines, paper))


def _lines(made: list[Mapping[str, Any]], paper: Paper) -> tuple[Mapping[str, Any], ...]:
    # The shipping of an order is no line of the map, and comes last on the document.
    of_order = isinstance(paper.source, OrderDocument) and len(made) == len(paper.source.order.lines)
    entries = [*made, *[{}] * (len(paper.lines) - len(made))] if of_order else made
    if len(entries) != len(paper.lines):
        raise MappingFailed(LINES, f"The map gives {len(made)} lines, and the document has {len(paper.lines)}.")
    return tuple(_fields(f"{LINES}[{place}].", OF_LINES, each) for place, each in enumerate(entries))


def _fields(place: str, known: Mapping[str, str], made: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(place + name, known.get(name, ""), value) for name, value in made.items()}


def _value(place: str, kind: str, value: Any) -> Any:
    if not kind:
        raise MappingFailed(place, "A map to jortt has no such field.")
    if kind == LIST:
        return [str(each) for each in (value if isinstance(value, list) else [value])]
    if kind != WHOLE:
        return str(value)
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        raise MappingFailed(place, f"{text} is no whole number from 0 on.")
    return int(text)
