"""The company that is invoiced: a retailer or a dropship connection."""

from dataclasses import dataclass

from domain.companies.plan import Plan
from domain.parties import Address, Party


@dataclass(frozen=True, slots=True)
class Company:
    """The buyer of the trade invoice. ``currency`` is used where an order names none."""

    ref: str
    admin_company: str
    name: str
    address: Address
    vat_number: str = ""
    vat_number_valid: bool = False
    email: str = ""
    currency: str = ""
    logo_sha256: str = ""
    plan: Plan = Plan()

    @property
    def party(self) -> Party:
        """The company as the buyer on a document."""
        return Party(
            name=self.name,
            address=self.address,
            email=self.email,
            vat_number=self.vat_number,
            vat_number_valid=self.vat_number_valid,
        )
