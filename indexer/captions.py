"""One composed sentence a clip, of what was measured or read and nothing else."""

from collections.abc import Sequence

from indexer.appearance import Appearance, Light, Motion
from indexer.findings import Finding
from store.records import EvidenceKind
from store.timespan import TimeSpan

SOURCE = "composed"
MOST_TAGS = 3
MOST_TEXT_CHARACTERS = 80
MANY_SHOTS = 4


def compose_caption(
    span: TimeSpan,
    tags: Sequence[Finding],
    screen_text: Sequence[Finding],
    appearance: Appearance | None,
    num_shots: int,
) -> Finding | None:
    """Describe one clip.

    What most clips have in common (medium light, some motion, one shot) is not said, and light or
    motion alone is not worth a caption, so that captions differ where clips do.

    Args:
        span: Of the clip.
        tags: Of the video; those that overlap the clip are named, the longest shown first.
        screen_text: Of the video, likewise.
        appearance: ``None`` where nothing was measured.
        num_shots: Shots that the clip has a part in.

    Returns:
        A finding of kind ``caption``; ``None`` where there is nothing to say.
    """
    things = _things(_overlapping(tags, span))
    texts = _overlapping(screen_text, span)
    colours = _colours(appearance)
    if not (things or texts or colours or _is_without_colour(appearance)):
        return None
    look = _look(appearance)
    parts = [" ".join(part for part in ("a", look, "picture") if part)]
    parts[0] += f" of {things}" if things else ""
    if colours:
        parts.append(f"mostly {colours}")
    if texts:
        parts.append(f"with the words {_quoted(texts)} on screen")
    text = ", ".join([*parts, *_manner(appearance, num_shots)]) + "."
    return Finding(EvidenceKind.CAPTION, span, text[0].upper() + text[1:], SOURCE)


def _overlapping(findings: Sequence[Finding], span: TimeSpan) -> list[Finding]:
    inside = [finding for finding in findings if finding.span.overlaps(span)]
    return sorted(inside, key=lambda finding: -finding.span.shared_seconds(span))


def _things(tags: Sequence[Finding]) -> str:
    names = list(dict.fromkeys(tag.text.split(",")[0] for tag in tags))[:MOST_TAGS]
    return " and ".join(f"{_article(name)} {name}" for name in names)


def _look(appearance: Appearance | None) -> str:
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


def _manner(appearance: Appearance | None, num_shots: int) -> list[str]:
    if num_shots >= MANY_SHOTS:
        return [f"{num_shots} shots"]
    if appearance is None or appearance.motion is Motion.SUBJECT:
        return []
    return ["everything moves" if appearance.motion is Motion.CAMERA else "nothing moves"]


def _quoted(texts: Sequence[Finding]) -> str:
    joined = " / ".join(dict.fromkeys(text.text for text in texts))
    if len(joined) > MOST_TEXT_CHARACTERS:
        joined = joined[:MOST_TEXT_CHARACTERS].rsplit(" ", 1)[0] + " ..."
    return f'"{joined}"'


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"
