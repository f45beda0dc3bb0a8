"""When everything happens: shots in frames, lines in samples."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from rendering.narration import SAMPLES_PER_SECOND, speak
from rendering.screenplay import SaidLine, Screenplay, Shot
from rendering.soundbed import sound_bed

LEAD_SECONDS = 0.5
PAUSE_SECONDS = 0.6
TAIL_SECONDS = 0.7
CAPTION_DELAY_SECONDS = 0.6


@dataclass(frozen=True)
class PlacedLine:
    """A spoken line and the sample at which it starts."""

    line: SaidLine
    start_sample: int
    samples: NDArray[np.float32]

    @property
    def end_sample(self) -> int:
        """First sample after the line."""
        return self.start_sample + len(self.samples)


@dataclass(frozen=True)
class PlacedShot:
    """A shot and the half-open range of frames in which it is seen at all."""

    shot: Shot
    start_frame: int
    num_frames: int
    caption_delay_frames: int
    lines: tuple[PlacedLine, ...]

    @property
    def end_frame(self) -> int:
        """First frame after the shot."""
        return self.start_frame + self.num_frames


@dataclass(frozen=True)
class Timeline:
    """All shots in order; a dissolve makes two neighbours overlap."""

    screenplay: Screenplay
    shots: tuple[PlacedShot, ...]

    @property
    def num_frames(self) -> int:
        """Frames in the film."""
        return self.shots[-1].end_frame

    @property
    def samples_per_frame(self) -> int:
        """Audio samples that play during one frame."""
        return SAMPLES_PER_SECOND // self.screenplay.frames_per_second


def lay_out(screenplay: Screenplay) -> Timeline:
    """Speak every line and give every shot the frames that it needs."""
    placed: list[PlacedShot] = []
    frame = 0
    for shot in screenplay.shots:
        start_frame = frame - (screenplay.dissolve_frames if shot.join == "dissolve" else 0)
        placed.append(_place(shot, start_frame, screenplay))
        frame = placed[-1].end_frame
    return Timeline(screenplay, tuple(placed))


def mix_audio(timeline: Timeline) -> NDArray[np.float32]:
    """Mix speech and sound beds.

    Returns:
        ``(T,)`` float32 mono, exactly as long as the pictures.
    """
    per_frame = timeline.samples_per_frame
    audio = np.zeros(timeline.num_frames * per_frame, dtype=np.float32)
    for placed in timeline.shots:
        if placed.shot.sound is not None:
            start, end = placed.start_frame * per_frame, placed.end_frame * per_frame
            audio[start:end] += sound_bed(placed.shot.sound, end - start)
        for line in placed.lines:
            audio[line.start_sample : line.end_sample] += line.samples
    return np.clip(audio, -1.0, 1.0)


def _place(shot: Shot, start_frame: int, screenplay: Screenplay) -> PlacedShot:
    rate = screenplay.frames_per_second
    shot_start = start_frame * SAMPLES_PER_SECOND // rate
    cursor = shot_start + round(LEAD_SECONDS * SAMPLES_PER_SECOND)
    lines: list[PlacedLine] = []
    for line in shot.said:
        lines.append(PlacedLine(line, cursor, speak(line.text, screenplay.voices[line.voice])))
        cursor = lines[-1].end_sample + round(PAUSE_SECONDS * SAMPLES_PER_SECOND)
    seconds = shot.minimum_seconds
    if lines:
        spoken = (lines[-1].end_sample - shot_start) / SAMPLES_PER_SECOND
        seconds = max(seconds, spoken + TAIL_SECONDS)
    delay = round(CAPTION_DELAY_SECONDS * rate)
    return PlacedShot(shot, start_frame, ceil(seconds * rate), delay, tuple(lines))
