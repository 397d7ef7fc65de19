"""Reading display numbers back."""

import pytest

from domain.invoicing.number_format import number_of


@pytest.mark.parametrize(
    ("number_format", "shown", "number"),
    [
        ("INV-{number:06d}", "INV-000007", 7),
        ("INV-{number:06d}", "INV-1234567", 1_234_567),
        ("INV-{number:06d}", "INV-7", None),
        ("INV-{number:06d}", "INV-0000007", None),
        ("INV-{number:06d}", "inv-000007", None),
        ("INV-{number:06d}", "CN-000007", None),
        ("INV-{number:06d}", "INV-\u0660\u0660\u0660\u0660\u0660\u0667", None),
        ("{number}", "12", 12),
        ("{number}", "012", None),
        ("{number}", "9" * 40, None),
        ("A.{number}/26", "A.12/26", 12),
        ("A.{number}/26", "AB12/26", None),
        ("{number}-{number}", "12-12", 12),
        ("{number}-{number}", "12-13", None),
        ("fixed", "fixed", None),
    ],
)
def test_a_number_is_read_only_where_the_format_would_write_it_so(number_format: str, shown: str, number: int | None) -> None:
    """Another program's INV-7 is none of ours."""
    assert number_of(number_format, shown) == number
