from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Conflict, NotFound
from domain.invoicing.credit import credit_invoice
from domain.invoicing.document import DocumentType
from tests.factories import an_issued, an_order, an_order_line

NONE: frozenset[str] = frozenset()
TWO = an_issued(an_order(), an_order(ref="90002", lines=(an_order_line(tax_code="zero"),)))


def test_a_whole_invoice_is_credited_to_the_penny() -> None:
    """Same lines, same totals, positive amounts; it names the invoice and the reason."""
    note = credit_invoice(TWO, (), NONE, "goods returned")

    assert note.type is DocumentType.CREDIT_NOTE
    assert (note.lines, note.totals, note.orders) == (TWO.draft.lines, TWO.draft.totals, TWO.draft.orders)
    assert (note.corrects, note.reason) == ("INV-000001", "goods returned")
    assert (note.buyer, note.seller, note.tax_decision) == (TWO.draft.buyer, TWO.draft.seller, TWO.draft.tax_decision)


def test_a_part_is_credited_by_its_orders() -> None:
    """Tax is computed anew on what is credited."""
    note = credit_invoice(TWO, ("90002",), NONE, "lost")

    assert [order.ref for order in note.orders] == ["90002"]
    assert {line.order_ref for line in note.lines} == {"90002"}
    assert (str(note.totals.net), str(note.totals.tax)) == ("16.00", "0.70")


def test_what_is_credited_already_is_left_out_of_the_rest() -> None:
    """Crediting the whole after a part credits what still stands."""
    note = credit_invoice(TWO, (), frozenset({"90001"}), "the rest")

    assert [order.ref for order in note.orders] == ["90002"]


@pytest.mark.parametrize(("refs", "credited"), [((), {"90001", "90002"}), (("90001",), {"90001"})])
def test_nothing_is_credited_twice(refs: tuple[str, ...], credited: set[str]) -> None:
    """Neither an invoice nor an order of it."""
    with pytest.raises(Conflict) as caught:
        credit_invoice(TWO, refs, frozenset(credited), "again")

    assert caught.value.code == "already_credited"


def test_an_order_that_is_not_on_the_invoice_is_refused() -> None:
    """Even if others named with it are."""
    with pytest.raises(NotFound, match="99999"):
        credit_invoice(TWO, ("90001", "99999"), NONE, "typo")


def test_a_ref_that_two_systems_use_is_refused_with_both_names() -> None:
    """Nobody guesses which of them is meant; by its name each is credited alone."""
    invoice = an_issued(an_order(), an_order(source="shop"), an_order(ref="90002"))

    with pytest.raises(Conflict) as caught:
        credit_invoice(invoice, ("90002", "90001"), NONE, "return")
    note = credit_invoice(invoice, ("shop:90001",), NONE, "return")

    assert (caught.value.code, caught.value.next_step) == ("ambiguous_order", "Name one of: oms:90001, shop:90001")
    assert "'90001' on invoice INV-000001" in caught.value.text
    assert ([order.ref for order in note.orders], len(note.lines)) == (["shop:90001"], 2)


prices = st.lists(st.decimals(min_value=0, max_value=Decimal(999), places=2), min_size=1, max_size=6)


@given(prices)
def test_parts_sum_to_the_whole(some: list[Decimal]) -> None:
    """The nets exactly; the taxes to a penny a note, since each note's tax is rounded once, as the law wants it."""
    orders = [an_order(ref=str(number), lines=(an_order_line(unit_cost_price=price),)) for number, price in enumerate(some)]
    invoice = an_issued(*orders)

    notes = [credit_invoice(invoice, (order.ref,), NONE, "return") for order in orders]

    assert sum(note.totals.net for note in notes) == invoice.draft.totals.net
    assert abs(sum(note.totals.tax for note in notes) - invoice.draft.totals.tax) <= Decimal("0.01") * len(notes)
    assert sorted(line.order_ref for note in notes for line in note.lines) == sorted(line.order_ref for line in invoice.draft.lines)


@given(pence=st.lists(st.integers(1, 500), min_size=1, max_size=6), seed=st.randoms())
def test_credited_order_by_order_it_comes_to_exactly_what_was_invoiced(pence: list[int], seed) -> None:
    """Each note rounds its own tax; the last one takes the remainder, so not a cent is over or missing."""
    orders = [
        an_order(
            ref=f"9{number}", shipping_price=Decimal(0), lines=(an_order_line(quantity=Decimal(1), unit_cost_price=Decimal(p).scaleb(-2)),)
        )
        for number, p in enumerate(pence)
    ]
    invoice = an_issued(*orders)
    refs = [order.ref for order in orders]
    seed.shuffle(refs)

    notes = []
    for count, ref in enumerate(refs):
        notes.append(credit_invoice(invoice, (ref,), frozenset(refs[:count]), "bit by bit", notes))

    assert invoice.draft.totals.net == sum(note.totals.net for note in notes)
    assert invoice.draft.totals.tax == sum(note.totals.tax for note in notes)
    assert invoice.draft.totals.total == sum(note.totals.total for note in notes)
