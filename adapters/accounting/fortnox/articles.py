"""The articles of rows: there, created, or another in their place (seed 003: all products there, then the order is committed).

Creating one twice is impossible: Fortnox takes no number twice, and who comes second finds the first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.api import FortnoxApi, path_of
from adapters.accounting.fortnox.article_numbers import article_number
from adapters.accounting.fortnox.errors import problem_of, refusal
from adapters.accounting.fortnox.records import text_of
from adapters.accounting.fortnox.sale import Sale
from adapters.accounting.fortnox.settings import FALLBACK, NO_ARTICLES, FortnoxSettings
from adapters.accounting.fortnox.texts import one_line
from application.accounting.remote_memory import RemoteMemory
from application.ports.remote_links import RemoteLink
from domain.errors import DomainError
from domain.pricing.price_order import SHIPPING_SKU, InvoiceLine

_ARTICLE = "article"
_DESCRIPTION_MAX = 200
# From so many unknown articles on, reading the whole register costs fewer calls than asking for each.
_MANY = 4


@dataclass(frozen=True, slots=True)
class Articles:
    """The articles of one company for one integration, on one visit. ``_wrong`` says what is the matter with a SKU."""

    api: FortnoxApi
    settings: FortnoxSettings
    memory: RemoteMemory
    _wrong: dict[str, DomainError] = field(default_factory=dict)

    def prepare(self, sales: Iterable[Sale]) -> None:
        """See that the articles of these are there. No call where they were there before; what is wrong is told by ``numbers_of``."""
        wanted = {line.sku: line.description for sale in sales for line in self._goods(sale)}
        if not wanted:
            return
        known = self.memory.by_key(self.api.scope, _ARTICLE, list(wanted))
        unknown = {sku: text for sku, text in wanted.items() if sku not in known}
        if not unknown:
            return
        found = self._there(unknown)
        for sku, text in unknown.items():
            try:
                found[sku] = found.get(sku) or self._instead(sku, text)
            except DomainError as error:
                self._wrong[sku] = error
        # Another article in its place is not kept: its own may come.
        kept = {sku: number for sku, number in found.items() if number != self.settings.fallback_article}
        self.memory.put(self.api.scope, [RemoteLink(_ARTICLE, sku, number) for sku, number in kept.items()])

    def numbers_of(self, sale: Sale) -> Mapping[str, str]:
        """The article numbers by SKU; shipping, and rows that name none, are left out. Raises DomainError for one that is not to be had."""
        goods = [line.sku for line in self._goods(sale)]
        for sku in goods:
            if sku in self._wrong:
                raise self._wrong[sku]
        known = self.memory.by_key(self.api.scope, _ARTICLE, goods) if goods else {}
        return {sku: known[sku].remote_id if sku in known else self.settings.fallback_article for sku in goods}

    def expected(self, sale: Sale) -> Mapping[str, str]:
        """The numbers as they will be, without asking Fortnox: for a preview."""
        goods = {line.sku: article_number(line.sku) for line in self._goods(sale)}
        known = self.memory.by_key(self.api.scope, _ARTICLE, list(goods)) if goods else {}
        otherwise = self.settings.fallback_article if self.settings.articles == FALLBACK else ""
        return {sku: known[sku].remote_id if sku in known else otherwise or number for sku, number in goods.items()}

    def forget(self, sale: Sale) -> None:
        """Fortnox does not take one of these any more: all are looked for anew next time."""
        for line in self._goods(sale):
            self.memory.remove(self.api.scope, _ARTICLE, line.sku)

    def exists(self, number: str) -> bool:
        """Whether Fortnox has an article."""
        return self.api.one(path_of("articles", number), "Article") is not None

    def _goods(self, sale: Sale) -> list[InvoiceLine]:
        if self.settings.articles == NO_ARTICLES:
            return []
        return [line for line in sale.lines if line.sku and line.sku != SHIPPING_SKU]

    def _there(self, wanted: Mapping[str, str]) -> dict[str, str]:
        asked = {article_number(sku): sku for sku in wanted}
        if len(asked) >= _MANY:
            numbers = [text_of(each, "ArticleNumber") for each in self.api.listed("articles", "Articles")]
        else:
            # The filter finds parts of numbers; an address would be read wrongly where a number has a slash in it.
            numbers = [
                text_of(each, "ArticleNumber")
                for number in asked
                for each in self.api.listed("articles", "Articles", {"articlenumber": number})
            ]
        by_form = {number.casefold(): number for number in numbers}
        return {sku: by_form[number.casefold()] for number, sku in asked.items() if number.casefold() in by_form}

    def _instead(self, sku: str, text: str) -> str:
        if self.settings.articles == FALLBACK:
            return self.settings.fallback_article
        number = article_number(sku)
        fields = {"ArticleNumber": number, "Description": one_line(text, _DESCRIPTION_MAX) or number}
        made = self.api.put_safely("POST", "/articles", "Article", fields)
        if isinstance(made, Answer) and not self.exists(number):
            raise refusal(problem_of(made), f"the article {number}")
        return number
