"""One call to the books of one organisation, and the envelope that every answer of the accounting API comes in."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.fakes.xero.organisation import Organisation
from tests.fakes.xero.wire import Answer, Body, Call, json_answer, milliseconds, refuse, shown

_PAGE_SIZE, _PAGE_SIZE_MAX = 100, 1000


@dataclass(frozen=True, slots=True)
class Task:
    """A call, the organisation it is for, and what stood in its path."""

    call: Call
    organisation: Organisation
    parameters: Mapping[str, str]

    def flag(self, name: str) -> bool:
        """A query parameter that is true or not there."""
        return self.call.query.get(name, "").casefold() == "true"

    def listed(self, name: str) -> list[str]:
        """A query parameter with commas between its values."""
        return [value.strip() for value in self.call.query.get(name, "").split(",") if value.strip()]

    def answer(self, plural: str, records: Iterable[object], **more: object) -> Answer:
        """Records in their envelope."""
        head = {"Id": str(uuid.uuid4()), "Status": "OK", "ProviderName": "Billhook", "DateTimeUTC": milliseconds(self.organisation.now())}
        return json_answer(200, {**head, **more, plural: shown(list(records))})

    def modified(self, records: Iterable[Body]) -> list[Body]:
        """Those that were written after the second in ``If-Modified-Since``."""
        since = self.call.headers.get("if-modified-since")
        if since is None:
            return list(records)
        try:
            moment = datetime.fromisoformat(since)
        except ValueError:
            refuse(400, {"ErrorNumber": 10, "Type": "ValidationException", "Message": f"If-Modified-Since is no date: {since}"})
        moment = moment.replace(tzinfo=moment.tzinfo or UTC, microsecond=0)
        return [record for record in records if record["UpdatedDateUTC"].replace(microsecond=0) > moment]

    def page(self, records: list[Body]) -> tuple[list[Body], dict[str, object]]:
        """One page, and what the envelope says about it. Everything, and nothing to say, where no page was asked for."""
        if "page" not in self.call.query:
            return records, {}
        number = max(1, int(self.call.query["page"]))
        size = min(_PAGE_SIZE_MAX, max(1, int(self.call.query.get("pageSize", _PAGE_SIZE))))
        pages = -(-len(records) // size)
        pagination = {"page": number, "pageSize": size, "pageCount": pages, "itemCount": len(records)}
        return records[(number - 1) * size : number * size], {"pagination": pagination}
