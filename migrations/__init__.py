"""Alembic migrations: one change per file, each with what changes and why it is safe while old code runs."""
