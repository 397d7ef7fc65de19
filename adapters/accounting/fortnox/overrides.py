"""What an integration's own field map says about a document and its customer, laid over what Billhook writes.

What makes a delivery safe or decides about money is not the map's: the references by which a document is looked up, its number, prices and
quantities. The configuration refuses a map that names them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from adapters.accounting.fortnox.sale import Sale
from adapters.accounting.fortnox.settings import FortnoxSettings
from adapters.accounting.fortnox.texts import one_line
from domain.mapping.errors import MappingFailed

_CUSTOMER = "Customer"
# Fortnox knows neither null nor empty text (facts: B2.6).
BLANK = "API_BLANK"


@dataclass(frozen=True, slots=True)
class Overrides:
    """The fields that a map made; ``lines`` is how many lines it could read."""

    document: Mapping[str, Any] = field(default_factory=dict)
    customer: Mapping[str, Any] = field(default_factory=dict)
    lines: int = 0

    def on_document(self, body: dict[str, Any], rows: str) -> dict[str, Any]:
        """The body with these fields; the entries of the map's rows go to the document's rows in their order.

        The lines of an order have no entry for its shipping, which is the last row. Raises MappingFailed where it is not plain which
        entry belongs to which row.
        """
        merged = _merged(body, {name: value for name, value in self.document.items() if name != rows})
        given = self.document.get(rows, [])
        if given and len(given) not in {len(body[rows]), self.lines}:
            raise MappingFailed(rows, f"It has {len(given)} entries, and the document has {self.lines} lines: let it follow lines[].")
        merged[rows] = [_merged(row, each or {}) for row, each in zip_longest(body[rows], given)]
        return merged

    def on_customer(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The same for the customer."""
        return _merged(fields, self.customer)


def overrides_of(sale: Sale, settings: FortnoxSettings) -> Overrides:
    """Apply the map. Raises MappingFailed with the field that is wrong."""
    if settings.field_map is None:
        return Overrides()
    source = settings.read(sale.document)
    made = settings.field_map.apply(source)
    customer = made.pop(_CUSTOMER, {})
    return Overrides(made, customer if isinstance(customer, Mapping) else {}, len(source["lines"]))


def _merged(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(ours)
    for name, value in theirs.items():
        before = merged.get(name)
        merged[name] = _merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else _clean(value)
    return merged


def _clean(value: Any) -> Any:
    """A text without what Fortnox refuses; its length is the map's business."""
    return one_line(value, len(value)) if isinstance(value, str) else value
