import json

import numpy as np
import pytest

from indexer.findings import Finding
from indexer.interfaces import Heard, Stretch, Transcript
from indexer.silence import SAMPLE_RATE_HERTZ
from indexer.speech import listen, speech_skip_reason, spoken_language, sum_up
from indexer.transcripts import PieceTranscript, from_json, to_json
from store.records import EvidenceKind
from store.timespan import TimeSpan

ENGLISH = frozenset({"en"})


class Recorder:
    """Hears one finding in each piece, or does not understand it, and remembers what it was given.

    There is voice in the middle half of all sound, so that pieces end in noise without voice.
    """

    model_id = "recorder@1"
    languages = ENGLISH

    def __init__(self, refuse=lambda piece: False, detected=()):
        self.given = []
        self._refuse = refuse
        self._detected = list(detected)

    def find_voice(self, samples):
        return [Stretch(len(samples) // 4, 3 * len(samples) // 4)]

    def transcribe(self, samples, start_seconds, voice, language):
        self.given.append((start_seconds, len(samples), tuple(voice), language))
        seconds = sum(each.end - each.start for each in voice) / SAMPLE_RATE_HERTZ
        probability = None
        if language is None and self._detected:
            language, probability = self._detected[len(self.given) - 1]
        if self._refuse(len(self.given)):
            return Heard((), language or "en", probability, seconds, 0.0)
        first = start_seconds + voice[0].start / SAMPLE_RATE_HERTZ
        line = Finding(EvidenceKind.SPEECH, TimeSpan(first, first + 1), f"{first}", "r", 0.9)
        return Heard((line,), language or "en", probability, seconds, seconds)


def transcript_of(chunks, recogniser, within):
    return sum_up(list(listen(chunks, recogniser, within)), recogniser.languages)


def track(seconds, start_seconds=0.0):
    samples = np.random.default_rng(7).uniform(-1, 1, seconds * SAMPLE_RATE_HERTZ)
    return [(start_seconds, samples.astype(np.float32))]


@pytest.mark.parametrize("language", ["en", "eng", "en-GB", "EN", None, "", "und"])
def test_english_and_unnamed_sound_is_heard(language):
    assert speech_skip_reason(language, ENGLISH) == ""


@pytest.mark.parametrize("language", ["de", "ger", "deu", "pt-BR"])
def test_sound_named_otherwise_is_skipped_with_the_remedy(language):
    reason = speech_skip_reason(language, ENGLISH)
    assert "knows only 'en'" in reason
    assert "subtitle file" in reason
    assert speech_skip_reason(language, ENGLISH | {"de", "pt"}) == ""


OTHER_NAMES = [
    ("nob", "no"),
    ("nb-NO", "no"),
    ("cmn", "zh"),
    ("jav", "jw"),
    ("fil", "tl"),
    ("iw", "he"),
]


@pytest.mark.parametrize(("stated", "code"), OTHER_NAMES)
def test_a_language_that_the_model_knows_by_another_code_is_heard_as_that(stated, code):
    assert speech_skip_reason(stated, frozenset({code})) == ""
    assert speech_skip_reason(stated, ENGLISH)
    list(listen(track(100), recogniser := Recorder(), None, language=stated))
    assert {language for *_, language in recogniser.given} == {code}


@pytest.mark.parametrize("language", ["nno", "yue"])
def test_a_language_is_not_taken_for_its_neighbour(language):
    assert speech_skip_reason(language, frozenset({"no", "zh"}))


def test_no_sound_is_no_transcript():
    recogniser = Recorder()
    assert transcript_of([], recogniser, None) == Transcript(())
    assert recogniser.given == []


def test_every_piece_is_heard_in_order():
    transcript = transcript_of(track(300), recogniser := Recorder(), None)
    starts = [start for start, *_ in recogniser.given]
    assert len(transcript.findings) == len(starts) == 3
    assert starts == sorted(starts)


def test_only_voice_inside_the_spans_is_given():
    recogniser = Recorder()
    transcript_of(track(100, 10.0), recogniser, [TimeSpan(0, 40), TimeSpan(80, 200)])
    ((start_seconds, _, voice, _),) = recogniser.given
    assert start_seconds == 10.0
    assert [(each.start, each.end) for each in voice] == [
        (25 * SAMPLE_RATE_HERTZ, 30 * SAMPLE_RATE_HERTZ),
        (70 * SAMPLE_RATE_HERTZ, 75 * SAMPLE_RATE_HERTZ),
    ]


def test_pieces_with_nothing_to_hear_are_not_given_but_told():
    recogniser = Recorder()
    heard = list(listen(track(400), recogniser, [TimeSpan(165, 175)]))
    assert len(recogniser.given) == 1
    assert [each.index for each in heard] == [0, 1, 2, 3]
    assert sum(bool(each.findings) for each in heard) == 1


@pytest.mark.parametrize("num_done", range(6))
def test_a_run_that_goes_on_equals_an_undisturbed_one(num_done):
    """Saved and read back, stopped at any piece, with the language settled before or after."""
    detected = [("en", 0.9), ("de", 0.5), ("en", 0.6), ("de", 0.9), ("en", 0.9)]
    whole = list(listen(track(500), Recorder(detected=detected), None))
    assert len(whole) == 5
    saved = [from_json(json.loads(json.dumps(to_json(each)))) for each in whole[:num_done]]
    second = Recorder(detected=detected[num_done:])
    rest = list(listen(track(500), second, None, done=saved))
    assert saved + rest == whole
    assert len(second.given) == 5 - len(saved)


def test_the_language_is_found_out_until_a_minute_of_voice_was_heard():
    recogniser = Recorder(detected=[("de", 0.9), ("en", 0.4), ("en", 0.9), ("en", 0.9)])
    list(listen(track(400), recogniser, None))
    assert [language for *_, language in recogniser.given] == [None, None, "de", "de"]


def test_a_language_that_is_given_is_not_found_out():
    recogniser = Recorder(detected=[("de", 0.9)] * 2)
    list(listen(track(200), recogniser, None, language="eng"))
    assert [language for *_, language in recogniser.given] == ["en", "en"]


def voiced(language, probability, seconds):
    return PieceTranscript(0, TimeSpan(0, 120), (), language, probability, seconds, seconds)


def test_pieces_vote_with_their_voice_and_certainty():
    assert spoken_language([]) is None
    assert spoken_language([voiced("de", 0.9, 59)]) is None
    assert spoken_language([voiced("de", 0.5, 30), voiced("en", 0.6, 30)]) == "en"
    assert spoken_language([voiced("de", 0.5, 60), voiced("en", 0.9, 90)]) == "de"
    assert spoken_language([voiced("en", None, 90)]) is None


def test_a_track_that_was_not_understood_says_why():
    transcript = transcript_of(track(300), Recorder(lambda piece: True), None)
    assert transcript.findings == ()
    assert transcript.skip_reason.startswith(
        "150 of 150 s that may be speech make no sense as 'en'"
    )
    assert "put a subtitle file beside the video" in transcript.skip_reason


def refused(seconds, piece_seconds=120.0):
    return PieceTranscript(0, TimeSpan(0, piece_seconds), (), "en", None, seconds, 0, True)


def test_little_that_was_not_understood_is_not_worth_a_word():
    """Grunts in a film without words are no speech that somebody misses."""
    assert sum_up([refused(2.9)], ENGLISH).skip_reason == ""
    assert sum_up([refused(4), *[PieceTranscript(1, TimeSpan(0, 120))] * 4], ENGLISH) == Transcript(
        ()
    )
    assert sum_up([refused(4)], ENGLISH).skip_reason
    assert sum_up([refused(4, 9.0)], ENGLISH).skip_reason


def test_one_piece_understood_among_many_refused_is_an_accident():
    recogniser = Recorder(lambda piece: piece != 2)
    assert transcript_of(track(480), recogniser, None).findings == ()


def understood(seconds):
    line = Finding(EvidenceKind.SPEECH, TimeSpan(0, 1), "Yes.", "r", 0.9)
    return PieceTranscript(1, TimeSpan(0, 120), (line,), "en", None, seconds, seconds)


def test_a_refused_piece_does_not_cost_the_others_and_is_told():
    transcript = sum_up([refused(300), understood(110)], ENGLISH)
    assert len(transcript.findings) == 1
    assert transcript.skip_reason.startswith(
        "heard in part: 300 of 410 s that may be speech make no sense as 'en'"
    )


@pytest.mark.parametrize(("seconds", "is_told"), [(7.1, False), (7.3, True)])
def test_a_little_lost_among_much_that_was_heard_is_not_worth_a_word(seconds, is_told):
    """Two pieces of 120 s each were listened to: 3% are 7.2 s."""
    transcript = sum_up([refused(seconds), understood(110)], ENGLISH)
    assert len(transcript.findings) == 1
    assert bool(transcript.skip_reason) == is_told


def test_a_line_repeated_from_piece_to_piece_is_a_loop():
    lines = [
        PieceTranscript(
            at,
            TimeSpan(100 * at, 100 * at + 100),
            (Finding(EvidenceKind.SPEECH, TimeSpan(100 * at, 100 * at + 1), "Oh yeah.", "r", 0.5),),
        )
        for at in range(4)
    ]
    assert sum_up(lines, ENGLISH).findings == ()
    assert len(sum_up(lines[:3], ENGLISH).findings) == 3


def test_many_languages_are_counted_not_listed():
    languages = frozenset({"ar", "de", "en", "fi", "ja", "zh"})
    assert "6 languages" in speech_skip_reason("cy", languages)
