from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.summary import pack_summaries, summarise, unpack_summaries
from store.records import Clip, Embedding, Evidence, EvidenceKind, SummaryLevel
from store.timespan import TimeSpan

VIDEO = "ab" * 16
CLIP_SECONDS = 10.0
KINDS = EvidenceKind
STONES = "They carried the heavy stones up to the temple on the hill."
SHIPS = "Two ships of the northern fleet sank in the storm that night."


def clips_of(num):
    spans = [TimeSpan(CLIP_SECONDS * n, CLIP_SECONDS * (n + 1)) for n in range(num)]
    return [Clip(VIDEO, number, span) for number, span in enumerate(spans)]


def said(clip, text, kind=KINDS.SPEECH, ordinal=None, **about):
    span = TimeSpan(CLIP_SECONDS * clip + 1, CLIP_SECONDS * clip + 4)
    number = clip if ordinal is None else ordinal
    return Evidence(VIDEO, kind, number, clip, span, text, "test", **about)


def caption(clip, text):
    return replace(said(clip, text, KINDS.CAPTION), source="composed")


def told(evidence, *direction):
    vector = np.array(direction, np.float32)
    vector /= np.linalg.norm(vector)
    named = evidence.evidence_id
    return Embedding("text:x", evidence.clip_ordinal, evidence.span, vector, named)


def shown(clip, *direction):
    return Embedding("picture:x", clip.ordinal, clip.span, np.array(direction, np.float32))


def texts(summary):
    return [part.text for part in summary.evidence]


def two_subjects():
    """A minute about stones, a minute about ships, a sentence in each clip."""
    clips = clips_of(12)
    evidence = [said(n, f"{STONES if n < 6 else SHIPS} Number {n}.") for n in range(12)]
    vectors = [told(part, part.clip_ordinal < 6, part.clip_ordinal >= 6) for part in evidence]
    return clips, evidence, vectors


def test_a_video_of_two_subjects_has_two_scenes_and_a_line_of_each():
    clips, evidence, vectors = two_subjects()
    whole, *scenes = summarise(clips, evidence, vectors)
    assert (whole.level, whole.ordinal, whole.span) == (SummaryLevel.VIDEO, 0, TimeSpan(0, 120))
    assert [(part.level, part.ordinal) for part in scenes] == [
        (SummaryLevel.SCENE, 0),
        (SummaryLevel.SCENE, 1),
    ]
    assert [part.span for part in scenes] == [TimeSpan(0, 60), TimeSpan(60, 120)]
    assert all(STONES in text for text in texts(scenes[0]))
    assert all(SHIPS in text for text in texts(scenes[1]))
    assert {text[: len(STONES)] for text in texts(whole)} >= {STONES}
    assert any(SHIPS in text for text in texts(whole))


def test_the_line_that_is_like_the_others_stands_for_a_scene_before_them():
    clips = clips_of(4)
    lines = [
        "My cousin never learned how anybody plays the trumpet very well.",
        "Apples from this orchard taste best late during autumn weeks.",
        "Nobody knew why that bus came so early on Mondays.",
        "When spring arrived, ships could leave again at last, slowly.",
    ]
    evidence = [said(n, text) for n, text in enumerate(lines)]
    # Nothing is like anything but the last, which is half like every other.
    directions = [*np.eye(4)[:3], (1, 1, 1, 1)]
    vectors = [told(part, *row) for part, row in zip(evidence, directions, strict=True)]
    (whole, _) = summarise(clips, evidence, vectors)
    assert texts(whole) == [lines[0], lines[1], lines[3]]


def test_fragments_never_stand_for_anything():
    clips = clips_of(4)
    fragments = [said(0, "Okay."), said(1, "Yes, I see."), said(2, "And?", KINDS.SUBTITLE)]
    sentence = said(3, STONES)
    vectors = [told(part, 1, 0) for part in (*fragments, sentence)]
    (whole, _) = summarise(clips, [*fragments, sentence], vectors)
    assert texts(whole) == [STONES]
    assert summarise(clips, fragments, vectors[:3]) == ()


def test_a_word_for_what_a_caption_shows_is_not_told_again():
    clips = clips_of(2)
    tag = said(1, "dog", KINDS.TAG)
    evidence = [caption(0, "A picture of a dog."), tag]
    vectors = [*(shown(clip, 1, 0) for clip in clips), told(tag, 0, 1)]
    (whole, _) = summarise(clips, evidence, vectors)
    assert texts(whole) == ["A picture of a dog."]


