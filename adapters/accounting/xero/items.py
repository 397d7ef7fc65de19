"""Items with a stock at Xero, for tracked invoices (facts: accounting-apis, B1.13; seed-systems, 1.5).

Creating one twice is impossible: Xero keeps the Code unique, and who comes second finds the first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from adapters.accounting import exact_json
from adapters.accounting.vendor_api import Uncertain
from adapters.accounting.xero.api import XeroApi, about_documents, elements_of
from adapters.accounting.xero.chart import decimal_of, text_of
from adapters.accounting.xero.complaints import is_refused, messages_in, refused
from adapters.accounting.xero.documents import tracked_lines
from adapters.accounting.xero.idempotency import IdempotencyKeys
from adapters.accounting.xero.item_codes import item_code
from adapters.accounting.xero.settings import XeroSettings
from adapters.accounting.xero.texts import one_line
from domain.errors import DomainError, TemporaryFailure
from domain.invoicing.document import Issued
from domain.money import ZERO

_BATCH = 100
_NAME_MAX, _DESCRIPTION_MAX = 50, 4000


@dataclass(slots=True)
class Items:
    """The items of one organisation for one integration, on one visit. ``_wrong`` says what is the matter with a code."""

    api: XeroApi
    settings: XeroSettings
    keys: IdempotencyKeys
    _on_hand: dict[str, Decimal] = field(default_factory=dict)
    _wrong: dict[str, DomainError] = field(default_factory=dict)

    def prepare(self, documents: Iterable[Issued]) -> None:
        """See that all goods of these are there as items, and how many of each. One call, and one for each hundred new ones."""
        wanted = {item_code(line.sku): line.description for document in documents for line in tracked_lines(document)}
        if not wanted or (self.settings.allow_backorders and wanted.keys() <= self._on_hand.keys()):
            return
        self._wrong.clear()
        for item in self.api.records("Items", params={"unitdp": 4}):
            self._note(item)
        missing = [code for code in wanted if code not in self._on_hand and code not in self._wrong]
        for start in range(0, len(missing), _BATCH):
            self._create({code: wanted[code] for code in missing[start : start + _BATCH]})

    def require(self, document: Issued) -> None:
        """Raise DomainError where an item of the document is not as it must be."""
        for code in _quantities(document):
            if code in self._wrong:
                raise self._wrong[code]

    def take(self, document: Issued) -> None:
        """Count off what the document sells. Raises DomainError("stock_missing") where there is not enough of something."""
        if self.settings.allow_backorders or not self.settings.is_authorised:
            return  # Drafts move no stock.
        quantities = _quantities(document)
        short = [f"{self._on_hand.get(code, ZERO):f} of {code} (this document sells {wanted:f})" for code, wanted in quantities.items()
                 if wanted > self._on_hand.get(code, ZERO)]  # fmt: skip
        if short:
            text = f"Xero has only {'; '.join(short[:5])} on hand, and sells no tracked item it does not have."
            step = f"Receive the stock in Xero (a bill with the item), or set allow_backorders: true for {self.settings.path}"
            raise DomainError("stock_missing", text, step)
        for code, wanted in quantities.items():
            self._on_hand[code] -= wanted

    def _note(self, item: Mapping[str, Any]) -> None:
        code = text_of(item, "Code")
        asset = text_of(item, "InventoryAssetAccountCode")
        purchase = item.get("PurchaseDetails")
        cogs = text_of(purchase, "COGSAccountCode") if isinstance(purchase, Mapping) else ""
        self._on_hand[code] = decimal_of(item, "QuantityOnHand") or ZERO
        if not asset:
            text = f"The item {code} is in Xero, and its stock is not tracked there."
            self._wrong[code] = DomainError("item_not_tracked", text, "Track its inventory in Xero, or use process_method: untracked")
        elif asset != self.settings.inventory_asset_account or (cogs and cogs != self.settings.cogs_account):
            text = f"The item {code} uses the accounts {asset} and {cogs} in Xero, and the settings name others."
            step = f"Correct inventory_asset_account and cogs_account of {self.settings.path}, or the item in Xero"
            self._wrong[code] = DomainError("item_accounts_differ", text, step)

    def _create(self, wanted: Mapping[str, str]) -> None:
        body = exact_json.dumps({"Items": [self._new(code, name) for code, name in wanted.items()]})
        key = self.keys.key("items", list(wanted), body)
        try:
            answer = self.api.put("/Items", body, key, params={"summarizeErrors": "false", "unitdp": 4})
        except Uncertain as uncertain:
            self.keys.spend("items", list(wanted) if uncertain.status else [])
            raise TemporaryFailure(f"It is not certain whether items were created: {uncertain.reason}", retry_after_s=30) from uncertain
        try:
            self.api.require(answer, "/Items")
        except DomainError as error:
            self._wrong |= dict.fromkeys(wanted, about_documents(error))
            return
        by_code = {text_of(element, "Code"): element for element in elements_of(answer.json(), "Items")}
        for code in wanted:
            self._settle(code, by_code.get(code, {}))

    def _settle(self, code: str, element: Mapping[str, Any]) -> None:
        messages = messages_in(element)
        if (element and not is_refused(element)) or any("already exists" in message.lower() for message in messages):
            self._on_hand[code] = ZERO
            return
        self.keys.spend("items", [code])
        outcome = refused(messages, fallback="Xero did not create the item and gave no reason.")
        self._wrong[code] = DomainError(outcome.code, f"Item {code}: {outcome.text}", outcome.next_step.partition(", then: ")[0])

    def _new(self, code: str, name: str) -> dict[str, Any]:
        return {
            "Code": code,
            "Name": one_line(name, _NAME_MAX) or code,
            "Description": one_line(name, _DESCRIPTION_MAX) or code,
            "IsSold": True,
            "IsPurchased": True,
            "InventoryAssetAccountCode": self.settings.inventory_asset_account,
            "PurchaseDetails": {"COGSAccountCode": self.settings.cogs_account},
            "SalesDetails": {"AccountCode": self.settings.sales_account},
        }


def _quantities(document: Issued) -> dict[str, Decimal]:
    quantities: dict[str, Decimal] = {}
    for line in tracked_lines(document):
        code = item_code(line.sku)
        quantities[code] = quantities.get(code, ZERO) + line.quantity
    return quantities
