"""The database of the web tool, SQLite or PostgreSQL."""
