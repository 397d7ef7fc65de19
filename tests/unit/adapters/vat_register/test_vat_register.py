import pytest

from adapters.vat_register.vat_register import ChecksumVatRegister
from tests.factories import VAT_NUMBERS


@pytest.mark.parametrize("number", [*VAT_NUMBERS.values(), "XI980780684", "CHE-107.787.577 IVA", "NO995525828MVA"])
def test_a_number_with_right_check_digits_is_valid(number: str) -> None:
    """In the EU and beyond."""
    assert ChecksumVatRegister().is_valid(number)


@pytest.mark.parametrize("written", ["nl004495445b01", "NL 0044.95.445.B01", "NL-004495445-B01"])
def test_blanks_dots_hyphens_and_case_do_not_count(written: str) -> None:
    """People write numbers in groups."""
    assert ChecksumVatRegister().is_valid(written)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "NL",
        "NL004495446B01",
        "GB980780685",
        "004495445B01",
        "ZZ123456789",
        "US123456789",
        "not a number",
        "NL\N{FULLWIDTH DIGIT ZERO}04495445B01",
        "N" * 10_000,
    ],
)
def test_any_other_number_is_not_valid(number: str) -> None:
    """Wrong digits, no prefix, an unknown prefix, or no number at all."""
    assert not ChecksumVatRegister().is_valid(number)
