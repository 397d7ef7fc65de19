"""XML documents as trees, never as strings put together; each is checked against its schema before it leaves."""

import re
import threading
from collections.abc import Iterable, Mapping
from copy import copy
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from lxml import etree

from domain.errors import Invalid

SCHEMAS: Final[Mapping[str, Path]] = {
    "orders": Path(__file__).parent / "schemas" / "order.xsd",
    "invoice": Path(__file__).parent / "schemas" / "invoice.xsd",
}
# A schema keeps the mistakes of its last document: with two threads one would read those of the other, or none.
_VALIDATING = threading.Lock()
# What XML 1.0 cannot hold (production 2, Char); nothing can be written in its place, not even an escape.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def start(name: str, **attributes: str) -> Any:
    """The root of a new document."""
    return etree.Element(name, attributes)


def group(parent: Any, name: str, **attributes: str) -> Any:
    """An element for other elements."""
    return etree.SubElement(parent, name, attributes)


def write_fields(parent: Any, fields: Iterable[tuple[str, str]]) -> None:
    """An element for each field, in order; an empty text is an empty element. Characters that XML cannot hold are left out."""
    named = list(fields)
    # Copying a row of elements costs a third of making them one by one, and orders repeat the same few rows.
    row = copy(_row(tuple(name for name, _ in named)))
    for element, (_, text) in zip(row, named, strict=True):
        element.text = legal(text)
    parent.extend(row)


@lru_cache(maxsize=512)
def _row(names: tuple[str, ...]) -> Any:
    """Elements of these names, without texts; never to be changed."""
    row = etree.Element("row")
    for name in names:
        etree.SubElement(row, name)
    return row


def legal(text: str) -> str:
    """The text without characters that XML 1.0 cannot hold: controls, lone surrogates, U+FFFE and U+FFFF."""
    # What is printable is legal, and nearly every text is.
    return text if text.isprintable() else _ILLEGAL.sub("", text)


def finish(root: Any) -> bytes:
    """The bytes of the document: UTF-8 with a declaration, indented, the same for the same tree.

    Raises Invalid where the document does not keep to its schema.
    """
    etree.indent(root)
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"
    # The tree is what the bytes say; they are read again only to say what is wrong in which line.
    with _VALIDATING:
        is_valid = _schema(root.tag).validate(root)
    if not is_valid:
        validate(document)
    return document


def validate(document: bytes) -> None:
    """Raises Invalid unless the bytes are a document of ours. A DTD is refused; entities and addresses are never followed."""
    try:
        root = etree.fromstring(document, _parser())
    except etree.XMLSyntaxError as error:
        raise Invalid("", f"This is not XML: {error}.") from None
    if root.getroottree().docinfo.doctype:
        raise Invalid("", "A document type declaration is not allowed.")
    if root.tag not in SCHEMAS:
        raise Invalid("", f"<{root.tag}> is no document of ours.")
    with _VALIDATING:
        schema = _schema(root.tag)
        mistake = None if schema.validate(root) else schema.error_log[0]
    if mistake is not None:
        raise Invalid(mistake.path or "", f"{mistake.message} (line {mistake.line})")


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False)


@cache
def _schema(name: str) -> Any:
    return etree.XMLSchema(etree.parse(SCHEMAS[name], _parser()))
