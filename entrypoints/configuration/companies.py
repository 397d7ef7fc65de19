"""`companies` of the file: who is invoiced, and where documents go."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from domain.companies.company import Company
from domain.companies.integration import Integration
from entrypoints.configuration.admin_companies import AddressModel
from entrypoints.configuration.fields import Currency, MailAddress, Moment, Name, Ref, Slug, Text, VatNumber
from entrypoints.configuration.plans import PlanModel, instant
from entrypoints.configuration.strict import Strict


class IntegrationModel(Strict):
    """A destination of a company's documents. What may stand in `settings` and `secrets` depends on the kind."""

    kind: Annotated[str, Field(description="One of the kinds below.")]
    name: Annotated[Slug | None, Field(description="Tells several of one kind apart.")] = None
    enabled: Annotated[bool, Field(description="Off: documents issued meanwhile are not owed here.")] = True
    starting_from: Annotated[Moment | None, Field(description="Documents issued before are not delivered here.")] = None
    weight: Annotated[int, Field(ge=1, le=10, description="How many time slices it gets in one turn of deliveries, 1 to 10.")] = 1
    settings: dict[str, Any] = Field(default_factory=dict, description="See the section of the kind.")
    secrets: dict[str, str | None] = Field(
        default_factory=dict,
        description="Each `${NAME}` of an environment variable, or `file:PATH`; never the secret itself. `null` removes a stored one.",
    )

    def to_domain(self, company: str, timezone: str, settings: Mapping[str, Any]) -> Integration:
        """The domain's integration, with the settings that its kind has checked."""
        starting_from = instant(self.starting_from, timezone)
        return Integration(company, self.kind, self.name or "", self.enabled, starting_from, settings, self.weight)


class CompanyModel(Strict):
    """A company that is invoiced."""

    ref: Annotated[Ref, Field(description="`secondary_company_ref_id`, else `company_ref_id`, of its orders.")]
    admin_company: Annotated[Ref, Field(description="The seller, by its ref.")]
    name: Annotated[Name, Field(description="As printed on documents.")]
    address: Annotated[AddressModel, Field(description="See `address`.")]
    vat_number: Annotated[VatNumber, Field(description="With country prefix. One that is not valid counts as none, with a warning.")] = ""
    email: Annotated[MailAddress, Field(description="Gets the mails where an integration names nobody.")] = ""
    currency: Annotated[Currency | None, Field(description="ISO 4217; where an order names none.")] = None
    logo: Annotated[Text, Field(description="As an admin company's, and goes before it.")] = ""
    plan: Annotated[PlanModel, Field(description="See `plan`.")] = PlanModel()
    # Read one by one: each kind has a model of its own.
    integrations: list[Any] = Field(default_factory=list, description="Where its documents go.")

    def to_domain(self, logo_sha256: str) -> Company:
        """The domain's company. Whether its VAT number is valid is found out on apply."""
        return Company(
            ref=self.ref,
            admin_company=self.admin_company,
            name=self.name,
            address=self.address.to_domain(),
            vat_number=self.vat_number,
            email=self.email,
            currency=self.currency or "",
            logo_sha256=logo_sha256,
            plan=self.plan.to_domain(),
        )
