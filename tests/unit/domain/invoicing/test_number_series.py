"""Numbers without a gap, dates that never go back, and a chain in which any change shows."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.invoicing.content import canonical_json, to_content
from domain.invoicing.document import DocumentType, Issued
from domain.invoicing.number_series import GENESIS, NumberSeries, chain_hash, content_hash
from tests.factories import TODAY, a_draft, a_series, an_order, issue

DRAFT = a_draft()


def issue_on(days: list[date], series: NumberSeries) -> list[Issued]:
    """Issue a document on each of these days, one after the other."""
    documents = []
    for day in days:
        document, series = issue(DRAFT, series, day)
        documents.append(document)
    return documents


def broken_links(documents: list[Issued], content: str) -> list[int]:
    """The numbers at which the chain does not hold: as `verify` proves it, from the stored parts only."""
    broken, previous = [], GENESIS
    for position, document in enumerate(documents):
        link = chain_hash(
            document.draft.seller.ref,
            document.draft.type,
            document.number,
            document.display_number,
            document.issued_on,
            document.due_on,
            document.content_sha256,
            document.previous_hash,
        )
        holds = (
            document.number == documents[0].number + position
            and document.content_sha256 == content_hash(content)
            and document.previous_hash == previous
            and document.chain_hash == link
        )
        if not holds:
            broken.append(document.number)
        previous = document.chain_hash
    return broken


CONTENT = canonical_json(to_content(DRAFT))
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1))


@given(st.lists(days, min_size=1, max_size=20), st.integers(min_value=1, max_value=10**12))
def test_numbers_run_from_the_first_without_a_gap_and_dates_never_decrease(some_days: list[date], first: int) -> None:
    """Whatever the clock does."""
    documents = issue_on(some_days, a_series(next_number=first))

    assert [document.number for document in documents] == list(range(first, first + len(some_days)))
    issued_on = [document.issued_on for document in documents]
    assert issued_on == sorted(issued_on)
    assert all(document.issued_on >= day for document, day in zip(documents, some_days, strict=True))
    assert broken_links(documents, CONTENT) == []


def test_a_document_is_due_after_the_days_of_its_payment_terms() -> None:
    """Counted from the day of issue, also where that was held back."""
    series = a_series(last_issued_on=TODAY + timedelta(days=3))

    document, _ = issue(a_draft(payment_terms_days=14), series, TODAY)

    assert (document.issued_on, document.due_on) == (date(2026, 11, 24), date(2026, 12, 8))


def test_the_format_is_display_only() -> None:
    """The number is a number."""
    document, after = issue(DRAFT, a_series(next_number=42))

    assert (document.number, document.display_number, after.next_number) == (42, "INV-000042", 43)


def test_the_first_document_follows_the_genesis() -> None:
    """And each other one its predecessor."""
    first, second = issue_on([TODAY, TODAY], a_series())

    assert first.previous_hash == GENESIS
    assert second.previous_hash == first.chain_hash


@pytest.mark.parametrize(
    "tampering",
    [
        {"number": 99},
        {"display_number": "INV-999999"},
        {"issued_on": date(2026, 11, 20)},
        {"due_on": date(2027, 1, 1)},
        {"content_sha256": "0" * 64},
        {"previous_hash": "0" * 63 + "1"},
        {"chain_hash": "0" * 64},
        {"draft": a_draft(seller=replace(DRAFT.seller, ref="other"))},
        {"draft": a_draft(type=DocumentType.CREDIT_NOTE)},
    ],
)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_change_of_any_part_of_any_document_breaks_the_chain(tampering: dict[str, Any], position: int) -> None:
    """There, or at the one after it."""
    documents = issue_on([TODAY] * 3, a_series())
    documents[position] = replace(documents[position], **tampering)

    assert broken_links(documents, CONTENT)


def test_a_change_that_hashes_itself_anew_breaks_the_chain_after_it() -> None:
    """Only a rewrite of all that follows could hide it."""
    documents = issue_on([TODAY] * 3, a_series())
    forged, _ = issue(DRAFT, a_series(), TODAY + timedelta(days=1))

    assert broken_links([forged, *documents[1:]], CONTENT) == [2]


def test_a_removed_or_swapped_document_breaks_the_chain() -> None:
    """A gap is seen, and so is another sequence."""
    first, second, third = issue_on([TODAY] * 3, a_series())

    assert broken_links([first, third], CONTENT)
    assert broken_links([first, third, second], CONTENT)
    assert broken_links([second, third], CONTENT)


def test_changed_content_has_another_hash() -> None:
    """A penny is enough."""
    dearer = a_draft(an_order(shipping_price=DRAFT.lines[1].net + 1))

    assert content_hash(canonical_json(to_content(dearer))) != content_hash(CONTENT)


def test_series_do_not_share_links() -> None:
    """The same document under another admin company or type is another link."""
    link = chain_hash("a", DocumentType.INVOICE, 1, "1", TODAY, TODAY, GENESIS, GENESIS)

    assert link != chain_hash("b", DocumentType.INVOICE, 1, "1", TODAY, TODAY, GENESIS, GENESIS)
    assert link != chain_hash("a", DocumentType.CREDIT_NOTE, 1, "1", TODAY, TODAY, GENESIS, GENESIS)


def test_the_link_is_pinned() -> None:
    """Another way to hash would make every stored chain wrong."""
    assert (
        chain_hash("acme-print", DocumentType.INVOICE, 1, "INV-000001", TODAY, TODAY, GENESIS, GENESIS)
        == "44a2f5ab8e30c473edfe17877d290e9e89feb77f98791a19aeedb8aab90f3992"
    )
