"""What a shell may offer after TAB."""


def company_refs(incomplete: str) -> list[str]:
    """Refs of declared companies; none where they cannot be read right now, because a completion must never complain."""
    from entrypoints.cli.session import application  # noqa: PLC0415 - a cycle-free start, and only a TAB needs it

    try:
        with application() as app:
            known = app.catalogue.export_configuration().configuration.companies
    except Exception:  # noqa: BLE001 - see above
        return []
    return [ref for ref in known if ref.startswith(incomplete)]
