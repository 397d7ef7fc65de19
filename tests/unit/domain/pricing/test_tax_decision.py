"""The tax table of DESIGN section 2, row by row: the regime, and the category and rate of a line under it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.countries import EU_MEMBERS
from domain.parties import Party
from domain.pricing.line_tax import Category, resolve_line_tax
from domain.pricing.tax_decision import Regime, decide_tax
from domain.pricing.tax_rates import TaxRates
from tests.factories import VAT_NUMBERS, a_party, a_party_in, an_address, an_admin_company, an_admin_company_in, tax_rates

RATES = TaxRates(tax_rates())


@pytest.mark.parametrize(
    ("seller", "buyer", "business", "oss", "destination", "tax_code", "regime", "category", "rate"),
    [
        ("GB", "GB", True, False, "", "standard", Regime.DOMESTIC, Category.STANDARD, "0.20"),
        ("GB", "GB", False, False, "", "zero", Regime.DOMESTIC, Category.ZERO_RATED, "0"),
        ("GB", "GB", False, False, "", "exempt", Regime.DOMESTIC, Category.EXEMPT, "0"),
        ("NL", "NL", True, True, "", "standard", Regime.DOMESTIC, Category.STANDARD, "0.21"),
        ("NL", "DE", True, False, "", "standard", Regime.INTRA_COMMUNITY, Category.INTRA_COMMUNITY, "0"),
        ("NL", "DE", True, True, "", "standard", Regime.INTRA_COMMUNITY, Category.INTRA_COMMUNITY, "0"),
        ("NL", "DE", True, False, "", "design", Regime.INTRA_COMMUNITY, Category.REVERSE_CHARGE, "0"),
        ("NL", "GR", True, False, "", "standard", Regime.INTRA_COMMUNITY, Category.INTRA_COMMUNITY, "0"),
        ("GR", "GR", True, False, "", "standard", Regime.DOMESTIC, Category.STANDARD, "0.24"),
        ("NL", "DE", False, True, "DE", "standard", Regime.DISTANCE_SALE_OSS, Category.STANDARD, "0.19"),
        ("NL", "DE", False, True, "SE", "standard", Regime.DISTANCE_SALE_OSS, Category.STANDARD, "0.25"),
        ("NL", "DE", False, True, "", "standard", Regime.DISTANCE_SALE_OSS, Category.STANDARD, "0.19"),
        ("NL", "DE", False, True, "GB", "standard", Regime.DISTANCE_SALE_OSS, Category.STANDARD, "0.19"),
        ("NL", "DE", False, False, "DE", "standard", Regime.DISTANCE_SALE_ORIGIN, Category.STANDARD, "0.21"),
        ("GB", "NL", True, False, "", "standard", Regime.EXPORT, Category.EXPORT, "0"),
        ("GB", "NL", False, False, "", "standard", Regime.EXPORT, Category.EXPORT, "0"),
        ("NL", "GB", True, True, "", "standard", Regime.EXPORT, Category.EXPORT, "0"),
    ],
)
def test_the_table_of_the_design(
    seller: str,
    buyer: str,
    business: bool,
    oss: bool,
    destination: str,
    tax_code: str,
    regime: Regime,
    category: Category,
    rate: str,
) -> None:
    """Buyers with ``business`` have a valid VAT number of their country; Greece's begins with EL."""
    decision = decide_tax(an_admin_company_in(seller, oss=oss), a_party_in(buyer, with_vat_number=business), destination)

    tax = resolve_line_tax(decision, RATES, tax_code, None, "", None)

    assert decision.regime is regime
    assert tax is not None
    assert (tax.category, tax.rate) == (category, Decimal(rate))


@pytest.mark.parametrize("buyer", ["GB", "NL", ""])
def test_a_seller_that_is_not_registered_charges_no_tax(buyer: str) -> None:
    """Category O, wherever the buyer is."""
    decision = decide_tax(an_admin_company(vat_number=""), a_party(address=an_address(country=buyer)), "")

    tax = resolve_line_tax(decision, RATES, "standard", None, "", None)

    assert tax is not None
    assert (tax.category, tax.rate, tax.reason) == (Category.OUTSIDE_SCOPE, 0, "Not subject to VAT: the seller is not registered")


