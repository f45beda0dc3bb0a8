"""One video through all stages, up to what will be published."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.describing import Description, describe
from indexer.embedding import embed_evidence, picture_space, place_pictures, text_space
from indexer.findings import Finding
from indexer.looking import Looker, Sights, thumbnails_of
from indexer.media import MediaInfo, audio_chunks, probe
from indexer.models import IndexerModels
from indexer.options import IndexOptions
from indexer.report import EventState, Stopwatch
from indexer.screen_text import TextFollower
from indexer.sidecars import find_sidecars
from indexer.speech import speech_skip_reason, transcribe_track
from indexer.stages import UPSTREAM
from indexer.subtitles import read_sidecar
from indexer.titles import read_name
from store.records import (
    Embedding,
    EvidenceKind,
    IndexedVideo,
    Skip,
    Space,
    StageRun,
    Video,
)

Chunk = tuple[float, NDArray[np.float32]]


class Listener(Protocol):
    """Hears how far a video is."""

    total_seconds: float | None

    def tell(
        self, stage: str, state: EventState, done_seconds: float = 0.0, message: str = ""
    ) -> None:
        """Take one event."""


class VideoIndexing:
    """The work on one video; nothing is written until its result is published.

    Attributes:
        watch: Wall time by stage.
    """

    def __init__(
        self,
        path: Path,
        video_id: str,
        models: IndexerModels,
        options: IndexOptions,
        listener: Listener,
    ) -> None:
        self.watch = Stopwatch()
        self._path = path
        self._video_id = video_id
        self._models = models
        self._options = options
        self._listener = listener
        self._skips: list[Skip] = []
        self._abandoned = Event()

    def run(self, keys: Mapping[str, str]) -> IndexedVideo:
        """Run every stage.

        Args:
            keys: Stage to key, to be recorded with the result.

        Raises:
            MediaError: The file cannot be indexed.
        """
        with self.watch.running("probe"):
            media = probe(self._path)
        self._listener.total_seconds = media.duration_seconds
        subtitles = self._read_subtitles(media)
        sights, speech = self._look_and_listen(media, subtitles)
        described = describe(
            self._video_id,
            self._duration_seconds(media, sights),
            [*subtitles, *speech],
            sights,
            backbone_id=self._models.backbone.model_id,
            reader_id=self._models.screen_text_reader.model_id,
            options=self._options,
            watch=self.watch,
        )
        spaces, embeddings = self._embed(described, sights)
        return IndexedVideo(
            video=self._video(media, sights, [*subtitles, *speech]),
            clips=described.clips,
            evidence=described.evidence,
            spaces=spaces,
            embeddings=embeddings,
            stage_runs=tuple(
                StageRun(stage, keys[stage], self.watch.seconds.get(stage, 0.0))
                for stage in UPSTREAM
            ),
            thumbnails=thumbnails_of(
                sights.thumbnails if sights is not None else (),
                (clip.span for clip in described.clips),
            ),
        )

    def _read_subtitles(self, media: MediaInfo) -> list[Finding]:
        with self.watch.running("subtitles"):
            sidecars = find_sidecars(self._path)
            readings = [read_sidecar(sidecar, media.duration_seconds) for sidecar in sidecars]
        if not sidecars:
            self._skip("subtitles", "no subtitle file beside the video")
        for sidecar, reading in zip(sidecars, readings, strict=True):
            if reading.problem:
                self._skip("subtitles", f"{sidecar.path.name}: {reading.problem}")
            elif reading.num_broken_cues:
                broken = f"{reading.num_broken_cues} broken cues were passed over"
                self._skip("subtitles", f"{sidecar.path.name}: {broken}")
        return [finding for reading in readings for finding in reading.findings]

    def _look_and_listen(
        self, media: MediaInfo, subtitles: list[Finding]
    ) -> tuple[Sights | None, list[Finding]]:
        """Look and listen side by side; whoever listens then loads the text encoder.

        Speech recognition and picture networks each leave cores idle, so together they take less
        than one after the other.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="listen") as listener:
            speech = listener.submit(self._listen, media, subtitles)
            encoder = listener.submit(self._models.text_encoder.get)
            try:
                sights = self._look(media)
                return sights, speech.result()
            except BaseException:
                self._abandoned.set()
                encoder.cancel()
                raise

    def _look(self, media: MediaInfo) -> Sights | None:
        if not media.has_picture:
            for stage in ("shots", "frames", "screen_text"):
                self._skip(stage, "no picture track")
            return None
        with self.watch.running("models"):
            reader = self._models.screen_text_reader.get() if self._options.screen_text else None
            looker = Looker(
                detector=self._models.new_shot_detector(),
                backbone=self._models.backbone.get(),
                head=self._models.picture_head.get(),
                text=TextFollower(reader) if reader is not None else None,
                watch=self.watch,
            )
        if reader is None:
            self._skip("screen_text", "switched off")
        sights = looker.look_through(self._path, self._progress("frames"))
        self._listener.tell("frames", EventState.FINISHED, sights.end_seconds)
        if sights.damaged_packets:
            self._skip("frames", f"{sights.damaged_packets} damaged packets were passed over")
        return sights

    def _listen(self, media: MediaInfo, subtitles: list[Finding]) -> list[Finding]:
        reason = self._silence_reason(media, subtitles)
        if reason:
            self._skip("speech", reason)
            return []
        with self.watch.running("models"):
            recogniser = self._models.speech_recogniser.get()
        with self.watch.running("speech"):
            chunks = self._heard(audio_chunks(self._path))
            transcript = transcribe_track(chunks, recogniser, None)
        self._listener.tell("speech", EventState.FINISHED, media.duration_seconds)
        if transcript.skip_reason:
            self._skip("speech", transcript.skip_reason)
        return list(transcript.findings)

    def _silence_reason(self, media: MediaInfo, subtitles: list[Finding]) -> str:
        """Say why nobody listens; empty when somebody should."""
        if not media.has_sound:
            return "no sound track"
        if not self._options.speech:
            return "switched off"
        if any(finding.kind is EvidenceKind.SUBTITLE for finding in subtitles):
            return "subtitles say what is spoken"
        language = self._options.language or media.audio_language
        return speech_skip_reason(language, self._models.speech_languages)

    def _heard(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        tell = self._progress("speech")
        for start_seconds, samples in chunks:
            if self._abandoned.is_set():
                return
            tell(start_seconds)
            yield start_seconds, samples

    def _embed(
        self, described: Description, sights: Sights | None
    ) -> tuple[tuple[Space, ...], tuple[Embedding, ...]]:
        with self.watch.running("models"):
            encoder = self._models.text_encoder.get()
        with self.watch.running("embed"):
            spaces = [text_space(encoder)]
            embeddings = embed_evidence(described.evidence, encoder)
            if sights is not None:
                head = self._models.picture_head.get()
                spaces.append(picture_space(head))
                embeddings += place_pictures(sights.pictures, described.clips, head)
        self._listener.tell("embed", EventState.FINISHED)
        return tuple(spaces), tuple(embeddings)

    def _video(self, media: MediaInfo, sights: Sights | None, heard: list[Finding]) -> Video:
        named = read_name(self._path)
        spoken = self._options.language or media.audio_language
        languages = [finding.language for finding in heard if finding.language]
        return Video(
            video_id=self._video_id,
            paths=(str(self._path.absolute()),),
            title=named.title,
            duration_seconds=self._duration_seconds(media, sights),
            file_bytes=self._path.stat().st_size,
            frame_rate=media.frame_rate,
            width_pixels=media.width_pixels,
            height_pixels=media.height_pixels,
            video_codec=media.video_codec,
            audio_codec=media.audio_codec,
            language=spoken or (languages[0] if languages else None),
            start_timecode=media.start_timecode,
            series=named.series,
            season=named.season,
            episode=named.episode,
            skips=tuple(self._skips),
        )

    def _duration_seconds(self, media: MediaInfo, sights: Sights | None) -> float:
        """Trust the frames over the container where a file is cut off; sound may go on longer."""
        if sights is not None and not media.has_sound:
            return sights.end_seconds
        return max(media.duration_seconds, sights.end_seconds if sights is not None else 0.0)

    def _progress(self, stage: str) -> Callable[[float], None]:
        self._listener.tell(stage, EventState.STARTED)
        return partial(self._listener.tell, stage, EventState.PROGRESS)

    def _skip(self, stage: str, reason: str) -> None:
        self._skips.append(Skip(stage, reason))
        self._listener.tell(stage, EventState.SKIPPED, message=reason)
