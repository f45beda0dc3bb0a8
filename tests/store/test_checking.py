"""Looking at libraries and mending them, in both databases."""

import os
import time
from contextlib import closing
from hashlib import blake2b

import numpy as np
import pytest
from sqlalchemy import text

from store.check_report import ProblemKind
from store.checking import check_library
from store.errors import LibraryLockedError, LibraryNotFoundError
from store.layout import Layout
from store.library import Library
from store.opening import open_database
from store.repairing import repair_library
from store.stray_files import YOUNG_SECONDS
from tests.postgresql import WITH_VECTOR_FILES

QUICKLY = {"busy_timeout_seconds": 0.3}


@pytest.fixture
def filled(library, full_video, make_video):
    """A library of three videos, closed; what it says and what it holds."""
    library.publish(full_video)
    library.publish(make_video("a", ["a red door", "a blue door"]))
    library.publish(make_video("b", ["a green hill", "a red hill"]))
    library.compact(is_forced=True)
    number = library.save_answer({"text": "the red one"})
    lines = list(library.dump())
    library.close()
    return library.root, lines, number


def sql(root, *statements):
    """Change rows behind cinedex's back."""
    layout = Layout(root)
    settings = layout.require()
    with open_database(layout, settings, 5.0) as database:
        engine = database._writers
        with closing(engine.raw_connection()) as raw:
            connection = raw.driver_connection
            is_sqlite = settings.catalogue is None
            connection.execute(
                "PRAGMA foreign_keys = OFF"
                if is_sqlite
                else "SET session_replication_role = 'replica'"
            )
            for statement in statements:
                connection.execute(statement)
            if is_sqlite:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                connection.commit()
                connection.execute("SET session_replication_role = 'origin'")
                connection.commit()


def lines_of(root):
    with Library.open(root) as library:
        return list(library.dump())


def without(letter, lines):
    """A video's lines begin with one that names it."""
    kept, is_kept = [], True
    for line in lines:
        if '"part": "video"' in line:
            is_kept = f'"video_id": "{letter * 32}"' not in line
        if is_kept:
            kept.append(line)
    return kept


def require_works(root, make_video):
    """It is whole, is searched and is published to."""
    assert check_library(root).problems == ()
    with Library.open(root) as library:
        library.publish(make_video("e", ["a yellow submarine"]))
        assert [hit.evidence.text for hit in library.search_text(["submarine"], 5)] == [
            "a yellow submarine"
        ]
        query = np.array([[1, 0, 0, 0]], np.float32)
        (found,) = library.search_vectors("text:mini@1", query, 9, query_encoder_id="mini@1")
        spoken = [line for line in library.dump() if '"space_id": "text:mini@1", ' in line]
        assert len(found) == sum('"part": "embedding"' in line for line in spoken)
    assert check_library(root).problems == ()


def test_a_whole_library_has_no_problem_and_is_counted(filled):
    root, lines, _ = filled
    told = []
    report = check_library(root, on_video=lambda *step: told.append(step))
    assert report.problems == ()
    assert report.is_good
    counts = report.counts
    assert (counts.num_videos, counts.num_clips, counts.num_evidence) == (3, 6, 6)
    assert counts.num_vectors == {"picture:head@1": 1, "text:mini@1": 6}
    assert counts.generation == 3
    assert counts.num_files >= 3
    assert counts.num_bytes > 0
    video, _, last = report.videos
    assert (video.title, video.num_clips, video.num_evidence, video.num_vectors) == (
        "Ein Film", 2, 2, 3,
    )  # fmt: skip
    assert (last.title, last.path, last.num_vectors) == ("Film b", "/films/b.mp4", 2)
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    repaired = repair_library(root)
    assert (repaired.done, repaired.lost, repaired.damaged_copy) == ((), (), None)
    assert lines_of(root) == lines


def test_there_must_be_a_library(tmp_path):
    with pytest.raises(LibraryNotFoundError):
        check_library(tmp_path / "none")
    with pytest.raises(LibraryNotFoundError):
        repair_library(tmp_path / "none")


def test_an_empty_library_is_whole(library):
    library.close()
    report = check_library(library.root)
    assert report.problems == ()
    assert report.counts.num_videos == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence SET text = 'a rad door' WHERE text = 'a red door'",
        "UPDATE evidence SET kind = 'smell' WHERE text = 'a red door'",
        "UPDATE video SET paths = '\"\"' WHERE title = 'Film a'",
        "DELETE FROM clip WHERE video = 2 AND ordinal = 1",
    ],
)
def test_a_video_that_is_not_what_was_published_is_taken_out_and_named(
    filled, make_video, statement
):
    root, lines, number = filled
    sql(root, statement)
    (found,) = check_library(root).of(ProblemKind.VIDEO)
    assert found.video_id == "a" * 32
    assert not found.is_note
    repaired = repair_library(root)
    (lost,) = repaired.lost
    assert lost.video_id == "a" * 32
    assert lost.path == ("" if "paths" in statement else "/films/a.mp4")
    assert repaired.damaged_copy is None
    assert repaired.after.problems == ()
    assert lines_of(root) == without("a", lines)
    with Library.open(root) as library:
        assert library.answer(number) == {"text": "the red one"}
        assert library.search_text(["door", "rad"], 5) == []
    require_works(root, make_video)


