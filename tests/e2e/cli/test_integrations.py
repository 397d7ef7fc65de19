import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.e2e.cli.conftest import COMPANIES, Done, Installation
from tests.services.http_partner import HttpPartner
from tests.services.sshd import Sshd

NET = "777/net_digitizing"


@pytest.fixture
def partner() -> Iterator[HttpPartner]:
    with HttpPartner() as server:
        yield server


def declare(house: Installation, *integrations: dict[str, Any], **settings: str) -> Done:
    """The installation's company with these integrations beside its mailer."""
    declared = yaml.safe_load(COMPANIES)
    declared["companies"][0]["integrations"] += integrations
    done = house("apply", "-f", house.write("more.yaml", yaml.safe_dump(declared)), "--yes", **settings)
    assert done.code == 0, done.err
    return done


def net(partner: HttpPartner, **settings: Any) -> dict[str, Any]:
    """A hand-off to the partner, with a secret."""
    return {"kind": "net_digitizing", "settings": {"url": partner.url(), **settings}, "secrets": {"auth_key": "file:key"}}


@pytest.fixture
def house(with_invoice: Installation, partner: HttpPartner) -> Installation:
    """Orders 1001 (invoiced), 1002 (on hold) and 1003 (without a price), and a hand-off of orders to a partner."""
    with_invoice.write("key", "key-of-the-shop")
    declare(with_invoice, net(partner))
    return with_invoice


def test_integrations_are_listed_with_what_they_take_and_paged(house: Installation) -> None:
    """Names of secrets, never values."""
    first = house("integrations", "list", "--limit", "1", "--json").json
    second = house("integrations", "list", "--after", first["next"], "--json")

    assert [row["integration"] for row in first["integrations"]] == [NET]
    (row,) = second.json["integrations"]
    assert (row["integration"], row["enabled"], row["takes"], row["secrets"]) == (
        "777/pdf_emailer",
        True,
        ["credit_note", "invoice"],
        [],
    )
    assert second.json["next"] is None
    assert first["integrations"][0]["secrets"] == ["auth_key"]


def test_an_integration_is_shown_with_its_settings_and_without_its_secrets(house: Installation, partner: HttpPartner) -> None:
    """For people and for programs."""
    told, shown = house("integrations", "show", NET), house("integrations", "show", NET, "--json")

    assert shown.json["settings"]["url"] == partner.url()
    assert (shown.json["secrets"], shown.json["public_key"], shown.json["takes"]) == (["auth_key"], None, ["order"])
    assert shown.json["lane"] == {"open": 0, "parked_until": None, "failures": 0, "reason": ""}
    assert partner.url() in told.out
    assert "key-of-the-shop" not in told.out + shown.out


@pytest.mark.parametrize("command", [("show",), ("check",), ("preview", "--order", "1001")])
def test_a_mistyped_path_is_told_with_what_was_meant(house: Installation, command: tuple[str, ...]) -> None:
    """Exit code 5, as for every name that nothing goes by."""
    done = house("integrations", command[0], "777/net_digitising", *command[1:])

    assert done.code == 5
    assert f"Did you mean '{NET}'?" in done.err


def test_a_check_asks_and_its_failures_have_a_next_step(house: Installation, partner: HttpPartner) -> None:
    """Private addresses are refused until the operator allows them: exit code 7, then 0."""
    refused = house("integrations", "check", NET, "--json")
    allowed = house("integrations", "check", "--json", allowed_networks="127.0.0.1")
    told = house("integrations", "check", NET)

    assert (refused.code, refused.json["ok"]) == (7, False)
    (failed,) = [check for check in refused.json["integrations"][0]["checks"] if not check["ok"]]
    assert "BILLHOOK_ALLOWED_NETWORKS" in failed["next_step"]
    assert (allowed.code, allowed.json["ok"]) == (0, True)
    assert [each["integration"] for each in allowed.json["integrations"]] == [NET, "777/pdf_emailer"]
    assert "-> " in told.out
    assert not partner.documents


