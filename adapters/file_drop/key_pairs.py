"""The key pairs of SSH file drops."""

from adapters.file_drop.keys import generate_private_key, pinned_fingerprint, read_private_key


class SshKeyPairs:
    """Makes Ed25519 pairs; reads every kind of key that a drop can log in with."""

    def make(self) -> str:
        """A new private key in OpenSSH's format."""
        return generate_private_key()

    def public_line(self, private_key: str, comment: str) -> str:
        """As in a file ``authorized_keys``."""
        key = read_private_key(private_key)
        return f"{key.get_name()} {key.get_base64()} {comment}"

    def fingerprint(self, host_key: str) -> str:
        """As ``ssh-keygen -l`` prints it."""
        return pinned_fingerprint(host_key)
