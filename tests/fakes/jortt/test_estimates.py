"""Estimates, as jortt keeps them."""

import pytest

from tests.fakes.jortt.client import COMPANY, complaints, key_of, line


@pytest.fixture
def draft(client) -> dict:
    customer_id = client.create("/customers", {**COMPANY, "email": "books@example.com"})
    return {"customer_id": customer_id, "reference": "ORDER-1", "valid_until": "2026-12-31", "line_items": [line("12.50", "2")]}


def test_an_estimate_is_a_draft_until_it_is_sent(client, organisation, draft) -> None:
    estimate_id = client.create("/estimates", draft)
    before = client.read(f"/estimates/{estimate_id}")

    answer = client.call("POST", f"/estimates/{estimate_id}/send", {"send_method": "email"})
    after = client.read(f"/estimates/{estimate_id}")

    assert answer.status_code == 200
    assert (before["estimate_status"], before["estimate_number"], before["total_incl_vat"]["amount"]) == ("draft", None, "30.25")
    assert (after["estimate_status"], after["estimate_number"], after["acceptance_status"]) == ("sent", "2026-0001", "pending")
    assert [mail.to for mail in organisation.mails] == ["books@example.com"]


def test_an_estimate_can_be_made_and_sent_at_once(jortt, client, draft) -> None:
    jortt.sending.polls = 2
    estimate_id = client.create("/estimates", {**draft, "send_method": "self"})

    assert [client.read(f"/estimates/{estimate_id}")["estimate_status"] for _ in range(2)] == ["draft", "sent"]


def test_an_estimate_may_change_until_it_is_accepted(client, organisation, draft) -> None:
    estimate_id = client.create("/estimates", {**draft, "send_method": "self"})
    client.read(f"/estimates/{estimate_id}")

    changed = client.call("PUT", f"/estimates/{estimate_id}", {"remarks": "Changed"})
    found = client.read(f"/estimates/{estimate_id}")
    organisation.estimates[estimate_id].fields["acceptance_status"] = "accepted"

    assert changed.status_code == 200
    assert (found["remarks"], found["reference"], found["estimate_status"]) == ("Changed", "ORDER-1", "sent")
    assert key_of(client.call("PUT", f"/estimates/{estimate_id}", {"remarks": "x"})) == (422, "operation.invalid")


def test_estimates_are_found_by_reference_and_status(client, draft) -> None:
    one = client.create("/estimates", draft)
    client.create("/estimates", {**draft, "reference": "ORDER-2"})

    found = client.call("GET", "/estimates", query="ORDER-1", estimate_status="draft").json()["data"]

    assert [each["id"] for each in found] == [one]
    assert client.call("GET", "/estimates", estimate_status="sent").json()["data"] == []
    assert complaints(client.call("GET", "/estimates", estimate_status="late")) == {("is_invalid", "estimate_status")}
