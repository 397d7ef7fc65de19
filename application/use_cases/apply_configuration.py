"""Make the declared configuration so: what a declaration names becomes as it says, everything else stays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from application.configuration import Configuration
from application.configuration_diff import Act, ConfigurationChange, compare, integration_path
from application.configuration_mistakes import ConfigurationRefused, Mistake
from application.flows.declared import flow_mistakes
from application.key_pairs import LOG_INS, MADE_KEY, needs_password, public_key, shown_secret, takes_key_pair
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.key_pairs import KeyPairs
from application.ports.secret_box import SecretBox, secret_place
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.ports.vat_register import VatRegister
from domain.companies.company import Company
from domain.errors import DomainError, TemporaryFailure
from domain.invoicing.document import DocumentType

Secrets = Mapping[str, Mapping[str, str | None]]
_PATHS_IN_AUDIT = 50
_TRIES_MAX = 5


@dataclass(frozen=True, slots=True)
class ApplyConfiguration:
    """The part of a configuration that is declared.

    A company that is named gets exactly the integrations that are declared for it. A price list that is named, be it empty,
    replaces that company's; rates replace those of their country. ``assets`` are files by SHA-256. ``secrets`` are plain values
    by integration path and name; one that is None is removed, and one that is not named stays. An integration that speaks SSH
    and has no log-in gets a key pair, once: what was made is never replaced.
    """

    wanted: Configuration
    actor: str
    assets: Mapping[str, bytes] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=dict, repr=False)
    reason: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class AppliedConfiguration:
    """The revision in force afterwards, what changed, and what a person should look at.

    ``public_keys`` are the lines for partners, by integration path, of the key pairs that were made and kept just now.
    ``kept_secrets`` are the names, by integration path, of stored secrets that the declaration does not name.
    ``begun`` are the paths of integrations that take documents from now on and did not before.
    """

    revision: int
    changes: tuple[ConfigurationChange, ...]
    warnings: tuple[str, ...]
    public_keys: Mapping[str, str] = field(default_factory=dict)
    kept_secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    begun: tuple[str, ...] = ()


class _Overtaken(Exception):
    """Another declaration was applied first."""


@dataclass(frozen=True, slots=True)
class ApplyConfigurationHandler:
    """Raises ConfigurationRefused with every contradiction to what is stored; then nothing is changed.

    All in one transaction, and nothing is written where nothing differs: dying midway, or applying again, does no harm.
    """

    units_of_work: UnitsOfWork
    vat_register: VatRegister
    secret_box: SecretBox
    key_pairs: KeyPairs
    clock: Clock

    def __call__(self, command: ApplyConfiguration) -> AppliedConfiguration:
        """Apply, and say what that changed. Orders are decided anew by DecideOrders, which the caller runs next."""
        declared = replace(command.wanted, companies=dict(self._judged(command.wanted.companies)))
        for _ in range(_TRIES_MAX):
            try:
                return self._apply(command, declared)
            except _Overtaken:
                continue
        raise TemporaryFailure("Others keep applying configurations at the same time.")

    def _apply(self, command: ApplyConfiguration, declared: Configuration) -> AppliedConfiguration:
        with self.units_of_work() as uow:
            current = uow.configurations.current()
            wanted = merge(current, declared)
            mistakes = [*_contradictions(wanted, declared), *_missing_logos(uow, command, declared), *_late_firsts(uow, current, declared)]
            mistakes += _missing_passwords(uow, command)
            if mistakes:
                raise ConfigurationRefused(mistakes)
            made = dict(self._make_keys(uow, command))
            command = replace(command, secrets={**command.secrets, **made})
            changes = (*compare(current, wanted), *self._changed_secrets(uow, current, wanted, command.secrets))
            revision = self._save(uow, command, wanted, changes) if changes else current.revision
            # With those of integrations that come back from an earlier life, so only once it is saved.
            kept = dict(_kept_secrets(uow, command))
            if changes and not command.dry_run:
                uow.commit()
        # Of a dry run no key is kept, so none is told.
        public_keys = {} if command.dry_run else {path: public_key(self.key_pairs, wanted.integrations[path], made[path]) for path in made}
        warnings = (*_warnings(declared.companies), *_codes_without_rate(wanted, declared))
        begun = tuple(path for path, each in wanted.integrations.items() if each.enabled and not _is_enabled(current, path))
        return AppliedConfiguration(revision, changes, warnings, public_keys, kept, begun)

    def _make_keys(self, uow: UnitOfWork, command: ApplyConfiguration) -> Iterator[tuple[str, Mapping[str, str | None]]]:
        """By path, the secrets of integrations that need a key pair and have no log-in, not even from an earlier life."""
        for path, integration in command.wanted.integrations.items():
            if takes_key_pair(integration) and not LOG_INS & _names_afterwards(uow, command, path):
                yield path, {**command.secrets.get(path, {}), MADE_KEY: self.key_pairs.make()}

    def _judged(self, companies: Mapping[str, Company]) -> Iterator[tuple[str, Company]]:
        for ref, company in companies.items():
            valid = bool(company.vat_number) and self.vat_register.is_valid(company.vat_number)
            yield ref, replace(company, vat_number_valid=valid)

    def _changed_secrets(
        self, uow: UnitOfWork, current: Configuration, wanted: Configuration, secrets: Secrets
    ) -> Iterator[ConfigurationChange]:
        known = uow.configurations.secret_names()
        for path, values in secrets.items():
            for name, value in values.items():
                before = known.get(path, {}).get(name) if path in current.integrations else None
                now = None if value is None else self.secret_box.fingerprint(value, secret_place(path, name))
                if before != now:
                    act = Act.ADDED if before is None else Act.REMOVED if now is None else Act.CHANGED
                    yield ConfigurationChange(act, f"{integration_path(wanted.integrations[path])}.secrets.{shown_secret(name)}")

    def _save(self, uow: UnitOfWork, command: ApplyConfiguration, wanted: Configuration, changes: tuple[ConfigurationChange, ...]) -> int:
        revision = uow.configurations.save(wanted, command.assets, command.secrets)
        if revision != wanted.revision + 1:
            # Somebody saved between our reading and our saving: what we merged into is no longer there.
            raise _Overtaken
        paths = ", ".join(f"{change.act} {change.path}" for change in changes[:_PATHS_IN_AUDIT])
        more = len(changes) - _PATHS_IN_AUDIT
        detail = f"revision {revision}: {paths}{f' and {more} more' if more > 0 else ''}"
        uow.audit.add(AuditEntry(self.clock.now(), command.actor, "configuration_applied", "configuration", command.reason, detail))
        return revision


def _is_enabled(configuration: Configuration, path: str) -> bool:
    return path in configuration.integrations and configuration.integrations[path].enabled


def _names_afterwards(uow: UnitOfWork, command: ApplyConfiguration, path: str) -> set[str]:
    """The names of the secrets that an integration will have, those from an earlier life among them."""
    given = command.secrets.get(path, {})
    return {name for name, value in given.items() if value is not None} | (_stored_names(uow, path) - given.keys())


def _stored_names(uow: UnitOfWork, path: str) -> set[str]:
    try:
        return set(uow.configurations.secrets_of(path))
    except DomainError:
        # Sealed under a key that is gone: the partner still knows it, so it is for a person to give up.
        return set(uow.configurations.secret_names().get(path, LOG_INS))


def _missing_passwords(uow: UnitOfWork, command: ApplyConfiguration) -> Iterator[Mistake]:
    for path, integration in command.wanted.integrations.items():
        if needs_password(integration) and "password" not in _names_afterwards(uow, command, path):
            text = "FTP needs a password, and none is stored: write ${NAME} of an environment variable, or file:PATH."
            yield Mistake(f"{integration_path(integration)}.secrets.password", text)


def _kept_secrets(uow: UnitOfWork, command: ApplyConfiguration) -> Iterator[tuple[str, tuple[str, ...]]]:
    known = uow.configurations.secret_names()
    for path in command.wanted.integrations:
        kept = known.get(path, {}).keys() - command.secrets.get(path, {}).keys() - {MADE_KEY}
        if kept:
            yield path, tuple(sorted(kept))


def merge(current: Configuration, declared: Configuration) -> Configuration:
    """The configuration once a declaration is applied to it."""
    kept = {path: integration for path, integration in current.integrations.items() if integration.company not in declared.companies}
    prices = {**current.price_lists, **declared.price_lists}
    return Configuration(
        revision=current.revision,
        admin_companies={**current.admin_companies, **declared.admin_companies},
        companies={**current.companies, **declared.companies},
        price_lists={company: entries for company, entries in prices.items() if entries},
        tax_rates={**current.tax_rates, **declared.tax_rates},
        integrations={**kept, **declared.integrations},
        flows={**current.flows, **declared.flows},
    )


def _contradictions(wanted: Configuration, declared: Configuration) -> Iterator[Mistake]:
    for company in declared.companies.values():
        if company.admin_company not in wanted.admin_companies:
            known = ", ".join(sorted(wanted.admin_companies)) or "none"
            yield Mistake(
                f"companies[{company.ref}].admin_company", f"There is no admin company {company.admin_company!r}. Known: {known}."
            )
    for ref in sorted(wanted.companies.keys() & wanted.admin_companies.keys()):
        yield Mistake(f"companies[{ref}].ref", f"{ref!r} is an admin company; a company that is invoiced needs a ref of its own.")
    for flow in wanted.flows.values():
        yield from flow_mistakes(flow, wanted)
    for ref in declared.price_lists:
        if ref not in wanted.companies:
            yield Mistake(f"price_lists[{ref}].company", f"There is no company {ref!r}. Declare it in the same file, or before.")


def _missing_logos(uow: UnitOfWork, command: ApplyConfiguration, declared: Configuration) -> Iterator[Mistake]:
    for section in ("admin_companies", "companies"):
        for ref, owner in getattr(declared, section).items():
            sha256 = owner.logo_sha256
            if sha256 and sha256 not in command.assets and uow.configurations.asset(sha256) is None:
                yield Mistake(f"{section}[{ref}].logo", f"No logo sha256:{sha256} is stored. Name the picture's file instead.")


def _late_firsts(uow: UnitOfWork, current: Configuration, declared: Configuration) -> Iterator[Mistake]:
    """First numbers that would change although a document of the series is out."""
    begun = {(series.admin_company, series.type) for series in uow.documents.series() if series.last_issued_on is not None}
    for ref, seller in declared.admin_companies.items():
        before = current.admin_companies.get(ref, seller).numbering
        now = seller.numbering
        for key, type_, changed in (
            ("first", DocumentType.INVOICE, before.first != now.first),
            ("credit_first", DocumentType.CREDIT_NOTE, before.credit_first != now.credit_first),
        ):
            if changed and (ref, type_) in begun:
                text = f"The first number can change only before the first {type_.value.replace('_', ' ')} is issued."
                yield Mistake(f"admin_companies[{ref}].numbering.{key}", text)


def _warnings(companies: Mapping[str, Company]) -> Iterator[str]:
    for company in companies.values():
        if company.vat_number and not company.vat_number_valid:
            yield (
                f"companies[{company.ref}].vat_number: {company.vat_number!r} is no valid VAT number, "
                "so this company is taxed as if it had none. Ask the company for the right one."
            )


def _codes_without_rate(wanted: Configuration, declared: Configuration) -> Iterator[str]:
    """Tax codes of prices that the seller's country has no rate for: orders at such a price could not be invoiced."""
    for ref, entries in wanted.price_lists.items():
        seller = wanted.admin_companies[wanted.companies[ref].admin_company]
        country = seller.address.country
        if not seller.vat_number or not (ref in declared.price_lists or country in declared.tax_rates):
            continue
        known = {rate.tax_code for rate in wanted.tax_rates.get(country, ())}
        for code in dict.fromkeys(entry.tax_code for entry in entries if entry.tax_code and entry.tax_code not in known):
            yield (
                f"price_lists[{ref}]: tax_rates has no {code!r} for {country}, where {seller.ref!r} sells. "
                f"Known there: {', '.join(sorted(known)) or 'none'}. Correct the tax_code, or add the rate."
            )