def test_a_changed_vector_is_noticed(filled):
    root, _, _ = filled
    changed = "X'3c003c003c003c00'" if Layout(root).require().catalogue is None else (
        "'\\x3c003c003c003c00'"
    )  # fmt: skip
    sql(root, f"UPDATE embedding SET vector = {changed} WHERE id = 4")
    assert [found.about for found in check_library(root).problems] == ["/films/a.mp4"]


def test_a_path_may_change(filled):
    root, _, _ = filled
    with Library.open(root) as library:
        library.move_video("a" * 32, "/elsewhere/a.mp4")
    assert check_library(root).problems == ()


def test_a_video_without_a_digest_gets_one(filled):
    root, lines, _ = filled
    sql(root, "UPDATE video SET content_digest = NULL WHERE title <> 'Film b'")
    report = check_library(root)
    assert [found.kind for found in report.problems] == [ProblemKind.DIGEST] * 2
    assert report.is_good
    assert repair_library(root).after.problems == ()
    sql(root, "UPDATE evidence SET text = 'a rad door' WHERE text = 'a red door'")
    assert [found.kind for found in check_library(root).of(ProblemKind.VIDEO)]
    assert lines_of(root) != lines


def test_rows_without_an_owner_are_deleted(filled, make_video):
    root, lines, _ = filled
    sql(
        root,
        "INSERT INTO judgement (id, answer, is_right) VALUES (5, 77, true)",
        "DELETE FROM video WHERE title = 'Film a'",
    )
    report = check_library(root)
    about = {found.about for found in report.of(ProblemKind.OWNERLESS)}
    assert about == {"table clip", "table evidence", "table stage_run", "table judgement"}
    repaired = repair_library(root)
    assert repaired.lost == ()  # nothing names it any more
    assert repaired.after.problems == ()
    assert lines_of(root) == without("a", lines)
    require_works(root, make_video)


def test_a_space_without_vectors_is_worth_a_note(filled):
    root, _, _ = filled
    sql(root, "INSERT INTO space VALUES (9, 'text:old@1', 'old@1', 'old@1', 4, 'text')")
    report = check_library(root)
    assert [(found.kind, found.about) for found in report.problems] == [
        (ProblemKind.SPACE, "text:old@1")
    ]
    assert report.is_good
    assert repair_library(root).after.problems == ()


@WITH_VECTOR_FILES
def test_vector_files_are_made_anew(filled, make_video):
    root, lines, _ = filled
    first, second = sorted((root / "vectors").glob("*.vectors"))
    content = bytearray(first.read_bytes())
    content[100] ^= 1
    first.write_bytes(content)
    (root / "vectors" / "0.vectors").write_bytes(content)
    report = check_library(root)
    assert [found.kind for found in report.problems] == [ProblemKind.VECTORS] * 2
    assert repair_library(root).after.problems == ()
    assert sorted((root / "vectors").glob("*.vectors")) == [first, second]
    assert lines_of(root) == lines
    first.write_bytes(second.read_bytes())  # whole, and of another space
    assert len(check_library(root).problems) == 1
    repair_library(root)
    require_works(root, make_video)


def test_pictures_that_are_gone_or_changed_are_taken_from_their_clips(filled):
    root, lines, _ = filled
    first, second = sorted((root / "thumbnails").glob("*/*.jpg"))
    first.unlink()
    second.write_bytes(b"\xff\xd8another")
    report = check_library(root)
    assert [found.kind for found in report.problems] == [ProblemKind.THUMBNAIL] * 2
    assert {found.found for found in report.problems} == {
        "is missing", "is not the picture that was written",
    }  # fmt: skip
    repaired = repair_library(root)
    assert repaired.after.problems == ()
    assert repaired.lost == ()
    assert not second.exists()
    with_pictures = [line for line in lines if "-" in line and ".jpg" in line]
    assert [line for line in lines_of(root) if line not in lines] == [
        line.replace(f'"{name}"', "null")
        for line, name in zip(
            with_pictures,
            (f"{path.parent.name}/{path.name}" for path in (first, second)),
            strict=True,
        )
    ]


