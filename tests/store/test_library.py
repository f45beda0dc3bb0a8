import os
import stat
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from store.errors import (
    EncoderMismatchError,
    LibraryDamagedError,
    LibraryError,
    LibraryNewerError,
    LibraryNotFoundError,
    QueryError,
    UnknownNameError,
)
from store.library import Library
from store.records import SPOKEN_KINDS, EvidenceKind
from store.timespan import TimeSpan


def test_every_field_of_every_record_comes_back(library, full_video):
    library.publish(full_video)
    video = full_video.video
    assert library.videos() == [video]
    assert library.video(video.video_id) == video
    assert tuple(library.clips(video.video_id)) == full_video.clips
    assert tuple(library.evidence(video.video_id)) == full_video.evidence
    assert tuple(library.summaries(video.video_id)) == full_video.summaries
    assert tuple(library.stage_runs(video.video_id)) == full_video.stage_runs
    assert library.stage_keys(video.video_id) == {"probe": "k1", "embed": "k2"}
    assert set(library.spaces()) == set(full_video.spaces)
    for clip, (_, jpeg) in zip(full_video.clips, full_video.thumbnails, strict=True):
        assert library.thumbnail_path(clip).read_bytes() == jpeg
    assert library.generation() == 1


def test_summaries_come_in_reading_order_and_name_what_is_there(library, full_video, sql):
    library.publish(replace(full_video, summaries=full_video.summaries[::-1]))
    video_id = full_video.video.video_id
    assert tuple(library.summaries(video_id)) == full_video.summaries
    assert library.summaries("e" * 32) == []
    sql(library, "UPDATE evidence SET ordinal = 9 WHERE kind = 'screen_text'")
    with pytest.raises(LibraryDamagedError, match=r"screen_text.*cinedex check --repair"):
        library.summaries(video_id)


def test_evidence_is_found_by_what_a_citation_names(library, full_video):
    library.publish(full_video)
    for evidence in full_video.evidence:
        assert library.evidence_by_id(evidence.evidence_id) == evidence


@pytest.mark.parametrize(
    "evidence_id",
    ["", "0123456789ab/speech/9", "0123456789ab/speech/00", "x/y/z", "a/b/c/d", "²/²/²"],
)
def test_an_id_that_names_no_evidence_is_refused(library, full_video, evidence_id):
    library.publish(full_video)
    with pytest.raises(UnknownNameError):
        library.evidence_by_id(evidence_id)


def test_clips_and_evidence_are_limited_to_a_time_and_kinds(library, full_video):
    library.publish(full_video)
    video_id = full_video.video.video_id
    first, second = full_video.clips
    speech, sign = full_video.evidence
    assert library.clips(video_id, TimeSpan(0, 8.5)) == [first]
    assert library.clips(video_id, TimeSpan(8.4, 8.6)) == [first, second]
    assert library.evidence(video_id, TimeSpan(3.75, 9.0)) == []
    assert library.evidence(video_id, TimeSpan(9.0, 10.0)) == [sign]  # an instant lies inside
    assert library.evidence(video_id, kinds=[EvidenceKind.SPEECH]) == [speech]
    assert library.evidence(video_id, kinds=[]) == []
    assert library.clips("unknown") == library.evidence("unknown") == []
    assert library.stage_keys("unknown") == {}


def test_a_video_is_found_by_what_people_type(library, full_video, make_video, monkeypatch):
    library.publish(full_video)
    library.publish(make_video("a"))
    video = full_video.video
    for name in (video.video_id, video.short_id, "0123", "Ein Film", *video.paths):
        assert library.video(name) == video
    monkeypatch.chdir("/")
    assert library.video("films/a.mp4").title == "Film a"


def test_an_unknown_or_shared_name_lists_the_near_ones(library, make_video):
    with pytest.raises(UnknownNameError, match="none yet"):
        library.video("anything")
    library.publish(make_video("a"))
    library.publish(make_video("b"))
    with pytest.raises(UnknownNameError, match=r"did you mean .*aaaaaaaaaaaa \(Film a\)"):
        library.video("Fim a")
    with pytest.raises(UnknownNameError, match="Film b"):
        library.video("aaa")  # too short for an id
    library.move_video("a" * 32, "/films/one.mp4")
    library.move_video("b" * 32, "/films/one.mp4")
    with pytest.raises(UnknownNameError, match="by its id"):
        library.video("/films/one.mp4")


def test_moving_a_video_puts_its_path_in_front(library, full_video):
    library.publish(full_video)
    video_id, (new, old) = full_video.video.video_id, full_video.video.paths
    library.move_video(video_id, "/else/where.mkv")
    assert library.video(video_id).paths == ("/else/where.mkv", new, old)
    library.move_video(video_id, old)
    assert library.video(video_id).paths == (old, "/else/where.mkv", new)
    with pytest.raises(UnknownNameError, match="Ein Film"):
        library.move_video("f" * 32, "/nowhere")


def test_answers_are_read_back_by_number_and_numbers_are_not_reused(library):
    bundle = {"text": "at 0:01 \U0001f3ac", "spans": [[1.5, 2.0]], "abstained": False, "p": None}
    first = library.save_answer(bundle)
    second = library.save_answer({})
    assert library.answer(first) == bundle
    assert library.answer(second) == {}
    with pytest.raises(UnknownNameError):
        library.answer(second + 1)
    with pytest.raises(ValueError, match=r"hold|serializable"):
        library.save_answer({"not json": object()})


