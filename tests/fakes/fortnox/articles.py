"""The article register."""

import copy
from collections.abc import Mapping
from typing import Any

from tests.fakes.fortnox.company import Company, Kept
from tests.fakes.fortnox.errors import UNDOCUMENTED, Refused, not_known, not_there
from tests.fakes.fortnox.fields import ARTICLE, Document, apply, chosen_number
from tests.fakes.fortnox.listing import ListShape

_ACCOUNTS = ("SalesAccount", "EUAccount", "EUVATAccount", "ExportAccount", "PurchaseAccount")
_ACCOUNT_MIN, _ACCOUNT_MAX = 1000, 99999
_LISTED = ("@url", "ArticleNumber", "Description", "EAN", "Housework", "QuantityInStock", "StockPlace", "Unit", "WebshopArticle")
_LISTED_AS_TEXT = ("DisposableQuantity", "PurchasePrice", "ReservedQuantity", "SalesPrice", "StockValue", "VAT")


def create(company: Company, asked: Mapping[str, Any]) -> Kept:
    """POST /3/articles. Accounts that the article inherits are not looked at: a later PUT may stumble over them."""
    number = chosen_number("ArticleNumber", asked.get("ArticleNumber"), company.next_number("articles"))
    if number in company.articles:
        raise Refused(UNDOCUMENTED, "Artikelnumret används redan.")
    document = copy.deepcopy(dict(ARTICLE))
    _change(company, document, asked, accounts=tuple(name for name in _ACCOUNTS if name in asked))
    document |= {"ArticleNumber": number, "@url": f"{company.url}/3/articles/{number}"}
    return _keep(company, document, "created")


def change(company: Company, number: str, asked: Mapping[str, Any]) -> Kept:
    """PUT: only the fields that are named."""
    document = copy.deepcopy(dict(get(company, number)))
    _change(company, document, asked, _ACCOUNTS)
    return _keep(company, document, "changed")


def get(company: Company, number: str) -> Kept:
    """GET of one."""
    if number not in company.articles:
        raise not_there("articles")
    return company.articles[number]


def _change(company: Company, document: Document, asked: Mapping[str, Any], accounts: tuple[str, ...]) -> None:
    apply(document, asked, ARTICLE, passed_over=("ArticleNumber",))
    if not document["Description"]:
        raise Refused(UNDOCUMENTED, "Artikelns benämning saknas.")
    if document["Unit"] and document["Unit"] not in company.units:
        raise not_known("units")
    if document["Type"] not in {"STOCK", "SERVICE"}:
        raise Refused(UNDOCUMENTED, "Ogiltigt värde i fältet Type.")
    if document["VAT"] not in company.vat_rates:
        raise Refused(UNDOCUMENTED, "Kunde inte hämta/hitta moms.")
    for name in accounts:
        if document[name] in company.missing_accounts or not _ACCOUNT_MIN <= document[name] <= _ACCOUNT_MAX:
            raise Refused(2001304, f"Kan inte hitta kontot {document[name]}.")


def _keep(company: Company, document: Document, kind: str) -> Kept:
    number = document["ArticleNumber"]
    now = Kept(document, company.clock.now())
    now.hidden_lists = company.articles[number].hidden_lists if number in company.articles else 0
    company.articles[number] = now
    company.note(kind, "articles", number)
    return now


def _item(article: Kept) -> dict[str, Any]:
    return {name: article[name] for name in _LISTED} | {name: str(article[name] or 0) for name in _LISTED_AS_TEXT}


LIST = ListShape(
    "Articles",
    "articles",
    _item,
    "ArticleNumber",
    texts={
        "articlenumber": "ArticleNumber",
        "description": "Description",
        "ean": "EAN",
        "suppliernumber": "SupplierNumber",
        "manufacturer": "Manufacturer",
        "manufacturerarticlenumber": "ManufacturerArticleNumber",
    },
    states={"active": lambda kept, _: bool(kept["Active"]), "inactive": lambda kept, _: not kept["Active"]},
    sorts={
        "articlenumber": "ArticleNumber",
        "quantityinstock": "QuantityInStock",
        "reservedquantity": "ReservedQuantity",
        "stockvalue": "StockValue",
    },
    unserved=frozenset({"webshop"}),
)
