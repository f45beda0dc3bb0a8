"""Whisper through faster-whisper: English speech, where a voice detector hears a voice."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.transcribe import Segment, Word
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from indexer.interfaces import Transcript
from indexer.sentences import HeardWord, to_sentences
from indexer.silence import SAMPLE_RATE_HERTZ, quietest_sample
from store.errors import WeightsMissingError
from store.records import TimedWord
from store.timespan import TimeSpan

_NAME = "whisper-tiny.en"
_NEEDED_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
_VOICE = VadOptions(
    min_speech_duration_ms=250,
    min_silence_duration_ms=500,
    speech_pad_ms=200,
)
# The detector keeps a state that long music dulls: begun anew every quarter of a minute it finds
# twice the dialogue of a scored film, and no more where nobody speaks.
_DETECTOR_SAMPLES = 15 * SAMPLE_RATE_HERTZ
_DETECTOR_SEARCH_SECONDS = 5.0
# The model hears 30 s at a time; a second is left for rounding.
_PACK_SAMPLES = 29 * SAMPLE_RATE_HERTZ
# Silence behind each stretch of speech, so that words of two do not run together.
_SEAM_SAMPLES = round(0.3 * SAMPLE_RATE_HERTZ)
_BATCH_PACKS = 8
# A pack is understood when the decoder was sure enough and did not fall into a loop. Measured with
# synthetic voices and film: English stayed above -0.55 and below 1.6; in other languages either
# the mean was below -0.95 or the text compressed more than 3.8 times. Whisper's own: -1.0, 2.4.
_MIN_MEAN_LOG_PROBABILITY = -0.75
_MAX_COMPRESSION_RATIO = 2.4
_MAX_SILENCE_PROBABILITY = 0.8
_MIN_SENTENCE_CONFIDENCE = 0.35
# Below this share of understood speech the language is taken to be another one.
_MIN_UNDERSTOOD_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of speech: samples ``[start, end)`` of the sound, laid at ``packed_start``."""

    start: int
    end: int
    packed_start: int = 0

    @property
    def num_samples(self) -> int:
        return self.end - self.start


_Pack = Sequence[_Stretch]


class WhisperRecogniser:
    """Whisper tiny.en, 8-bit, greedy: the same sound gives the same words.

    Speech is found by the Silero detector that faster-whisper carries, packed into half-minutes
    without the silence between, decoded in batches and laid back on the clock. What the decoder did
    not understand is left out; a piece that it mostly did not understand is left out as a whole,
    since an English-only model makes up sentences for other languages.

    Args:
        folder: The unpacked CTranslate2 model; nothing is fetched.
        revision: Of the weights; part of ``model_id``.
        threads: How many threads to compute with; 0 for one a core.

    Raises:
        WeightsMissingError: A file is missing.

    Source: Radford et al. 2022 (Whisper); the thresholds' kinds are those of its reference decoder.
    """

    languages = frozenset({"en"})

    def __init__(self, folder: Path, revision: str, threads: int | None = None) -> None:
        for name in _NEEDED_FILES:
            if not (folder / name).is_file():
                raise WeightsMissingError(
                    f"{_NAME} is incomplete: there is no {folder / name}; run 'cinedex models pull'"
                )
        self.model_id = f"{_NAME}@{revision}"
        self._model = WhisperModel(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads or 0,
            local_files_only=True,
        )

    def transcribe(
        self,
        samples: NDArray[np.float32],
        start_seconds: float,
        within: Sequence[TimeSpan] | None,
    ) -> Transcript:
        """Transcribe mono sound at 16 kHz.

        Args:
            samples: ``(T,)`` float32 in ``[-1, 1]``; some minutes at once, so that there is enough
                speech to tell the language.
            start_seconds: Presentation time of the first sample.
            within: Where to listen, in video time; ``None`` for everywhere.
        """
        stretches = _limited(_find_speech(samples), start_seconds, within)
        packs = list(_packs(stretches))
        if not packs:
            return Transcript(())
        heard = [
            (pack, segments)
            for pack, segments in zip(packs, self._decode(samples, packs), strict=True)
            if any(segment.text.strip() for segment in segments)
        ]
        clear = [(pack, segments) for pack, segments in heard if all(map(_is_clear, segments))]
        heard_seconds = sum(_seconds(pack) for pack, _ in heard)
        clear_seconds = sum(_seconds(pack) for pack, _ in clear)
        if clear_seconds < _MIN_UNDERSTOOD_SHARE * heard_seconds:
            return Transcript(
                (), f"{heard_seconds:.0f} s that may be speech make no sense as English"
            )
        words = [
            word
            for pack, segments in clear
            for segment in segments
            for word in _words_on_clock(segment, pack, start_seconds)
        ]
        sentences = to_sentences(words, self.model_id, "en")
        return Transcript(
            tuple(
                sentence
                for sentence in sentences
                if (sentence.confidence or 0) >= _MIN_SENTENCE_CONFIDENCE
            )
        )

    def _decode(self, samples: NDArray[np.float32], packs: Sequence[_Pack]) -> list[list[Segment]]:
        """Decode packs, each to one segment, or to none or several where the model says so.

        Times in the segments count from the start of all packs laid end to end.
        """
        seam = np.zeros(_SEAM_SAMPLES, dtype=np.float32)
        pieces = [
            piece
            for pack in packs
            for stretch in pack
            for piece in (samples[stretch.start : stretch.end], seam)
        ]
        limits = [pack[0].packed_start / SAMPLE_RATE_HERTZ for pack in packs]
        limits.append(sum(len(piece) for piece in pieces) / SAMPLE_RATE_HERTZ)
        # A new one each time: it keeps where the last call ended and would move words by it.
        pipeline = BatchedInferencePipeline(self._model)
        segments, _ = pipeline.transcribe(
            np.concatenate(pieces),
            language="en",
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            without_timestamps=True,
            clip_timestamps=[{"start": a, "end": b} for a, b in pairwise(limits)],
            batch_size=_BATCH_PACKS,
        )
        by_pack: list[list[Segment]] = [[] for _ in packs]
        frames = [start * self._model.frames_per_second for start in limits]
        for segment in segments:
            # `seek` is the frame that the pack starts at, rounded down twice on the way.
            by_pack[bisect_right(frames, segment.seek + 2) - 1].append(segment)
        return by_pack


