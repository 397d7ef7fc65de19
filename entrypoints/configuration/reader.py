"""A YAML file turned into what `apply` takes, or refused with all its mistakes at once.

Each entry is read on its own, so that a mistake in one hides none in another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from application.configuration import Configuration
from application.configuration_mistakes import ConfigurationRefused, Mistake
from application.ports.templates import Templates
from application.ports.vat_register import VatRegister
from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.companies.integration import Integration
from domain.pricing.price_list import PriceBreak
from domain.pricing.tax_rates import TaxRate
from entrypoints.configuration import document
from entrypoints.configuration.admin_companies import AdminCompanyModel
from entrypoints.configuration.companies import CompanyModel, IntegrationModel
from entrypoints.configuration.document import Document
from entrypoints.configuration.kinds import KINDS, PLANNED
from entrypoints.configuration.kinds.kind import Kind, Surroundings
from entrypoints.configuration.logos import read_logo, stored_logo
from entrypoints.configuration.rates_and_prices import PriceModel, TaxRateModel
from entrypoints.configuration.secrets import resolve_secret
from entrypoints.configuration.strict import Model, Strict, read_model
from entrypoints.suggestions import did_you_mean

SECTIONS: Mapping[str, type[Strict]] = {
    "admin_companies": AdminCompanyModel,
    "companies": CompanyModel,
    "price_lists": PriceModel,
    "tax_rates": TaxRateModel,
}
Entry = TypeVar("Entry", bound=Strict)
_At = document.Path


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file declares: a part of a configuration, with the logos and secrets that belong to it."""

    configuration: Configuration
    assets: Mapping[str, bytes]
    secrets: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ConfigurationReader:
    """Reads files; the ports judge VAT numbers and templates, these with the variables of an invented invoice (``sample``)."""

    templates: Templates
    vat_register: VatRegister
    sample: Mapping[str, Any]

    def __call__(self, text: str, folder: Path, environment: Mapping[str, str]) -> Declared:
        """Read a file whose relative paths start in ``folder``. Raises ConfigurationRefused."""
        reading = _Reading(document.parse(text), folder, environment, self)
        declared = reading.run()
        if reading.mistakes:
            raise ConfigurationRefused(reading.mistakes)
        return declared


