"""Plans and truths of the needle benchmark, without rendering a film; and one small film."""

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageFont

from benchmarks.needle.figures import area_under_curve, mean_of
from benchmarks.needle.footage import (
    HALVES,
    NO_FOOTAGE,
    Footage,
    FootageFile,
    FootageShot,
    half_of,
    load_footage,
)
from benchmarks.needle.judging import CLIP_IOU, PLACED_IOU, RIGHT_CLIP, Judged, judge
from benchmarks.needle.layout import FRAMES_PER_SECOND, FilmTruth, ShotTimes, spoken_times, truth_of
from benchmarks.needle.libraries import film_library
from benchmarks.needle.plan import FilmPlan, LibraryPlan, Query, plan_library
from benchmarks.needle.rendered import RenderedShot, Writing, sample_screenplay, written_card
from benchmarks.needle.wording import load_words
from retriever.metrics.vcmr import VideoSpan
from retriever.moment import Moment
from store.records import Clip, Video
from store.timespan import TimeSpan

SEEDS = (0, 1, 2)
LEAST_SECONDS = 400.0


def small_footage() -> Footage:
    """Twelve files of ten seconds, six of each half: the first satisfies a query of the second."""
    names = [f"f{number}.mp4" for number in range(40)]
    halves = [[name for name in names if half_of(name) == half][:6] for half in HALVES]
    files = tuple(
        FootageFile(
            name,
            (FootageShot(name, 0.0, 10.0, (f"{name}#0",)),),
            {f"{name}#0": f"what is seen in {name}"},
            (("What is it?", name),),
        )
        for name in (*halves[0], *halves[1])
    )
    first, second = files[:2]
    shot = replace(first.shots[0], queries=(f"{first.name}#0", f"{second.name}#0"))
    shared = (replace(first, shots=(shot,)), *files[1:])
    return Footage(shared, {f"{second.name}#0": (first.name,)})


def quick_times(shot: FootageShot | RenderedShot) -> ShotTimes:
    """Give every line two seconds, a second apart, in shots of twelve."""
    lines = shot.shot.said if isinstance(shot, RenderedShot) else ()
    starts = [1.0 + 3.0 * place for place in range(len(lines))]
    spans = tuple(TimeSpan(start, start + 2.0) for start in starts)
    return ShotTimes(12 * FRAMES_PER_SECOND, spans)


@pytest.fixture(scope="module", params=SEEDS)
def plan(request: pytest.FixtureRequest) -> LibraryPlan:
    return plan_library(request.param, small_footage(), load_words(), LEAST_SECONDS)


def truths_of(plan: LibraryPlan) -> list[FilmTruth]:
    return [truth_of(film, quick_times) for film in plan.films]


def words_in(plan: LibraryPlan) -> set[str]:
    texts = [
        text
        for film in plan.films
        for shot in film.shots
        if isinstance(shot, RenderedShot)
        for text in shot.texts
    ]
    return set(re.findall("[a-z]+", " ".join(texts).lower()))


def test_the_same_seed_gives_the_same_plan_and_another_gives_another(plan: LibraryPlan) -> None:
    again = plan_library(plan.seed, small_footage(), load_words(), LEAST_SECONDS)
    assert again == plan
    assert plan_library(plan.seed + 1, small_footage(), load_words(), LEAST_SECONDS) != plan


def test_no_shot_and_no_picture_of_a_kind_comes_twice(plan: LibraryPlan) -> None:
    shots = [shot for film in plan.films for shot in film.shots]
    assert max(Counter(shot.name for shot in shots if "filler" not in shot.name).values()) == 1
    for film in plan.films:
        assert len({shot.name for shot in film.shots}) == len(film.shots)
        moves = [
            (shot.shot.picture, shot.shot.view_from, shot.shot.view_to)
            for shot in film.shots
            if isinstance(shot, RenderedShot) and shot.shot.picture
        ]
        assert len(set(moves)) == len(moves)


