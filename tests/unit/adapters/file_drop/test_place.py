from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.file_drop.place import Place, is_part, place_below, steps_to
from domain.errors import DomainError


@given(st.text(), st.text())
def test_no_accepted_name_leads_out_of_the_root(folder: str, name: str) -> None:
    """Whatever text comes, the path is the root, the folders and the name, and the name is one line."""
    place = None
    with suppress(DomainError):
        place = place_below("/root", folder, name)
    if place is None:
        return

    assert place.final.startswith("/root/")
    assert not {"", ".", ".."} & set(place.final.removeprefix("/").split("/"))
    assert place.final.isprintable() or " " in place.final or not place.final.isascii()
    assert len(place.part.rpartition("/")[2].encode()) <= 255


@pytest.mark.parametrize(
    ("root", "final", "part"),
    [
        ("/orders", "/orders/in/a.xml", "/orders/in/.billhook-a.xml.part"),
        ("/orders/", "/orders/in/a.xml", "/orders/in/.billhook-a.xml.part"),
        ("/", "/in/a.xml", "/in/.billhook-a.xml.part"),
        ("", "in/a.xml", "in/.billhook-a.xml.part"),
        ("orders", "orders/in/a.xml", "orders/in/.billhook-a.xml.part"),
    ],
)
def test_paths_start_at_the_root(root: str, final: str, part: str) -> None:
    """A root without a slash in front is relative to where the log-in leads."""
    place = place_below(root, "in", "a.xml")

    assert (place.final, place.part) == (final, part)


@pytest.mark.parametrize(
    ("root", "folder", "steps"),
    [
        ("/orders", "2026/11", ["/orders", "/orders/2026", "/orders/2026/11"]),
        ("/", "in", ["/in"]),
        ("", "in/out", ["in", "in/out"]),
        ("", "", []),
        ("/", "", []),
    ],
)
def test_folders_are_made_from_the_top(root: str, folder: str, steps: list[str]) -> None:
    """Each before those inside it."""
    assert steps_to(place_below(root, folder, "a.xml").folder) == steps


def test_only_our_own_uploads_are_recognised() -> None:
    """Prefix and suffix together."""
    assert is_part(Place("/", (), "a.xml").part.rpartition("/")[2])
    assert not is_part("a.xml.part")
    assert not is_part(".billhook-a.xml")
