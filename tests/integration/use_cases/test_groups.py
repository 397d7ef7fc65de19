"""What a destination hands over together is settled together; on SQLite and PostgreSQL."""

from pathlib import Path

import pytest

from adapters.file_drop.destination import FileDropDestination
from adapters.file_drop.file_drop import LocalFileDrop
from adapters.file_drop.writing import DroppedFile
from application.ports.destination import Consignment
from application.ports.file_drop import DropAddress
from domain.companies.plan import Layout
from tests.factories import a_company, a_configuration, a_plan
from tests.integration.use_cases.house import House, a_message


@pytest.fixture
def three_invoices(house: House) -> House:
    """Owed to a folder of this machine."""
    house.configure(a_configuration(a_company(plan=a_plan(layout=Layout.INDIVIDUAL)), revision=2))
    house.feed(*(a_message(str(ref)) for ref in (1, 2, 3)))
    house.run()
    return house


def test_a_fault_in_one_document_blames_that_one_and_the_others_of_its_group_go(three_invoices: House, tmp_path: Path) -> None:
    """Those before it at once, those after it when the lane is drained again."""

    def write(consignment: Consignment) -> DroppedFile:
        if consignment.delivery_id == 2:
            raise ZeroDivisionError
        return DroppedFile(f"{consignment.token}.xml", b"<invoice/>")

    drop = FileDropDestination(LocalFileDrop(DropAddress("local", str(tmp_path))), write)
    three_invoices.destinations.one.deliver = drop.deliver  # type: ignore[method-assign]
    three_invoices.drain()
    three_invoices.clock.advance(hours=1)
    three_invoices.drain()

    assert three_invoices.states() == ["delivered", "needs_human", "delivered"]
    assert sorted(path.name for path in tmp_path.glob("*.xml")) == ["dlv-1-0.xml", "dlv-3-0.xml"]
