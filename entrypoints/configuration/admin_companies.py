"""`admin_companies` of the file: the sellers."""

import re
from string import Formatter
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from domain.companies.admin_company import AdminCompany, BankAccount, Numbering
from domain.parties import Address
from entrypoints.configuration.fields import Country, Iban, LongText, MailAddress, Name, Ref, Text, VatNumber
from entrypoints.configuration.strict import Strict

_DEFAULT = Numbering()
# Zeros in front, a width, nothing else: every number then looks different from every other.
_NUMBER_SPEC = re.compile(r"(0?[1-9][0-9]?)?d?")


def _number_format(text: str) -> str:
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"{text!r} is no format: {error}") from None
    fields = [(name, spec, conversion) for _, name, spec, conversion in parts if name is not None]
    if len(fields) != 1 or fields[0][0] != "number" or fields[0][2] or not _NUMBER_SPEC.fullmatch(fields[0][1] or ""):
        raise ValueError(f"{text!r} must hold {{number}} once and no other field; {{number:06d}} writes six digits")
    return text


def _skeleton(number_format: str) -> tuple[str, str]:
    """What is around the digits of a number, whatever the number."""
    around = list(Formatter().parse(number_format))
    at = next(index for index, part in enumerate(around) if part[1] is not None)
    before = "".join(part[0] for part in around[: at + 1])
    after = "".join(part[0] for part in around[at + 1 :])
    return before.rstrip("0123456789"), after.lstrip("0123456789")


NumberFormat = Annotated[Name, AfterValidator(_number_format)]
First = Annotated[int, Field(ge=1, le=10**12)]


class AddressModel(Strict):
    """A postal address."""

    line1: Text = ""
    line2: Text = ""
    city: Text = ""
    postcode: Text = ""
    region: Text = ""
    country: Annotated[Country, Field(description="ISO 3166, two letters.")]

    def to_domain(self) -> Address:
        """The domain's address."""
        return Address(**self.model_dump())


class BankModel(Strict):
    """Where the buyer pays to."""

    name: Text = ""
    iban: Annotated[Iban, Field(description="Its check digits are verified.")] = ""
    bic: Text = ""
    account_number: Text = ""
    sort_code: Text = ""


class NumberingModel(Strict):
    """How numbers look, and where the series begin."""

    format: Annotated[NumberFormat, Field(description="Of invoices; holds `{number}` once, e.g. `INV-{number:06d}`.")] = _DEFAULT.format
    first: Annotated[First, Field(description="First invoice number; may change until the first invoice is issued.")] = _DEFAULT.first
    credit_format: Annotated[NumberFormat, Field(description="Of credit notes; never the same as an invoice's.")] = _DEFAULT.credit_format
    credit_first: Annotated[First, Field(description="First credit note number.")] = _DEFAULT.credit_first

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if _skeleton(self.format) == _skeleton(self.credit_format):
            raise ValueError("format and credit_format must differ in their text, or an invoice and a credit note could share a number")
        return self


class AdminCompanyModel(Strict):
    """A seller, and the owner of a number series."""

    ref: Annotated[Ref, Field(description="The name that companies and commands use.")]
    name: Annotated[Name, Field(description="As printed on documents.")]
    address: Annotated[AddressModel, Field(description="See `address`.")]
    vat_number: Annotated[VatNumber, Field(description="With country prefix; empty: not registered, no tax is charged.")] = ""
    registration_number: Annotated[Text, Field(description="Of the trade register.")] = ""
    email: Annotated[MailAddress, Field(description="Printed, and the sender of mails where an integration names none.")] = ""
    phone: Annotated[Text, Field(description="Printed.")] = ""
    bank: Annotated[BankModel, Field(description="See `bank`.")] = BankModel()
    numbering: Annotated[NumberingModel, Field(description="See `numbering`.")] = NumberingModel()
    oss: Annotated[bool, Field(description="Registered for the EU One Stop Shop: consumers pay their country's rate.")] = False
    logo: Annotated[
        Text, Field(description="PNG, JPEG or SVG file, at most 512 KiB, relative to this file; or `sha256:…` of a stored one.")
    ] = ""
    footer: Annotated[LongText, Field(description="Text at the foot of each document.")] = ""

    def to_domain(self, logo_sha256: str) -> AdminCompany:
        """The domain's admin company."""
        return AdminCompany(
            ref=self.ref,
            name=self.name,
            address=self.address.to_domain(),
            vat_number=self.vat_number,
            registration_number=self.registration_number,
            email=self.email,
            phone=self.phone,
            bank=BankAccount(**self.bank.model_dump()),
            numbering=Numbering(**self.numbering.model_dump()),
            oss=self.oss,
            logo_sha256=logo_sha256,
            footer=self.footer,
        )
