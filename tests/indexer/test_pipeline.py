"""What runs, what is kept, and that a run in pieces ends where an undisturbed one ends."""

import os
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

import pytest

from indexer import memo
from indexer.clips import ClipOptions
from indexer.identity import content_id
from indexer.models import OnDemand
from indexer.options import IndexOptions
from indexer.pipeline import Indexer
from indexer.report import EventState, Stopwatch, VideoState
from indexer.speech import SpeechMode
from indexer.stages import VERSIONS, stage_keys
from indexer.workbook import ResultLostError, Workbook
from store.library import Library
from store.stage_results import StageResults
from tests.faults.models import ColourBackbone, TonesHeard, fake_models
from tests.films import write_film
from tests.holders import another_holds

EVERYTHING = IndexOptions(speech=SpeechMode.ALL)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "Night.Train.S01E02.mp4"
    return write_film(path, num_frames=300, rate=Fraction(10), sound_seconds=30.0)


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def saves_at_once(monkeypatch):
    monkeypatch.setattr(memo, "SAVE_SECONDS", 0.0)


def index(library, film, models=None, options=EVERYTHING, force=()):
    indexer = Indexer(library, models or fake_models(), options)
    (result,) = indexer.index([film], force=force).results
    assert not result.error
    return result


def planned(library, film, models=None, options=EVERYTHING, force=()):
    (plan,) = Indexer(library, models or fake_models(), options).plan([film], force=force)
    return {part.stage: part.reason for part in plan.stages}


def undisturbed(tmp_path, film, options=EVERYTHING):
    with Library.create(tmp_path / "undisturbed") as library:
        index(library, film, options=options)
        return list(library.dump())


def test_a_second_run_does_nothing(library, film):
    assert index(library, film).state is VideoState.INDEXED
    before = list(library.dump())
    assert planned(library, film) == {}
    assert index(library, film).state is VideoState.UNCHANGED
    assert list(library.dump()) == before


class Interrupted:
    """Counts the calls of a model's method, and raises at one of them."""

    def __init__(self, model, method, at=None, error=KeyboardInterrupt):
        self._model, self._method, self._at, self._error = model, method, at, error
        self.calls = 0

    def __getattr__(self, name):
        found = getattr(self._model, name)
        if name != self._method:
            return found

        def counted(*arguments):
            self.calls += 1
            if self.calls == self._at:
                raise self._error
            return found(*arguments)

        return counted


def with_model(**models):
    return replace(
        fake_models(),
        **{name: OnDemand(model.model_id, lambda it=model: it) for name, model in models.items()},
    )


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_interrupted_pass_goes_on_where_it_was(library, film, tmp_path, at, saves_at_once):
    backbone = Interrupted(ColourBackbone(), "look", at)
    with pytest.raises(KeyboardInterrupt):
        index(library, film, with_model(backbone=backbone))
    assert library.videos() == []
    assert planned(library, film)["frames"] == "interrupted"
    again = Interrupted(ColourBackbone(), "look")
    index(library, film, with_model(backbone=again))
    whole = Interrupted(ColourBackbone(), "look")
    with Library.create(tmp_path / "undisturbed") as other:
        index(other, film, with_model(backbone=whole))
        assert list(library.dump()) == list(other.dump())
    assert again.calls == whole.calls - (at - 1)


