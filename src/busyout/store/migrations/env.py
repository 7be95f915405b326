"""Alembic's entry: runs the revisions on the connection, and in the transaction, that `migration` hands over."""

from alembic import context

from busyout.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
