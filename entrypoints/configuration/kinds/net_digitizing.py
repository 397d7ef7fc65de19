"""`net_digitizing`: each order, or each invoice, by an HTTP call (no public page tells its endpoint: seed facts 4)."""

from entrypoints.configuration.kinds.http_hand_off import SECRETS, HttpHandOffSettings, check_http
from entrypoints.configuration.kinds.kind import Kind

_NAME = "net_digitizing"

KIND = Kind(_NAME, HttpHandOffSettings, secrets=SECRETS, check=lambda settings, _around: check_http(_NAME, settings))
