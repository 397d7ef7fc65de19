"""Contacts: their rules, look-ups and the two ways to write them."""

import re
import uuid

from tests.fakes.xero.batches import Batch, Invalid
from tests.fakes.xero.organisation import Organisation
from tests.fakes.xero.task import Task
from tests.fakes.xero.where import folded, matching
from tests.fakes.xero.wire import Answer, Body, not_found

_BATCH = Batch("Contacts", "ContactID", "HasValidationErrors")
_LENGTHS = {"Name": 255, "FirstName": 255, "LastName": 255, "EmailAddress": 255} | dict.fromkeys(
    ("CompanyNumber", "TaxNumber", "AccountNumber", "ContactNumber"), 50
)
_ADDRESS_LENGTHS = {f"AddressLine{line}": 500 for line in (1, 2, 3, 4)} | {"City": 255, "Region": 255, "PostalCode": 50, "Country": 50}
_PHONE_LENGTHS = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
_SEARCHED = ("Name", "FirstName", "LastName", "ContactNumber", "CompanyNumber", "EmailAddress")
# Umlauts are not supported, says Xero; other letters beyond ASCII are refused alike.
_EMAIL = re.compile(r"[!-?A-~]+@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+")
_PERSONS_MAX = 5


def find(task: Task) -> Answer:
    """Contacts by the filters of the query; archived ones only where they are asked for."""
    asked_for = {record_id.casefold() for record_id in task.listed("IDs")}
    archived, term = task.flag("includeArchived"), folded(task.call.query.get("searchTerm", ""))
    found = [
        contact
        for contact in task.modified(task.organisation.tables["Contacts"].found())
        if (archived or contact["ContactStatus"] == "ACTIVE")
        and (not asked_for or contact["ContactID"] in asked_for)
        and any(term in folded(contact.get(name, "")) for name in _SEARCHED)
    ]
    page, told = task.page(matching(found, task.call.query.get("where")))
    return task.answer("Contacts", page, **told)


def read(task: Task) -> Answer:
    """One contact by its id."""
    return task.answer("Contacts", [task.organisation.tables["Contacts"].get(task.parameters["ContactID"]) or not_found()])


def read_by_number(task: Task) -> Answer:
    """One contact by our own key."""
    number = task.parameters["ContactNumber"].casefold()
    found = [contact for contact in task.organisation.tables["Contacts"].found() if contact.get("ContactNumber", "").casefold() == number]
    return task.answer("Contacts", found or not_found())


def create(task: Task) -> Answer:
    """PUT: new contacts only."""
    return _BATCH.write(task, lambda sent: save_contact(task.organisation, sent, None))


def create_or_update(task: Task) -> Answer:
    """POST: what is known by id, number or name is changed."""
    return _BATCH.write(task, lambda sent: save_contact(task.organisation, sent, _known(task.organisation, sent)))


def update(task: Task) -> Answer:
    """POST to one contact."""
    known = task.organisation.tables["Contacts"].get(task.parameters["ContactID"]) or not_found()
    return _BATCH.write_one(task, lambda sent: save_contact(task.organisation, sent, known))


def save_contact(organisation: Organisation, sent: Body, known: Body | None) -> Body:
    """Create, or change what is known; lists that are sent replace the whole list. Error: Invalid."""
    contact = {"ContactID": str(uuid.uuid4()), "ContactStatus": "ACTIVE", "Addresses": [], "Phones": [], **(known or {}), **sent}
    contact["EmailAddress"] = contact.get("EmailAddress") or ""
    contact["UpdatedDateUTC"] = organisation.now()
    problems = [*_problems(contact), *_clashes(organisation, contact)]
    if problems:
        raise Invalid(problems)
    organisation.tables["Contacts"].save(contact)
    return contact


def contact_of_document(organisation: Organisation, sent: Body | None, *, may_create: bool) -> Body:
    """The contact that a document names.

    As the real API: what stands beside the id changes the contact and drops its persons, and a name without an id finds or creates.
    """
    table = organisation.tables["Contacts"]
    if not sent or not (sent.get("ContactID") or sent.get("Name") or sent.get("ContactNumber")):
        raise Invalid(["A Contact must be specified for this type of transaction."])
    known = _known(organisation, sent)
    if known is None and (sent.get("ContactID") or not may_create or not sent.get("Name")):
        raise Invalid(["The contact could not be found. Contact must be valid."])
    if known is not None and known["ContactStatus"] != "ACTIVE":
        raise Invalid(["The contact is archived. It must be un-archived before documents can be created."])
    if known is not None and set(sent) <= {"ContactID"}:
        return known
    saved = save_contact(organisation, sent, known)
    if known is not None and "ContactPersons" not in sent and set(sent) - {"ContactID", "Name", "ContactNumber"}:
        saved = {**saved, "ContactPersons": []}
        table.save(saved)
    return saved


def _known(organisation: Organisation, sent: Body) -> Body | None:
    table = organisation.tables["Contacts"]
    if sent.get("ContactID"):
        known = table.get(str(sent["ContactID"]).lower())
        if known is None:
            raise Invalid(["The contact could not be found. Contact must be valid."])
        return known
    by_number = table.owner_of(f"number {sent['ContactNumber']}") if sent.get("ContactNumber") else None
    return by_number or (table.owner_of(f"name {sent['Name']}") if sent.get("Name") else None)


def _clashes(organisation: Organisation, contact: Body) -> list[str]:
    table = organisation.tables["Contacts"]
    clashes = []
    same_name = table.owner_of(f"name {contact.get('Name')}") if contact["ContactStatus"] == "ACTIVE" else None
    if same_name and same_name["ContactID"] != contact["ContactID"]:
        clashes.append(
            f"The contact name {contact['Name']} is already assigned to another contact. "
            "The contact name must be unique across all active contacts."
        )
    same_number = table.owner_of(f"number {contact['ContactNumber']}") if contact.get("ContactNumber") else None
    if same_number and same_number["ContactID"] != contact["ContactID"]:
        clashes.append(f"The contact number {contact['ContactNumber']} is already assigned to another contact.")
    return clashes


def _problems(contact: Body) -> list[str]:
    name, email = contact.get("Name") or "", contact["EmailAddress"]
    problems = _too_long(contact, _LENGTHS)
    if not name:
        problems.append("The contact name must be specified.")
    if set("<>") & set(name) or name != " ".join(name.split(" ")).strip() or "  " in name:
        problems.append("The contact name cannot contain < or >, double spaces, or spaces at its ends.")
    if email and not _EMAIL.fullmatch(email):
        problems.append("Email address must be valid.")
    if len(contact.get("ContactPersons") or []) > _PERSONS_MAX:
        problems.append("A contact cannot have more than 5 contact persons.")
    return problems + _problems_of_parts(contact)


def _problems_of_parts(contact: Body) -> list[str]:
    problems = []
    for address in contact.get("Addresses") or []:
        problems += _too_long(address, _ADDRESS_LENGTHS)
        # Written so in the API's description; whether a blank is refused is not known.
        if not re.fullmatch("[A-Za-z]*", address.get("Country") or ""):
            problems.append("The Country of an address may have letters A to Z only.")
    for phone in contact.get("Phones") or []:
        problems += _too_long(phone, _PHONE_LENGTHS)
    return problems


def _too_long(record: Body, lengths: dict[str, int]) -> list[str]:
    return [
        f"{name} must not be more than {length} characters long."
        for name, length in lengths.items()
        if len(str(record.get(name) or "")) > length
    ]
