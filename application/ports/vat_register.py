"""Whether a VAT number is valid."""

from typing import Protocol


class VatRegister(Protocol):
    """Answers for numbers with their country prefix, e.g. NL004495445B01."""

    def is_valid(self, vat_number: str) -> bool:
        """Whether the number is well formed, check digits and all."""
        ...
