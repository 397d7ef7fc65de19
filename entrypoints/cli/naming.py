"""Names in filters: a mistyped one would otherwise look like "nothing is like that"."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import typer

from domain.errors import NotFound
from entrypoints.suggestions import did_you_mean

if TYPE_CHECKING:
    from entrypoints.container import Application

Code = TypeVar("Code", bound=StrEnum)
_SHOWN = 10


def require_known(
    app: "Application",
    *,
    company: str | None = None,
    admin_company: str | None = None,
    integration: str | None = None,
    vendor: str | None = None,
) -> None:
    """Raise NotFound for the first name that nothing goes by.

    For filters that found nothing: what is no longer declared, or never was, may still have orders and deliveries.
    """
    configuration = app.catalogue.export_configuration().configuration
    wanted: tuple[tuple[str, str | None, Collection[str]], ...] = (
        ("company", company, {*configuration.companies, *configuration.admin_companies}),
        ("admin company", admin_company, configuration.admin_companies.keys()),
        ("integration", integration, configuration.integrations.keys()),
        ("vendor", vendor, () if vendor is None else _kinds()),
    )
    for what, name, known in wanted:
        if name is not None and name not in known:
            raise NotFound(what, name, _meant(name, known) or did_you_mean(name, known) or _known(known))


def _kinds() -> Collection[str]:
    from entrypoints.configuration.kinds import KINDS  # noqa: PLC0415 - the models of all kinds take a while to load

    return KINDS.keys()


def _meant(name: str, known: Collection[str]) -> str:
    """An integration by the name that tells it apart, and without its kind: ``777/invoices``."""
    company, _, rest = name.partition("/")
    found = [path for path in known if rest and path.startswith(f"{company}/") and path.endswith(f"/{rest}")]
    return f"Did you mean {found[0]!r}?" if len(found) == 1 else ""


def _known(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else ""
    return f"Known: {', '.join(ordered[:_SHOWN])}{more}." if ordered else "Nothing is declared yet: billhook apply -f FILE"


def read_code(codes: type[Code], what: str, text: str) -> Code:
    """The code that was typed. Raises typer.BadParameter with the one that was probably meant."""
    try:
        return codes(text.lower())
    except ValueError:
        known = [code.value for code in codes]
        suggestion = did_you_mean(text, known)
        raise typer.BadParameter(" ".join(filter(None, (f"{text!r} is no {what}.", suggestion, f"Known: {', '.join(known)}.")))) from None
