"""VAT numbers as VIES takes them: a country's prefix and the number without it."""

import re
from dataclasses import dataclass

# Greece is EL there and not GR. XI is Northern Ireland, for goods; GB left with 2020.
PREFIXES = frozenset("AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split())
_ALSO_WRITTEN = {"GR": "EL"}
# The pattern of the service's own description.
_NUMBER = re.compile(r"[0-9A-Za-z+*.]{2,12}")


@dataclass(frozen=True, slots=True)
class VatNumber:
    """``text`` is the whole, as asked for; ``country`` and ``number`` are what VIES is asked."""

    text: str
    country: str
    number: str

    @property
    def is_covered(self) -> bool:
        """Whether VIES answers for this country."""
        return self.country in PREFIXES

    @property
    def is_well_formed(self) -> bool:
        """Whether VIES would look it up at all."""
        return _NUMBER.fullmatch(self.number) is not None


def vat_number_of(text: str) -> VatNumber:
    """The number without blanks, dots and hyphens, in capitals."""
    compact = "".join(character for character in text if character not in " \t.-").upper()
    country = _ALSO_WRITTEN.get(compact[:2], compact[:2])
    return VatNumber(compact, country, compact[2:])
