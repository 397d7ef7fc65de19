from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.remote_links import RemoteLink
from tests.contracts.persistence.stock import NOW

SCOPE = "xero:tenant-1"
ZOE = RemoteLink("customer", "zoe@example.com", "contact-1", "fingerprint")
MAX = RemoteLink("customer", "max@example.com", "contact-2")


def test_links_are_found_by_either_name(units_of_work: SqlUnitsOfWork) -> None:
    """Those that are known, of that scope and type only."""
    item = RemoteLink("item", "zoe@example.com", "item-1")
    with units_of_work() as uow:
        uow.remote_links.put(SCOPE, [ZOE, MAX, item], NOW)
        uow.remote_links.put("xero:tenant-2", [RemoteLink("customer", "zoe@example.com", "contact-9")], NOW)
        uow.commit()

    with units_of_work() as uow:
        assert uow.remote_links.by_key(SCOPE, "customer", ["zoe@example.com", "nobody"]) == {"zoe@example.com": ZOE}
        assert uow.remote_links.by_remote_id(SCOPE, "customer", ["contact-2", "item-1"]) == {"contact-2": MAX}
        assert uow.remote_links.by_key(SCOPE, "item", {"zoe@example.com"}) == {"zoe@example.com": item}


def test_the_last_link_of_a_key_counts(units_of_work: SqlUnitsOfWork) -> None:
    """In one call, and over what is there."""
    moved = RemoteLink("customer", "zoe@example.com", "contact-3", "newer")
    with units_of_work() as uow:
        uow.remote_links.put(SCOPE, [ZOE], NOW)
        uow.remote_links.put(SCOPE, [MAX, ZOE, moved], NOW)
        uow.remote_links.put(SCOPE, [], NOW)

        assert uow.remote_links.by_key(SCOPE, "customer", ["zoe@example.com"]) == {"zoe@example.com": moved}


def test_of_several_keys_of_one_thing_the_first_is_told(units_of_work: SqlUnitsOfWork) -> None:
    """As the alphabet has it, whatever came first."""
    other = RemoteLink("customer", "anna@example.com", "contact-1")
    with units_of_work() as uow:
        uow.remote_links.put(SCOPE, [ZOE, other], NOW)

        assert uow.remote_links.by_remote_id(SCOPE, "customer", ["contact-1"]) == {"contact-1": other}


def test_a_link_can_be_forgotten(units_of_work: SqlUnitsOfWork) -> None:
    """The others stay; one that is not there is no error."""
    with units_of_work() as uow:
        uow.remote_links.put(SCOPE, [ZOE, MAX], NOW)
        uow.remote_links.remove(SCOPE, "customer", "zoe@example.com")
        uow.remote_links.remove(SCOPE, "customer", "nobody")

        assert uow.remote_links.by_key(SCOPE, "customer", ["zoe@example.com", "max@example.com"]) == {"max@example.com": MAX}


def test_many_are_asked_for_at_once(units_of_work: SqlUnitsOfWork) -> None:
    """More than a statement has parameters."""
    links = [RemoteLink("customer", f"key-{number:04}", f"id-{number:04}") for number in range(1_234)]
    with units_of_work() as uow:
        uow.remote_links.put(SCOPE, links, NOW)

        assert len(uow.remote_links.by_key(SCOPE, "customer", [link.key for link in links])) == 1_234
        assert not uow.remote_links.by_key(SCOPE, "customer", [])