def test_halves_share_no_source(plan: LibraryPlan) -> None:
    for film in plan.films:
        for shot in film.shots:
            if isinstance(shot, FootageShot):
                assert half_of(shot.file) == film.half
            elif shot.shot.picture:
                assert half_of(shot.shot.picture) == film.half
    for query in (*plan.queries, *plan.absent):
        source = query.key.split("#")[0].removeprefix("deed ").removeprefix("card ")
        assert half_of(source.removeprefix("picture ")) == query.half


def test_every_query_has_spans_inside_a_film_in_time_order(plan: LibraryPlan) -> None:
    truths = truths_of(plan)
    for query in plan.queries:
        found = [(truth, truth.spans(query.key)) for truth in truths]
        assert any(spans for _, spans in found), query
        for truth, spans in found:
            assert spans == sorted(spans)
            for before, after in pairwise(spans):
                assert before.end_seconds < after.start_seconds
            assert all(0 <= span.start_seconds < span.end_seconds for span in spans)
            assert all(span.end_seconds <= truth.duration_seconds for span in spans)


def test_what_is_absent_is_in_no_film_and_in_no_text(plan: LibraryPlan) -> None:
    truths, words = truths_of(plan), words_in(plan)
    shown = {
        shot.file for film in plan.films for shot in film.shots if isinstance(shot, FootageShot)
    }
    assert not shown & set(plan.left_out)
    assert {query.kind for query in plan.absent} == {"visual", "spoken", "written"}
    for query in plan.absent:
        assert not any(truth.spans(query.key) for truth in truths), query
        assert not {word.lower() for word in query.absent_words} & words
        if query.kind != "visual":
            assert query.absent_words


def test_what_is_asked_for_is_said_or_written_where_it_is_said_to_be() -> None:
    words = load_words()
    plan = plan_library(0, small_footage(), words, LEAST_SECONDS)
    objects = {f"deed {deed.key}": deed.object for deed in words.deeds}
    facts = [fact for truth in truths_of(plan) for fact in truth.facts]
    for query in plan.queries:
        if query.kind == "spoken":
            (fact,) = [fact for fact in facts if query.key in fact.keys]
            assert fact.kind == "said"
            assert objects[query.key] in fact.text
    said = [fact for fact in facts if fact.kind == "said"]
    assert any(not fact.keys for fact in said)


def test_an_object_names_one_sentence() -> None:
    words = load_words()
    texts = [deed.said for deed in words.deeds] + list(words.unasked)
    texts += [" ".join((*card.heading, *card.lines, *card.lower)) for card in words.cards]
    counts = Counter(word for text in texts for word in re.findall("[a-z]+", text.lower()))
    lists = {said for said, _ in (*words.trades, *words.places)}
    for deed in words.deeds:
        assert counts[deed.object] == 1
        assert deed.object not in lists
        # To quote the one word that tells it is no test of understanding.
        assert deed.object not in deed.asked.split()


def test_every_text_fits_on_the_screen() -> None:
    from rendering.titles import CARD_POINTS, HEADING_POINTS, LOWER_THIRD_POINTS, MARGIN_PIXELS

    words = load_words()
    width_pixels = sample_screenplay().width_pixels
    people = [f"{first} {last}" for first in words.first_names for last in words.surnames]
    widest = {points: _widest(people, points) for points in (CARD_POINTS, LOWER_THIRD_POINTS)}
    for card in words.cards:
        sized = [(text, HEADING_POINTS, 0) for text in card.heading]
        sized += [(text, CARD_POINTS, 0) for text in card.lines]
        sized += [(text, LOWER_THIRD_POINTS, MARGIN_PIXELS) for text in card.lower]
        for text, points, left_pixels in sized:
            person = widest.get(points, people[0])
            filled = [
                text.format(name=name, person=person, number=98) for name in words.place_names
            ]
            font = ImageFont.load_default(size=points)
            assert left_pixels + max(map(font.getlength, filled)) <= width_pixels, text


def _widest(texts: list[str], points: int) -> str:
    return max(texts, key=ImageFont.load_default(size=points).getlength)


