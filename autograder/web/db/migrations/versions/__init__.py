"""The steps, oldest first by `down_revision`, written by hand; `tests/web/test_database.py` says what is missing."""