@dataclass(slots=True)
class _Reading:
    """One file being read."""

    document: Document
    folder: Path
    environment: Mapping[str, str]
    tools: ConfigurationReader
    mistakes: list[Mistake] = field(default_factory=list)
    assets: dict[str, bytes] = field(default_factory=dict)
    secrets: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def run(self) -> Declared:
        sections = self._sections()
        sellers = dict(self._sellers(sections))
        companies = dict(self._companies(sections, sellers))
        configuration = Configuration(
            admin_companies=sellers,
            companies={ref: company for ref, (company, _) in companies.items()},
            price_lists=self._prices(sections, companies),
            tax_rates=self._rates(sections),
            integrations={integration.path: integration for _, integrations in companies.values() for integration in integrations},
        )
        return Declared(configuration, self.assets, self.secrets)

    def _refuse(self, path: _At, text: str) -> None:
        self.mistakes.append(Mistake(self._name(path), text, self.document.line_of(path)))

    def _name(self, path: _At) -> str:
        """The path with refs for positions, as people know their companies: ``companies[777].plan``."""
        shown: list[str | int] = []
        value = self.document.value
        for part in path:
            try:
                value = value[part]
            except (TypeError, KeyError, IndexError):
                value = None
            label = _label(value) if isinstance(part, int) else None
            shown.append(f"[{label}]" if label else part)
        return document.show_path(tuple(shown)).replace(".[", "[")

    def _sections(self) -> dict[str, list[Any]]:
        value = self.document.value
        if not isinstance(value, Mapping) or not value:
            self._refuse((), f"This file declares nothing; it may hold {', '.join(SECTIONS)}.")
            return {}
        sections: dict[str, list[Any]] = {}
        for key, entries in value.items():
            if key not in SECTIONS:
                self._refuse((key,), f"There is no such key. {did_you_mean(key, SECTIONS)}".rstrip())
            elif entries is not None and not isinstance(entries, list):
                self._refuse((key,), "Here a list is expected.")
            else:
                sections[key] = entries or []
        return sections

    def _entries(self, sections: Mapping[str, list[Any]], section: str, model: type[Entry]) -> Iterator[tuple[_At, Entry]]:
        for index, given in enumerate(sections.get(section, ())):
            entry = self._read(model, given, (section, index))
            if entry is not None:
                yield (section, index), entry

    def _read(self, model: type[Model], given: object, path: _At) -> Model | None:
        entry, problems = read_model(model, given)
        for inside, text in problems:
            self._refuse((*path, *inside), text)
        return entry

    def _sellers(self, sections: Mapping[str, list[Any]]) -> Iterator[tuple[str, AdminCompany]]:
        seen: set[str] = set()
        for path, model in self._entries(sections, "admin_companies", AdminCompanyModel):
            self._refuse_twice(seen, model.ref, (*path, "ref"))
            if model.vat_number and not self.tools.vat_register.is_valid(model.vat_number):
                self._refuse(
                    (*path, "vat_number"), f"{model.vat_number!r} is no VAT number: its check digits or its country prefix do not fit."
                )
            yield model.ref, model.to_domain(self._logo(model.logo, path))

    def _companies(
        self, sections: Mapping[str, list[Any]], sellers: Mapping[str, AdminCompany]
    ) -> Iterator[tuple[str, tuple[Company, list[Integration]]]]:
        seen: set[str] = set()
        for index, given in enumerate(sections.get("companies", ())):
            path = ("companies", index)
            model = self._read(CompanyModel, given, path)
            # Integrations are read even where the company is wrong, so that the mistakes in them show at once.
            integrations = list(self._integrations(given, model, (*path, "integrations")))
            if model is None:
                continue
            self._refuse_twice(seen, model.ref, (*path, "ref"))
            if model.ref in sellers:
                self._refuse((*path, "ref"), f"{model.ref!r} is an admin company; a company that is invoiced needs a ref of its own.")
            yield model.ref, (model.to_domain(self._logo(model.logo, path)), integrations)

    def _integrations(self, given: Any, company: CompanyModel | None, path: _At) -> Iterator[Integration]:
        entries = given.get("integrations") if isinstance(given, Mapping) else None
        seen: set[str] = set()
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            here = (*path, index)
            model = self._read(IntegrationModel, entry, here)
            kind = model and KINDS.get(model.kind)
            if model and not kind:
                self._refuse((*here, "kind"), _unknown_kind(model.kind))
            if model and kind:
                settings = self._settings(kind, model, company, (*here, "settings"))
                secrets = dict(self._secrets(kind, model, (*here, "secrets")))
                self._refuse_twice(seen, f"{model.kind}/{model.name}", here, "Give each integration of one kind a name of its own.")
                if company:
                    integration = model.to_domain(company.ref, company.plan.zone, settings)
                    self.secrets[integration.path] = secrets
                    yield integration

    def _settings(self, kind: Kind, model: IntegrationModel, company: CompanyModel | None, path: _At) -> Mapping[str, Any]:
        settings = self._read(kind.settings, model.settings, path)
        if settings is None:
            return {}
        for key, text in kind.check(settings, Surroundings(company, self.tools.templates, self.tools.sample)):
            self._refuse((*path, key) if key else path, text)
        return settings.model_dump(mode="json")

    def _secrets(self, kind: Kind, model: IntegrationModel, path: _At) -> Iterator[tuple[str, str]]:
        for name, written in model.secrets.items():
            here = (*path, name)
            if name not in kind.secrets:
                self._refuse(here, f"{kind.name} has no such secret. {did_you_mean(name, kind.secrets)}".rstrip())
                continue
            try:
                yield name, resolve_secret(written, self.folder, self.environment)
            except ValueError as error:
                self._refuse(here, str(error))

    def _prices(self, sections: Mapping[str, list[Any]], companies: Mapping[str, object]) -> dict[str, tuple[PriceBreak, ...]]:
        """By company. A section in the file speaks for every company of the file, also for those that it gives no price."""
        prices: dict[str, list[PriceBreak]] = {ref: [] for ref in companies} if "price_lists" in sections else {}
        seen: set[tuple[object, ...]] = set()
        for path, model in self._entries(sections, "price_lists", PriceModel):
            self._refuse_twice(seen, model.key, path)
            prices.setdefault(model.company, []).append(model.to_domain())
        return {company: tuple(entries) for company, entries in prices.items()}

    def _rates(self, sections: Mapping[str, list[Any]]) -> dict[str, tuple[TaxRate, ...]]:
        rates: dict[str, list[TaxRate]] = {}
        seen: set[tuple[object, ...]] = set()
        for path, model in self._entries(sections, "tax_rates", TaxRateModel):
            self._refuse_twice(seen, model.key, path)
            rates.setdefault(model.country, []).append(model.to_domain())
        return {country: tuple(entries) for country, entries in rates.items()}

    def _logo(self, written: str, path: _At) -> str:
        if not written:
            return ""
        if stored := stored_logo(written):
            return stored
        try:
            sha256, content = read_logo(written, self.folder)
        except ValueError as error:
            self._refuse((*path, "logo"), str(error))
            return ""
        self.assets[sha256] = content
        return sha256

    def _refuse_twice(self, seen: set[Any], key: object, path: _At, advice: str = "") -> None:
        if key in seen:
            self._refuse(path, f"This stands in the file twice. {advice}".rstrip())
        seen.add(key)


def _unknown_kind(name: str) -> str:
    if name in PLANNED:
        return f"The kind {name!r} is planned, not in this version. This version has: {', '.join(KINDS)}."
    return f"There is no kind {name!r}. {did_you_mean(name, KINDS)}".rstrip()


def _label(entry: object) -> str | None:
    """What an entry of a list is known by."""
    if not isinstance(entry, Mapping):
        return None
    return next((str(entry[key]) for key in ("ref", "kind") if isinstance(entry.get(key), str | int)), None)
