"""What is declared: always read whole, and compared and exported as documents."""

from sqlalchemy import Boolean, Column, Integer, LargeBinary, Table, Text

from adapters.persistence.tables.metadata import metadata
from adapters.persistence.types import KEY, UTC_TIME

# One row: the revision that stands. Who changes the configuration locks it.
configuration = Table(
    "configuration",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
)

# Declared things are kept as JSON documents: they are always read whole, and compared and exported as documents.
admin_companies = Table("admin_companies", metadata, Column("ref", KEY, primary_key=True), Column("document", Text, nullable=False))

companies = Table("companies", metadata, Column("ref", KEY, primary_key=True), Column("document", Text, nullable=False))

price_lists = Table("price_lists", metadata, Column("company", KEY, primary_key=True), Column("document", Text, nullable=False))

tax_rates = Table("tax_rates", metadata, Column("country", KEY, primary_key=True), Column("document", Text, nullable=False))

integrations = Table(
    "integrations",
    metadata,
    Column("path", KEY, primary_key=True),
    Column("company", KEY, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("declared", Boolean, nullable=False),  # false: no longer in the configuration, kept for its deliveries
    Column("enabled_revision", Integer, nullable=False),  # since when it is switched on without a break; for `verify`
    Column("starting_from", UTC_TIME),
    Column("document", Text, nullable=False),
    Column("secrets", Text, nullable=False),  # a JSON object of ciphertexts by name
)

assets = Table("assets", metadata, Column("sha256", KEY, primary_key=True), Column("content", LargeBinary, nullable=False))
