"""The reference pages hold what the code says: each table is made here from the models and the commands, and looked for on its page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from domain.companies.admin_company import Numbering
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.configuration.admin_companies import AddressModel, AdminCompanyModel, BankModel, NumberingModel
from entrypoints.configuration.companies import CompanyModel, IntegrationModel
from entrypoints.configuration.flows import FlowModel
from entrypoints.configuration.kinds import KINDS
from entrypoints.configuration.plans import PlanModel, ScheduleModel
from entrypoints.configuration.rates_and_prices import PriceModel, TaxRateModel
from entrypoints.configuration.reader import SECTIONS
from entrypoints.configuration.strict import Strict
from entrypoints.settings import Settings
from tests.docs.forms import root
from tests.docs.pages import ROOT

CONFIGURATION = ROOT / "docs/reference/configuration.md"
COMMANDS = ROOT / "docs/reference/command-line.md"
MODELS: dict[str, type[Strict]] = {
    "admin_companies": AdminCompanyModel,
    "address": AddressModel,
    "bank": BankModel,
    "numbering": NumberingModel,
    "companies": CompanyModel,
    "plan": PlanModel,
    "schedule": ScheduleModel,
    "integrations": IntegrationModel,
    "price_lists": PriceModel,
    "tax_rates": TaxRateModel,
    "flows": FlowModel,
    **{f"settings of {kind.name}": kind.settings for kind in KINDS.values()},
}


def default_of(value: Any) -> str:
    """A default as it would be written in a file; nested models and lists have none of their own."""
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "" if value in ("", None, (), []) or isinstance(value, Strict | tuple) else f"`{getattr(value, 'value', value)}`"


def table_of(model: type[Strict]) -> str:
    """The keys of a model."""
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        rows.append(f"| `{name}` | {default_of(field.default if field.default_factory is None else None)} | {field.description or ''} |")
    return "\n".join(rows)


def table_of_settings() -> str:
    """The settings, by the names of their variables."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `BILLHOOK_{name.upper()}` | {default_of(field.default)} | {field.description} |")
    return "\n".join(rows)


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Each command with its arguments, and the first sentence of its help."""
    for name, command in (group or root()).commands.items():
        here = (*path, name)
        if hasattr(command, "commands"):
            yield from commands(command, here)
        else:
            arguments = [parameter.metavar or "FILE" for parameter in command.params if parameter.param_type_name == "argument"]
            yield " ".join((*here, *arguments)), re.split(r"(?<=\.)\s", command.help)[0]


def table_of_commands() -> str:
    """All of them."""
    return "\n".join(["| command | does |", "|---|---|", *(f"| `{form}` | {help_} |" for form, help_ in commands())])


def test_the_settings_on_the_page_are_those_of_the_code() -> None:
    """Name, default and meaning."""
    assert table_of_settings() in CONFIGURATION.read_text(encoding="utf-8")


@pytest.mark.parametrize("section", MODELS)
def test_the_keys_on_the_page_are_those_of_the_models(section: str) -> None:
    """Key, default and meaning of each section."""
    heading, _, rest = CONFIGURATION.read_text(encoding="utf-8").partition(f"## `{section}`\n")

    assert heading
    assert table_of(MODELS[section]) in rest.partition("\n## ")[0]


def test_every_section_of_the_file_is_on_the_page() -> None:
    """Also one that is added tomorrow."""
    assert SECTIONS.keys() <= MODELS.keys()
    assert set(SECTIONS.values()) <= set(MODELS.values())


def test_the_commands_on_the_page_are_those_of_the_code() -> None:
    """Each with its arguments."""
    assert table_of_commands() in COMMANDS.read_text(encoding="utf-8")


def test_the_exit_codes_on_the_page_are_those_of_the_code() -> None:
    """Each once, in order."""
    codes = re.findall(r"^\| (\d) \| (.*?) \|", COMMANDS.read_text(encoding="utf-8"), re.MULTILINE)

    assert [(str(code.value), code.name.lower().replace("_", " ")) for code in ExitCode] == codes


def test_the_defaults_of_numbering_are_those_of_the_domain() -> None:
    """The model repeats none."""
    assert NumberingModel().model_dump() == {name: getattr(Numbering(), name) for name in NumberingModel.model_fields}
