"""The field maps on the page about hand-offs are those of the code, and its program for partners knows our signatures."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from adapters.handoff.http import HttpHandOff
from adapters.outbound.addresses import PORTS
from application.default_field_maps import default_field_map
from application.ports.handoff import HttpHandOffSettings
from domain.delivery.outcome import Delivered
from tests.docs.pages import ROOT
from tests.services.http_partner import HttpPartner

PAGE = (ROOT / "docs/how-to/hand-offs.md").read_text(encoding="utf-8")
MAPS = re.findall(r"<!-- the map of (\w+), (\w+) -->\n```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_page_shows_every_map_there_is() -> None:
    """Promotional Office has that of Net Digitizing, as the page says."""
    assert [(kind, document) for kind, document, _ in MAPS] == [
        ("mww", "order"),
        ("net_digitizing", "order"),
        ("net_digitizing", "invoice"),
    ]
    for document in ("order", "invoice"):
        assert default_field_map("promotional_office", document) == default_field_map("net_digitizing", document)


@pytest.mark.parametrize(("kind", "document", "shown"), MAPS, ids=[f"{kind} {document}" for kind, document, _ in MAPS])
def test_a_map_on_the_page_is_that_of_the_code(kind: str, document: str, shown: str) -> None:
    """Entry by entry, in the same order."""
    declared = default_field_map(kind, document)

    assert list(yaml.safe_load(shown)) == list(declared)
    assert yaml.safe_load(shown) == declared


@pytest.fixture
def is_genuine(tmp_path: Path) -> Any:
    """The function on the page, as a partner has it: in a file."""
    [program] = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    (tmp_path / "signatures.py").write_text(program, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("signatures", tmp_path / "signatures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.is_genuine


def test_the_program_on_the_page_knows_a_genuine_call(is_genuine: Any) -> None:
    """What really arrives; another key, another body and a signature that is nonsense are found out."""
    key = "Schlüssel of both"
    with HttpPartner() as partner, requests.Session() as session:
        settings = HttpHandOffSettings(url=partner.url(), hmac_key=key)
        outcome = HttpHandOff(settings, session).send({"ref": "90001", "name": "Zoë"}, "dlv-17-0", lambda: None)
        [received] = partner.received

    signature = received.headers["X-Signature"]
    assert isinstance(outcome, Delivered)
    assert is_genuine(key, received.body, signature)
    assert not is_genuine("another", received.body, signature)
    assert not is_genuine(key, received.body + b" ", signature)
    assert not is_genuine(key, received.body, "sha256=ë")


def test_the_example_of_a_signature_on_the_page_is_right(is_genuine: Any) -> None:
    """Its key, body and signature, as a partner copies them."""
    [(key, body, signature)] = re.findall(r"under the key `(.+?)` the body `(.+?)` has the signature\n`(.+?)`", PAGE)

    assert is_genuine(key, body.encode(), signature)
    assert not is_genuine(key, body.lower().encode(), signature)


@pytest.mark.parametrize(("page", "scheme"), [("hand-offs", "https"), ("drop-files", "sftp"), ("drop-files", "ftp")])
def test_the_ports_on_the_page_are_those_of_the_code(page: str, scheme: str) -> None:
    """Which may be used without the operator's word."""
    *others, last = sorted(PORTS[scheme])

    assert f"{', '.join(map(str, others))} and {last}" in (ROOT / f"docs/how-to/{page}.md").read_text(encoding="utf-8")
