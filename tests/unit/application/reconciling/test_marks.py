"""One bit each."""

from hypothesis import given
from hypothesis import strategies as st

from application.reconciling.marks import Marks


@given(st.lists(st.integers(1, 5_000)), st.integers(1, 6_000))
def test_marks_are_a_set(ids: list[int], other: int) -> None:
    """In any order; the first mark of each is told from the others."""
    marks = Marks()

    are_new = [marks.add(id_) for id_ in ids]

    assert are_new == [id_ not in ids[:position] for position, id_ in enumerate(ids)]
    assert all(id_ in marks for id_ in ids)
    assert (other in marks) is (other in ids)
