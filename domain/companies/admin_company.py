"""The admin company: the seller, and the owner of the number series."""

from dataclasses import dataclass

from domain.parties import Address


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where the buyer pays to; every part is printed as it was given."""

    name: str = ""
    iban: str = ""
    bic: str = ""
    account_number: str = ""
    sort_code: str = ""


@dataclass(frozen=True, slots=True)
class Numbering:
    """How numbers look. The number itself is 1, 2, 3 …; the format is display only.

    ``first`` counts only until the first document is issued (DESIGN section 2, Numbering).
    """

    format: str = "INV-{number:06d}"
    first: int = 1
    credit_format: str = "CN-{number:06d}"
    credit_first: int = 1


@dataclass(frozen=True, slots=True)
class AdminCompany:
    """Seller identity. Every company under it draws from its one series (seed 002, last note)."""

    ref: str
    name: str
    address: Address
    vat_number: str = ""
    registration_number: str = ""
    email: str = ""
    phone: str = ""
    bank: BankAccount = BankAccount()
    numbering: Numbering = Numbering()
    oss: bool = False
    logo_sha256: str = ""
    footer: str = ""
