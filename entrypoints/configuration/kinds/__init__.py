"""The kinds of integrations that a file may name. A new kind is one module here and one line below."""

from entrypoints.configuration.kinds import pdf_emailer
from entrypoints.configuration.kinds.kind import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (pdf_emailer.KIND,)}
