import io
import subprocess
from pathlib import Path

import paramiko
import pytest

from adapters.file_drop.keys import fingerprint, generate_private_key, pinned_fingerprint, public_key_line, read_private_key
from domain.errors import Invalid


def written(folder: Path, key: str) -> Path:
    """As OpenSSH wants it."""
    path = folder / "key"
    path.write_text(key)
    path.chmod(0o600)
    return path


def test_a_generated_pair_is_one_to_openssh(tmp_path: Path) -> None:
    """The public line is the one that ssh-keygen derives from the private key."""
    key = generate_private_key()

    derived = subprocess.run(["ssh-keygen", "-y", "-f", written(tmp_path, key)], capture_output=True, text=True, check=True).stdout

    kind, blob, comment = public_key_line(key, "billhook@777").split()
    assert [kind, blob] == derived.split()[:2]
    assert (kind, comment) == ("ssh-ed25519", "billhook@777")


def test_every_pair_is_another() -> None:
    """One for each integration."""
    assert generate_private_key() != generate_private_key()


@pytest.mark.parametrize(("kind", "bits"), [("ed25519", "256"), ("ecdsa", "256"), ("rsa", "2048")])
def test_keys_of_openssh_are_read(tmp_path: Path, kind: str, bits: str) -> None:
    """An operator may bring a key."""
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-b", bits, "-N", "", "-f", path], check=True)
    shown = subprocess.run(["ssh-keygen", "-l", "-f", path], capture_output=True, text=True, check=True).stdout.split()[1]

    key = read_private_key(path.read_text())

    assert fingerprint(key.asbytes()) == shown
    assert pinned_fingerprint(path.with_suffix(".pub").read_text()) == shown


@pytest.mark.parametrize("text", ["", "s3cret", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused_without_showing_it(text: str) -> None:
    """Neither as a key to log in with nor as one to derive a public line from."""
    for use in (read_private_key, public_key_line):
        with pytest.raises(Invalid) as caught:
            use(text)
        assert caught.value.path == "private_key"
        assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    "pinned", ["", "MD5:aa:bb", "SHA256", "ssh-ed25519", "ssh-ed25519 AAAA=x", "ssh-ed25519 AAAA", "SHA256:abc", "SHA256:2Yd0…", "trust me"]
)
def test_what_is_no_host_key_is_refused(pinned: str) -> None:
    """Rather than compared with nothing."""
    with pytest.raises(Invalid) as caught:
        pinned_fingerprint(pinned)
    assert caught.value.path == "host_key"


def test_padding_of_a_fingerprint_does_not_matter() -> None:
    """Some programs print it."""
    shown = fingerprint(paramiko.Ed25519Key.from_private_key(io.StringIO(generate_private_key())).asbytes())

    assert pinned_fingerprint(shown + "=") == shown
