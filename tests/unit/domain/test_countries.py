import pytest

from domain.countries import EU_MEMBERS, in_eu, vat_prefix_country


def test_the_union_has_twenty_seven_members() -> None:
    """Great Britain has left, Greece is GR here."""
    assert len(EU_MEMBERS) == 27
    assert in_eu("GR")
    assert not in_eu("GB")
    assert not in_eu("")


@pytest.mark.parametrize(
    ("number", "country"), [("NL004495445B01", "NL"), ("EL094259216", "GR"), ("XI980780684", "GB"), ("se5567", "SE"), ("", "")]
)
def test_the_prefix_of_a_vat_number_names_its_country(number: str, country: str) -> None:
    """Greece writes EL."""
    assert vat_prefix_country(number) == country
