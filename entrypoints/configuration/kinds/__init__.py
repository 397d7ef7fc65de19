"""The kinds of integrations that a file may name. A new kind is one module here and one line below."""

from entrypoints.configuration.kinds import (
    fortnox,
    generic_filesystem,
    jortt,
    mww,
    net_digitizing,
    pdf_emailer,
    photo_wonder,
    promotional_office,
    sage_csv,
    xero,
)
from entrypoints.configuration.kinds.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        pdf_emailer.KIND,
        generic_filesystem.KIND,
        photo_wonder.KIND,
        sage_csv.KIND,
        promotional_office.KIND,
        mww.KIND,
        net_digitizing.KIND,
        xero.KIND,
        fortnox.KIND,
        jortt.KIND,
    )
}