@pytest.mark.parametrize(
    "category", [Category.OUTSIDE_SCOPE, Category.EXEMPT, Category.EXPORT, Category.INTRA_COMMUNITY, Category.REVERSE_CHARGE]
)
def test_a_line_without_tax_says_why(category: Category) -> None:
    """The law wants the reason on the document (EN 16931)."""
    seller, code, buyer = {
        Category.OUTSIDE_SCOPE: (an_admin_company(vat_number=""), "standard", a_party_in("GB")),
        Category.EXEMPT: (an_admin_company(), "exempt", a_party_in("GB")),
        Category.EXPORT: (an_admin_company(), "standard", a_party_in("NL")),
        Category.INTRA_COMMUNITY: (an_admin_company_in("NL"), "standard", a_party_in("DE", with_vat_number=True)),
        Category.REVERSE_CHARGE: (an_admin_company_in("NL"), "design", a_party_in("DE", with_vat_number=True)),
    }[category]

    tax = resolve_line_tax(decide_tax(seller, buyer, ""), RATES, code, None, "", None)

    assert tax is not None
    assert tax.category is category
    assert tax.reason


@pytest.mark.parametrize(
    "buyer",
    [
        a_party(address=an_address(country="DE"), vat_number="DE136695976", vat_number_valid=False),
        a_party(address=an_address(country="DE"), vat_number=VAT_NUMBERS["NL"], vat_number_valid=True),
        a_party(address=an_address(country="DE"), vat_number=VAT_NUMBERS["GB"], vat_number_valid=True),
    ],
    ids=["not valid", "of the seller's country", "of no member state"],
)
def test_only_a_valid_number_of_another_member_state_opens_the_reverse_charge(buyer: Party) -> None:
    """Anything else is a sale to a consumer."""
    assert decide_tax(an_admin_company_in("NL"), buyer, "").regime is Regime.DISTANCE_SALE_ORIGIN


def test_a_buyer_without_a_country_is_not_taken_for_an_export() -> None:
    """Nobody's country is no tax-free destination: the order needs a person."""
    decision = decide_tax(an_admin_company(), a_party(address=an_address(country="")), "GB")

    assert decision.regime is Regime.UNDECIDED
    assert resolve_line_tax(decision, RATES, "standard", Decimal("0.2"), "standard", None) is None


def test_the_decision_keeps_the_facts_it_rests_on() -> None:
    """They are stored with every document."""
    decision = decide_tax(an_admin_company_in("NL", oss=True), a_party_in("DE", with_vat_number=True), "")

    assert decision.facts_by_name == {
        "seller_country": "NL",
        "seller_vat_number": "NL004495445B01",
        "buyer_country": "DE",
        "buyer_vat_number": "DE136695976",
        "buyer_vat_number_valid": "true",
        "destination": "DE",
        "oss": "true",
    }
    assert list(decision.facts) == sorted(decision.facts)


countries = st.sampled_from(["DE", "GB", "GR", "NL", "SE"])


@given(countries, countries, st.booleans(), st.booleans(), st.sampled_from(["", "DE", "GB", "SE"]))
def test_tax_is_charged_exactly_where_some_country_has_the_right_to_it(
    seller: str, buyer: str, business: bool, oss: bool, destination: str
) -> None:
    """At home always; in another member state only from consumers; elsewhere never."""
    decision = decide_tax(an_admin_company_in(seller, oss=oss), a_party_in(buyer, with_vat_number=business), destination)

    inside_the_union = {seller, buyer} <= EU_MEMBERS
    assert bool(decision.rate_country) == (seller == buyer or (inside_the_union and not business))
    assert decision.rate_country in {"", seller} or oss