def _find_speech(samples: NDArray[np.float32]) -> list[_Stretch]:
    """List the stretches of speech; one longer than a quarter of a minute comes in parts."""
    stretches = []
    start = 0
    while start < len(samples):
        part = samples[start : start + _DETECTOR_SAMPLES]
        if len(part) == _DETECTOR_SAMPLES:
            part = part[: quietest_sample(part, _DETECTOR_SEARCH_SECONDS)]
        found = get_speech_timestamps(part, _VOICE, sampling_rate=SAMPLE_RATE_HERTZ)
        stretches += [
            _Stretch(start + int(span["start"]), start + int(span["end"])) for span in found
        ]
        start += len(part)
    return stretches


def _limited(
    stretches: Sequence[_Stretch], start_seconds: float, within: Sequence[TimeSpan] | None
) -> list[_Stretch]:
    """Keep what lies in the spans to listen to."""
    if within is None:
        return list(stretches)
    kept = []
    for stretch in stretches:
        for span in sorted(within):
            start = round((span.start_seconds - start_seconds) * SAMPLE_RATE_HERTZ)
            end = round((span.end_seconds - start_seconds) * SAMPLE_RATE_HERTZ)
            clipped = _Stretch(max(stretch.start, start), min(stretch.end, end))
            if clipped.num_samples > 0:
                kept.append(clipped)
    return kept


def _packs(stretches: Iterable[_Stretch]) -> Iterable[_Pack]:
    """Lay stretches one after another, a seam behind each, in packs that the model can hear."""
    pack: list[_Stretch] = []
    packed = 0
    for stretch in stretches:
        packed_end = packed + stretch.num_samples + _SEAM_SAMPLES
        if pack and packed_end - pack[0].packed_start > _PACK_SAMPLES:
            yield pack
            pack = []
        pack.append(_Stretch(stretch.start, stretch.end, packed))
        packed = packed_end
    if pack:
        yield pack


def _seconds(pack: _Pack) -> float:
    return sum(stretch.num_samples for stretch in pack) / SAMPLE_RATE_HERTZ


def _is_clear(segment: Segment) -> bool:
    return bool(
        segment.avg_logprob >= _MIN_MEAN_LOG_PROBABILITY
        and segment.compression_ratio <= _MAX_COMPRESSION_RATIO
        and segment.no_speech_prob <= _MAX_SILENCE_PROBABILITY
    )


def _words_on_clock(segment: Segment, pack: _Pack, start_seconds: float) -> list[HeardWord]:
    """Move words from packed time to video time; each stays inside the stretch it is mostly in."""
    words: list[HeardWord] = []
    for word in segment.words or ():
        text = word.word.strip()
        if not text:
            continue
        heard = HeardWord(
            TimedWord(text, _span_on_clock(word, pack, start_seconds)),
            min(1.0, max(0.0, float(word.probability))),
        )
        if words and not word.word.startswith(" "):
            heard = _glued(words.pop(), heard)
        words.append(heard)
    return words


def _glued(first: HeardWord, rest: HeardWord) -> HeardWord:
    """Join the parts of `A.I.` or `327-B`, which the model times one by one."""
    return HeardWord(
        TimedWord(first.word.text + rest.word.text, first.word.span.hull(rest.word.span)),
        min(first.probability, rest.probability),
    )


def _span_on_clock(word: Word, pack: _Pack, start_seconds: float) -> TimeSpan:
    middle = (word.start + word.end) / 2 * SAMPLE_RATE_HERTZ
    stretch = max(
        (stretch for stretch in pack if stretch.packed_start <= middle),
        key=lambda stretch: stretch.packed_start,
        default=pack[0],
    )

    def on_clock(packed_seconds: float) -> float:
        sample = packed_seconds * SAMPLE_RATE_HERTZ - stretch.packed_start + stretch.start
        return start_seconds + min(max(sample, stretch.start), stretch.end) / SAMPLE_RATE_HERTZ

    return TimeSpan(max(0.0, on_clock(word.start)), max(0.0, on_clock(word.end)))
