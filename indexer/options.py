"""How to index: what changes the result is part of the stage keys, what does not is not."""

from dataclasses import dataclass, field

from indexer.clips import ClipOptions


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """What a run does.

    Attributes:
        speech: Recognise speech where a video has no subtitles.
        screen_text: Read text in pictures.
        language: ISO 639-1 code that overrides what the container says about the sound.
    """

    speech: bool = True
    screen_text: bool = True
    language: str | None = None
    clips: ClipOptions = field(default_factory=ClipOptions)
