"""What the indexer asks of models. Implementations are chosen by name in ``cinedex/compose.py``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.findings import Finding
from store.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class Cut:
    """A change of shot.

    Attributes:
        seconds: Presentation time of the first frame of the new shot; for a dissolve, of its
            middle.
        confidence: In ``[0, 1]``.
    """

    seconds: float
    confidence: float


class ShotDetector(Protocol):
    """Finds cuts in one video, one frame after another; a new one is made for every video."""

    @property
    def frame_side_pixels(self) -> int:
        """Longest side of the frames it wants; it sees every frame, so small is cheap."""

    def push(self, picture: NDArray[np.uint8], pts_seconds: float) -> None:
        """Take the next frame, ``(H, W, 3)`` RGB, in presentation order."""

    def finish(self) -> list[Cut]:
        """Return all cuts in time order; called once, after the last frame."""


@dataclass(frozen=True, slots=True, eq=False)
class PictureFeatures:
    """What the backbone says about ``N`` pictures.

    Attributes:
        probabilities: ``(N, 1000)`` over the ImageNet classes, rows sum to 1.
        features: ``(N, D)`` pooled features of unit L2 norm.
    """

    probabilities: NDArray[np.float32]
    features: NDArray[np.float32]


class PictureBackbone(Protocol):
    """Looks at pictures once, for every stage that needs to."""

    @property
    def model_id(self) -> str:
        """Model name and revision."""

    def look(self, pictures: Sequence[NDArray[np.uint8]]) -> PictureFeatures:
        """Describe pictures, each ``(H, W, 3)`` RGB of any size."""


@dataclass(frozen=True, slots=True)
class Face:
    """A human face in one picture: that there is one, not whose.

    Attributes:
        box: ``(left, top, right, bottom)`` as fractions of the picture's width and height, from
            the forehead to the chin.
        confidence: In ``[0, 1]``.
    """

    box: tuple[float, float, float, float]
    confidence: float

    @property
    def height(self) -> float:
        """Share of the picture's height."""
        return self.box[3] - self.box[1]


class FaceDetector(Protocol):
    """Finds faces in pictures."""

    @property
    def model_id(self) -> str:
        """Model name and revision."""

    def find(self, pictures: Sequence[NDArray[np.uint8]]) -> list[list[Face]]:
        """Find the faces of each ``(H, W, 3)`` RGB picture of any size, the largest first."""


class PictureHead(Protocol):
    """Maps what the backbone sees into a space that text queries reach."""

    @property
    def encoder_id(self) -> str:
        """Model name and revision of everything that shapes the vectors."""

    @property
    def query_encoder_id(self) -> str:
        """Id of the text encoder whose space this is."""

    @property
    def dimension(self) -> int:
        """``D``."""

    def embed(self, probabilities: NDArray[np.floating]) -> NDArray[np.float32]:
        """Embed ``N`` pictures, of ``(N, 1000)`` classes, as ``(N, D)`` rows of unit L2 norm."""


class PictureEncoder(Protocol):
    """Maps pictures into a space that text queries reach, without any other model's help."""

    @property
    def encoder_id(self) -> str:
        """Model name and revision."""

    @property
    def query_encoder_id(self) -> str:
        """Id of the text encoder whose space this is."""

    @property
    def dimension(self) -> int:
        """``D``."""

    def embed_pictures(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Embed ``N`` pictures, each ``(H, W, 3)`` RGB of any size.

        Returns:
            ``(N, D)`` float32, rows of unit L2 norm, in input order.
        """


class Captioner(Protocol):
    """Describes clips from their pictures and what is said; the same input, the same words."""

    @property
    def model_id(self) -> str:
        """Model name and revision, and that of what it is told."""

    def instants(self, clip: TimeSpan) -> tuple[float, ...]:
        """Choose when it wants to see a clip, in ascending seconds of the video; at least one."""

    def caption(
        self,
        clip: TimeSpan,
        pictures: NDArray[np.uint8],
        lines: Sequence[tuple[TimeSpan, str]],
    ) -> str | None:
        """Describe a clip.

        Args:
            clip: In seconds of the video.
            pictures: ``(N, H, W, 3)`` RGB, those of ``instants``.
            lines: What is said over the clip, in time order and seconds of the video.

        Returns:
            ``None`` where it cannot tell; it does not guess.
        """


class TextEncoder(Protocol):
    """Embeds text; the same object serves as the retriever's ``QueryEncoder``."""

    @property
    def encoder_id(self) -> str:
        """Model name and revision."""

    @property
    def dimension(self) -> int:
        """``D``."""

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed ``Q`` texts as ``(Q, D)`` float32 rows of unit L2 norm, in input order."""


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """One line of text read in one picture.

    Attributes:
        text: Empty for writing that the reader does not know, and so refuses to guess at.
        box: ``(left, top, right, bottom)`` as fractions of the picture's width and height.
        confidence: In ``[0, 1]``.
    """

    text: str
    confidence: float
    box: tuple[float, float, float, float]


class ScreenTextReader(Protocol):
    """Reads text in pictures."""

    @property
    def model_id(self) -> str:
        """Model name and revision."""

    @property
    def scripts(self) -> frozenset[str]:
        """Writing systems that it was trained to read, as Unicode calls them."""

    def read(
        self, picture: NDArray[np.uint8], known: Sequence[ScreenLine] = ()
    ) -> list[ScreenLine]:
        """Read one ``(H, W, 3)`` RGB picture, lines from top to bottom.

        Args:
            picture: To read.
            known: Lines said to stand in it; where text is found in the place of one of them, its
                wording may be taken over unread.
        """


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard in one video.

    Attributes:
        findings: Sentences of kind ``speech`` with word times, in time order.
        skip_reason: Why there are none although there is sound, or why there are not more; empty
            where there is nothing to explain.
    """

    findings: tuple[Finding, ...]
    skip_reason: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where somebody speaks: samples ``[start, end)`` of a piece of sound."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recogniser made of one piece of sound.

    Attributes:
        findings: Sentences of kind ``speech`` with word times, in time order; only what it
            understood.
        language: ISO 639-1 code of the language that it decoded as.
        language_probability: In ``[0, 1]``, where it found the language out by itself.
        voice_seconds: How much voice it made words of.
        clear_seconds: How much of that it understood.
    """

    findings: tuple[Finding, ...] = ()
    language: str | None = None
    language_probability: float | None = None
    voice_seconds: float = 0.0
    clear_seconds: float = 0.0


class SpeechRecogniser(Protocol):
    """Turns sound into timed sentences; the same samples give the same words."""

    @property
    def model_id(self) -> str:
        """Model name and revision."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes it was trained to hear."""

    def find_voice(self, samples: NDArray[np.float32]) -> list[Stretch]:
        """Find where somebody speaks in mono sound at 16 kHz, in time order without overlap."""

    def transcribe(
        self,
        samples: NDArray[np.float32],
        start_seconds: float,
        voice: Sequence[Stretch],
        language: str | None,
    ) -> Heard:
        """Transcribe mono sound at 16 kHz.

        Args:
            samples: ``(T,)`` float32 in ``[-1, 1]``.
            start_seconds: Presentation time of the first sample.
            voice: Where to listen.
            language: What to decode as; ``None`` to find out from the sound.
        """
