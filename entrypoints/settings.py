"""The settings of a process: `BILLHOOK_*` environment variables, else a `.env` file, else a default (DESIGN 4.2)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from application.accounting.vendor_addresses import VendorAddresses
from domain.errors import DomainError
from entrypoints.masking import mask_url
from entrypoints.suggestions import did_you_mean

PREFIX = "BILLHOOK_"
# Names that belong to the tests: they may be set beside the command and mean nothing to it.
_IGNORED_PREFIXES = ("BILLHOOK_TEST_", "BILLHOOK_SPECS")
_SECRET_KEY_LENGTH_MIN = 32
_PORT_MAX = 65_535
_VENDORS = VendorAddresses()


class SettingsRefused(DomainError):
    """One or more settings are wrong; ``text`` has a line for each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__(
            "settings_refused", "\n".join(mistakes), "Correct the settings, then look at them with: billhook config show --origin"
        )


class Origin(StrEnum):
    """Where the value of a setting came from."""

    DEFAULT = "default"
    ENVIRONMENT = "environment"
    ENV_FILE = ".env file"


class LogLevel(StrEnum):
    """From which importance on events are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a log line looks: for people, or one JSON object a line."""

    CONSOLE = "console"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """A setting as `config show` prints it: by the name of its variable, with secrets and passwords masked."""

    name: str
    value: str
    origin: Origin


