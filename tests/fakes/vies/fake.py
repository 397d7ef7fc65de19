"""The fake VIES."""

import itertools
import re
import threading
from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from lxml import etree

from tests.fakes.vies.messages import TYPES, answer, answered, fault, question_of, shipped_schema
from tests.services.http_partner import HttpPartner, Planned, Received

_PATH = "/taxation_customs/vies/services/checkVatService"
_PATTERN = re.compile(r"[0-9A-Za-z+*.]{2,12}")
_BRUSSELS = ZoneInfo("Europe/Brussels")
COUNTRIES = frozenset("AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split())
# The numbers of the Commission's own test service, with a name that says what they do.
FAULT_OF_NUMBER = {
    "201": "INVALID_INPUT",
    "202": "INVALID_REQUESTER_INFO",
    "300": "SERVICE_UNAVAILABLE",
    "301": "MS_UNAVAILABLE",
    "302": "TIMEOUT",
    "400": "VAT_BLOCKED",
    "401": "IP_BLOCKED",
    "500": "GLOBAL_MAX_CONCURRENT_REQ",
    "501": "GLOBAL_MAX_CONCURRENT_REQ_TIME",
    "600": "MS_MAX_CONCURRENT_REQ",
    "601": "MS_MAX_CONCURRENT_REQ_TIME",
}
_VALID = "100"


@dataclass(frozen=True, slots=True)
class Trader:
    """Who has a number. None is sent as nil; ``---`` is what countries send that do not disclose."""

    name: str | None = "ACME PRINT BV"
    address: str | None = "\nKEIZERSGRACHT 00001\n1015CC AMSTERDAM\n"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked. ``requester`` is empty for checkVat."""

    operation: str
    country: str
    number: str
    requester: str


class FakeVies(HttpPartner):
    """Serves until closed. By number as the Commission's test service, else from ``traders``; any other number is not valid.

    ``outages``: a faultstring for each country whose register is away · ``faults``: for the next questions, whatever they ask ·
    ``plan`` (``next_answers``): raw answers, drops and waits · ``requesters``: whom it knows, None for everybody ·
    ``gate``: questions wait until it is set · ``questions``: all that were understood · ``at_once``: the most at a time, by country ·
    ``violations``: messages of either side that do not fit the schema.
    """

    def __init__(self, schema: etree.XMLSchema | None = None) -> None:
        self.traders: dict[str, Trader] = {}
        self.outages: dict[str, str] = {}
        self.faults: deque[str] = deque()
        self.requesters: set[str] | None = None
        self.questions: list[Question] = []
        self.at_once: Counter[str] = Counter()
        self.violations: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self._running: Counter[str] = Counter()
        self._consultations = itertools.count(1)
        self._schema = schema or shipped_schema()
        self._counting = threading.Lock()
        super().__init__()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        super().__exit__()

    @property
    def address(self) -> str:
        """Where questions go."""
        return self.url(_PATH)

    def asked(self, country: str) -> int:
        """How many questions came about a country."""
        return sum(question.country == country for question in self.questions)

    def take(self, request: Received) -> Planned:
        """As the parent, but several at a time: countries answer side by side."""
        with self._counting:
            self.received.append(request)
            planned = self.plan.popleft() if self.plan else None
        return planned or self._usual(request)

    def _usual(self, request: Received) -> Planned:
        element = question_of(request.body) if request.method == "POST" and request.path == _PATH else None
        if element is None or not self._fits(element, "question"):
            return fault("Message part was not recognized", "env:Client")
        question = _question(element)
        with self._counting:
            self.questions.append(question)
            self._running[question.country] += 1
            self.at_once[question.country] = max(self.at_once[question.country], self._running[question.country])
        self.gate.wait()
        with self._counting:
            self._running[question.country] -= 1
            return self._answered(question)

    def _answered(self, question: Question) -> Planned:
        word = self._refusal(question)
        if word is not None:
            return fault(word)
        element = answer(question.operation, self._fields(question))
        self._fits(element, "answer")
        return answered(element)

    def _refusal(self, question: Question) -> str | None:
        if self.faults:
            return self.faults.popleft()
        if question.country not in COUNTRIES or not _PATTERN.fullmatch(question.number):
            return "INVALID_INPUT"
        if question.requester and self.requesters is not None and question.requester not in self.requesters:
            return "INVALID_REQUESTER_INFO"
        return self.outages.get(question.country) or FAULT_OF_NUMBER.get(question.number)

    def _fields(self, question: Question) -> dict[str, str | None]:
        trader = self.traders.get(question.country + question.number) or (Trader() if question.number == _VALID else None)
        fields: dict[str, str | None] = {
            "countryCode": question.country,
            "vatNumber": question.number,
            "requestDate": _today(),
            "valid": "false" if trader is None else "true",
        }
        name, address = ("---", "---") if trader is None else (trader.name, trader.address)
        if question.operation == "checkVat":
            return {**fields, "name": name, "address": address}
        identifier = f"WAPIAAAA{next(self._consultations):08d}" if question.requester else ""
        # Unlike the others the address cannot be nil: it is left out.
        disclosed = {} if address is None else {"traderAddress": address}
        return {**fields, "traderName": name, "traderCompanyType": None, **disclosed, "requestIdentifier": identifier}

    def _fits(self, element: Any, what: str) -> bool:
        if self._schema.validate(element):
            return True
        self.violations.append(f"{what}: {self._schema.error_log.last_error}")
        return False


def _question(element: Any) -> Question:
    def field(name: str) -> str:
        return str(element.findtext(f"{{{TYPES}}}{name}") or "")

    operation = etree.QName(element).localname
    return Question(operation, field("countryCode"), field("vatNumber"), field("requesterCountryCode") + field("requesterVatNumber"))


def _today() -> str:
    """A date with its offset, e.g. 2026-10-01+02:00."""
    text = datetime.now(UTC).astimezone(_BRUSSELS).strftime("%Y-%m-%d%z")
    return f"{text[:-2]}:{text[-2:]}"
