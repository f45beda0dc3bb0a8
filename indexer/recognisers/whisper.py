"""Whisper through faster-whisper: English or many languages, where a voice was found."""

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.transcribe import Segment, Word
from numpy.typing import NDArray

from indexer.interfaces import Heard, Stretch
from indexer.recognisers.voice import find_voice
from indexer.sentences import UNSPACED_LANGUAGES, HeardWord, to_sentences
from indexer.silence import SAMPLE_RATE_HERTZ
from store.errors import WeightsMissingError
from store.records import TimedWord
from store.timespan import TimeSpan

_NEEDED_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.*")
# The model hears 30 s at a time; a second is left for rounding.
_PACK_SAMPLES = 29 * SAMPLE_RATE_HERTZ
# Silence behind each stretch of speech, so that words of two do not run together.
_SEAM_SAMPLES = round(0.3 * SAMPLE_RATE_HERTZ)
# What is said further apart is not heard together: the model lays the first words of the one over
# a noise in the other, and they would be put as far from where they are said.
_MOST_PAUSE_SAMPLES = 10 * SAMPLE_RATE_HERTZ
# On a processor a batch takes as long as its packs one by one, and 50 MB more for each.
_BATCH_PACKS = 1
# A pack is understood when the decoder was sure enough and did not fall into a loop. Measured with
# synthetic voices and film: English stayed above -0.55 and below 1.6; in other languages either
# the mean was below -0.95 or the text compressed more than 3.8 times. Whisper's own: -1.0, 2.4.
_MIN_MEAN_LOG_PROBABILITY = -0.75
_MAX_COMPRESSION_RATIO = 2.4
_MAX_SILENCE_PROBABILITY = 0.8
_MIN_SENTENCE_CONFIDENCE = 0.35


@dataclass(frozen=True, slots=True)
class LaidStretch:
    """A stretch of voice, laid at sample ``packed_start`` of all stretches put end to end."""

    start: int
    end: int
    packed_start: int

    @property
    def num_samples(self) -> int:
        """How much voice there is."""
        return self.end - self.start


Pack = Sequence[LaidStretch]


