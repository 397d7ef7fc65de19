"""How Fortnox refuses: an HTTP status, a code and a Swedish sentence."""

from tests.fakes.vendor_server import Reply

# The refusals whose code is documented nowhere we looked. No adapter may tell one of them from another by its code.
UNDOCUMENTED = 2000000


class Refused(Exception):
    """A request that Fortnox does not carry out. ``capital``: the spelling of the keys, which differs between 400 and 404."""

    def __init__(self, code: int, message: str, status: int = 400, *, capital: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.capital = capital

    def reply(self) -> Reply:
        """The answer."""
        if self.capital:
            return Reply.of_json({"ErrorInformation": {"Error": 1, "Message": self.message, "Code": self.code}}, self.status)
        return Reply.of_json({"ErrorInformation": {"error": 1, "message": self.message, "code": self.code}}, self.status)


class Unauthorized(Exception):
    """A call without a token that is valid now. Its answer has neither code nor wrapper."""

    def reply(self) -> Reply:
        """The answer."""
        return Reply.of_json({"message": "unauthorized"}, 401)


class NotServed(LookupError):
    """What Fortnox may have and this fake has not: a gap to close, never an answer to rely on."""


NOT_FOUND = {
    "customers": (2000433, "Kan inte hitta kunden."),
    "articles": (2000428, "Kan inte hitta artikeln."),
    "invoices": (2000434, "Kan inte hitta fakturan."),
    "orders": (2000439, "Kan inte hitta ordern."),
    "termsofpayments": (2000429, "Kan inte hitta betalningsvillkoret."),
    "units": (2000432, "Kan inte hitta enheten."),
    "currencies": (2004344, "Kunde inte hämta/hitta valuta."),
    "modesofpayments": (UNDOCUMENTED, "Kan inte hitta betalningssättet."),
}


def not_there(resource: str) -> Refused:
    """Asked for by its address: 404 with capital keys."""
    code, message = NOT_FOUND[resource]
    return Refused(code, message, 404, capital=True)


def not_known(resource: str) -> Refused:
    """Named inside a document: 400 with small keys."""
    code, message = NOT_FOUND[resource]
    return Refused(code, message)


def unknown_field(name: str) -> Refused:
    """A field that the resource does not have."""
    return Refused(2001399, f"Felaktigt fältnamn ({name}).")


def wrong_length(name: str, length: int) -> Refused:
    """A text over its length, or a code of another length."""
    return Refused(UNDOCUMENTED, f"Värdet i fältet {name} har fel längd, {length} tecken gäller.")
