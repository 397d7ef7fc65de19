"""What VAT registers answered, kept as evidence."""

from sqlalchemy import Connection, bindparam, insert, select

from adapters.persistence.tables import vat_checks
from adapters.persistence.types import without_nul
from application.ports.vat_checks import VatCheck

_c = vat_checks.c
_LATEST = (
    select(_c.vat_number, _c.valid, _c.consultation_number, _c.name, _c.address, _c.checked_at, _c.reason)
    .where(_c.vat_number == bindparam("vat_number"), _c.requester == bindparam("requester"))
    .order_by(_c.id.desc())
    .limit(1)
)


class SqlVatChecks:
    """The port ``VatChecks``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, check: VatCheck, requester: str) -> None:
        row = {
            "vat_number": check.vat_number,
            "requester": requester,
            "valid": check.valid,
            "consultation_number": check.consultation_number,
            "name": without_nul(check.name),
            "address": without_nul(check.address),
            "reason": without_nul(check.reason),
            "checked_at": check.checked_at,
        }
        self._connection.execute(insert(vat_checks), row)

    def latest(self, vat_number: str, requester: str) -> VatCheck | None:
        row = self._connection.execute(_LATEST, {"vat_number": vat_number, "requester": requester}).first()
        return None if row is None else VatCheck(*row)
