"""What Alembic runs; ``store/schema.py`` hands it a connection, already in a transaction."""

from alembic import context

from store.tables import Table


def run() -> None:
    """Apply the migrations on the connection that was handed over."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Table.metadata,
        render_as_batch=True,  # SQLite alters a table by copying it
    )
    with context.begin_transaction():
        context.run_migrations()


# Test collection imports every module; only Alembic gives the context a configuration.
if hasattr(context, "config"):
    run()
