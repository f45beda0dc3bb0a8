"""The first schema: videos, what was found in them, vectors, answers; full text by triggers.

Full text: ``unicode61 remove_diacritics 2`` folds case and accents in every script; ``porter`` on
top because people type "argue" where the evidence says "argued". It stems by English rules, and
only words in plain Latin letters.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# PostgreSQL came with 0002; its catalogues run through here empty.
LONG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

FULL_TEXT = (
    """
    CREATE VIRTUAL TABLE evidence_text USING fts5(
        text, content='evidence', content_rowid='id',
        tokenize='porter unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER evidence_text_insert AFTER INSERT ON evidence BEGIN
        INSERT INTO evidence_text(rowid, text) VALUES (new.id, new.text);
    END
    """,
    """
    CREATE TRIGGER evidence_text_delete AFTER DELETE ON evidence BEGIN
        INSERT INTO evidence_text(evidence_text, rowid, text) VALUES ('delete', old.id, old.text);
    END
    """,
    """
    CREATE TRIGGER evidence_text_update AFTER UPDATE OF id, text ON evidence BEGIN
        INSERT INTO evidence_text(evidence_text, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO evidence_text(rowid, text) VALUES (new.id, new.text);
    END
    """,
)


def upgrade() -> None:
    _create_state()
    _create_video()
    _create_clip()
    _create_evidence()
    _create_embedding()
    _create_answer()
    if op.get_bind().dialect.name == "sqlite":
        for statement in FULL_TEXT:
            op.execute(statement)


def _create_state() -> None:
    state = op.create_table(
        "catalogue_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("token", sa.String, nullable=False),
    )
    op.bulk_insert(state, [{"id": 1, "generation": 0, "token": ""}])


def _create_video() -> None:
    op.create_table(
        "video",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("video_id", sa.String, nullable=False, unique=True),
        sa.Column("paths", sa.JSON, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("duration_milliseconds", sa.Integer, nullable=False),
        sa.Column("file_bytes", LONG, nullable=False),
        sa.Column("frame_rate_numerator", sa.Integer),
        sa.Column("frame_rate_denominator", sa.Integer),
        sa.Column("width_pixels", sa.Integer),
        sa.Column("height_pixels", sa.Integer),
        sa.Column("video_codec", sa.String),
        sa.Column("audio_codec", sa.String),
        sa.Column("language", sa.String),
        sa.Column("start_timecode", sa.String),
        sa.Column("series", sa.String),
        sa.Column("season", sa.Integer),
        sa.Column("episode", sa.Integer),
        sa.Column("skips", sa.JSON, nullable=False),
    )
    op.create_table(
        "stage_run",
        sa.Column("id", sa.Integer, primary_key=True),
        _owner("video"),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.UniqueConstraint("video", "stage"),
    )


def _create_clip() -> None:
    op.create_table(
        "clip",
        sa.Column("id", sa.Integer, primary_key=True),
        _owner("video"),
        sa.Column("ordinal", sa.Integer, nullable=False),
        *_span(),
        sa.Column("thumbnail", sa.String),
        sa.UniqueConstraint("video", "ordinal"),
    )


def _create_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", LONG, primary_key=True),
        _owner("video"),
        _owner("clip"),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        *_span(),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("confidence", sa.Double),
        sa.Column("language", sa.String),
        sa.Column("speaker", sa.String),
        sa.Column("words", sa.JSON, nullable=False),
        sa.UniqueConstraint("video", "kind", "ordinal"),
    )
    op.create_index("evidence_clip", "evidence", ["clip"])


def _create_embedding() -> None:
    op.create_table(
        "space",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("space_id", sa.String, nullable=False, unique=True),
        sa.Column("encoder_id", sa.String, nullable=False),
        sa.Column("query_encoder_id", sa.String, nullable=False),
        sa.Column("dimension", sa.Integer, nullable=False),
        sa.Column("embeds", sa.String, nullable=False),
    )
    op.create_table(
        "embedding",
        sa.Column("id", LONG, primary_key=True),
        sa.Column("space", sa.Integer, sa.ForeignKey("space.id"), nullable=False),
        _owner("clip"),
        _owner("evidence", nullable=True),
        *_span(),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("embedding_space", "embedding", ["space", "id"])
    op.create_index("embedding_clip", "embedding", ["clip"])
    op.create_index("embedding_evidence", "embedding", ["evidence"])


def _create_answer() -> None:
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("payload", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer, primary_key=True),
        _owner("answer"),
        sa.Column("is_right", sa.Boolean, nullable=False),
        sa.Column("note", sa.String),
    )
    op.create_index("judgement_answer", "judgement", ["answer"])


def _owner(table: str, *, nullable: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(table, LONG if table == "evidence" else sa.Integer, key, nullable=nullable)


def _span() -> tuple[sa.Column[int], sa.Column[int]]:
    return (
        sa.Column("start_milliseconds", sa.Integer, nullable=False),
        sa.Column("end_milliseconds", sa.Integer, nullable=False),
    )
