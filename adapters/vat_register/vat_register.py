"""VAT numbers checked by their form and check digits, without a network (DESIGN section 2, Tax decision)."""

from functools import lru_cache

from stdnum import vatin

_LENGTH_MAX = 32


class ChecksumVatRegister:
    """python-stdnum's checks for the EU, Great Britain, Northern Ireland, Norway, Switzerland and others.

    A number is written with its country's prefix; blanks, dots and hyphens in it do not count. An unknown prefix is not valid.
    """

    def is_valid(self, vat_number: str) -> bool:
        return len(vat_number) <= _LENGTH_MAX and _is_valid(vat_number)


# A retailer's number comes with each of its orders.
@lru_cache(maxsize=4096)
def _is_valid(vat_number: str) -> bool:
    compact = "".join(character for character in vat_number if character not in " \t.-").upper()
    return bool(compact.isascii() and compact.isalnum() and vatin.is_valid(compact))
