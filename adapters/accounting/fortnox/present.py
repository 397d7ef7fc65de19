"""What Fortnox has already of what is to be entered (seed 003: exists? skip).

Our own memory says what Billhook did, unless it was brought back from a backup or somebody else entered a document under our number. So
Fortnox is asked as well, once for many documents: its filter finds parts of texts, and the numbers of a batch begin alike.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from adapters.accounting.fortnox.api import FortnoxApi
from adapters.accounting.fortnox.errors import RETRY
from adapters.accounting.fortnox.records import Record, is_true, text_of
from adapters.accounting.fortnox.remote_documents import differences, has_sign, is_ours, number_in, numbers, read
from adapters.accounting.fortnox.sale import Resource, Sale
from adapters.accounting.fortnox.settings import FortnoxSettings
from domain.errors import DomainError

# One question for so many documents: a tenth of a call for each.
_FOR_EACH_QUESTION = 10
# Cut off more, and a question finds more than two pages of others.
_CUT_MAX = 3
_STEM_MIN = 3


@dataclass(frozen=True, slots=True)
class Present:
    """Documents of one visit, by their number of ours."""

    api: FortnoxApi
    settings: FortnoxSettings
    _found: dict[tuple[str, str], list[Record]] = field(default_factory=dict)

    def prepare(self, sales: Iterable[Sale]) -> None:
        """Ask for all of a batch."""
        self._found.clear()
        keys: dict[Resource, set[str]] = defaultdict(set)
        for sale in sales:
            keys[sale.resource].add(sale.key)
        for resource, wanted in keys.items():
            for stem in stems(wanted):
                for record in self.api.listed(resource.name, resource.plural, {"externalinvoicereference1": stem}):
                    key = text_of(record, "ExternalInvoiceReference1")
                    if key in wanted and not is_true(record, "Cancelled"):
                        self._found.setdefault((resource.name, key), []).append(record)

    def of(self, sale: Sale) -> Record | None:
        """The document of a prepared sale as it is there; None where there is none.

        Without our second reference it is one that people or other programs entered under our number: taken for the same where the
        figures are. Raises DomainError("reference_taken") where they are not, and ("documents_double").
        """
        found = [record for record in self._found.get((sale.resource.name, sale.key), ()) if _may_be(record, sale)]
        if not found:
            return None
        if len(found) > 1:
            text = f"Fortnox has {len(found)} documents for {sale.key}: {numbers(found)}."
            raise DomainError("documents_double", text, "Cancel all but one of them in Fortnox")
        record = read(self.api, sale.resource, number_in(found[0]))
        if record is not None and not is_ours(record, sale):
            self._require_same(record, sale)
        return record

    def _require_same(self, record: Record, sale: Sale) -> None:
        told = ["it is booked" if is_true(record, "Booked") else "", *differences(record, sale, self.settings.rounding_tolerance)]
        said = "; ".join(filter(None, told))
        if said:
            number = number_in(record)
            text = f"{number} in Fortnox has the reference {sale.key}, and is not Billhook's: {said}."
            same = "If it is the same document: billhook deliveries delivered {delivery}"
            step = f"{same}. Else take the reference off {number}, then: {RETRY}"
            raise DomainError("reference_taken", text, step)


def stems(keys: Collection[str]) -> list[str]:
    """The beginnings to ask for, so that each key has its own among them: as long as few can be, none so short that it finds everything."""
    enough = max(1, len(keys) // _FOR_EACH_QUESTION)
    few = set(keys)
    for cut in range(1, _CUT_MAX + 1):
        if len(few) <= enough:
            break
        shorter = {key[: max(len(key) - cut, min(len(key), _STEM_MIN))] for key in keys}
        few = shorter if len(shorter) < len(few) else few
    return sorted(few)


def _may_be(record: Record, sale: Sale) -> bool:
    other = text_of(record, "ExternalInvoiceReference2")
    return other in {"", sale.identity} and has_sign(record, sale.sign)
