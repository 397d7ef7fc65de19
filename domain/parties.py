"""Names and addresses, as they stand on a document."""

from domain.value import value


@value
class Address:
    """A postal address. ``country`` is ISO 3166 alpha-2 in capitals, or empty where unknown."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    country: str = ""


@value
class Party:
    """Somebody who buys or receives. ``vat_number_valid`` is the register's answer, not an opinion of ours."""

    name: str
    address: Address = Address()
    contact: str = ""
    email: str = ""
    vat_number: str = ""
    vat_number_valid: bool = False
