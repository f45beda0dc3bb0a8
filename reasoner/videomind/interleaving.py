"""A clip as pictures and words in turn: what is said stands behind the pictures it is said over."""

from collections.abc import Sequence
from dataclasses import dataclass

from reasoner.videomind.prompts import plain, turn, video_block
from reasoner.videomind.sampling import FRAMES_PER_STEP, VideoSettings
from store.timespan import TimeSpan

MAX_WORDS = 400
"""Words that are said, of one clip."""

TimedLine = tuple[TimeSpan, str]


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One time step of a clip.

    Attributes:
        seconds: When it is shown, from the clip's start.
        said: Each with when it begins, from the clip's start.
    """

    seconds: float
    said: tuple[tuple[float, str], ...] = ()


def clip_instants(clip: TimeSpan, settings: VideoSettings) -> tuple[float, ...]:
    """Choose when to look at a clip: in the middle of equal parts, so that no end goes unseen.

    Args:
        clip: In seconds of the video.
        settings: How densely.

    Returns:
        An even number of ascending seconds, at least two.
    """
    wanted = min(
        max(clip.duration_seconds * settings.fps, settings.min_frames), settings.max_frames
    )
    count = max(1, round(wanted / FRAMES_PER_STEP)) * FRAMES_PER_STEP
    part_seconds = clip.duration_seconds / count
    return tuple(clip.start_seconds + (number + 0.5) * part_seconds for number in range(count))


def shown_steps(
    clip: TimeSpan, num_steps: int, lines: Sequence[TimedLine], max_words: int = MAX_WORDS
) -> tuple[ShownStep, ...]:
    """Give each line to the time step during which it begins.

    Args:
        clip: In seconds of the video.
        num_steps: How many equal parts of the clip are shown.
        lines: What is said, in seconds of the video, in time order; what began before the clip and
            goes on in it counts for the first step.
        max_words: Lines from the first that would exceed this are left out.

    Source:
        MiniGPT4-Video (arXiv 2404.03413), which puts subtitles between frames. Differs: a line
        stands behind the step it begins in, not behind the next; steps and lines have their times;
        the last line does not exceed the budget.
    """
    step_seconds = clip.duration_seconds / num_steps
    said: list[list[tuple[float, str]]] = [[] for _ in range(num_steps)]
    left = max_words
    for span, text in lines:
        words = text.split()
        if not words or not span.overlaps(clip):
            continue
        left -= len(words)
        if left < 0:
            break
        begins = max(0.0, span.start_seconds - clip.start_seconds)
        said[min(num_steps - 1, int(begins / step_seconds))].append((begins, " ".join(words)))
    return tuple(
        ShownStep((number + 0.5) * step_seconds, tuple(spoken))
        for number, spoken in enumerate(said)
    )


def interleaved_chat(steps: Sequence[ShownStep], tokens_per_step: int, text: str) -> str:
    """Write one turn of the user, steps and words in turn and the request last.

    Args:
        steps: In time order.
        tokens_per_step: Of the video, for each step.
        text: What is asked; what looks like a special token in it or in what is said is broken up.
    """
    pieces = []
    for step in steps:
        pieces.append(f"[{step.seconds:.1f} s] {video_block(tokens_per_step)}\n")
        pieces += [f"Said at {begins:.1f} s: {plain(words)}\n" for begins, words in step.said]
    return turn("".join(pieces) + plain(text))
