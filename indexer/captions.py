"""One composed sentence a clip, of what was measured and nothing else.

Words on screen are evidence of their own: repeated here they would be found twice, and a line that
only tells how a clip looks would seem to hold a name or a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.appearance import Appearance, AppearanceTrack, Light, Motion
from indexer.findings import Finding
from indexer.framing import Framing, faces_of_people, framing
from indexer.interfaces import Face
from indexer.labels.imagenet import imagenet_labels
from indexer.places import Place, place
from store.records import EvidenceKind
from store.timespan import TimeSpan

SOURCE = "composed"
CAPTIONER_ID = "composed@4"  # part of the stage keys: raise it when other words come out
MOST_TAGS = 3
MANY_SHOTS = 4
# A tag still. Of 92 in the films that thresholds are chosen on 10 are wrong, and of those above any
# higher threshold up to 0.98 as large a share; so none makes it fit for a sentence.
UNTOLD = frozenset({"animal"})
UNCOUNTED = frozenset({"food", "furniture"})
NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True, slots=True, eq=False)
class SeenFrames:
    """What the models said about the ``N`` kept frames of a video.

    Attributes:
        spans: What each frame stands for.
        probabilities: ``(N, 1000)`` of the ImageNet classes.
        faces: Of each frame, the largest first; empty where none was found or looked for.
    """

    spans: Sequence[TimeSpan]
    probabilities: NDArray[np.floating]
    faces: Sequence[Sequence[Face]]


@dataclass(frozen=True, slots=True)
class ClipLook:
    """How one clip looks, in so far as it was measured.

    Attributes:
        num_shots: Shots that the clip has a part in.
    """

    appearance: Appearance | None
    framing: Framing | None
    place: Place | None
    num_shots: int


def clip_look(
    clip: TimeSpan, frames: SeenFrames, track: AppearanceTrack, num_shots: int
) -> ClipLook:
    """Gather what is to be said of a clip; only frames that it shows are looked at."""
    shown = [number for number, span in enumerate(frames.spans) if span.overlaps(clip)]
    spans = [frames.spans[number] for number in shown]
    probabilities = frames.probabilities[shown].astype(np.float32)
    faces = [
        faces_of_people(frames.faces[number], row)
        for number, row in zip(shown, probabilities, strict=True)
    ]
    appearance = track.appearance(clip)
    return ClipLook(
        appearance,
        framing(clip, spans, faces),
        place(clip, spans, probabilities, imagenet_labels(), appearance.luma),
        num_shots,
    )


def compose_caption(span: TimeSpan, tags: Sequence[Finding], look: ClipLook) -> Finding | None:
    """Describe one clip.

    What most clips have in common (medium light, some motion, one shot) is not said, and light or
    motion alone is not worth a caption, so that captions differ where clips do.

    Args:
        span: Of the clip.
        tags: Of the video; those that overlap the clip are named, the longest shown first.
        look: Of the clip.

    Returns:
        A finding of kind ``caption``; ``None`` where there is nothing to say.
    """
    things = _things(_overlapping(tags, span))
    colours = _colours(look.appearance)
    is_grey = _is_without_colour(look.appearance)
    if not (things or colours or is_grey or look.framing or look.place):
        return None
    parts = [_subject(look, things)]
    if look.place:
        parts.append(str(look.place))
    if colours:
        parts.append(f"mostly {colours}")
    text = ", ".join([*parts, *_manner(look)]) + "."
    return Finding(EvidenceKind.CAPTION, span, text[0].upper() + text[1:], SOURCE)


def _subject(look: ClipLook, things: str) -> str:
    """Say what is seen, and in which light."""
    light = _light(look.appearance)
    if look.framing is None:
        words = (*([_article(light), light] if light else ["a"]), "picture")
        return " ".join(words) + (f" of {things}" if things else "")
    size = str(look.framing.shot_size or "picture")
    words = (light, size) if light else (size,)
    seen = " ".join((_article(words[0]), *words, "of", _people(look.framing.least_people)))
    return seen + (f" with {things}" if things else "")


def _people(least: int) -> str:
    if least == 1:
        return "a person"
    number = NUMBERS[least] if least < len(NUMBERS) else str(least)
    return f"at least {number} people" if least == 2 else f"a group of at least {number} people"


def _overlapping(findings: Sequence[Finding], span: TimeSpan) -> list[Finding]:
    inside = [finding for finding in findings if finding.span.overlaps(span)]
    return sorted(inside, key=lambda finding: -finding.span.shared_seconds(span))


def _things(tags: Sequence[Finding]) -> str:
    told = dict.fromkeys(tag.text.split(",")[0] for tag in tags)
    names = _narrowest([name for name in told if name not in UNTOLD])
    return " and ".join(
        name if name in UNCOUNTED else f"{_article(name)} {name}" for name in names[:MOST_TAGS]
    )


def _narrowest(names: Sequence[str]) -> list[str]:
    """Leave out words that another one implies: who says parrot need not say bird."""
    classes = {name: imagenet_labels().classes_of(name) for name in names}
    return [
        name
        for name in names
        if not any(classes[other] and classes[other] < classes[name] for other in names)
    ]


def _light(appearance: Appearance | None) -> str:
    if appearance is None:
        return ""
    light = "" if appearance.light is Light.MEDIUM else str(appearance.light)
    tone = "black-and-white" if _is_without_colour(appearance) else ""
    return ", ".join(word for word in (light, tone) if word)


def _is_without_colour(appearance: Appearance | None) -> bool:
    """Say whether it is plainly black and white; what is dark could be anything."""
    return (
        appearance is not None
        and appearance.is_black_and_white
        and appearance.light is not Light.DARK
    )


def _colours(appearance: Appearance | None) -> str:
    return "" if appearance is None else " and ".join(appearance.dominant_colours())


def _manner(look: ClipLook) -> list[str]:
    if look.num_shots >= MANY_SHOTS:
        return [f"{look.num_shots} shots"]
    motion = look.appearance.motion if look.appearance else None
    if motion in (None, Motion.SUBJECT):
        return []
    is_moving = motion is Motion.CAMERA
    return ["everything moves" if is_moving else "static, nothing moves"]


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"
