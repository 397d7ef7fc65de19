"""The kinds of integrations that a file may name. A new kind is one module here and one line below."""

from entrypoints.configuration.kinds import generic_filesystem, pdf_emailer, sage_csv
from entrypoints.configuration.kinds.kind import Kind

# Named so that who asks for one learns that it is no typing error.
PLANNED = frozenset({"fortnox", "jortt", "mww", "net_digitizing", "photo_wonder", "promotional_office", "xero"})
KINDS: dict[str, Kind] = {kind.name: kind for kind in (pdf_emailer.KIND, generic_filesystem.KIND, sage_csv.KIND)}
