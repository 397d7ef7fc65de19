"""Which tax regime a sale falls under (DESIGN section 2, Tax decision; categories as in UNCL 5305)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from domain.companies.admin_company import AdminCompany
from domain.countries import in_eu, vat_prefix_country
from domain.parties import Party


class Regime(StrEnum):
    """The rule that decided. Stored on every document with its facts."""

    SELLER_NOT_REGISTERED = "seller_not_registered"
    DOMESTIC = "domestic"
    INTRA_COMMUNITY = "intra_community"
    DISTANCE_SALE_OSS = "distance_sale_oss"
    DISTANCE_SALE_ORIGIN = "distance_sale_origin"
    EXPORT = "export"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class TaxDecision:
    """The regime, the country whose rates apply (empty where no tax is charged) and the facts it rests on, by name in order.

    ``undecided`` means that a fact is missing without which any answer would be a guess: such an order is ``tax_missing``.
    """

    regime: Regime
    rate_country: str
    facts: tuple[tuple[str, str], ...]

    @property
    def facts_by_name(self) -> Mapping[str, str]:
        """The facts as a mapping, for people and for the document."""
        return dict(self.facts)


def decide_tax(seller: AdminCompany, buyer: Party, destination: str) -> TaxDecision:
    """The regime for a sale to the bill-to party. ``destination`` is the country the goods go to, or empty."""
    return _decide(
        seller_country=seller.address.country,
        seller_vat=seller.vat_number,
        oss=seller.oss,
        buyer_country=buyer.address.country,
        buyer_vat=buyer.vat_number,
        buyer_vat_valid=buyer.vat_number_valid,
        destination=destination,
    )


# Orders of one company repeat the same few combinations; the answer depends on nothing else.
@lru_cache(maxsize=4096)
def _decide(  # noqa: PLR0913 - the facts of the decision, one by one, so that the cache can key on them
    *, seller_country: str, seller_vat: str, oss: bool, buyer_country: str, buyer_vat: str, buyer_vat_valid: bool, destination: str
) -> TaxDecision:
    goods_to = destination or buyer_country
    # In the order of their names: so they come back from a document's content, whose keys are sorted.
    facts = (
        ("buyer_country", buyer_country),
        ("buyer_vat_number", buyer_vat),
        ("buyer_vat_number_valid", str(buyer_vat_valid).lower()),
        ("destination", goods_to),
        ("oss", str(oss).lower()),
        ("seller_country", seller_country),
        ("seller_vat_number", seller_vat),
    )
    if not seller_vat:
        return TaxDecision(Regime.SELLER_NOT_REGISTERED, "", facts)
    if not buyer_country:
        return TaxDecision(Regime.UNDECIDED, "", facts)
    if buyer_country == seller_country:
        return TaxDecision(Regime.DOMESTIC, seller_country, facts)
    if not (in_eu(seller_country) and in_eu(buyer_country)):
        return TaxDecision(Regime.EXPORT, "", facts)
    if buyer_vat_valid and _is_of_another_member_state(buyer_vat, seller_country):
        return TaxDecision(Regime.INTRA_COMMUNITY, "", facts)
    return _decide_distance_sale(seller_country, goods_to if in_eu(goods_to) else buyer_country, facts, oss=oss)


def _is_of_another_member_state(vat_number: str, country: str) -> bool:
    registered_in = vat_prefix_country(vat_number)
    return registered_in != country and in_eu(registered_in)


def _decide_distance_sale(seller_country: str, destination: str, facts: tuple[tuple[str, str], ...], *, oss: bool) -> TaxDecision:
    if oss:
        return TaxDecision(Regime.DISTANCE_SALE_OSS, destination, facts)
    return TaxDecision(Regime.DISTANCE_SALE_ORIGIN, seller_country, facts)