def test_a_check_without_names_leaves_out_what_is_switched_off(house: Installation, partner: HttpPartner) -> None:
    """By name it is checked all the same: before it is switched on is the time to know."""
    declare(house, {**net(partner), "enabled": False})

    assert [each["integration"] for each in house("integrations", "check", "--json").json["integrations"]] == ["777/pdf_emailer"]
    assert house("integrations", "check", NET, "--json", allowed_networks="127.0.0.1").json["ok"]


def test_a_preview_shows_what_would_be_sent_and_sends_nothing(house: Installation, partner: HttpPartner) -> None:
    """The values as the partner would read them, the secret hidden."""
    done = house("integrations", "preview", NET, "--order", "1001", "--json").json

    request, _, body = done["preview"].partition("\n\n")
    assert request.startswith(f"POST {partner.url()}")
    assert "key-of-the-shop" not in request
    values = json.loads(body)
    assert (values["ref"], values["total"], values["lines"][0]["sku"]) == ("1001", "15.00", "TEE")
    assert (done["integration"], done["subject"]) == (NET, "order")
    assert not partner.received


@pytest.mark.parametrize(
    ("ref", "shown", "why"),
    [("1002", True, "The order is on_hold now."), ("1003", False, "The order is price_missing now."), ("1001", True, "No delivery")],
)
def test_a_preview_says_why_the_rules_would_not_let_it_go(house: Installation, ref: str, shown: bool, why: str) -> None:
    """What can be written already is shown all the same."""
    told = house("integrations", "preview", NET, "--order", ref)
    done = house("integrations", "preview", NET, "--order", ref, "--json").json

    assert (told.code, bool(told.out)) == (0, shown)
    assert f"It would not be sent now: {why}" in told.err
    assert (bool(done["preview"]), done["would_be_sent"]) == (shown, False)


def test_an_order_that_is_due_would_be_sent(house: Installation) -> None:
    """Its delivery waits in the lane, and the preview is of that one."""
    house("orders", "import", house.write("due.jsonl", house.order("1005")))

    done = house("integrations", "preview", NET, "--order", "1005", "--json").json
    waiting = house("integrations", "show", NET, "--json").json["lane"]

    assert (done["would_be_sent"], done["hindrances"]) == (True, [])
    assert waiting["open"] == 1


def test_an_invoice_is_previewed_where_invoices_are_taken(house: Installation) -> None:
    """Its delivery is there already, and says so if it is past."""
    done = house("integrations", "preview", "777/pdf_emailer", "--invoice", "INV-000001", "--json").json

    assert "Invoice INV-000001" in done["preview"]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ((NET,), 2, "--order REF or --invoice NUMBER"),
        ((NET, "--order", "1001", "--invoice", "INV-000001"), 2, "either"),
        ((NET, "--invoice", "INV-000001"), 2, "Name an order: --order REF"),
        (("777/pdf_emailer", "--order", "1001"), 2, "Name an invoice: --invoice NUMBER"),
        ((NET, "--order", "999"), 5, "No order '999'"),
        ((NET, "--invoice", "INV-000009"), 5, "INV-000009"),
    ],
)
def test_a_preview_of_what_does_not_go_there_is_refused(house: Installation, arguments: tuple[str, ...], code: int, text: str) -> None:
    """With what to name instead."""
    done = house("integrations", "preview", *arguments)

    assert done.code == code
    assert text in " ".join(done.err.replace("│", " ").split())


def test_a_map_that_does_not_fit_an_order_is_told_before_anything_is_sent(house: Installation, partner: HttpPartner) -> None:
    """With the field, and the entry to correct."""
    declare(house, net(partner, field_map={"land": {"from": "order.shipping_country_code", "required": True}}))

    done = house("integrations", "preview", NET, "--order", "1001")

    assert done.code == 1
    assert "land: This field is required" in done.err
    assert "the entry 'land'" in done.err


