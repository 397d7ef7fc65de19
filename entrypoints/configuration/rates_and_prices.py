"""`price_lists` and `tax_rates` of the file."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from domain.pricing.price_list import PriceBreak
from domain.pricing.tax_rates import Supply, TaxRate
from entrypoints.configuration.fields import Country, Currency, Name, Price, Quantity, Ref, Text
from entrypoints.configuration.strict import Strict


class _Dated(Strict):
    valid_from: Annotated[date | None, Field(description="First day.")] = None
    valid_to: Annotated[date | None, Field(description="Last day.")] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError("valid_to lies before valid_from")
        return self


class PriceModel(_Dated):
    """What one unit costs a company, ex tax, from a quantity on."""

    company: Annotated[Ref, Field(description="Whose price list it is.")]
    currency: Annotated[Currency, Field(description="ISO 4217.")]
    sku: Annotated[Name, Field(description="As on order lines.")]
    from_quantity: Annotated[Quantity, Field(description="Holds from this quantity on.")] = Decimal(1)
    unit_price: Annotated[Price, Field(description="Ex tax, at most 6 decimals.")]
    tax_code: Annotated[Text, Field(description="For order lines without a tax code or rate of their own.")] = ""

    def to_domain(self) -> PriceBreak:
        """The domain's price."""
        return PriceBreak(self.currency, self.sku, self.unit_price, self.from_quantity, self.tax_code, self.valid_from, self.valid_to)

    @property
    def key(self) -> tuple[object, ...]:
        """Two prices with one key would contradict each other."""
        return (self.company, self.currency, self.sku, self.from_quantity, self.valid_from, self.valid_to)


class TaxRateModel(_Dated):
    """The rate of a tax code in a country."""

    country: Annotated[Country, Field(description="ISO 3166, two letters.")]
    tax_code: Annotated[Name, Field(description="As on order lines; `standard` also serves shipping.")]
    rate: Annotated[Decimal, Field(max_digits=10, decimal_places=6, description="A fraction: 20 % is `0.20`.")]
    exempt_reason: Annotated[Text, Field(description="Makes the code exempt (category E); its rate is then 0.")] = ""
    supply: Annotated[Supply, Field(description="`goods` or `services`.")] = Supply.GOODS

    @field_validator("rate")
    @classmethod
    def _fraction(cls, rate: Decimal) -> Decimal:
        if not 0 <= rate <= 1:
            raise ValueError(f"{rate} is not from 0 to 1: write 20 % as 0.20")
        return rate

    @model_validator(mode="after")
    def _exempt_is_free(self) -> Self:
        if self.exempt_reason and self.rate:
            raise ValueError("with exempt_reason the rate must be 0")
        return self

    def to_domain(self) -> TaxRate:
        """The domain's rate."""
        return TaxRate(self.country, self.tax_code, self.rate, self.exempt_reason, self.supply, self.valid_from, self.valid_to)

    @property
    def key(self) -> tuple[object, ...]:
        """Two rates with one key would contradict each other."""
        return (self.country, self.tax_code, self.valid_from, self.valid_to)