def test_files_that_nothing_names_are_deleted_when_nobody_can_be_writing_them(filled):
    root, lines, _ = filled
    picture = b"\xff\xd8stray"
    digest = blake2b(picture, digest_size=8).hexdigest()
    stray = [
        root / "thumbnails" / ("9" * 32) / f"0-{digest}.jpg",
        root / "thumbnails" / ("9" * 32) / f".0-{digest}.jpg.0a1b2c3d",
        root / "vectors" / ".x.vectors.0a1b2c3d",
        root / ".library.toml.0a1b2c3d",
    ]
    mine = [root / ".gitignore", root / "vectors" / ".lock", root / "thumbnails" / "notes.txt"]
    stray[0].parent.mkdir()
    for file in (*stray, *mine):
        file.write_bytes(picture)
    assert check_library(root).problems == ()  # an index run may be about to name them
    long_ago = time.time() - YOUNG_SECONDS - 1
    for file in (*stray, *mine):
        os.utime(file, (long_ago, long_ago))
    report = check_library(root)
    assert {found.about for found in report.problems} == set(map(str, stray))
    assert report.is_good
    assert repair_library(root).after.problems == ()
    assert not any(file.exists() for file in (*stray, stray[0].parent))
    assert all(file.exists() for file in mine)
    assert lines_of(root) == lines


@WITH_VECTOR_FILES
def test_deleted_folders_are_made_again(filled):
    root, _, _ = filled
    for file in (*root.glob("vectors/*"), *root.glob("thumbnails/*/*")):
        file.unlink()
    (root / "vectors").rmdir()
    report = check_library(root)
    assert {found.kind for found in report.problems} == {ProblemKind.THUMBNAIL}
    after = repair_library(root).after  # where all pictures are away, none is given up
    assert {found.kind for found in after.problems} == {ProblemKind.THUMBNAIL}
    assert len(list(root.glob("vectors/*.vectors"))) == 2
    with Library.open(root) as library:
        assert library.search_text(["door"], 9)


def test_repair_says_that_another_process_writes(filled):
    root, _, _ = filled
    sql(root, "UPDATE evidence SET text = 'a rad door' WHERE text = 'a red door'")
    layout = Layout(root)
    with (
        open_database(layout, layout.require(), 1.0) as other,
        other.writing() as session,
    ):
        session.execute(text("UPDATE catalogue_state SET generation = generation"))
        with pytest.raises(LibraryLockedError):
            repair_library(root, **QUICKLY)
    assert [lost.path for lost in repair_library(root).lost] == ["/films/a.mp4"]


ONLY_SQLITE = pytest.mark.parametrize("place", ["sqlite"], indirect=True)
ONLY_POSTGRESQL = pytest.mark.parametrize(
    "place", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def require_mends_full_text(root, lines, statement):
    sql(root, statement)
    report = check_library(root)
    assert {found.kind for found in report.problems} == {ProblemKind.FULL_TEXT}
    assert not report.is_good
    repaired = repair_library(root)
    assert (repaired.after.problems, repaired.lost, repaired.damaged_copy) == ((), (), None)
    assert lines_of(root) == lines
    with Library.open(root) as library:
        assert len(library.search_text(["red"], 9)) == 2


@ONLY_SQLITE
def test_sqlite_full_text_is_made_anew(filled, make_video):
    root, lines, _ = filled
    for statement in (
        "DELETE FROM evidence_text_data WHERE id > 10",
        "DELETE FROM evidence_text_docsize",
        "INSERT INTO evidence_text(evidence_text, rowid, text) VALUES ('delete', 3, 'a red door')",
    ):
        require_mends_full_text(root, lines, statement)
    require_works(root, make_video)


@ONLY_POSTGRESQL
def test_postgresql_full_text_is_made_anew(filled, make_video):
    root, lines, _ = filled
    for statement in (
        "UPDATE term SET num_evidence = num_evidence + 3 WHERE term = 'door'",
        "DELETE FROM term WHERE term = 'door'",
        "DELETE FROM evidence_text WHERE evidence IN (SELECT id FROM evidence WHERE video = 2)",
        "UPDATE text_statistics SET num_evidence = 99",
    ):
        require_mends_full_text(root, lines, statement)
    require_works(root, make_video)


@ONLY_POSTGRESQL
def test_a_postgresql_database_without_a_catalogue_is_beyond_repair(filled):
    root, _, _ = filled
    sql(root, "DROP TABLE alembic_version")
    (found,) = check_library(root).problems
    assert found.kind is ProblemKind.DATABASE
    assert not found.is_repairable
    assert repair_library(root).after.problems == (found,)


def test_pictures_that_are_all_away_are_not_given_up(filled):
    root, lines, _ = filled
    (root / "thumbnails").rename(root / "elsewhere")
    assert not check_library(root).is_good
    repair_library(root)
    if (root / "thumbnails").exists():
        (root / "thumbnails").rmdir()
    (root / "elsewhere").rename(root / "thumbnails")
    assert check_library(root).problems == ()
    assert lines_of(root) == lines
