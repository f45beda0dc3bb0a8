"""What every stage of indexing found is kept, so that only what is missing runs; years too."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("video", sa.Column("year", sa.Integer))
    op.create_table(
        "stage_result",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("video_id", sa.String, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("error", sa.String),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.UniqueConstraint("video_id", "stage"),
    )
    op.create_table(
        "stage_part",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "result",
            sa.Integer,
            sa.ForeignKey("stage_result.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("result", "number"),
    )
