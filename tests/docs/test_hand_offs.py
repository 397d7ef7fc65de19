"""The field maps on the page about hand-offs are those of the code."""

import re

import pytest
import yaml

from application.default_field_maps import default_field_map
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/how-to/hand-offs.md").read_text(encoding="utf-8")
MAPS = re.findall(r"<!-- the map of (\w+), (\w+) -->\n```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_page_shows_every_map_there_is() -> None:
    """Promotional Office has that of Net Digitizing, as the page says."""
    assert [(kind, document) for kind, document, _ in MAPS] == [
        ("mww", "order"),
        ("net_digitizing", "order"),
        ("net_digitizing", "invoice"),
    ]
    for document in ("order", "invoice"):
        assert default_field_map("promotional_office", document) == default_field_map("net_digitizing", document)


@pytest.mark.parametrize(("kind", "document", "shown"), MAPS, ids=[f"{kind} {document}" for kind, document, _ in MAPS])
def test_a_map_on_the_page_is_that_of_the_code(kind: str, document: str, shown: str) -> None:
    """Entry by entry, in the same order."""
    declared = default_field_map(kind, document)

    assert list(yaml.safe_load(shown)) == list(declared)
    assert yaml.safe_load(shown) == declared
