from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.order_files.invoice_xml import write_invoice_xml
from adapters.order_files.order_xml import write_order_xml
from adapters.order_files.xml_document import SCHEMAS, validate
from domain.errors import Invalid
from tests.factories import an_issued, an_order_document

ROOT = Path(__file__).resolve().parents[4]
LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE orders [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<orders>&c;</orders>"""


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"", "This is not XML"),
        (b"<orders>", "This is not XML"),
        (b"<orders/>", "order"),
        (b"<other/>", "<other> is no document of ours"),
        (b"<!DOCTYPE orders><orders/>", "document type declaration"),
        (LAUGHS, "document type declaration"),
        (b'<!DOCTYPE orders [<!ENTITY e SYSTEM "file:///etc/hostname">]><orders>&e;</orders>', "document type declaration"),
        (b'<!DOCTYPE orders SYSTEM "http://127.0.0.1:9/x.dtd"><orders/>', "document type declaration"),
    ],
)
def test_what_is_no_document_of_ours_is_refused(document: bytes, sentence: str) -> None:
    """Broken, foreign, or with a document type declaration, which is never followed."""
    with pytest.raises(Invalid, match=sentence):
        validate(document)


def test_what_is_written_is_valid() -> None:
    """Both kinds of document are found by their first element."""
    validate(write_order_xml(an_order_document()))
    validate(write_invoice_xml(an_issued()))


def test_lanes_that_check_at_the_same_time_get_their_own_mistakes() -> None:
    """Each thread is told what is wrong with its own document."""

    def mistake(name: str) -> str:
        with pytest.raises(Invalid) as caught:
            validate(f"<orders><{name}/></orders>".encode())
        return caught.value.text

    names = [f"element{number % 4}" for number in range(2000)]
    with ThreadPoolExecutor(4) as threads:
        texts = list(threads.map(mistake, names))

    assert [name for name, text in zip(names, texts, strict=True) if name not in text] == []


@pytest.mark.parametrize("path", SCHEMAS.values(), ids=lambda path: path.name)
def test_the_published_schema_is_the_one_that_is_checked(path: Path) -> None:
    """The copy under docs is for receivers."""
    published = ROOT / "docs" / "reference" / "schemas" / path.name

    assert published.read_bytes() == path.read_bytes()
