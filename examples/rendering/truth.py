"""What is true of the rendered film, second by second, for whoever asks it questions."""

from typing import Any

from rendering.narration import SAMPLES_PER_SECOND
from rendering.timeline import PlacedShot, Timeline


def truth_of(timeline: Timeline) -> dict[str, Any]:
    """Describe the film as JSON-ready data; ``examples/README.md`` documents the format."""
    return {
        "title": timeline.screenplay.title,
        "duration_seconds": _frame_seconds(timeline, timeline.num_frames),
        "cuts": [_cut(timeline, placed) for placed in timeline.shots[1:]],
        "said": [line for placed in timeline.shots for line in _said(placed)],
        "written": [text for placed in timeline.shots for text in _written(timeline, placed)],
        "shown": [_shown(timeline, placed) for placed in timeline.shots if placed.shot.picture],
    }


def _cut(timeline: Timeline, placed: PlacedShot) -> dict[str, Any]:
    frames = timeline.screenplay.dissolve_frames if placed.shot.join == "dissolve" else 0
    middle = _frame_seconds(timeline, placed.start_frame + frames / 2)
    duration = _frame_seconds(timeline, frames)
    return {"seconds": middle, "kind": placed.shot.join, "duration_seconds": duration}


def _said(placed: PlacedShot) -> list[dict[str, Any]]:
    return [
        {
            "start_seconds": round(line.start_sample / SAMPLES_PER_SECOND, 3),
            "end_seconds": round(line.end_sample / SAMPLES_PER_SECOND, 3),
            "voice": line.line.voice,
            "text": line.line.text,
        }
        for line in placed.lines
    ]


def _written(timeline: Timeline, placed: PlacedShot) -> list[dict[str, Any]]:
    shot = placed.shot
    if shot.picture is None:
        span = _span(timeline, placed.start_frame, placed.end_frame)
        return [{**span, "text": "\n".join(shot.heading + shot.card), "kind": "title_card"}]
    if shot.lower_third:
        start_frame = placed.start_frame + placed.caption_delay_frames
        span = _span(timeline, start_frame, placed.end_frame)
        return [{**span, "text": "\n".join(shot.lower_third), "kind": "lower_third"}]
    return []


def _shown(timeline: Timeline, placed: PlacedShot) -> dict[str, Any]:
    span = _span(timeline, placed.start_frame, placed.end_frame)
    return {**span, "picture": placed.shot.picture, "description": placed.shot.shown}


def _span(timeline: Timeline, start_frame: int, end_frame: int) -> dict[str, float]:
    return {
        "start_seconds": _frame_seconds(timeline, start_frame),
        "end_seconds": _frame_seconds(timeline, end_frame),
    }


def _frame_seconds(timeline: Timeline, frames: float) -> float:
    return round(frames / timeline.screenplay.frames_per_second, 3)
