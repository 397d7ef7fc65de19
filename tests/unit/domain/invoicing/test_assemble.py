from datetime import date

from domain.companies.plan import BillTo
from domain.invoicing.document import DocumentType, OrderReference
from tests.factories import a_company, a_draft, a_party, a_plan, an_admin_company, an_order, terms


def test_an_invoice_carries_the_lines_of_its_orders_in_their_order() -> None:
    """Each line knows its order."""
    draft = a_draft(an_order(), an_order(ref="90002", external_ref=""))

    assert draft.type is DocumentType.INVOICE
    assert draft.orders == (OrderReference("90001", "WEB-1001", date(2026, 11, 2)), OrderReference("90002", "", date(2026, 11, 2)))
    assert [(line.order_ref, line.sku) for line in draft.lines] == [
        ("90001", "TEE-BLK-M"),
        ("90001", "SHIPPING"),
        ("90002", "TEE-BLK-M"),
        ("90002", "SHIPPING"),
    ]
    assert (str(draft.totals.net), str(draft.totals.tax), str(draft.totals.total)) == ("32.00", "6.40", "38.40")


def test_orders_of_two_systems_that_share_a_ref_are_named_by_their_system() -> None:
    """Each name on the document means one order; the other orders keep their refs."""
    draft = a_draft(an_order(), an_order(source="shop"), an_order(ref="90002"))

    assert [order.ref for order in draft.orders] == ["oms:90001", "shop:90001", "90002"]
    assert [line.order_ref for line in draft.lines if line.sku != "SHIPPING"] == ["oms:90001", "shop:90001", "90002"]
    assert {line.order_ref for line in draft.lines} == {order.ref for order in draft.orders}


def test_an_invoice_is_a_copy_of_its_parties() -> None:
    """The seller's name, bank and footer, and the buyer's name and address."""
    seller = an_admin_company(footer="Company 01234567, England")
    company = a_company(plan=a_plan(payment_terms_days=14))

    draft = a_draft(under=terms(company, seller))

    assert (draft.seller.ref, draft.seller.name, draft.seller.bank, draft.seller.footer) == (
        seller.ref,
        seller.name,
        seller.bank,
        seller.footer,
    )
    assert (draft.company, draft.buyer, draft.payment_terms_days) == ("501", company.party, 14)


def test_a_customer_s_invoice_is_addressed_to_the_customer() -> None:
    """The order's billing party."""
    draft = a_draft(under=terms(a_company(plan=a_plan(bill_to=BillTo.CUSTOMER))))

    assert draft.buyer == a_party()


def test_the_logo_of_the_company_goes_before_the_seller_s() -> None:
    """A web shop may have its own."""
    seller = an_admin_company(logo_sha256="a" * 64)

    assert a_draft(under=terms(seller=seller)).seller.logo_sha256 == "a" * 64
    assert a_draft(under=terms(a_company(logo_sha256="b" * 64), seller)).seller.logo_sha256 == "b" * 64
