"""Which countries share the EU's value added tax."""

EU_MEMBERS = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())


def vat_prefix_country(vat_number: str) -> str:
    """The ISO country of a VAT number's prefix: Greece writes EL, Northern Ireland XI."""
    prefix = vat_number[:2].upper()
    return {"EL": "GR", "XI": "GB"}.get(prefix, prefix)


def in_eu(country: str) -> bool:
    """Whether the country (ISO 3166 alpha-2) is a member state of the EU."""
    return country in EU_MEMBERS
