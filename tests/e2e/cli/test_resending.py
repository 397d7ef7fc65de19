"""What `deliveries resend` says beforehand is what it does: each kind that drops, mails or calls is sent twice, and counted.

Those that keep books are sent twice in tests/contracts/accounting.
"""

import json
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from entrypoints import resending
from tests.e2e.cli.conftest import COMPANIES, Installation
from tests.e2e.test_hand_offs import ADDRESS, SOAP_MAP
from tests.services.http_partner import HttpPartner
from tests.services.soap_partner import PASSWORD, USERNAME, SoapPartner

MAILER = "{email_from: accounts@acme.example, email_to: books@cardcorner.example}"
PHOTO = "photo@acme.example"
SAID = {
    "pdf_emailer": resending.PDF_EMAILER,
    "generic_filesystem": resending.FILE,
    "sage_csv": resending.FILE,
    "photo_wonder": resending.FILE_AND_MAIL,
    "promotional_office": resending.CALL,
    "net_digitizing": resending.CALL,
    "mww": resending.CALL_BY_PO_NUMBER,
}


@pytest.fixture
def partners() -> Iterator[tuple[HttpPartner, HttpPartner, SoapPartner]]:
    with HttpPartner() as net_digitizing, HttpPartner() as mww, SoapPartner(log_in="text") as soap:
        yield net_digitizing, mww, soap


def declare(house: Installation, partners: tuple[HttpPartner, HttpPartner, SoapPartner]) -> None:
    """All kinds at once, in place of the mailer alone."""
    net_digitizing, mww, soap = partners
    (house.folder / "password").write_text(PASSWORD, encoding="utf-8")
    office = {"wsdl": soap.wsdl, "operation": "SendOrder", "username": USERNAME, "field_map": SOAP_MAP, "remote_id_path": "transactionId"}
    settings = {
        "pdf_emailer": MAILER,
        "generic_filesystem": f"{{fs_type: local, fs_root: {house.folder}/generic_filesystem}}",
        "sage_csv": f"{{fs_type: local, fs_root: {house.folder}/sage_csv, account_number: CARD01, shipping_nominal_code: '4905'}}",
        "photo_wonder": f"{{fs_type: local, fs_root: {house.folder}/photo_wonder, email_from: {PHOTO}, email_bcc: b@photo.example}}",
        "promotional_office": json.dumps(office),
        "net_digitizing": json.dumps({"url": net_digitizing.url(), "remote_id_path": "data.id", "idempotency_header": "Idempotency-Key"}),
        "mww": json.dumps({"url": mww.url()}),
    }
    secrets = {"promotional_office": "password", "mww": "auth_key"}
    lines = []
    for kind, text in settings.items():
        lines += [f"      - kind: {kind}", f"        settings: {text}"]
        if kind in secrets:
            lines.append(f'        secrets: {{{secrets[kind]}: "file:password"}}')
    before, _, after = COMPANIES.partition("      - kind: pdf_emailer\n")
    file = house.write("all.yaml", "\n".join([before + lines[0], *lines[1:], "price_lists:"]) + after.partition("price_lists:")[2])
    applied = house("apply", "-f", file, "--yes", allowed_networks="127.0.0.1")
    assert applied.code == 0, applied.err


def effects(house: Installation, partners: tuple[HttpPartner, HttpPartner, SoapPartner]) -> dict[str, int]:
    """How many things each kind has left behind."""
    net_digitizing, mww, soap = partners
    mails = [message_from_bytes(file.read_bytes()) for file in (house.folder / "var/mail").glob("*.eml")]
    about_orders = [mail for mail in mails if PHOTO in mail["From"]]
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    return {
        "pdf_emailer": len(mails) - len(about_orders),
        **{kind: len(files_of(house, kind)) for kind in ("generic_filesystem", "sage_csv", "photo_wonder")},
        "mails of photo_wonder": len(about_orders),
        "net_digitizing": len(net_digitizing.documents),
        "mww": len([request for request in mww.received if request.method == "POST"]),
        "promotional_office": len(soap.orders),
    }


def files_of(house: Installation, kind: str) -> list[Path]:
    return sorted((house.folder / kind).iterdir())


def test_every_kind_does_what_it_says_it_will(billhook: Installation, partners: tuple[HttpPartner, HttpPartner, SoapPartner]) -> None:
    """Once each; then a resend of all says what it does, and each is there twice."""
    declare(billhook, partners)
    item = {"sku": "TEE", "description": "T-shirt", "quantity": 2, "nominal_code": "4000"}
    order = billhook.order("1", **ADDRESS, shipping_country_code="GB", customer_name="Zoe", items=[item])
    billhook("orders", "import", billhook.write("order.jsonl", order))
    billhook("invoices", "run", "--company", "777")
    billhook("worker", "--until-idle", allowed_networks="127.0.0.1")
    states = {row["kind"]: (row["state"], row["last_error"]) for row in billhook("deliveries", "list", "--json").json["deliveries"]}
    assert states == dict.fromkeys(SAID, ("delivered", ""))
    once = effects(billhook, partners)

    resent = billhook("deliveries", "resend", "--company", "777", "--yes", "--reason", "they lost it", "--json")
    billhook("worker", "--until-idle", allowed_networks="127.0.0.1")
    twice = effects(billhook, partners)

    assert {row["integration"].partition("/")[2]: row["effect"] for row in resent.json["deliveries"]} == SAID
    assert all(f"777/{kind}, 1 delivery: {sentence}" in resent.err for kind, sentence in SAID.items())
    assert (set(once.values()), set(twice.values())) == ({1}, {2})
    for kind in ("generic_filesystem", "sage_csv", "photo_wonder"):
        first, second = sorted(file.stem for file in files_of(billhook, kind))
        assert second == f"{first}-r1"