def test_the_same_caption_again_and_again_does_not_fill_the_summary():
    clips = clips_of(6)
    evidence = [caption(n, "A picture, mostly green.") for n in range(5)]
    evidence.append(caption(5, "A picture of a dog, mostly green."))
    pictures = [shown(clip, 1, 0) for clip in clips]
    (whole, scene) = summarise(clips, evidence, pictures)
    assert texts(whole) == texts(scene) == ["A picture of a dog, mostly green."]
    (whole, scene) = summarise(clips, evidence[:5], pictures)
    assert texts(whole) == texts(scene) == ["A picture, mostly green."]


def test_a_line_of_every_scene_weighs_less_than_one_of_its_own():
    clips, evidence, vectors = two_subjects()
    signs = [
        said(clip, text, KINDS.SCREEN_TEXT)
        for clip, text in enumerate(["Evening News", "Quarry Road", "Mill Lane", "Old Gate"])
    ]
    evidence = [evidence[0], evidence[6], *signs, said(7, "Evening News", KINDS.SCREEN_TEXT)]
    directions = np.eye(7)
    vectors = [told(part, *row) for part, row in zip(evidence, directions, strict=True)]
    pictures = [shown(clip, clip.ordinal < 6, clip.ordinal >= 6) for clip in clips]
    _, first, second = summarise(clips, evidence, [*vectors, *pictures])
    assert texts(first) == [f"{STONES} Number 0.", "Quarry Road", "Mill Lane"]
    assert "Evening News" in texts(second)  # where there is nothing else


def test_credits_weigh_less_than_what_is_told_alone():
    clips = clips_of(8)
    title = said(0, "A History of Bridges", KINDS.SCREEN_TEXT)
    names = [f"{first} {last}" for first, last in zip("abcdef", "ghijkl", strict=True)]
    rolled = [said(7, name, KINDS.SCREEN_TEXT, 1 + n) for n, name in enumerate(names)]
    captions = [caption(1, "A bright picture."), caption(2, "Everything moves.")]
    vectors = [told(title, 1, 0), *(told(part, 0, 1) for part in rolled)]
    (whole, _) = summarise(clips, [title, *captions, *rolled], vectors)
    assert texts(whole) == [title.text, *(part.text for part in captions)]


def test_translations_are_left_out_and_of_equally_many_english_stays():
    clips = clips_of(3)
    lines = {"fr": "Deux navires ont sombré cette nuit dans la tempête.", "en": SHIPS}
    evidence = [
        said(n, f"{text} {n}", KINDS.SUBTITLE, 2 * n + m, language=name)
        for n in range(3)
        for m, (name, text) in enumerate(lines.items())
    ]
    vectors = [told(part, 1, part.clip_ordinal) for part in evidence]
    (whole, _) = summarise(clips, evidence, vectors)
    assert {part.language for part in whole.evidence} == {"en"}
    (whole, _) = summarise(clips, evidence[:3], vectors[:3])  # two French, one English
    assert {part.language for part in whole.evidence} == {"fr"}


def test_what_is_heard_in_another_language_is_no_translation():
    clips = clips_of(3)
    evidence = [
        *(said(n, f"{STONES} {n}", KINDS.SUBTITLE, language="en") for n in range(2)),
        said(2, "Deux navires ont sombré cette nuit dans la tempête.", language="fr"),
        said(2, SHIPS, KINDS.SUBTITLE),  # nobody says in which language
    ]
    vectors = [told(part, *row) for part, row in zip(evidence, np.eye(4), strict=True)]
    (whole, _) = summarise(clips, evidence[1:], vectors[1:])
    assert {part.language for part in whole.evidence} == {"en", "fr", None}


def test_words_are_counted_where_none_are_parted_by_spaces():
    clips = clips_of(1)
    whole_sentence = said(0, "昨夜二隻の船が嵐で沈みました", KINDS.SUBTITLE, language="ja")
    fragment = said(0, "はい", KINDS.SUBTITLE, 1, language="ja")
    vectors = [told(whole_sentence, 1, 0), told(fragment, 1, 0)]
    (whole, _) = summarise(clips, [whole_sentence, fragment], vectors)
    assert texts(whole) == [whole_sentence.text]


