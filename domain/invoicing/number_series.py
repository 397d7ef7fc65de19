"""Gap-free numbers: one series per admin company and document type (DESIGN section 2, Numbering).

The number is taken in the transaction that inserts the document. Each document's hash covers its predecessor's, so
that a change, a gap or a swap anywhere shows everywhere after it.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256

from domain.invoicing.content import canonical_json
from domain.invoicing.document import DocumentType, Draft, Issued

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class NumberSeries:
    """Where a series stands. ``next_number`` is the one the next document gets."""

    admin_company: str
    type: DocumentType
    next_number: int
    last_hash: str = GENESIS
    last_issued_on: date | None = None

    def issue(self, draft: Draft, content_sha256: str, number_format: str, today: date) -> tuple[Issued, "NumberSeries"]:
        """Number the draft. The day is today, but never before that of the number before it."""
        issued_on = max(today, self.last_issued_on or today)
        display_number = number_format.format(number=self.next_number)
        due_on = issued_on + timedelta(days=draft.payment_terms_days)
        issued = Issued(
            draft=draft,
            number=self.next_number,
            display_number=display_number,
            issued_on=issued_on,
            due_on=due_on,
            content_sha256=content_sha256,
            previous_hash=self.last_hash,
            chain_hash=chain_hash(
                self.admin_company, self.type, self.next_number, display_number, issued_on, due_on, content_sha256, self.last_hash
            ),
        )
        return issued, replace(self, next_number=self.next_number + 1, last_hash=issued.chain_hash, last_issued_on=issued_on)


def content_hash(content_json: str) -> str:
    """SHA-256 of a document's canonical content."""
    return sha256(content_json.encode()).hexdigest()


def chain_hash(  # noqa: PLR0913 - everything the hash covers, by name
    admin_company: str,
    type_: DocumentType,
    number: int,
    display_number: str,
    issued_on: date,
    due_on: date,
    content_sha256: str,
    previous_hash: str,
) -> str:
    """The link of the hash chain: SHA-256 over the header, the content's hash and the predecessor's link."""
    header = [admin_company, type_.value, number, display_number, issued_on.isoformat(), due_on.isoformat(), content_sha256, previous_hash]
    return sha256(canonical_json(header).encode()).hexdigest()