def test_interrupted_listening_goes_on_where_it_was(library, film, tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.pieces.PIECE_SECONDS", 8.0)
    monkeypatch.setattr("indexer.pieces._SEARCH_SECONDS", 2.0)
    ear = Interrupted(TonesHeard(), "transcribe", 3)
    with pytest.raises(KeyboardInterrupt):
        index(library, film, with_model(speech_recogniser=ear))
    again = Interrupted(TonesHeard(), "transcribe")
    index(library, film, with_model(speech_recogniser=again))
    assert list(library.dump()) == undisturbed(tmp_path, film)
    assert 0 < again.calls < 5


def test_a_killed_run_is_as_if_nothing_was_begun_for_readers(library, film):
    with pytest.raises(KeyboardInterrupt):
        index(library, film, with_model(backbone=Interrupted(ColourBackbone(), "look", 2)))
    assert library.videos() == []
    assert list(library.dump()) == []


def test_a_new_captioner_redoes_captions_their_vectors_and_the_publish(
    library, film, tmp_path, monkeypatch
):
    index(library, film)
    monkeypatch.setattr("indexer.stages.VERSIONS", {**VERSIONS, "captions": 99})
    assert planned(library, film) == {
        "captions": "this cinedex does it otherwise",
        "embed": "uses captions",
        "summary": "uses captions, embed",
        "publish": "uses embed, summary",
    }
    refuse = OnDemand("refuse", lambda: pytest.fail("a model was loaded"))
    ids = fake_models()
    unloadable = replace(
        ids,
        **{
            name: OnDemand(getattr(ids, name).model_id, refuse.get)
            for name in (
                "backbone",
                "picture_head",
                "face_detector",
                "text_encoder",
                "screen_text_reader",
                "speech_recogniser",
            )
        },
    )
    result = index(library, film, unloadable)
    ran = {stage for stage, seconds in result.seconds_by_stage.items() if seconds}
    assert ran == {"probe", "captions", "embed", "summary", "publish"}
    assert list(library.dump()) == undisturbed(tmp_path, film)


def test_subtitles_that_come_later_leave_the_pictures_alone(library, tmp_path):
    film = write_film(tmp_path / "film.mp4", num_frames=100, rate=Fraction(10))
    index(library, film)
    film.with_suffix(".srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nA red door opens.\n")
    reasons = planned(library, film)
    assert reasons["subtitles"] == "film.srt is new"
    assert not {"shots", "frames", "faces", "screen_text", "tags"} & set(reasons)
    index(library, film)
    with Library.create(tmp_path / "undisturbed") as other:
        index(other, film)
        assert list(library.dump()) == list(other.dump())


def test_an_interrupted_summary_is_made_and_nothing_else(library, film, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("indexer.describing.summarise", interrupt)
        with pytest.raises(KeyboardInterrupt):
            index(library, film)
    assert library.videos() == []
    assert planned(library, film) == {"summary": "interrupted", "publish": "not done yet"}
    video = index(library, film).video
    assert list(library.dump()) == undisturbed(tmp_path, film)
    whole, *scenes = library.summaries(video.video_id)
    assert whole.span == scenes[0].span.hull(scenes[-1].span)
    assert whole.evidence


def test_a_stage_can_be_forced(library, film):
    index(library, film)
    assert planned(library, film, force=["tags"]) == dict.fromkeys(
        ("tags", "captions", "embed", "summary", "publish"), "asked for"
    )
    before = list(library.dump())
    result = index(library, film, force=["tags"])
    assert result.state is VideoState.INDEXED
    assert list(library.dump()) == before


def test_a_damaged_result_is_made_again(library, film, tmp_path):
    index(library, film)
    tags = "SELECT id FROM stage_result WHERE stage = 'tags'"
    with library._database.writing() as session:
        session.connection().exec_driver_sql(
            f"UPDATE stage_part SET payload = x'00' WHERE result IN ({tags})"
        )
    index(library, film, force=["captions"])
    assert list(library.dump()) == undisturbed(tmp_path, film)


def test_a_new_name_is_published_without_looking_again(library, film, tmp_path):
    moved = tmp_path / "Night.Train.S01E03.mp4"
    moved.write_bytes(film.read_bytes())
    first = tmp_path / "Night.Train.S01E02.mp4"
    moved.rename(first)
    index(library, first)
    first.rename(moved)
    assert planned(library, moved) == {"publish": "episode was 2, is 3"}
    index(library, moved)
    (video,) = library.videos()
    assert (video.episode, video.path) == (3, str(moved))


def test_copies_of_a_file_do_not_take_turns(library, film, tmp_path):
    one, other = tmp_path / "one.mp4", tmp_path / "the other.mp4"
    for copy in (one, other):
        copy.write_bytes(film.read_bytes())
        index(library, copy)
    assert library.videos()[0].title == "one"
    assert planned(library, one) == {}
    assert planned(library, other) == {}


def test_two_episodes_are_two_videos(library, tmp_path):
    for number in (1, 2):
        path = tmp_path / f"Show.S01E0{number}.mkv"
        write_film(path, num_frames=20 + number, rate=Fraction(10))
        index(library, path)
    found = [(video.series, video.season, video.episode) for video in library.videos()]
    assert found == [("Show", 1, 1), ("Show", 1, 2)]


def test_another_process_may_finish_the_same_film_meanwhile(library, film, tmp_path):
    def load():
        index(library, film)
        return ColourBackbone()

    slow = replace(fake_models(), backbone=OnDemand(ColourBackbone.model_id, load))
    index(library, film, slow)
    assert list(library.dump()) == undisturbed(tmp_path, film)


def test_a_video_that_another_run_is_at_work_on_comes_last_and_is_waited_for(
    library, film, tmp_path
):
    other = write_film(tmp_path / "other.mp4", num_frames=20, rate=Fraction(10))
    steps = []
    with another_holds(library.root / "claims.lock", content_id(film)) as holder:

        def on_event(event):
            if not event.stage:
                steps.append((event.video_path.name, event.state, event.message))
            if event.state is EventState.WAITING:
                holder.stdin.close()

        report = Indexer(library, fake_models(), EVERYTHING).index([film, other], on_event=on_event)
    assert [result.path for result in report.results] == [film, other]
    assert [result.state for result in report.results] == [VideoState.INDEXED] * 2
    assert steps == [
        ("other.mp4", EventState.STARTED, ""),
        ("other.mp4", EventState.FINISHED, ""),
        (film.name, EventState.STARTED, ""),
        (film.name, EventState.WAITING, "another run is at work on this video"),
        (film.name, EventState.FINISHED, ""),
    ]


def test_what_the_other_run_has_done_meanwhile_is_taken(library, film, monkeypatch):
    @contextmanager
    def held_by_another_first(video_id):
        del video_id
        monkeypatch.undo()
        index(library, film)
        yield

    monkeypatch.setattr(library.claims, "held", held_by_another_first)
    assert index(library, film).state is VideoState.UNCHANGED


def test_a_stage_that_another_run_began_anew_is_not_called_damaged(library, film):
    content = content_id(film)
    wanted = stage_keys(content, EVERYTHING, {}, {})
    ours, theirs = (
        Workbook(library.stage_results, content, wanted, ["thumbnails"], Stopwatch())
        for _ in range(2)
    )
    work = ours.begin("thumbnails")
    work.add(b"a picture")
    theirs.begin("thumbnails")
    work.finish()
    with pytest.raises(ResultLostError, match="by another run") as lost:
        ours.found("thumbnails")
    assert not lost.value.is_damaged


@pytest.mark.parametrize("damage", ["facts = '{'", "state = 'finis'", "key = 'x'"])
def test_a_damaged_note_of_a_stage_is_as_good_as_none(library, film, tmp_path, damage):
    index(library, film)
    with library._database.writing() as session:
        session.connection().exec_driver_sql(f"UPDATE stage_result SET {damage}")
    index(library, film, force=["captions"])
    assert list(library.dump()) == undisturbed(tmp_path, film)


def test_another_film_where_this_one_was_lends_it_nothing(library, film, tmp_path):
    first, then = tmp_path / "capture.mp4", tmp_path / "birthday.mp4"
    first.write_bytes(film.read_bytes())
    index(library, first)
    first.rename(then)
    write_film(first, num_frames=30, rate=Fraction(10))
    first.with_suffix(".srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nOther words.\n")
    index(library, then)
    (video,) = library.videos()
    assert video.title == "birthday"
    assert "Other words." not in [found.text for found in library.evidence(video.video_id)]


def test_a_name_that_is_no_text_is_indexed_with_its_subtitles(library, film, tmp_path):
    odd = tmp_path / os.fsdecode(b"caf\xe9.mp4")
    odd.write_bytes(film.read_bytes())
    odd.with_suffix(".srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nTwo coffees.\n")
    index(library, odd)
    (video,) = library.videos()
    assert "Two coffees." in [found.text for found in library.evidence(video.video_id)]


def test_a_forced_run_that_was_interrupted_is_ended_by_a_plain_one(library, film):
    index(library, film)
    before = list(library.dump())
    backbone = Interrupted(ColourBackbone(), "look", 2)
    with pytest.raises(KeyboardInterrupt):
        index(library, film, with_model(backbone=backbone), force=["frames"])
    assert planned(library, film)["frames"] == "interrupted"
    assert planned(library, film)["publish"] == "interrupted"
    assert index(library, film).state is VideoState.INDEXED
    assert planned(library, film) == {}
    assert list(library.dump()) == before


def test_copies_are_forced_once(library, film, tmp_path):
    for name in ("one.mp4", "two.mp4"):
        (tmp_path / name).write_bytes(film.read_bytes())
    indexer = Indexer(library, fake_models(), EVERYTHING)
    indexer.index([tmp_path])
    first, second = indexer.index([tmp_path], force=["tags"]).results
    assert (first.state, second.state) == (VideoState.INDEXED, VideoState.UNCHANGED)


def test_a_fault_of_ours_is_remembered_where_it_was(library, film):
    broken = Interrupted(ColourBackbone(), "look", 2, ZeroDivisionError("by zero"))
    models = with_model(backbone=broken)
    (result,) = Indexer(library, models, EVERYTHING).index([film]).results
    assert result.error == "ZeroDivisionError: by zero"
    reasons = planned(library, film)
    assert reasons["frames"] == "failed before: ZeroDivisionError: by zero"
    assert not reasons.get("speech", "").startswith("failed")


def test_a_file_that_changes_while_it_is_read_is_not_published(library, film, tmp_path):
    growing = tmp_path / "growing.mp4"
    growing.write_bytes(film.read_bytes())

    class Appending(ColourBackbone):
        def look(self, pictures):
            with growing.open("ab") as file:
                file.write(b"more")
            return super().look(pictures)

    models = replace(fake_models(), backbone=OnDemand(ColourBackbone.model_id, Appending))
    (result,) = Indexer(library, models, EVERYTHING).index([growing]).results
    assert "changed while it was read" in result.error
    assert library.videos() == []


def test_what_a_kill_after_publishing_leaves_does_not_show_later(
    library, film, tmp_path, monkeypatch
):
    """Thumbnails of clips that are cut anew come from the same place, whoever tidied up."""
    anew = replace(EVERYTHING, clips=ClipOptions(1.0, 4.0, 1.5))
    finish = StageResults.finish

    def killed(self, video_id, stage, *rest):
        if stage == "publish":
            raise KeyboardInterrupt
        finish(self, video_id, stage, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(StageResults, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            index(library, film)
    assert planned(library, film) == {"publish": "interrupted"}
    index(library, film, options=anew)
    with Library.create(tmp_path / "undisturbed") as other:
        index(other, film)
        index(other, film, options=anew)
        assert list(library.dump()) == list(other.dump())


def test_thumbnails_stay_where_a_clip_does_not_end_on_a_millisecond(library, tmp_path):
    rate = Fraction(30_000, 1001)
    film = write_film(tmp_path / "film.mp4", num_frames=200, rate=rate)
    index(library, film)
    before = list(library.dump())
    index(library, film, force=["captions"])
    assert list(library.dump()) == before
