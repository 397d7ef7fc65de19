"""Mail addresses as people write them in settings, made safe for headers and the envelope."""

import re
from dataclasses import dataclass

from domain.errors import DomainError

RECIPIENTS_MAX = 50
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")
_WITH_NAME = re.compile(r"\s*(?P<name>[^<>]*?)\s*<(?P<address>[^<>]*)>\s*")
_LOCAL_MAX, _ADDRESS_MAX = 64, 254


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mail is from; ``name`` may be empty."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


def parse_addresses(text: str) -> tuple[str, ...]:
    """The addresses of a comma separated list, each once; blanks around the commas do not matter (seed 002 writes none).

    Raises DomainError("bad_address") for one that is none, and for more than 50.
    """
    addresses = (parse_address(part) for part in text.split(",") if part.strip())
    unique = tuple({address.lower(): address for address in addresses}.values())
    if len(unique) > RECIPIENTS_MAX:
        raise DomainError("bad_address", f"{len(unique)} addresses are more than {RECIPIENTS_MAX}.", "Use the address of a mailing list.")
    return unique


def parse_sender(text: str) -> Sender:
    """``accounts@acme.example`` or ``ACME Accounts <accounts@acme.example>``. Raises as ``parse_address``."""
    named = _WITH_NAME.fullmatch(text)
    if named is None:
        return Sender("", parse_address(text))
    return Sender(named["name"].strip().strip('"'), parse_address(named["address"]))


def parse_address(text: str) -> str:
    """One plain address, its domain in ASCII. Raises DomainError("bad_address") with the reason."""
    address = text.strip()
    local, at, domain = address.rpartition("@")
    if not at:
        raise _bad(address, "it has no @")
    if not local.isascii():
        # It would need SMTPUTF8 at every server on the way, which nobody can promise.
        raise _bad(address, "letters outside ASCII before the @ cannot be delivered everywhere")
    ascii_domain = _ascii_domain(address, domain)
    if len(local) > _LOCAL_MAX or len(local) + 1 + len(ascii_domain) > _ADDRESS_MAX:
        raise _bad(address, "it is too long")
    # An address may hold =?; a header may not, since some readers decode it there (CVE-2024-6923).
    if not _LOCAL.fullmatch(local) or "=?" in local or not _DOMAIN.fullmatch(ascii_domain):
        raise _bad(address, "it has characters that an address cannot have, or two dots in a row")
    return f"{local}@{ascii_domain}"


def _ascii_domain(address: str, domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        raise _bad(address, "what stands behind the @ is no domain") from None


def _bad(address: str, why: str) -> DomainError:
    return DomainError("bad_address", f"{address[:_ADDRESS_MAX]!r} is no mail address: {why}.", "Separate several addresses by commas.")
