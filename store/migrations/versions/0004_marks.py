"""People say of what a search found whether it is right."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    long = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "mark",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("query", sa.String, nullable=False),
        sa.Column("scope", sa.JSON, nullable=False),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("marked_at_milliseconds", long, nullable=False),
        sa.Column("video_id", sa.String),
        sa.Column("start_milliseconds", sa.Integer),
        sa.Column("end_milliseconds", sa.Integer),
        sa.Column("shown_start_milliseconds", sa.Integer),
        sa.Column("shown_end_milliseconds", sa.Integer),
        sa.Column("note", sa.String),
    )
