"""What a shell may offer after TAB."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from application.configuration import Configuration


def company_refs(incomplete: str) -> list[str]:
    """Refs of declared companies."""
    return [ref for ref in _declared().companies if ref.startswith(incomplete)]


def integration_paths(incomplete: str) -> list[str]:
    """Paths of declared integrations: COMPANY/KIND or COMPANY/KIND/NAME."""
    return [path for path in _declared().integrations if path.startswith(incomplete)]


def _declared() -> "Configuration":
    """Nothing where it cannot be read right now, because a completion must never complain."""
    from application.configuration import Configuration  # noqa: PLC0415 - a cycle-free start, and only a TAB needs it
    from entrypoints.cli.session import application  # noqa: PLC0415

    try:
        with application() as app:
            return app.catalogue.export_configuration().configuration
    except Exception:  # noqa: BLE001 - see above
        return Configuration()
