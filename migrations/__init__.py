"""Alembic owns every table, view, trigger and grant."""
