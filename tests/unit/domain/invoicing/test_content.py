import json
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.invoicing.content import canonical_json, from_content, to_content
from domain.invoicing.credit import credit_invoice
from domain.invoicing.document import Draft
from domain.invoicing.number_series import content_hash
from domain.orders.order import Order
from tests.factories import a_company, a_company_in, a_draft, a_party, an_admin_company_in, an_issued, an_order, an_order_line, terms

texts = st.text(st.characters(codec="utf-8"), max_size=20)
lines = st.builds(
    an_order_line,
    sku=texts,
    description=texts,
    quantity=st.decimals(min_value=Decimal("0.0001"), max_value=Decimal(999), places=4),
    unit_cost_price=st.decimals(min_value=0, max_value=Decimal(999), places=8),
    tax_code=st.sampled_from(["standard", "zero", "exempt"]),
)
orders = st.builds(
    an_order,
    ref=texts,
    external_ref=texts,
    lines=st.lists(lines, min_size=1, max_size=3).map(tuple),
    currency=st.sampled_from(["GBP", "JPY", "KWD"]),
    billing=st.builds(a_party, name=texts, contact=texts),
)
drafts = orders.map(a_draft)


@given(drafts)
def test_a_draft_comes_back_from_its_content(draft: Draft) -> None:
    """Also through the JSON text that is stored."""
    assert from_content(to_content(draft)) == draft
    assert from_content(json.loads(canonical_json(to_content(draft)))) == draft


@given(drafts)
def test_the_stored_text_of_a_draft_is_always_the_same_bytes(draft: Draft) -> None:
    """Its hash proves it, so reading and writing must not change a digit."""
    text = canonical_json(to_content(draft))

    assert canonical_json(to_content(from_content(json.loads(text)))) == text


@given(orders)
def test_equal_orders_give_equal_content(order: Order) -> None:
    """Nothing random, nothing of the moment."""
    assert canonical_json(to_content(a_draft(order))) == canonical_json(to_content(a_draft(replace(order))))


def test_a_credit_note_and_a_cross_border_draft_come_back_too() -> None:
    """With what they correct, why, and on which tax facts."""
    abroad = a_draft(under=terms(a_company_in("DE", currency="EUR"), an_admin_company_in("NL")))
    credit = credit_invoice(an_issued(), (), frozenset(), "wrong price")

    for draft in (abroad, credit):
        assert from_content(json.loads(canonical_json(to_content(draft)))) == draft


def test_the_canonical_form_is_pinned() -> None:
    """A change of it would make every stored hash wrong: this hash may change only before the first release."""
    text = canonical_json({"b": "1.50", "a": ["Zoë", None, True, 3]})

    assert text == '{"a":["Zoë",null,true,3],"b":"1.50"}'
    assert content_hash(text) == "d593495e866e6486b228fc24f1a4139bd57ff7d06264f8fc71ac0da30e39a770"


def test_decimals_are_texts_with_the_digits_they_have() -> None:
    """JSON numbers would lose them."""
    content = to_content(a_draft(under=terms(a_company())))

    assert (content["net"], content["tax"], content["total"]) == ("16.00", "3.20", "19.20")
    assert content["lines"][0]["unit_price"] == "6.25"
    assert content["taxes"][0] == {"category": "S", "rate": "0.20", "net": "16.00", "tax": "3.20", "reason": ""}