class WhisperRecogniser:
    """Whisper, 8-bit, greedy, without a word of what came before: the same sound, the same words.

    Stretches of voice are packed into half-minutes without the silence between, decoded one by one
    and laid back on the clock. What the decoder did not understand is left out: a model makes up
    sentences for languages that it does not know.

    Args:
        folder: The unpacked CTranslate2 model, English-only or multilingual; nothing is fetched.
        name: Of the model; part of ``model_id``.
        revision: Of the weights; part of ``model_id``.
        threads: How many threads to compute with; 0 for one a core.

    Raises:
        WeightsMissingError: A file is missing.

    Source: Radford et al. 2022 (Whisper); the thresholds' kinds are those of its reference decoder.
    """

    def __init__(
        self,
        folder: Path,
        revision: str,
        threads: int | None = None,
        *,
        name: str = "whisper-tiny.en",
    ) -> None:
        for needed in _NEEDED_FILES:
            if not any(folder.glob(needed)):
                raise WeightsMissingError(
                    f"{name} is incomplete: there is no {folder / needed}; "
                    "run 'cinedex models pull'"
                )
        self.model_id = f"{name}@{revision}"
        self._model = WhisperModel(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads or 0,
            local_files_only=True,
        )
        self.languages = self._languages(folder)

    def find_voice(self, samples: NDArray[np.float32]) -> list[Stretch]:
        """Find where somebody speaks in mono sound at 16 kHz."""
        return find_voice(samples)

    def transcribe(
        self,
        samples: NDArray[np.float32],
        start_seconds: float,
        voice: Sequence[Stretch],
        language: str | None,
    ) -> Heard:
        """Transcribe mono sound at 16 kHz.

        Args:
            samples: ``(T,)`` float32 in ``[-1, 1]``; some minutes at once, so that there is enough
                speech to tell the language.
            start_seconds: Presentation time of the first sample.
            voice: Where to listen.
            language: What to decode as; ``None`` to find out. A model for one language hears that.

        Raises:
            ValueError: The model does not know the language.
        """
        packs = list(packs_of(voice))
        if not packs:
            return Heard()
        spoken, probability = self._spoken(samples, packs, language)
        heard = [
            (pack, segments)
            for pack, segments in zip(packs, self._decode(samples, packs, spoken), strict=True)
            if any(segment.text.strip() for segment in segments)
        ]
        clear = [(pack, segments) for pack, segments in heard if all(map(_is_clear, segments))]
        words = [
            word
            for pack, segments in clear
            for segment in segments
            for word in _words_on_clock(segment, pack, start_seconds, spoken)
        ]
        sentences = to_sentences(words, self.model_id, spoken)
        return Heard(
            findings=tuple(
                sentence
                for sentence in sentences
                if (sentence.confidence or 0) >= _MIN_SENTENCE_CONFIDENCE
            ),
            language=spoken,
            language_probability=probability,
            voice_seconds=sum(_seconds(pack) for pack, _ in heard),
            clear_seconds=sum(_seconds(pack) for pack, _ in clear),
        )

    def _languages(self, folder: Path) -> frozenset[str]:
        """Read what the model was trained to hear from its own configuration."""
        if not self._model.model.is_multilingual:
            return frozenset({"en"})
        ids = json.loads((folder / "config.json").read_text("utf-8"))["lang_ids"]
        tokens = map(self._model.hf_tokenizer.id_to_token, ids)
        return frozenset(token.strip("<|>") for token in tokens)

    def _spoken(
        self, samples: NDArray[np.float32], packs: Sequence[Pack], language: str | None
    ) -> tuple[str, float | None]:
        """Choose what to decode as; with a probability where the longest pack decided."""
        if language is not None and language not in self.languages:
            raise ValueError(f"{self.model_id} does not know {language!r}")
        if language is not None or len(self.languages) == 1:
            return language or min(self.languages), None
        pack = max(packs, key=_seconds)
        voice = np.concatenate([samples[laid.start : laid.end] for laid in pack])
        found, probability, _ = self._model.detect_language(voice)
        return found, float(probability)

    def _decode(
        self, samples: NDArray[np.float32], packs: Sequence[Pack], language: str
    ) -> list[list[Segment]]:
        """Decode packs, each to one segment, or to none or several where the model says so.

        Times in the segments count from the start of all packs laid end to end.
        """
        seam = np.zeros(_SEAM_SAMPLES, dtype=np.float32)
        pieces = [
            piece
            for pack in packs
            for laid in pack
            for piece in (samples[laid.start : laid.end], seam)
        ]
        limits = [pack[0].packed_start / SAMPLE_RATE_HERTZ for pack in packs]
        limits.append(sum(len(piece) for piece in pieces) / SAMPLE_RATE_HERTZ)
        # A new one each time: it keeps where the last call ended and would move words by it.
        pipeline = BatchedInferencePipeline(self._model)
        segments, _ = pipeline.transcribe(
            np.concatenate(pieces),
            language=language,
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


def packs_of(voice: Iterable[Stretch]) -> Iterable[Pack]:
    """Lay stretches one after another, a seam behind each, in packs that the model can hear.

    What a long pause parts is not in one pack.
    """
    pack: list[LaidStretch] = []
    packed = 0
    for stretch in voice:
        packed_end = packed + stretch.end - stretch.start + _SEAM_SAMPLES
        is_full = bool(pack) and packed_end - pack[0].packed_start > _PACK_SAMPLES
        if is_full or (pack and stretch.start - pack[-1].end > _MOST_PAUSE_SAMPLES):
            yield pack
            pack = []
        pack.append(LaidStretch(stretch.start, stretch.end, packed))
        packed = packed_end
    if pack:
        yield pack


def _seconds(pack: Pack) -> float:
    return sum(laid.num_samples for laid in pack) / SAMPLE_RATE_HERTZ


def _is_clear(segment: Segment) -> bool:
    return bool(
        segment.avg_logprob >= _MIN_MEAN_LOG_PROBABILITY
        and segment.compression_ratio <= _MAX_COMPRESSION_RATIO
        and segment.no_speech_prob <= _MAX_SILENCE_PROBABILITY
    )


def _words_on_clock(
    segment: Segment, pack: Pack, start_seconds: float, language: str
) -> list[HeardWord]:
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
        if words and not word.word.startswith(" ") and language not in UNSPACED_LANGUAGES:
            heard = _glued(words.pop(), heard)
        words.append(heard)
    return words


def _glued(first: HeardWord, rest: HeardWord) -> HeardWord:
    """Join the parts of `A.I.` or `327-B`, which the model times one by one."""
    return HeardWord(
        TimedWord(first.word.text + rest.word.text, first.word.span.hull(rest.word.span)),
        min(first.probability, rest.probability),
    )


def _span_on_clock(word: Word, pack: Pack, start_seconds: float) -> TimeSpan:
    middle = (word.start + word.end) / 2 * SAMPLE_RATE_HERTZ
    laid = max(
        (laid for laid in pack if laid.packed_start <= middle),
        key=lambda laid: laid.packed_start,
        default=pack[0],
    )

    def on_clock(packed_seconds: float) -> float:
        sample = packed_seconds * SAMPLE_RATE_HERTZ - laid.packed_start + laid.start
        return start_seconds + min(max(sample, laid.start), laid.end) / SAMPLE_RATE_HERTZ

    return TimeSpan(max(0.0, on_clock(word.start)), max(0.0, on_clock(word.end)))
