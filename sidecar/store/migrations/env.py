"""Alembic's entrance; ``sidecar.store.migrate`` hands it an open connection."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transaction_per_migration=context.config.attributes["commit_each"],
)
with context.begin_transaction():
    context.run_migrations()
