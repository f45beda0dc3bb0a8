"""Every published video gets a random number of its own; PostgreSQL gets its full-text tables.

Vector files name the rows they hold by that number. On PostgreSQL a row of ``evidence_text`` holds
the tokens of one piece of evidence, and ``term`` and ``text_statistics`` what BM25 needs to know of
all of them; ``store/text_indexes/tsvector.py`` keeps them.
"""

from secrets import randbits

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PUBLICATION_BITS = 63

TSVECTOR = (
    """
    CREATE TABLE evidence_text (
        evidence BIGINT PRIMARY KEY REFERENCES evidence (id) ON DELETE CASCADE,
        tokens TSVECTOR NOT NULL,
        num_tokens INTEGER NOT NULL
    )
    """,
    "CREATE INDEX evidence_text_tokens ON evidence_text USING gin (tokens) WITH (fastupdate = off)",
    """
    CREATE TABLE term (
        term VARCHAR PRIMARY KEY,
        num_evidence BIGINT NOT NULL,
        most_repeated INTEGER NOT NULL
    )
    """,
    "CREATE TABLE text_statistics (num_evidence BIGINT NOT NULL, num_tokens BIGINT NOT NULL)",
    "INSERT INTO text_statistics VALUES (0, 0)",
)
FTS5_VOCABULARY = "CREATE VIRTUAL TABLE evidence_term USING fts5vocab('evidence_text', 'row')"


def upgrade() -> None:
    long = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.add_column("video", sa.Column("publication", long, nullable=False, server_default="0"))
    op.add_column("video", sa.Column("content_digest", sa.String))
    video = sa.table("video", sa.column("id"), sa.column("publication"))
    connection = op.get_bind()
    for row in connection.scalars(sa.select(video.c.id)).all():
        number = randbits(PUBLICATION_BITS)
        connection.execute(sa.update(video).where(video.c.id == row).values(publication=number))
    op.create_index("video_publication", "video", ["publication"], unique=True)
    if connection.dialect.name == "sqlite":
        op.execute(FTS5_VOCABULARY)
    else:
        for statement in TSVECTOR:
            op.execute(statement)
