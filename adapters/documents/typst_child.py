"""The child of invoice_renderer.py: one typst compiler, one document after the other."""

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from adapters.documents.child_side import Limits, serve
from adapters.documents.fonts import load_fonts
from adapters.documents.pdf_request import BAD_GLYPH, BAD_LOGO, OTHER, PDF, decode_request

_NOWHERE = "/dev/null"
_LAYOUT = Path(__file__).with_name("invoice.typ")
# Generous: 2,000 lines take a second and 250 MiB. These stop a bomb, not a long invoice. Typst works on all cores at once.
_LIMITS = Limits(cpu_s=110, wall_s=55, memory_mib=2048)
_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_IMAGE = re.compile(r"image|decode|svg|png|jpe?g|color", re.IGNORECASE)


class Typesetter:
    """Sets documents; the compiler, its fonts and its memory of earlier documents are kept between them."""

    def __init__(self) -> None:
        self._source = _LAYOUT.read_bytes()
        self._compiler = typst.Compiler(font_paths=load_fonts())

    def answer(self, request: bytes) -> bytes:
        """A PDF, or why there is none: one letter, then the content."""
        texts, timestamp, logo = decode_request(request)
        try:
            if not logo:
                return PDF + self._compile(texts, timestamp, _NOWHERE)
            # The folder is all that the layout can read. It holds nothing but the logo, and only while this document is set.
            with TemporaryDirectory() as folder:
                Path(folder, json.loads(texts)["logo"]).write_bytes(logo)
                return PDF + self._compile(texts, timestamp, folder)
        except typst.TypstError as refusal:
            return _explain(refusal.message, has_logo=bool(logo))

    def _compile(self, texts: str, timestamp: int, folder: str) -> bytes:
        pdf = self._compiler.compile(
            input=self._source, root=folder, format="pdf", sys_inputs={"document": texts}, pdf_standards="a-3b", timestamp=timestamp
        )
        if not isinstance(pdf, bytes):
            raise TypeError("typst made no PDF")
        return pdf


def _explain(message: str, *, has_logo: bool) -> bytes:
    glyph = _GLYPH.search(message)
    if glyph:
        return BAD_GLYPH + _ESCAPE.sub(lambda escape: chr(int(escape.group(1), 16)), glyph.group(1)).encode()
    if has_logo and _IMAGE.search(message):
        return BAD_LOGO + message.encode()
    return OTHER + message.encode()


if __name__ == "__main__":
    serve(Typesetter().answer, _LIMITS)