def test_a_query_of_a_left_out_file_that_another_satisfies_is_not_absent() -> None:
    footage = small_footage()
    ((key, (other,)),) = footage.also.items()
    left_out = {key.split("#")[0], other}
    seen = set()
    for seed in range(30):
        plan = plan_library(seed, footage, load_words(), 0.0)
        gone = left_out & set(plan.left_out)
        seen.add(frozenset(gone))
        is_absent = key in {query.key for query in plan.absent}
        assert is_absent == (gone == left_out)
    assert frozenset({key.split("#")[0]}) in seen


def test_spans_that_touch_are_one() -> None:
    shots = tuple(FootageShot("a.mp4", at, at + 1, ("q",) if at != 2 else ()) for at in range(4))
    truth = truth_of(FilmPlan("tuning", shots), lambda shot: ShotTimes(50))
    assert truth.spans("q") == [TimeSpan(0.0, 4.0), TimeSpan(6.0, 8.0)]
    assert truth.duration_seconds == 8.0


def test_a_line_is_said_and_a_caption_seen_where_their_shot_stands(plan: LibraryPlan) -> None:
    film = plan.films[1]
    truth = truth_of(film, quick_times)
    for place, shot in enumerate(film.shots):
        start = place * 12.0
        facts = [
            fact
            for fact in truth.facts
            if start <= fact.span.start_seconds and fact.span.end_seconds <= start + 12.0
        ]
        (shown,) = [fact for fact in facts if fact.kind == "shown"]
        assert shown.span == TimeSpan(start, start + 12.0)
        assert shown.text == shot.name
        if isinstance(shot, RenderedShot):
            said = [fact.span for fact in facts if fact.kind == "said"]
            assert said[0] == TimeSpan(start + 1.0, start + 3.0)
            if shot.shot.lower_third:
                (written,) = [fact for fact in facts if fact.kind == "written"]
                assert written.span == TimeSpan(start + 0.6, start + 12.0)


def test_distractors_alone_make_a_film_longer() -> None:
    short, long = (
        plan_library(0, small_footage(), load_words(), seconds) for seconds in (0.0, 3600.0)
    )
    assert [query.key for query in long.queries] == [query.key for query in short.queries]
    for before, after in zip(short.films, long.films, strict=True):
        more = {shot.name for shot in after.shots} - {shot.name for shot in before.shots}
        assert sum(shot.estimated_seconds for shot in after.shots) >= 3600.0
        assert more
        assert all(name.startswith("filler") for name in more)


def test_without_footage_all_is_rendered_and_asked_for() -> None:
    plan = plan_library(0, NO_FOOTAGE, load_words(), LEAST_SECONDS)
    assert {query.kind for query in plan.queries} == {"visual", "spoken", "written"}
    assert all(isinstance(shot, RenderedShot) for film in plan.films for shot in film.shots)


def test_a_film_is_rendered_again_only_when_its_plan_changed(tmp_path: Path) -> None:
    def of_card(text: str) -> LibraryPlan:
        card = written_card(Writing("card", ("HEADING",), (text,)))
        return LibraryPlan(7, [FilmPlan("tuning", (card,))])

    (film,) = film_library(of_card("one"), tmp_path, tmp_path / "seed").films
    first = film.stat().st_mtime_ns
    library = tmp_path / "seed" / "library"
    library.mkdir()
    film_library(of_card("one"), tmp_path, tmp_path / "seed")
    assert (film.stat().st_mtime_ns, library.exists()) == (first, True)
    film_library(of_card("two"), tmp_path, tmp_path / "seed")
    assert film.stat().st_mtime_ns > first
    assert not library.exists()


def moment(film: str, start: float, end: float, clip: tuple[float, float]) -> Moment:
    video = Video(film, (f"/films/{film}",), film, 100.0, 1)
    return Moment(video, TimeSpan(start, end), 1.0, (Clip(film, 0, TimeSpan(*clip)),), (), ())


