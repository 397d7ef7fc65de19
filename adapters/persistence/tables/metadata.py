"""Where all tables are registered, and how their constraints are named."""

from sqlalchemy import Column, MetaData

from adapters.persistence.types import ID

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column() -> Column[int]:
    """A key that counts up."""
    return Column("id", ID, primary_key=True, autoincrement=True)
