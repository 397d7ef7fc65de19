"""All state, in PostgreSQL or SQLite: the only package that knows SQLAlchemy, Alembic and psycopg."""
