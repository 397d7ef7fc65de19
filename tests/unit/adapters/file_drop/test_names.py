"""What a dropped file is called: by us, whatever stands in the order."""

import pytest

from adapters.file_drop.names import file_name
from application.ports.destination import Consignment
from tests.factories import an_issued, an_order, an_order_document


@pytest.mark.parametrize(
    ("ref", "shown"),
    [
        ("90001", "90001"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\nb\r\nRNTO x", "a_b_RNTO_x"),
        ("x" * 300, "x" * 60),
        ("Å/订单\\1:2", "_1_2"),
        ("..", "_"),
    ],
)
def test_nothing_in_an_order_chooses_a_path(ref: str, shown: str) -> None:
    """No separators, no line ends, never longer than a file system takes."""
    name = file_name(Consignment(1, "dlv-1-0", an_order_document(an_order(ref=ref))), ".xml")

    assert name.startswith("order-")
    assert name.endswith(f"-{shown}.xml")
    assert len(name) < 120


def test_a_sending_that_a_person_asked_for_has_a_name_of_its_own() -> None:
    """So it does not meet the file that is there."""
    first, second = (file_name(Consignment(1, f"dlv-1-{sending}", an_issued()), ".csv") for sending in (0, 1))

    assert (first, second) == ("invoice-acme-print-INV-000001.csv", "invoice-acme-print-INV-000001-r1.csv")
