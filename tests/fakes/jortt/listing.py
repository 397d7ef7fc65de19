"""Lists: searched, sorted, and cut into pages."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from tests.fakes.jortt.books import Now, Record
from tests.fakes.jortt.errors import Detail, invalid
from tests.fakes.jortt.http import Reply, Request, json_reply

_QUERY_MIN = 3


@dataclass
class SearchIndex:
    """How ``query`` behaves. Tests set its fields.

    A hit is any text that holds the query, whatever its case: a search for A1 finds A10. A new record is found after
    ``visible_after_searches`` searches that missed it and ``visible_after_s`` seconds. Whether e-mail addresses are searched is not known.
    """

    now: Now
    visible_after_searches: int = 0
    visible_after_s: float = 0
    customer_fields: tuple[str, ...] = ("customer_name", "reference")
    document_fields: tuple[str, ...] = ("reference", "remarks", "customer_company_name", "invoice_number", "estimate_number")

    def search(self, records: Iterable[Record], query: str, names: Sequence[str]) -> list[Record]:
        """The records that are indexed and hold the text."""
        return [record for record in records if self._is_visible(record) and _holds(record, query, names)]

    def _is_visible(self, record: Record) -> bool:
        record.searches += 1
        old_enough = self.now() - record.created_at >= timedelta(seconds=self.visible_after_s)
        return old_enough and record.searches > self.visible_after_searches


@dataclass
class Pages:
    """``per_page`` is at most 100."""

    address: Callable[[], str]
    per_page: int = 100

    def reply(self, request: Request, documents: Sequence[dict[str, Any]]) -> Reply:
        """The page that is asked for."""
        page = page_of(request)
        start = (page - 1) * self.per_page
        links = {
            "self": self._link(request, page),
            "previous": self._link(request, page - 1) if page > 1 else None,
            "next": self._link(request, page + 1) if start + self.per_page < len(documents) else None,
            "documentation": {"href": "https://developer.jortt.nl/#pagination", "type": "text/html"},
        }
        return json_reply(200, {"data": documents[start : start + self.per_page], "_links": links})

    def _link(self, request: Request, page: int) -> dict[str, str]:
        query = urlencode({**request.query, "page": page})
        return {"href": f"{self.address()}{request.path}?{query}", "type": "application/json"}


def page_of(request: Request) -> int:
    """The number of the page, from 1. Raises Refusal."""
    text = request.query.get("page", "1")
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise invalid(Detail("is_invalid", "page"))
    return int(text)


def query_of(request: Request) -> str:
    """The text to search for; empty for none. Raises Refusal for fewer than 3 characters."""
    query = request.query.get("query", "")
    if query and len(query) < _QUERY_MIN:
        raise invalid(Detail("is_invalid", "query"))
    return query


def _holds(record: Record, query: str, names: Sequence[str]) -> bool:
    return any(query.casefold() in str(record.fields.get(name) or "").casefold() for name in names)
