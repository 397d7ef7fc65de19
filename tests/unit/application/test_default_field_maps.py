import pytest

from application.default_field_maps import default_field_map
from application.field_map_source import INVOICE_ROOTS, ORDER_ROOTS, source_of
from domain.mapping.field_map import parse_field_map
from tests.factories import an_issued, an_order_document

DOCUMENTS = {"order": (an_order_document(), ORDER_ROOTS), "invoice": (an_issued(), INVOICE_ROOTS)}


@pytest.mark.parametrize("kind", ["promotional_office", "net_digitizing", "mww"])
@pytest.mark.parametrize("subject", ["order", "invoice"])
def test_a_default_map_fits_the_documents_it_is_for(kind: str, subject: str) -> None:
    """It passes the check of declared maps, and finds something for every field it names first."""
    document, roots = DOCUMENTS[subject]
    declared = default_field_map(kind, subject)
    if (kind, subject) == ("mww", "invoice"):
        assert declared == {}
        return

    values = parse_field_map(declared, roots=roots).apply(source_of(document))

    assert next(iter(values)) == next(iter(declared)).partition(".")[0]
    assert "90001" in str(values) or "INV-000001" in str(values)


def test_mww_has_the_fields_that_its_page_names() -> None:
    """https://mwwondemand.github.io/: a PO number, a shipping method, an address and lines; a quantity is a number."""
    values = parse_field_map(default_field_map("mww", "order")).apply(source_of(an_order_document()))

    assert values["data"] == {"type": "orders", "attributes": {"vendor-po": "90001", "shipping-method": "Next Day"}}
    assert set(values["included"]) == {"shipping-address", "line-items"}
    assert values["included"]["line-items"] == [{"product-code": "TEE-BLK-M", "description": "T-shirt, black, M", "quantity": 2}]
