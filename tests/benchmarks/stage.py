"""What is measured, wired as in production: a database with the schema and a configuration in it, and the application on top."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import psycopg

from application.configuration import Configuration
from application.ports.quarantine import IncomingMessage
from application.ports.runs import PlanState
from application.use_cases.accept_messages import AcceptMessages
from domain.companies.plan import Layout
from entrypoints.container import Application, build
from entrypoints.settings import Settings
from tests import factories
from tests.services.postgres import PostgresServer

SECRET_KEY = "a key for benchmarks, thirty-two characters"
_BATCH = 500


@contextmanager
def application(database_url: str, **settings: object) -> Iterator[Application]:
    """Billhook on a database, quiet."""
    known: dict[str, Any] = {"database_url": database_url, "secret_key": SECRET_KEY, "log_level": "error", **settings}
    application = build(Settings(**known))
    try:
        yield application
    finally:
        application.close()


def prepare(database_url: str, *companies: str) -> None:
    """The schema, and these companies under one admin company: each order an invoice of its own, mailed."""
    with application(database_url) as billhook:
        billhook.migrate()
        with billhook.container.units_of_work()() as uow:
            uow.configurations.save(_configuration(*companies), {}, {})
            for company in companies:
                uow.runs.save_plan(PlanState(company, None, "", ""))
            uow.commit()


def _configuration(*companies: str) -> Configuration:
    plan = factories.a_plan(layout=Layout.INDIVIDUAL)
    return factories.a_configuration(*(factories.a_company(ref=company, plan=plan) for company in companies))


def feed(database_url: str, bodies: Iterable[bytes]) -> None:
    """Take messages in, as intake does, and have the database look at its tables, as it does by itself in time."""
    left = iter(bodies)
    with application(database_url) as billhook:
        while batch := [IncomingMessage(body) for body in islice(left, _BATCH)]:
            billhook.catalogue.accept_messages(AcceptMessages(batch))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def start_runs(database_url: str, slot: str, companies: Sequence[str]) -> list[int]:
    """One run for each company, for a worker to find; their ids."""
    with application(database_url) as billhook, billhook.container.units_of_work()() as uow:
        ids = [uow.runs.add(company, slot, billhook.container.clock().now()) for company in companies]
        uow.commit()
    return [run_id for run_id in ids if run_id is not None]


def count(database_url: str, table: str, condition: str = "true") -> int:
    """How many rows of a table meet a condition."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()
    return row[0] if row else 0


@contextmanager
def fresh_copy(server: PostgresServer, template: str) -> Iterator[str]:
    """A database that is a copy of a template, gone afterwards."""
    url = server.create_database(template)
    try:
        yield url
    finally:
        server.drop_database(url)
