"""The mail about problems."""

from dataclasses import replace

import pytest

from adapters.mail.alert_mail import build_alert_mail
from application.ports.alerts import Alert, AlertMail
from domain.errors import DomainError

ALERT = Alert("ops@acme.example", "", "run-1", "delivery-1", "Gift Shop Ltd", "Invoice INV-000001 was refused.", "Correct the address.")
MAIL = AlertMail(
    "ops@acme.example, boss@acme.example", "", "run-1", (1, 2), (ALERT, replace(ALERT, key="2", text="Another.", next_step=""))
)


def test_one_mail_tells_every_problem_with_its_fix() -> None:
    mail = build_alert_mail(MAIL, "billhook@acme.example")

    assert mail.to == ("ops@acme.example", "boss@acme.example")
    assert mail.sender == "billhook@acme.example"
    assert mail.subject == "Gift Shop Ltd: 2 problems with invoicing"
    assert "1. Gift Shop Ltd: Invoice INV-000001 was refused.\n   What to do: Correct the address." in mail.text
    assert "2. Gift Shop Ltd: Another.\n" in mail.text
    assert mail.html == ""


@pytest.mark.parametrize(
    ("keys", "orders", "incidents"),
    [
        (["90001:price_missing"], True, False),
        (["inc_2:opened:2026-11-21"], False, True),
        (["inc_2:reminded:2026-11-21", "90001:tax_missing"], True, True),
        (["inc_2:price_missing"], True, False),
    ],
)
def test_the_mail_ends_with_the_lists_its_problems_stand_in(keys: list[str], orders: bool, incidents: bool) -> None:
    """An order may have a ref like the id of an incident."""
    alerts = tuple(replace(ALERT, key=key) for key in keys)

    text = build_alert_mail(replace(MAIL, alerts=alerts), "b@acme.example").text

    assert ("billhook orders list --not-invoiced" in text) is orders
    assert ("billhook incidents list --open" in text) is incidents


def test_what_is_over_needs_nobody() -> None:
    """It stands apart from what lasts, and counts as a problem only where there is nothing else."""
    over = replace(ALERT, key="inc_2:resolved:2026-11-21", text="Over now.", next_step="")

    both, alone = (build_alert_mail(replace(MAIL, alerts=alerts), "b@acme.example") for alerts in ((ALERT, over), (over,)))

    assert both.subject == "Gift Shop Ltd: 1 problem with invoicing"
    assert alone.subject == "Gift Shop Ltd: 1 problem with invoicing over"
    assert (
        both.text.index("Invoice INV-000001 was refused.") < both.text.index("Nobody needs to do anything") < both.text.index("Over now.")
    )
    assert "Billhook needs a person" not in alone.text


@pytest.mark.parametrize(
    ("companies", "subject"),
    [
        (["A"], "A: 1 problem with invoicing"),
        (["A", "B", "C"], "A and 2 more: 3 problems with invoicing"),
        ([""], "Billhook: 1 problem with invoicing"),
    ],
)
def test_the_subject_says_whose_and_how_many(companies: list[str], subject: str) -> None:
    alerts = tuple(replace(ALERT, company=company) for company in companies)

    assert build_alert_mail(replace(MAIL, alerts=alerts), "b@acme.example").subject == subject


def test_the_same_alerts_have_the_same_message_id_and_others_another() -> None:
    first, again = build_alert_mail(MAIL, "b@acme.example"), build_alert_mail(MAIL, "b@acme.example")
    other = build_alert_mail(replace(MAIL, alert_ids=(3,)), "b@acme.example")

    assert first.message_id == again.message_id != other.message_id


def test_the_sender_of_the_integration_goes_first() -> None:
    assert build_alert_mail(replace(MAIL, sender="shop@acme.example"), "b@acme.example").sender == "shop@acme.example"


def test_bad_recipients_are_refused() -> None:
    with pytest.raises(DomainError, match="no mail address"):
        build_alert_mail(replace(MAIL, recipients="ops"), "b@acme.example")