class Settings(BaseSettings):
    """All settings; every field is the variable of its name in capitals behind ``BILLHOOK_``. Empty variables count as not set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    data_dir: Annotated[Path, Field(description="Folder of the embedded database, the key file, demo files, inbox and `.eml` files.")] = (
        Path("var")
    )
    database_url: Annotated[
        str,
        Field(
            description="`sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`; empty: a SQLite file in the data folder.", repr=False
        ),
    ] = ""
    broker_url: Annotated[
        str,
        Field(
            description="`amqp://` or `amqps://USER:PASSWORD@HOST/VHOST` of RabbitMQ (nodes with `;` between them); empty: no broker.",
            repr=False,
        ),
    ] = ""
    secret_key: Annotated[
        SecretStr | None,
        Field(
            description="Encrypts stored secrets; at least 32 characters. Required unless the database is SQLite, where a key file is made."
        ),
    ] = None
    smtp_url: Annotated[
        SecretStr | None,
        Field(description="`smtp://` or `smtps://USER:PASSWORD@HOST:PORT`; empty: mails are written to the data folder as `.eml` files."),
    ] = None
    allowed_networks: Annotated[
        str, Field(description="Private networks and hosts that deliveries may reach: `10.1.0.0/16,files.internal`; empty: none.")
    ] = ""
    alert_webhook_url: Annotated[
        SecretStr | None,
        Field(description="Where incidents are posted to, signed: `https://HOST/PATH`; empty: nowhere. It may hold a secret of its own."),
    ] = None
    alert_webhook_key: Annotated[
        SecretStr | None, Field(description="Signs what is posted there; at least 32 characters. Required with the address.")
    ] = None
    health_address: Annotated[
        str, Field(description="`HOST:PORT` where a role answers /live, /ready and /complete; empty: nowhere. Nobody has to log in there.")
    ] = ""
    log_level: Annotated[LogLevel, Field(description="`debug`, `info`, `warning` or `error`.")] = LogLevel.INFO
    log_format: Annotated[LogFormat, Field(description="`console` for people, `json` for machines.")] = LogFormat.CONSOLE
    worker_threads: Annotated[int, Field(ge=1, le=64, description="Threads of one worker process.")] = 4
    intake_batch_size: Annotated[int, Field(ge=1, le=2000, description="Messages that intake stores in one transaction.")] = 500
    delivery_batch_size: Annotated[int, Field(ge=1, le=500, description="Documents that a worker takes from a lane at a time.")] = 50
    company_lanes_max: Annotated[int, Field(ge=1, le=64, description="Lanes of one company that are drained at once, by all workers.")] = 3
    lease_s: Annotated[int, Field(ge=10, le=3600, description="Seconds after which a lane whose worker died is given to another.")] = 60

    xero_api_url: Annotated[str, Field(description="Where Xero's API is.")] = _VENDORS.xero_api_url
    xero_login_url: Annotated[str, Field(description="Where Xero asks its users for consent.")] = _VENDORS.xero_login_url
    xero_identity_url: Annotated[str, Field(description="Where Xero gives tokens.")] = _VENDORS.xero_identity_url
    fortnox_api_url: Annotated[str, Field(description="Where Fortnox's API is.")] = _VENDORS.fortnox_api_url
    fortnox_auth_url: Annotated[str, Field(description="Where Fortnox asks for consent and gives tokens.")] = _VENDORS.fortnox_auth_url
    jortt_api_url: Annotated[str, Field(description="Where jortt's API is.")] = _VENDORS.jortt_api_url
    jortt_auth_url: Annotated[str, Field(description="Where jortt asks for consent and gives tokens.")] = _VENDORS.jortt_auth_url
    vies_url: Annotated[str, Field(description="Where VIES answers about VAT numbers.")] = _VENDORS.vies_url

    _origins: Mapping[str, Origin] = PrivateAttr(default_factory=dict)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        scheme = url.partition("://")[0]
        if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
            return "postgresql+psycopg" + url[len(scheme) :]
        if url and scheme != "sqlite":
            raise ValueError(
                f"{scheme or 'this'!r} is not a database Billhook knows; use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
            )
        return url

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, url: str) -> str:
        # Several nodes of one cluster are separated by ";".
        return ";".join(_with_scheme(node, "amqp", "amqps") for node in url.split(";"))

    @field_validator("health_address")
    @classmethod
    def _host_and_port(cls, address: str) -> str:
        host, _, port = address.rpartition(":")
        if address and (not host or not port.isdigit() or int(port) > _PORT_MAX):
            raise ValueError("must be HOST:PORT, such as 127.0.0.1:8080, or 0.0.0.0:8080 where probes come from outside")
        return address

    @field_validator("smtp_url")
    @classmethod
    def _known_mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        return url and SecretStr(_with_scheme(url.get_secret_value(), "smtp", "smtps"))

    @field_validator(
        "xero_api_url",
        "xero_login_url",
        "xero_identity_url",
        "fortnox_api_url",
        "fortnox_auth_url",
        "jortt_api_url",
        "jortt_auth_url",
        "vies_url",
    )
    @classmethod
    def _known_vendor(cls, url: str) -> str:
        return _with_scheme(url, "https", "http").rstrip("/")

    @field_validator("alert_webhook_url")
    @classmethod
    def _known_webhook(cls, url: SecretStr | None) -> SecretStr | None:
        return url and SecretStr(_with_scheme(url.get_secret_value(), "https", "http"))

    @field_validator("secret_key", "alert_webhook_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key and len(key.get_secret_value()) < _SECRET_KEY_LENGTH_MIN:
            raise ValueError(f"must have at least {_SECRET_KEY_LENGTH_MIN} characters; make one with: openssl rand -base64 48")
        return key

    @model_validator(mode="after")
    def _key_for_the_webhook(self) -> Self:
        if self.alert_webhook_url is not None and self.alert_webhook_key is None:
            raise ValueError(f"{PREFIX}ALERT_WEBHOOK_KEY is required with {PREFIX}ALERT_WEBHOOK_URL; make one: openssl rand -base64 48")
        return self

    @model_validator(mode="after")
    def _key_off_the_embedded_default(self) -> Self:
        if not self.is_embedded and self.secret_key is None:
            raise ValueError(
                f"{PREFIX}SECRET_KEY is required with PostgreSQL, the same on every machine; make one with: openssl rand -base64 48"
            )
        return self

    @property
    def is_embedded(self) -> bool:
        """Whether the database is SQLite, in this machine's files."""
        return self.effective_database_url.startswith("sqlite:")

    @property
    def effective_database_url(self) -> str:
        """The database in use, as SQLAlchemy writes it."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'billhook.db'}"

    @property
    def vendor_addresses(self) -> VendorAddresses:
        """Where the accounting vendors are."""
        return VendorAddresses(
            self.xero_api_url,
            self.xero_login_url,
            self.xero_identity_url,
            self.fortnox_api_url,
            self.fortnox_auth_url,
            self.jortt_api_url,
            self.jortt_auth_url,
            self.vies_url,
        )

    def origin(self, field: str) -> Origin:
        """Where the value of a field came from."""
        return self._origins.get(field, Origin.DEFAULT)

    def shown(self) -> list[ShownSetting]:
        """Every setting, safe to print."""
        values = {name: getattr(self, name) for name in type(self).model_fields} | {"database_url": self.effective_database_url}
        return [ShownSetting(PREFIX + name.upper(), _printable(name, value), self.origin(name)) for name, value in values.items()]


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Read the settings. Raises SettingsRefused with every mistake at once."""
    given = _given_names(env_file)
    mistakes = [_unknown(name) for name in sorted(given) if _field_of(name) not in Settings.model_fields]
    try:
        settings = Settings(_env_file=env_file)
    except ValidationError as error:
        mistakes += [_sentence(details["loc"], details["msg"]) for details in error.errors(include_url=False, include_context=False)]
    else:
        if not mistakes:
            settings._origins = {_field_of(name): origin for name, origin in given.items()}  # noqa: SLF001 - its own factory
            return settings
    raise SettingsRefused(mistakes)


def _given_names(env_file: Path) -> dict[str, Origin]:
    from_file = dotenv_values(env_file) if env_file.is_file() else {}
    given = {name.upper(): Origin.ENV_FILE for name, value in from_file.items() if value}
    given |= {name.upper(): Origin.ENVIRONMENT for name, value in os.environ.items() if value}
    return {name: origin for name, origin in given.items() if name.startswith(PREFIX) and not name.startswith(_IGNORED_PREFIXES)}


def _field_of(name: str) -> str:
    return name.removeprefix(PREFIX).lower()


def _unknown(name: str) -> str:
    names = [PREFIX + field.upper() for field in Settings.model_fields]
    return f"{name}: there is no such setting. {did_you_mean(name, names)}".rstrip()


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(location[0]).upper()}: {message}" if location else message


def _with_scheme(url: str, *schemes: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in schemes or not parts.hostname):
        raise ValueError(f"must be an address such as {schemes[0]}://HOST or {schemes[1]}://USER:PASSWORD@HOST:PORT")
    return url


def _printable(field: str, value: object) -> str:
    if isinstance(value, SecretStr):
        # The path of a webhook is often its password.
        return mask_url(value.get_secret_value()) if field == "smtp_url" else "***"
    return "" if value is None else ";".join(map(mask_url, str(value).split(";")))
