"""Migrations, written by hand and ordered by `down_revision`; `tests/web/test_database.py` finds what is missing."""
