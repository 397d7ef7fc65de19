from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal

from sqlalchemy import Engine, event, text

from adapters.persistence.tables import metadata
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from application.configuration import Configuration
from domain.companies.schedule import Every, Schedule
from tests import factories
from tests.contracts.persistence.stock import MAILER, SECRET_KEY, configure


def current(units_of_work: SqlUnitsOfWork) -> Configuration:
    with units_of_work() as uow:
        return uow.configurations.current()


def save(units_of_work: SqlUnitsOfWork, configuration: Configuration, **secrets: str) -> int:
    with units_of_work() as uow:
        revision = uow.configurations.save(configuration, {}, {MAILER: secrets} if secrets else {})
        uow.commit()
    return revision


def test_an_empty_store_has_revision_0(units_of_work: SqlUnitsOfWork) -> None:
    """Nothing is declared yet."""
    assert current(units_of_work) == Configuration()


def test_a_configuration_comes_back_as_it_was_saved(units_of_work: SqlUnitsOfWork) -> None:
    """Every kind of value: decimals, dates, times with zones, choices, nested settings."""
    plan = factories.a_plan(
        schedule=Schedule(Every.MONTH, at=time(23, 30), day=31, timezone="Europe/London"),
        next_invoice_at=datetime(2026, 12, 1, 9, 0, tzinfo=timezone(timedelta(hours=1))),
        payment_statuses=("paid",),
    )
    integration = factories.an_integration(
        starting_from=datetime(2026, 1, 1, tzinfo=UTC),
        name="second",
        settings={"port": 22, "nested": {"list": ["a", None, True]}, "text": 'quote " and Ångström'},
    )
    wanted = factories.a_configuration(
        factories.a_company(plan=plan),
        factories.a_company_billed_per_customer(ref="777"),
        revision=1,
        price_lists={"501": (factories.a_price(unit_price="0.10"), factories.a_price(from_quantity=Decimal("2.5")))},
        integrations={integration.path: integration},
    )

    revision = save(units_of_work, wanted)

    assert (revision, current(units_of_work)) == (1, wanted)
    assert current(units_of_work).price_lists["501"][0].unit_price == Decimal("0.10")


def test_each_save_is_a_new_revision_and_replaces_all(units_of_work: SqlUnitsOfWork) -> None:
    """What is not in it any more is gone."""
    save(units_of_work, factories.a_configuration(factories.a_company(), factories.a_company(ref="777")))

    revision = save(units_of_work, factories.a_configuration(factories.a_company(ref="777")))

    assert revision == 2
    assert list(current(units_of_work).companies) == ["777"]
    assert list(current(units_of_work).integrations) == ["777/pdf_emailer"]


def test_an_unchanged_configuration_costs_one_query(engine: Engine, units_of_work: SqlUnitsOfWork) -> None:
    """It is decoded once per revision and process."""
    configure(units_of_work)
    first = current(units_of_work)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))

    second = current(units_of_work)

    assert second is first
    assert len([statement for statement in statements if not statement.startswith("BEGIN")]) == 1


def test_a_new_revision_of_another_process_is_seen(engine: Engine, units_of_work: SqlUnitsOfWork) -> None:
    """The cache goes by the revision in the database."""
    configure(units_of_work)
    current(units_of_work)
    other = SqlUnitsOfWork(engine, AesGcmSecretBox(SECRET_KEY))

    configure(other, factories.an_integration(enabled=False))

    assert not current(units_of_work).integrations[MAILER].enabled


def test_what_was_saved_and_rolled_back_is_not_remembered(units_of_work: SqlUnitsOfWork) -> None:
    """A dry run sees its own configuration; the revision it would have had goes to another one."""
    with units_of_work() as uow:
        uow.configurations.save(factories.a_configuration(factories.a_company(ref="dry")), {}, {})
        assert list(uow.configurations.current().companies) == ["dry"]

    configure(units_of_work)

    assert list(current(units_of_work).companies) == ["501"]


def test_an_integration_that_is_gone_is_kept_for_its_history_with_its_secrets(units_of_work: SqlUnitsOfWork) -> None:
    """Declared again, it finds the secret that was made for it."""
    configuration = factories.a_configuration()
    save(units_of_work, configuration, private_key="made here")

    save(units_of_work, replace(configuration, integrations={}))
    gone = current(units_of_work).integrations
    save(units_of_work, configuration)

    assert gone == {}
    with units_of_work() as uow:
        assert uow.configurations.secrets_of(MAILER) == {"private_key": "made here"}


def test_secrets_are_kept_by_name(units_of_work: SqlUnitsOfWork) -> None:
    """A new value replaces the old one, and what is not named stays."""
    save(units_of_work, factories.a_configuration(), password="one", private_key="key")

    save(units_of_work, factories.a_configuration(), password="two")

    with units_of_work() as uow:
        assert uow.configurations.secrets_of(MAILER) == {"password": "two", "private_key": "key"}
        assert uow.configurations.secrets_of("501/unheard_of") == {}


def test_secrets_are_nowhere_in_clear(engine: Engine, units_of_work: SqlUnitsOfWork) -> None:
    """Not in any column of any table."""
    save(units_of_work, factories.a_configuration(), password="open sesame")

    with engine.connect() as connection:
        rows = [connection.execute(text(f"SELECT * FROM {table}")).all() for table in metadata.tables]

    assert MAILER in repr(rows)
    assert "open sesame" not in repr(rows)


def test_a_changed_secret_shows_by_its_fingerprint(units_of_work: SqlUnitsOfWork) -> None:
    """The same value in the same place has the same one."""
    box = AesGcmSecretBox(SECRET_KEY)
    save(units_of_work, factories.a_configuration(), password="one")

    with units_of_work() as uow:
        names = uow.configurations.secret_names()

    assert names == {MAILER: {"password": box.fingerprint("one", f"{MAILER}#password")}}


def test_a_secret_sealed_with_a_lost_key_can_be_declared_anew(engine: Engine, units_of_work: SqlUnitsOfWork) -> None:
    """Its fingerprint equals nothing, so that the next apply stores it again."""
    save(units_of_work, factories.a_configuration(), password="one")
    changed_key = SqlUnitsOfWork(engine, AesGcmSecretBox("another key altogether, also long"))

    with changed_key() as uow:
        names = uow.configurations.secret_names()

    assert names == {MAILER: {"password": ""}}


def test_assets_are_kept_by_hash(units_of_work: SqlUnitsOfWork) -> None:
    """Saving one again is no error, and an unknown one is none."""
    for _ in range(2):
        with units_of_work() as uow:
            uow.configurations.save(factories.a_configuration(), {"a" * 64: b"\x89PNG\x00"}, {})
            uow.commit()

    with units_of_work() as uow:
        assert (uow.configurations.asset("a" * 64), uow.configurations.asset("b" * 64)) == (b"\x89PNG\x00", None)


def test_thousands_of_companies_are_no_trouble(units_of_work: SqlUnitsOfWork) -> None:
    """They are written and read in bulk."""
    wanted = factories.a_configuration(*(factories.a_company(ref=str(number)) for number in range(2000)))

    save(units_of_work, wanted)

    assert len(current(units_of_work).companies) == 2000
