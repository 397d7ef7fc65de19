"""A reader of YAML with judges that need no adapter, and the smallest file that is right."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.file_drop.key_pairs import SshKeyPairs
from application.configuration_mistakes import ConfigurationRefused, Mistake
from domain.errors import DomainError
from entrypoints.configuration.reader import ConfigurationReader, Declared

ADMIN = {"ref": "acme", "name": "ACME", "address": {"country": "GB"}, "vat_number": "GB980780684"}
MAILER = {"kind": "pdf_emailer", "settings": {"email_from": "a@acme.example", "email_to": "b@shop.example"}}
COMPANY = {"ref": "777", "admin_company": "acme", "name": "Shop", "address": {"country": "NL"}, "currency": "GBP", "integrations": [MAILER]}
PRICE = {"company": "777", "currency": "GBP", "sku": "TEE", "unit_price": "6.25"}
RATE = {"country": "GB", "tax_code": "standard", "rate": "0.20"}


class LiteralTemplates:
    """Renders a template as itself; one that says BROKEN fails."""

    def render_text(self, template: str, variables: Mapping[str, Any]) -> str:
        if "BROKEN" in template:
            raise DomainError("template_failed", "Line 2: unexpected end.", "Correct the template.")
        return template

    render_html = render_text


class KnownVatNumbers:
    """Only the number of the samples is valid."""

    def is_valid(self, vat_number: str) -> bool:
        return vat_number == ADMIN["vat_number"]


READER = ConfigurationReader(
    LiteralTemplates(), KnownVatNumbers(), {"invoice": {"number": "INV-1"}}, {"order": {"ref": "1"}}, SshKeyPairs()
)


def a_file(**sections: Any) -> dict[str, Any]:
    """The whole file; sections given replace those of the sample."""
    sample = {"admin_companies": [ADMIN], "companies": [COMPANY], "price_lists": [PRICE], "tax_rates": [RATE]}
    return copy.deepcopy({**sample, **sections})


def read(value: object, folder: Path = Path(), environment: Mapping[str, str] | None = None) -> Declared:
    """Read a file with this content."""
    text = value if isinstance(value, str) else yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
    return READER(text, folder, environment or {})


def mistakes_in(value: object, folder: Path = Path(), environment: Mapping[str, str] | None = None) -> list[Mistake]:
    """The mistakes for which a file is refused."""
    with pytest.raises(ConfigurationRefused) as caught:
        read(value, folder, environment)
    return list(caught.value.mistakes)


def with_company(**changes: Any) -> dict[str, Any]:
    """The file with another company."""
    return a_file(companies=[{**COMPANY, **changes}])


def with_admin(**changes: Any) -> dict[str, Any]:
    """The file with another seller."""
    return a_file(admin_companies=[{**ADMIN, **changes}])


def with_plan(**plan: Any) -> dict[str, Any]:
    """The file with a plan."""
    return with_company(plan=plan)


def with_settings(**settings: Any) -> dict[str, Any]:
    """The file with other settings of the mailer."""
    return with_company(integrations=[{**MAILER, "settings": {**MAILER["settings"], **settings}}])  # type: ignore[dict-item]
