from dataclasses import replace
from hashlib import sha256

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.quarantine import Dismissal, IncomingMessage, QuarantinedMessage
from tests.contracts.persistence.stock import NOW, seconds

MESSAGE = IncomingMessage(b"\xff\x00 not JSON", "msg-1", "order", "order.created", {"x": "\0ü"}, "amqp")


def set_aside(units_of_work: SqlUnitsOfWork, *messages: IncomingMessage, after_s: float = 0) -> None:
    with units_of_work() as uow:
        for message in messages:
            uow.quarantine.add(message, "not UTF-8", "items[0]", NOW + seconds(after_s))
        uow.commit()


def listed(units_of_work: SqlUnitsOfWork, *, open_only: bool = False) -> list[QuarantinedMessage]:
    with units_of_work() as uow:
        return list(uow.quarantine.list(0, 100, open_only=open_only))


def test_a_message_is_kept_with_bytes_headers_and_reason(units_of_work: SqlUnitsOfWork) -> None:
    """Whatever bytes it has."""
    set_aside(units_of_work, MESSAGE)

    [kept] = listed(units_of_work)
    with units_of_work() as uow:
        assert uow.quarantine.find(kept.quarantine_id) == kept
        assert uow.quarantine.find(10**9) is None
    body_sha256 = sha256(MESSAGE.body).hexdigest()
    assert kept == QuarantinedMessage(kept.quarantine_id, MESSAGE, "not UTF-8", "items[0]", len(MESSAGE.body), body_sha256, NOW, None)


def test_an_oversize_message_is_cut_and_described_as_a_whole(units_of_work: SqlUnitsOfWork) -> None:
    """Size and hash are of all of it, whether it is cut here or was before."""
    body = b"x" * (1024 * 1024 + 1)
    set_aside(units_of_work, IncomingMessage(body), IncomingMessage(b"start", size=10**9, sha256="a" * 64))

    here, before = listed(units_of_work)

    assert (len(here.message.body), here.size, here.body_sha256) == (1024 * 1024, len(body), sha256(body).hexdigest())
    assert (here.message.size, here.message.sha256) == (here.size, here.body_sha256)
    assert (before.message.body, before.size, before.body_sha256, before.message.size) == (b"start", 10**9, "a" * 64, 10**9)


def test_a_message_that_is_delivered_again_is_set_aside_once(units_of_work: SqlUnitsOfWork) -> None:
    """The worker died between commit and acknowledgement. Without an id it may be another message."""
    anonymous = IncomingMessage(b"not JSON")
    set_aside(units_of_work, MESSAGE, anonymous)
    set_aside(units_of_work, MESSAGE, anonymous, after_s=1)

    assert [kept.message.message_id for kept in listed(units_of_work)] == ["msg-1", "", ""]


def test_messages_are_found_by_the_id_of_their_publisher(units_of_work: SqlUnitsOfWork) -> None:
    """All of them, also those replayed; no id is not an id."""
    set_aside(units_of_work, MESSAGE, IncomingMessage(b"{", "msg-2"), IncomingMessage(b"["), IncomingMessage(b"]", "msg-1"))

    with units_of_work() as uow:
        uow.quarantine.mark_replayed(1, NOW)
        assert [kept.message.body for kept in uow.quarantine.by_message_id("msg-1")] == [MESSAGE.body, b"]"]
        assert uow.quarantine.by_message_id("") == []
        assert uow.quarantine.by_message_id("msg-3") == []


def test_equal_elements_of_one_message_are_all_kept(units_of_work: SqlUnitsOfWork) -> None:
    """So that the sums match."""
    set_aside(units_of_work, MESSAGE, MESSAGE)

    assert len(listed(units_of_work)) == 2


def test_what_was_replayed_is_not_open_any_more(units_of_work: SqlUnitsOfWork) -> None:
    """It stays in the full list, and the same bytes coming again are news."""
    set_aside(units_of_work, MESSAGE)
    with units_of_work() as uow:
        uow.quarantine.mark_replayed(1, NOW + seconds(1))
        uow.commit()
    set_aside(units_of_work, MESSAGE, after_s=2)

    assert [kept.replayed_at for kept in listed(units_of_work)] == [NOW + seconds(1), None]
    assert len(listed(units_of_work, open_only=True)) == 1


def test_what_was_dismissed_is_not_open_any_more(units_of_work: SqlUnitsOfWork) -> None:
    """Once, and only what is open; it is not replayed after that."""
    set_aside(units_of_work, MESSAGE, IncomingMessage(b"{"), IncomingMessage(b"["))
    dismissal = Dismissal(NOW + seconds(1), "ann", "mended\0")
    with units_of_work() as uow:
        uow.quarantine.mark_replayed(2, NOW)
        marks = [uow.quarantine.dismiss(id_, dismissal) for id_ in (1, 1, 2, 9)]
        replays = [uow.quarantine.mark_replayed(id_, NOW) for id_ in (1, 3, 9)]
        uow.commit()

    assert (marks, replays) == ([True, False, False, False], [False, True, False])
    assert [kept.state for kept in listed(units_of_work)] == ["dismissed", "replayed", "replayed"]
    assert listed(units_of_work)[0].dismissal == replace(dismissal, reason="mended\ufffd")
    with units_of_work() as uow:
        assert uow.quarantine.open_ids(0, None, None, 10) == []


def test_the_list_pages_by_id(units_of_work: SqlUnitsOfWork) -> None:
    """A page goes on where the last one ended."""
    set_aside(units_of_work, *(IncomingMessage(str(number).encode()) for number in range(3)))
    ids = [kept.quarantine_id for kept in listed(units_of_work)]

    with units_of_work() as uow:
        assert [ids[1]] == [kept.quarantine_id for kept in uow.quarantine.list(ids[0], 1, open_only=True)]