def test_a_key_pair_is_made_told_and_used(with_orders: Installation) -> None:
    """Once: apply tells the public key, the partner lets it in, and the same file again changes nothing."""
    with Sshd() as sshd:
        settings = {"fs_type": "sftp", "host": "127.0.0.1", "port": sshd.port, "username": sshd.username, "host_key": sshd.fingerprint()}
        drop = {"kind": "generic_filesystem", "settings": {**settings, "fs_root": f"{sshd.files}/made"}}
        told = declare(with_orders, drop)
        again = declare(with_orders, drop)
        shown = with_orders("integrations", "show", "777/generic_filesystem", "--json").json
        before = with_orders("integrations", "check", "777/generic_filesystem", allowed_networks="127.0.0.1")
        sshd.let_in(shown["public_key"])
        after = with_orders("integrations", "check", "777/generic_filesystem", allowed_networks="127.0.0.1")

    assert f"public key for 777/generic_filesystem: {shown['public_key']}\n" in told.out
    assert shown["public_key"].startswith("ssh-ed25519 AAAA")
    assert shown["public_key"].endswith(" billhook:777/generic_filesystem")
    assert shown["secrets"] == ["private_key"]
    assert again.out == "Nothing to change.\n"
    assert (before.code, after.code) == (7, 0), after.out
    assert "PRIVATE_KEY" not in with_orders("export").out


def test_the_doctor_warns_of_what_can_be_read_on_the_way(house: Installation, partner: HttpPartner) -> None:
    """A warning fails nothing."""
    done = house("doctor", "--json")

    (found,) = [check for check in done.json["checks"] if check["name"] == f"integration {NET}"]
    assert (done.code, found["verdict"]) == (0, "warn")
    assert "http" in found["detail"]


def test_an_invoice_is_written_as_xml(with_invoice: Installation) -> None:
    """The file that a drop gets."""
    done = with_invoice("invoices", "document", "INV-000001", "--format", "xml", "-o", "-")

    assert done.code == 0
    assert "<number>INV-000001</number>" in done.out


def test_a_log_in_that_is_refused_is_put_right_as_the_advice_says(with_orders: Installation) -> None:
    """The password is taken away with null, a key is made in its place, and the partner lets it in."""
    with_orders.write("password", "wrong")
    with Sshd() as sshd:
        settings = {"fs_type": "sftp", "host": "127.0.0.1", "port": sshd.port, "username": sshd.username, "host_key": sshd.fingerprint()}
        drop: dict[str, Any] = {"kind": "generic_filesystem", "settings": {**settings, "fs_root": f"{sshd.files}/made"}}
        declare(with_orders, {**drop, "secrets": {"password": "file:password"}})
        silent = declare(with_orders, drop)
        refused = with_orders("integrations", "check", "777/generic_filesystem", allowed_networks="127.0.0.1")
        removed = declare(with_orders, {**drop, "secrets": {"password": None}})
        sshd.let_in(with_orders("integrations", "show", "777/generic_filesystem", "--json").json["public_key"])
        after = with_orders("integrations", "check", "777/generic_filesystem", allowed_networks="127.0.0.1")

    assert silent.out == "Nothing to change.\n"
    assert "Kept stored secrets that the file does not name: 777/generic_filesystem (password)." in silent.err
    assert "secrets: {password: null}" in refused.out
    assert "- companies[777].integrations[generic_filesystem].secrets.password\n" in removed.out
    assert "public key for 777/generic_filesystem: ssh-ed25519 " in removed.out
    assert (refused.code, after.code) == (7, 0), after.out


def test_an_integration_named_without_its_kind_is_found_out(with_orders: Installation) -> None:
    """By the name that tells several of one kind apart."""
    declare(with_orders, {"kind": "generic_filesystem", "name": "invoices", "settings": {"fs_type": "local", "fs_root": "/srv/invoices"}})

    done = with_orders("integrations", "check", "777/invoices")

    assert "Did you mean '777/generic_filesystem/invoices'?" in done.err