def test_a_film_of_pictures_only_is_told_by_captions_and_tags():
    clips = clips_of(4)
    tag = said(2, "lighthouse", KINDS.TAG)
    evidence = [caption(0, "A bright picture, outdoors by day, mostly blue."), tag]
    pictures = [shown(clip, 1, 0) for clip in clips]
    (whole, _) = summarise(clips, evidence, [*pictures, told(tag, 0, 1)])
    assert texts(whole) == [evidence[0].text, "lighthouse"]


def test_a_film_of_which_nothing_is_known_has_no_summary():
    clips = clips_of(4)
    assert summarise(clips, [], []) == ()
    assert summarise(clips, [], [shown(clip, 1, 0) for clip in clips]) == ()
    assert summarise([], [], []) == ()


def test_a_silent_scene_has_its_span_and_no_line():
    clips, evidence, vectors = two_subjects()
    pictures = [shown(clip, clip.ordinal < 6, clip.ordinal >= 6) for clip in clips]
    whole, first, second = summarise(clips, evidence[:6], [*vectors[:6], *pictures])
    assert (second.span, second.evidence) == (TimeSpan(60, 120), ())
    assert whole.evidence == first.evidence


def test_a_long_video_is_quoted_by_eight_lines_spread_over_it():
    clips = clips_of(96)
    evidence = [said(n, f"{STONES} Number {n}.") for n in range(96)]
    subject = np.eye(16)
    vectors = [told(part, *subject[part.clip_ordinal // 6]) for part in evidence]
    whole, *scenes = summarise(clips, evidence, vectors)
    assert len(scenes) == 16
    assert [part.clip_ordinal // 12 for part in whole.evidence] == list(range(8))


def test_what_was_packed_is_read_back():
    clips, evidence, vectors = two_subjects()
    found = summarise(clips, evidence, vectors)
    assert unpack_summaries(pack_summaries(found), VIDEO, evidence) == found
    assert unpack_summaries(pack_summaries(()), VIDEO, evidence) == ()


@st.composite
def videos(draw):
    num_clips = draw(st.integers(1, 30))
    clips = clips_of(num_clips)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    words = ["door", "sea", "the", "light", "of", "stone", "sings", "and", "night", "runs"]
    evidence = []
    for number in range(draw(st.integers(0, 40))):
        text = " ".join(rng.choice(words, rng.integers(1, 12)))
        kind = list(EvidenceKind)[rng.integers(len(EvidenceKind))]
        confidence = None if rng.integers(2) else float(rng.random())
        part = said(int(rng.integers(num_clips)), text, kind, number, confidence=confidence)
        evidence.append(part)
    vectors = [told(part, *rng.standard_normal(6)) for part in evidence if rng.integers(4)]
    if rng.integers(2):
        vectors += [shown(clip, *rng.standard_normal(5)) for clip in clips if rng.integers(3)]
    return clips, evidence, vectors


@given(videos())
def test_scenes_tile_the_video_and_every_line_belongs_to_its_scene(video):
    clips, evidence, vectors = video
    found = summarise(clips, evidence, vectors)
    assert summarise(clips, list(evidence), list(vectors)) == found
    if not found:
        return
    whole, *scenes = found
    assert whole.span == TimeSpan(0, clips[-1].span.end_seconds)
    assert (scenes[0].span.start_seconds, scenes[-1].span.end_seconds) == (
        whole.span.start_seconds,
        whole.span.end_seconds,
    )
    assert all(a.span.end_seconds == b.span.start_seconds for a, b in pairwise(scenes))
    assert 1 <= len(whole.evidence) <= 8
    quoted = [part for scene in scenes for part in scene.evidence]
    assert set(whole.evidence) <= set(quoted) <= set(evidence)
    for summary in found:
        assert all(part.span.overlaps(summary.span) for part in summary.evidence)
        assert list(summary.evidence) == sorted(
            summary.evidence, key=lambda part: (part.span, part.kind, part.ordinal)
        )
        said_so = [part.text for part in summary.evidence]
        assert len(said_so) == len(set(said_so))


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_what_nobody_is_sure_of_is_no_central_line(confidence):
    doubtful = said(0, STONES, confidence=confidence)
    found = summarise(clips_of(1), [doubtful], [told(doubtful, 1, 0)])
    assert bool(found) == (confidence > 0)
