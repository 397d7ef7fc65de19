"""Secrets at rest open only with the right key and in their own place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.secrets.secret_box import AesGcmSecretBox
from domain.errors import DomainError

BOX = AesGcmSecretBox("a key of more than thirty-two characters")


@given(plain=st.text(), place=st.text())
def test_a_sealed_value_opens_again_in_its_place(plain: str, place: str) -> None:
    sealed = BOX.seal(plain, place)

    assert plain == BOX.open(sealed, place)


def test_the_ciphertext_does_not_show_the_value_and_differs_each_time() -> None:
    first, second = BOX.seal("hunter2", "777/sftp"), BOX.seal("hunter2", "777/sftp")

    assert "hunter2" not in first
    assert first != second


@pytest.mark.parametrize(
    ("box", "place", "mangle"),
    [
        pytest.param(BOX, "888/sftp", lambda text: text, id="moved to another company"),
        pytest.param(AesGcmSecretBox("another key of thirty-two characters"), "777/sftp", lambda text: text, id="another key"),
        pytest.param(BOX, "777/sftp", lambda text: text[:-4] + "AAA=", id="changed"),
        pytest.param(BOX, "777/sftp", lambda text: "v9" + text[2:], id="another version"),
        pytest.param(BOX, "777/sftp", lambda text: text[:14] + "not base64!", id="not base64"),
    ],
)
def test_a_value_out_of_place_is_refused_with_a_next_step(box, place, mangle) -> None:
    sealed = mangle(BOX.seal("hunter2", "777/sftp"))

    with pytest.raises(DomainError) as refused:
        box.open(sealed, place)

    assert refused.value.code == "secret_unreadable"
    assert "Apply the configuration again" in refused.value.next_step
    assert "hunter2" not in str(refused.value)


def test_fingerprints_tell_a_change_and_depend_on_the_place() -> None:
    assert BOX.fingerprint("a", "x") == BOX.fingerprint("a", "x")
    assert BOX.fingerprint("a", "x") != BOX.fingerprint("b", "x")
    assert BOX.fingerprint("a", "x") != BOX.fingerprint("a", "y")
