"""What stands for a video and for its scenes; of older videos none until they are indexed again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "summary",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "video", sa.Integer, sa.ForeignKey("video.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("level", sa.String, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("start_milliseconds", sa.Integer, nullable=False),
        sa.Column("end_milliseconds", sa.Integer, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.UniqueConstraint("video", "level", "ordinal"),
    )
