from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import DBAPIError

from adapters.persistence.tables import vat_checks
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.vat_checks import VatCheck
from tests.contracts.persistence.stock import NOW

SELLER = "SE556703748501"
ANSWER = VatCheck("NL004495445B01", True, "WAPIAAAA00000001", "PHOTO GIFTS BV", "KEIZERSGRACHT 1\n1015CC AMSTERDAM", NOW)


def keep(units_of_work: SqlUnitsOfWork, *checks: VatCheck, requester: str = SELLER) -> None:
    """Kept for good, one after the other."""
    with units_of_work() as uow:
        for check in checks:
            uow.vat_checks.keep(check, requester)
        uow.commit()


def test_an_answer_comes_back_as_it_was_kept(units_of_work: SqlUnitsOfWork) -> None:
    """With its consultation number, name and address."""
    keep(units_of_work, ANSWER)

    with units_of_work() as uow:
        assert uow.vat_checks.latest("NL004495445B01", SELLER) == ANSWER


def test_the_latest_answer_of_a_number_and_a_requester_counts(units_of_work: SqlUnitsOfWork) -> None:
    """What others were told is none of theirs."""
    later = replace(ANSWER, valid=False, consultation_number="", checked_at=NOW + timedelta(days=31), reason="VIES says so.")
    keep(units_of_work, ANSWER, later, replace(ANSWER, vat_number="DE136695976"))
    keep(units_of_work, replace(ANSWER, consultation_number="OTHER"), requester="NL809163160B01")

    with units_of_work() as uow:
        assert uow.vat_checks.latest("NL004495445B01", SELLER) == later
        assert uow.vat_checks.latest("BE0400378485", SELLER) is None
        assert uow.vat_checks.latest("NL004495445B01", "") is None


@pytest.mark.parametrize("statement", [update(vat_checks).values(valid=False), delete(vat_checks)], ids=["changed", "deleted"])
def test_evidence_cannot_be_touched(units_of_work: SqlUnitsOfWork, engine: Engine, statement: object) -> None:
    """The database itself refuses."""
    keep(units_of_work, ANSWER)

    with engine.connect() as connection, pytest.raises(DBAPIError, match="kept as they came"):
        connection.execute(statement)  # type: ignore[call-overload]