def test_a_moment_is_right_in_the_right_film_alone() -> None:
    truths = [VideoSpan("a.mp4", TimeSpan(10.0, 20.0))]
    elsewhere = moment("b.mp4", 10.0, 20.0, (10.0, 20.0))
    # 6 of 10 seconds: IoU 0.6.
    near = moment("a.mp4", 14.0, 20.0, (14.0, 26.0))
    assert judge([elsewhere, near], truths) == {
        "R@1 IoU=0.5": 0.0,
        "R@5 IoU=0.5": 1.0,
        "R@1 IoU=0.7": 0.0,
        "R@5 IoU=0.7": 0.0,
        RIGHT_CLIP: 0.0,
        PLACED_IOU: 0.0,
        CLIP_IOU: 0.0,
    }
    # The clip: 6 seconds shared of 16 in both.
    alone = judge([near], truths)
    assert (alone[RIGHT_CLIP], alone[PLACED_IOU], alone[CLIP_IOU]) == (1.0, 0.6, 0.375)
    assert set(judge([], truths).values()) == {0.0}


def scored(key: str, score: float) -> Judged:
    return Judged(Query(key, key, "spoken", "tuning"), score)


def test_the_area_under_the_curve_counts_pairs() -> None:
    answerable = [scored("a", 3.0), scored("b", 1.0)]
    absent = [scored("c", 2.0), scored("d", 1.0)]
    # 3 > 2, 3 > 1, 1 < 2, and 1 = 1 counts half.
    assert area_under_curve(answerable, absent)["mean"] == pytest.approx(2.5 / 4, abs=1e-3)
    nothing = [scored("e", float("-inf"))]
    assert area_under_curve(answerable, nothing) == {"mean": 1.0, "low": 1.0, "high": 1.0}


def test_seeds_do_not_pass_for_more_queries() -> None:
    # Key a: mean 0.5 over two seeds; key b: 1 in one.
    values = [("a", 0.0), ("a", 1.0), ("b", 1.0)]
    assert mean_of(values) == {"mean": 0.75, "low": 0.5, "high": 1.0}


def test_the_real_catalogue_is_marked_within_its_files(footage: Path) -> None:
    real = load_footage(footage)
    by_name = {file.name: file for file in real.files}
    for file in real.files:
        starts = [shot.start_seconds for shot in file.shots]
        ends = [shot.end_seconds for shot in file.shots]
        assert starts == sorted(starts)
        assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
        assert all((footage / shot.file).exists() for shot in file.shots)
    for key, names in real.also.items():
        assert key in by_name[key.split("#")[0]].queries
        assert by_name.keys() >= set(names)
    plan = plan_library(0, real, load_words())
    truths = truths_of(plan)
    for query in plan.queries:
        assert any(truth.spans(query.key) for truth in truths), query


def test_a_small_film_is_as_long_as_its_truth_says(
    voice: str, footage: Path, tmp_path: Path
) -> None:
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    from benchmarks.needle.filming import render
    from indexer.media import decode_frames, read_audio

    plan = plan_library(0, load_footage(footage), load_words())
    shots = plan.films[1].shots
    seen = next(shot for shot in shots if isinstance(shot, RenderedShot) and shot.shot.picture)
    real = FootageShot("v129.mp4", 1.0, 2.0, ())
    film = FilmPlan("reporting", (seen, real))
    truth = truth_of(film, spoken_times)
    path = tmp_path / "small.mp4"
    render(film, footage, path)
    frames = [frame.picture(64) for frame in decode_frames(path)]
    assert len(frames) == round(truth.duration_seconds * FRAMES_PER_SECOND)
    # The camera moves over one picture; the cut to real footage is seen where it was planned.
    steps = [np.abs(after.astype(float) - before).mean() for before, after in pairwise(frames)]
    (_, at) = [fact.span.start_seconds for fact in truth.facts if fact.kind == "shown"]
    assert int(np.argmax(steps)) + 1 == round(at * FRAMES_PER_SECOND)
    sound = read_audio(path)
    (line, *_) = [fact.span for fact in truth.facts if fact.kind == "said"]
    assert sound is not None
    before = sound.samples[: round(16_000 * (line.start_seconds - 0.05))]
    said = sound.samples[round(16_000 * line.start_seconds) : round(16_000 * line.end_seconds)]
    assert np.abs(before).max() < 0.1 * np.abs(said).max()
