"""What the web tool keeps: one database, SQLite or PostgreSQL."""
