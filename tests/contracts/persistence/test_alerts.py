from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.alerts import Alert
from tests.contracts.persistence.stock import NOW, seconds


def an_alert(key: str, batch: str = "501/2026-11-21", recipients: str = "ops@acme.example") -> Alert:
    return Alert(recipients, "accounts@acme.example", batch, key, "501", f"Problem {key}", "Mend it.")


def test_alerts_of_a_batch_come_in_one_mail(units_of_work: SqlUnitsOfWork) -> None:
    """One for each batch and recipients, oldest first, with all that is unsent in it."""
    with units_of_work() as uow:
        uow.alerts.add([an_alert("a"), an_alert("b"), an_alert("c", batch="777/2026-11-21")], NOW)
        uow.alerts.add([an_alert("a", recipients="boss@acme.example"), an_alert("d")], NOW + seconds(60))
        uow.commit()

    with units_of_work() as uow:
        mails = uow.alerts.unsent(NOW + seconds(1), 10)
        one = uow.alerts.unsent(NOW + seconds(61), 1)

    assert [(mail.batch, [alert.key for alert in mail.alerts]) for mail in mails] == [
        ("501/2026-11-21", ["a", "b", "d"]),
        ("777/2026-11-21", ["c"]),
    ]
    assert mails[0].alerts[0] == an_alert("a")
    assert [mail.batch for mail in one] == ["501/2026-11-21"]


def test_one_problem_is_told_once(units_of_work: SqlUnitsOfWork) -> None:
    """Also when it comes up again after its mail went out."""
    with units_of_work() as uow:
        uow.alerts.add([an_alert("a"), an_alert("a")], NOW)
        [mail] = uow.alerts.unsent(NOW + seconds(1), 10)
        uow.alerts.mark_sent(mail.alert_ids, NOW + seconds(2))
        uow.alerts.add([an_alert("a")], NOW + seconds(3))

        assert len(mail.alerts) == 1
        assert not uow.alerts.unsent(NOW + seconds(10), 10)


def test_fresh_alerts_wait_for_company(units_of_work: SqlUnitsOfWork) -> None:
    """Those recorded at the time itself are not before it."""
    with units_of_work() as uow:
        uow.alerts.add([an_alert("a")], NOW)
        uow.alerts.add([], NOW)

        assert not uow.alerts.unsent(NOW, 10)
