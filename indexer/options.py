"""How to index: what changes the result is part of the stage keys, what does not is not."""

from dataclasses import dataclass, field

from indexer.clips import ClipOptions
from indexer.gaps import LONGEST_UNHEARD_SECONDS
from indexer.speech import SpeechMode


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """What a run does.

    Attributes:
        speech: Where speech is recognised.
        longest_unheard_seconds: A longer time without a subtitle is a gap, which is listened to.
        screen_text: Read text in pictures.
        is_fast: Look at key frames only, where a video has them often enough; no shots are found.
        language: ISO 639-1 code that overrides what the container says about the sound.
    """

    speech: SpeechMode = SpeechMode.GAPS
    longest_unheard_seconds: float = LONGEST_UNHEARD_SECONDS
    screen_text: bool = True
    is_fast: bool = False
    language: str | None = None
    clips: ClipOptions = field(default_factory=ClipOptions)
