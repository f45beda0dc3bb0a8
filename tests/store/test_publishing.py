import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import event

from store import publishing
from store.errors import (
    EncoderMismatchError,
    LibraryFullError,
    LibraryLockedError,
    UnknownNameError,
)
from store.layout import LibrarySettings
from store.library import Library
from store.records import Clip, Embedding, Space, StageRun
from store.timespan import TimeSpan
from tests.postgresql import WITH_VECTOR_FILES

QUERY = np.array([[1, 0, 0, 0]], dtype=np.float32)


def texts(library, *terms):
    return [hit.evidence.text for hit in library.search_text(terms, 100)]


def nearest(library, k=100):
    [hits] = library.search_vectors("text:mini@1", QUERY, k, query_encoder_id="mini@1")
    return [hit.evidence.text for hit in hits]


TABLES = ("video", "clip", "evidence", "evidence_text", "space", "embedding")
TABLES += ("stage_run", "summary")


@pytest.fixture
def count_rows(sql):
    def count(library):
        counts = {table: sql(library, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}
        if library._database.place.startswith("postgresql"):
            counts["term"] = sql(library, "SELECT count(*) FROM term")[0][0]
        return counts

    return count


def files(library, folder):
    return sorted(path.name for path in (library.root / folder).rglob("*") if path.is_file())


def test_publishing_twice_is_publishing_once(library, full_video, count_rows):
    library.publish(full_video)
    before = (library.videos(), count_rows(library), files(library, "thumbnails"))
    library.publish(full_video)
    assert (library.videos(), count_rows(library), files(library, "thumbnails")) == before
    assert library.generation() == 2


def test_a_new_index_takes_the_place_of_the_old_and_leaves_others(library, make_video, count_rows):
    library.publish(make_video("a", ["old door", "old window"]))
    library.publish(make_video("b", ["other door"]))
    library.publish(make_video("a", ["new door"]))
    assert set(texts(library, "door", "window", "old")) == {"new door", "other door"}
    assert set(nearest(library)) == {"new door", "other door"}
    assert library.stage_keys("a" * 32) == {"probe": "key of new door"}
    assert count_rows(library)["evidence"] == 2


def test_a_replaced_thumbnail_is_the_new_one_and_the_old_file_goes(library, full_video):
    library.publish(full_video)
    library.publish(replace(full_video, thumbnails=((1, b"newer"),)))
    first, second = full_video.clips
    assert library.thumbnail_path(first) is None
    assert library.thumbnail_path(second).read_bytes() == b"newer"
    assert len(files(library, "thumbnails")) == 1


@WITH_VECTOR_FILES
def test_removing_frees_everything(library, full_video, count_rows):
    library.publish(full_video)
    library.compact(is_forced=True)
    assert len(files(library, "vectors")) == 3  # two spaces, and the lock
    library.remove(full_video.video.video_id)
    assert set(count_rows(library).values()) == {0}
    assert texts(library, "argued", "café") == []
    assert list((library.root / "thumbnails").iterdir()) == []
    assert files(library, "vectors") == [".lock"]
    with library._database.writing() as session:
        assert list(library._database.text_index.problems(session)) == []
    with pytest.raises(UnknownNameError):
        library.remove(full_video.video.video_id)


def test_removing_one_video_leaves_the_other_searchable(library, make_video):
    library.publish(make_video("a", ["door of a"]))
    library.publish(make_video("b", ["door of b"]))
    assert set(nearest(library)) == {"door of a", "door of b"}
    library.remove("a" * 32)
    assert texts(library, "door") == nearest(library) == ["door of b"]


@pytest.mark.parametrize(
    "step", ["_insert_clips", "_insert_evidence", "_drop_empty_spaces", "_advance"]
)
def test_a_failure_in_the_middle_leaves_the_old_state(
    library, full_video, monkeypatch, step, count_rows
):
    library.publish(full_video)
    before = (library.videos(), count_rows(library), library.generation(), nearest(library))

    def fail(*_args, **_kwargs):
        raise RuntimeError("injected")

    monkeypatch.setattr(publishing, step, fail)
    changed = replace(
        full_video,
        video=replace(full_video.video, title="Changed"),
        thumbnails=((0, b"changed"),),
    )
    with pytest.raises(RuntimeError, match="injected"):
        library.publish(changed)
    monkeypatch.undo()
    after = (library.videos(), count_rows(library), library.generation(), nearest(library))
    assert after == before
    assert texts(library, "argued") == ["They argued in the kitchen."]
    assert library.thumbnail_path(full_video.clips[0]).read_bytes() == b"\xff\xd8first"
    library.publish(full_video)  # sweeps the thumbnail that nothing refers to
    assert len(files(library, "thumbnails")) == 2


def test_a_space_keeps_one_encoder(library, full_video, make_video):
    library.publish(full_video)
    for changed in (
        Space("text:mini@1", "mini@2", "mini@1", 4, "text"),
        Space("text:mini@1", "mini@1", "mini@1", 3, "text"),
    ):
        other = replace(make_video("b"), spaces=(changed,), embeddings=())
        with pytest.raises(EncoderMismatchError, match="text:mini@1"):
            library.publish(other)
    assert library.videos() == [full_video.video]


def test_a_space_goes_with_its_last_vector(library, full_video, make_video):
    library.publish(full_video)
    assert [space.space_id for space in library.spaces()] == ["picture:head@1", "text:mini@1"]
    library.publish(make_video("b"))
    library.remove(full_video.video.video_id)
    assert [space.space_id for space in library.spaces()] == ["text:mini@1"]


def changes(video):
    other = "f" * 32
    span = TimeSpan(0, 1)
    vector = np.ones(4, np.float32)
    embedding = Embedding("text:mini@1", 0, span, vector)
    clip = Clip(video.video.video_id, 0, span)
    summary = video.summaries[1]
    stranger = replace(video.evidence[0], ordinal=7)
    return {
        "no path": {"video": replace(video.video, paths=())},
        "a path as id": {"video": replace(video.video, video_id="../x")},
        "a clip of another video": {"clips": (*video.clips, Clip(other, 2, span))},
        "evidence of another video": {"evidence": (replace(video.evidence[0], video_id=other),)},
        "two clips of one number": {"clips": (*video.clips, clip)},
        "two stages of one name": {"stage_runs": (StageRun("a", "k", 0), StageRun("a", "k", 0))},
        "evidence of no clip": {"evidence": (replace(video.evidence[0], clip_ordinal=9),)},
        "a thumbnail of no clip": {"thumbnails": ((9, b""),)},
        "a vector of no clip": {"embeddings": (replace(embedding, clip_ordinal=9),)},
        "a vector of no space": {"embeddings": (replace(embedding, space_id="x"),)},
        "a vector of no evidence": {"embeddings": (replace(embedding, evidence_id="x/speech/0"),)},
        "a summary of another video": {"summaries": (replace(summary, video_id=other),)},
        "two summaries of one number": {"summaries": (summary, summary)},
        "a summary of no evidence": {"summaries": (replace(summary, evidence=(stranger,)),)},
        "a short vector": {"embeddings": (replace(embedding, vector=vector[:3]),)},
        "not a number": {"embeddings": (replace(embedding, vector=vector * np.nan),)},
    }


def test_parts_that_do_not_belong_together_are_refused(library, full_video):
    for what, change in changes(full_video).items():
        with pytest.raises(ValueError, match=r".+"):
            library.publish(replace(full_video, **change))
        assert library.videos() == [], what


def test_a_video_without_a_picture_sound_or_text_is_kept(library, full_video):
    bare = replace(
        full_video,
        **{"clips": (), "evidence": (), "embeddings": ()},
        **{"thumbnails": (), "stage_runs": (), "summaries": ()},
    )
    library.publish(bare)
    assert library.videos() == [full_video.video]
    assert nearest(library) == []
    assert texts(library, "argued") == []


def test_a_full_disk_is_named_and_leaves_the_old_state(sqlite_library, make_video):
    library = sqlite_library
    library.publish(make_video("a"))
    # The engine is reached into because a real full disk needs a mount: SQLite says the same.
    engine = library._database._readers
    engine.dispose()
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 60"))
    with pytest.raises(LibraryFullError, match="no space left"):
        library.publish(make_video("a", ["many words " * 100] * 500))
    assert texts(library, "door") == ["a red door"]


def test_a_writer_that_keeps_the_library_is_named(sqlite_library, make_video):
    library = sqlite_library
    library.publish(make_video("a"))
    with closing(sqlite3.connect(library.root / "catalogue.sqlite", isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        with Library.open(library.root, busy_timeout_seconds=0.05) as impatient:
            assert len(impatient.videos()) == 1  # readers go on
            with pytest.raises(LibraryLockedError, match="another process"):
                impatient.publish(make_video("b"))
        raw.execute("ROLLBACK")
    library.publish(make_video("b"))
    assert len(library.videos()) == 2


def test_nothing_of_what_was_removed_is_left_in_any_file(sqlite_library, make_video):
    library = sqlite_library
    rng = np.random.default_rng(5)
    secret = rng.standard_normal((3, 8)).astype(np.float16).astype(np.float32)
    library.publish(make_video("a", ["nobody shall read xylophagous"] * 3, vectors=secret))
    library.publish(make_video("b", ["a red door"] * 3, vectors=np.eye(8, dtype=np.float32)[:3]))
    library.compact(is_forced=True)
    traces = (b"xylophag", b"a" * 32, *(row.astype("<f2").tobytes() for row in secret))

    def found():
        contents = [path.read_bytes() for path in library.root.rglob("*") if path.is_file()]
        return [trace for trace in traces if any(trace in content for content in contents)]

    assert found() == list(traces)
    library.remove("a" * 32)
    assert found() == []
    assert texts(library, "red") == ["a red door"] * 3


def test_the_space_of_what_was_removed_is_given_back(sqlite_library, make_video):
    library = sqlite_library
    library.publish(make_video("a"))
    library.compact(is_forced=True)

    def size():
        return sum(path.stat().st_size for path in library.root.rglob("*") if path.is_file())

    before = size()
    library.publish(make_video("b", ["many words " * 50] * 2000))
    assert size() > before + 1_500_000
    library.remove("b" * 32)
    assert size() < before + 200_000


def test_a_writer_in_postgresql_waits_for_its_turn_and_says_so(postgresql, tmp_path, make_video):
    url = LibrarySettings(catalogue=postgresql.new_database())
    with (
        Library.create(tmp_path / "one", settings=url) as library,
        Library.create(tmp_path / "two", settings=url, busy_timeout_seconds=0.05) as impatient,
    ):
        with library._database.writing():
            assert impatient.videos() == []  # readers go on
            with pytest.raises(LibraryLockedError, match="another process"):
                impatient.publish(make_video("b"))
        impatient.publish(make_video("b"))
        assert [video.title for video in library.videos()] == ["Film b"]
