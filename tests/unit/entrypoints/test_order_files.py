import hashlib
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.order_translator import MESSAGE_SIZE_MAX
from entrypoints.order_files import read_messages


def bodies(content: bytes, name: str = "orders.json") -> list[bytes]:
    return [message.body for message in read_messages(name, content.splitlines(keepends=True))]


def test_a_document_is_one_message() -> None:
    """Over as many lines as it likes."""
    document = b'{\n "ref": "1",\n "items": []\n}'

    assert bodies(document) == [document]


def test_each_line_of_json_lines_is_a_message_with_its_place() -> None:
    """Whatever the file is called; blank lines do not count."""
    content = b'{"ref": "1"}\n\n{"ref": "2"}\n'

    messages = list(read_messages("day.txt", content.splitlines(keepends=True)))

    assert [(message.message_id, message.body) for message in messages] == [("day.txt:1", b'{"ref": "1"}'), ("day.txt:2", b'{"ref": "2"}')]
    assert {message.origin for message in messages} == {"file"}


def test_a_bad_line_spoils_no_other() -> None:
    """It stays a message of its own, to be set aside with its bytes."""
    assert bodies(b'{"ref": "1"\n{"ref": "2"}\n', "day.jsonl") == [b'{"ref": "1"', b'{"ref": "2"}']


def test_of_a_message_over_the_limit_only_the_beginning_is_kept() -> None:
    """With the size and the hash of the whole; the next one is not touched by it."""
    large = b'{"ref": "' + b"x" * 2 * MESSAGE_SIZE_MAX + b'"}'

    cut, after = read_messages("day.jsonl", [large + b"\n", b'{"ref": "2"}\n'])

    assert (cut.body, cut.size, cut.sha256) == (large[: MESSAGE_SIZE_MAX + 1], len(large), hashlib.sha256(large).hexdigest())
    assert (after.body, after.size) == (b'{"ref": "2"}', None)


def test_elements_of_an_array_keep_their_bytes() -> None:
    """Written anew, a price could lose its digits and a version its hash."""
    content = b'[ {"price": 1.10, "note": "a, ] b"} ,\n{"ref":  "2"}]\n'

    assert bodies(content) == [b'{"price": 1.10, "note": "a, ] b"}', b'{"ref":  "2"}']


@pytest.mark.parametrize("content", [b"[1, 2", b"[1 2]", b"[1,,2]", b"[1] [2]", b"no json", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_stays_one_message(content: bytes) -> None:
    """Nothing is dropped, and nothing breaks the reader."""
    assert bodies(content) == [content]


@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
        )
    )
)
def test_an_array_is_cut_into_exactly_its_elements(elements: Sequence[object]) -> None:
    """Whatever they are, and however they are written."""
    for indent in (None, 2):
        content = json.dumps(elements, indent=indent, ensure_ascii=False).encode()

        assert [json.loads(body) for body in bodies(content)] == list(elements)
