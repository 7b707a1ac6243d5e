"""The database: the port and its SQLAlchemy implementation on SQLite and MySQL."""
