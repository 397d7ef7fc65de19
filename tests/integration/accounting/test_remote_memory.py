from application.accounting.remote_memory import RemoteMemory
from application.ports.remote_links import RemoteLink
from tests.integration.accounting.office import Office

SCOPE = "xero:tenant-1"
ZOE = RemoteLink("contact", "zoe@example.com", "contact-1")


def test_what_was_put_is_there_for_others(office: Office) -> None:
    """Kept when the call returns, and found by either name."""
    mine, others = (RemoteMemory(office.units_of_work, office.clock) for _ in range(2))

    mine.put(SCOPE, [ZOE])
    mine.put(SCOPE, [])

    assert others.by_key(SCOPE, "contact", ["zoe@example.com", "nobody"]) == {"zoe@example.com": ZOE}
    assert others.by_remote_id(SCOPE, "contact", ["contact-1"]) == {"contact-1": ZOE}


def test_what_was_found_once_is_not_asked_for_again(office: Office) -> None:
    """But what was not found is: somebody else may have put it there."""
    mine, others = (RemoteMemory(office.units_of_work, office.clock) for _ in range(2))
    assert mine.by_key(SCOPE, "contact", ["zoe@example.com"]) == {}

    others.put(SCOPE, [ZOE])
    found = mine.by_key(SCOPE, "contact", ["zoe@example.com"])
    others.remove(SCOPE, "contact", "zoe@example.com")

    assert found == mine.by_key(SCOPE, "contact", ["zoe@example.com"]) == {"zoe@example.com": ZOE}
    assert RemoteMemory(office.units_of_work, office.clock).by_key(SCOPE, "contact", ["zoe@example.com"]) == {}


def test_what_was_removed_is_asked_for_again(office: Office) -> None:
    """Here and in the store."""
    memory = RemoteMemory(office.units_of_work, office.clock)
    memory.put(SCOPE, [ZOE])

    memory.remove(SCOPE, "contact", "zoe@example.com")

    assert memory.by_key(SCOPE, "contact", ["zoe@example.com"]) == {}