def test_a_query_of_another_encoder_is_refused(library, full_video):
    library.publish(full_video)
    query = np.eye(4, dtype=np.float32)[:1]
    with pytest.raises(EncoderMismatchError, match=r"mini@1.*other@1"):
        library.search_vectors("text:mini@1", query, 1, query_encoder_id="other@1")
    with pytest.raises(EncoderMismatchError, match="dimension 4"):
        library.search_vectors("text:mini@1", query[:, :3], 1, query_encoder_id="mini@1")
    with pytest.raises(UnknownNameError, match="picture:head@1"):
        library.search_vectors("text:other", query, 1, query_encoder_id="mini@1")


def test_what_is_in_some_clips_is_scored_however_far_it_is(library, full_video):
    library.publish(full_video)
    first, second = full_video.clips
    query = np.array([[0.6, 0.8, 0.0, 0.0]], dtype=np.float32)
    score = partial(library.score_clips, "text:mini@1", query, query_encoder_id="mini@1")
    [spoken] = score([first, second], SPOKEN_KINDS)
    assert (spoken.clip, spoken.evidence) == (first, full_video.evidence[0])
    assert spoken.score == pytest.approx(0.6, abs=1e-3)
    [sign] = score([second], [EvidenceKind.SCREEN_TEXT])
    assert (sign.evidence, sign.score) == (full_video.evidence[1], pytest.approx(0.7, abs=1e-3))
    gone = replace(first, video_id="f" * 32)
    assert score([gone, replace(first, ordinal=9)], SPOKEN_KINDS) == []
    assert score([], SPOKEN_KINDS) == []
    with pytest.raises(EncoderMismatchError):
        library.score_clips("text:mini@1", query, [first], SPOKEN_KINDS, query_encoder_id="o@1")


def test_what_cannot_be_searched_is_refused(library, full_video):
    library.publish(full_video)
    for k in (0, -1):
        with pytest.raises(QueryError):
            library.search_text(["door"], k)
    for queries in (np.zeros(4, np.float32), np.full((1, 4), np.nan, np.float32)):
        with pytest.raises(ValueError, match="finite"):
            library.search_vectors("text:mini@1", queries, 1, query_encoder_id="mini@1")


def test_create_opens_what_is_there_and_ends_what_was_interrupted(tmp_path, make_video):
    root = tmp_path / "a b" / "l%(x)s#?\n\U0001f3ac"
    with Library.create(root) as library:
        library.publish(make_video("a"))
    with Library.create(root) as library:
        assert len(library.videos()) == 1
    (root / "library.toml").unlink()  # the last file that creation writes
    with pytest.raises(LibraryNotFoundError):
        Library.open(root)
    with Library.create(root) as library:
        assert len(library.videos()) == 1


def test_only_the_owner_can_read_a_library(sqlite_library, full_video):
    library = sqlite_library
    library.publish(full_video)
    library.compact(is_forced=True)
    paths = [library.root, *library.root.rglob("*")]
    assert {path.suffix for path in paths} >= {
        ".jpg",
        ".vectors",
        ".sqlite",
        ".sqlite-wal",
        ".toml",
    }
    for path in paths:
        mode = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == mode, path


def test_a_missing_library_is_named(tmp_path):
    with pytest.raises(LibraryNotFoundError, match="nothing"):
        Library.open(tmp_path / "nothing")
    with pytest.raises(LibraryNotFoundError):
        Library.open(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError):
        Library.create(tmp_path / "file")


def test_a_newer_schema_is_refused_and_left_alone(library, sql):
    sql(library, "UPDATE alembic_version SET version_num = '9999'")
    for opener in (Library.open, Library.create):
        with pytest.raises(LibraryNewerError, match=r"9999.*upgrade"):
            opener(library.root)
    assert sql(library, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_schema_that_is_none_is_damage(library, sql):
    sql(library, "UPDATE alembic_version SET version_num = '0zX2'")
    with pytest.raises(LibraryDamagedError, match=r"0zX2.*--repair"):
        Library.open(library.root)


def test_a_newer_format_is_refused(library):
    library.close()
    (library.root / "library.toml").write_text("format = 3\nof = 'the future'\n")
    with pytest.raises(LibraryNewerError, match="format 3"):
        Library.open(library.root)


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough" * 40, None])
def test_a_catalogue_that_is_none_is_named(sqlite_library, content):
    library = sqlite_library
    library.close()
    catalogue = library.root / "catalogue.sqlite"
    catalogue.unlink()
    if content is not None:
        catalogue.write_bytes(content)
    with pytest.raises(LibraryDamagedError):
        Library.open(library.root)
    assert (catalogue.read_bytes() if content is not None else None) == content


def test_damage_found_while_reading_is_named(sqlite_library, make_video):
    library = sqlite_library
    library.publish(make_video("a", ["word " * 50] * 200))
    library.close()
    catalogue = library.root / "catalogue.sqlite"
    content = bytearray(catalogue.read_bytes())
    content[8192:] = b"\xab" * (len(content) - 8192)
    catalogue.write_bytes(content)
    with pytest.raises(LibraryDamagedError), Library.open(library.root) as damaged:
        damaged.evidence("a" * 32)


def test_unreadable_settings_are_named(library):
    library.close()
    (library.root / "library.toml").write_bytes(b"\xff = [")
    with pytest.raises(LibraryDamagedError, match="format = 1"):
        Library.open(library.root)


def test_a_closed_library_is_not_used_again(library):
    library.close()
    library.close()
    with pytest.raises(ValueError, match="closed"):
        library.videos()


def test_closing_lets_go_of_every_file(library, make_video):
    library.publish(make_video("a"))
    library.search_text(["door"], 1)
    library.close()
    held = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    assert not [path for path in held if path.startswith(str(library.root))]
    assert not list(library.root.glob("*-wal"))


def test_a_library_does_not_cross_a_fork(library, make_video):
    library.publish(make_video("a"))
    child = os.fork()
    if child == 0:
        try:
            library.videos()
        except ValueError:
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(library.videos()) == 1
