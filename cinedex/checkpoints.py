"""The models that a profile names by checkpoint: what sees, and the space of pictures.

Each loads at its first use, and the one that sees once for whoever asks and whoever captions.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cinedex.weights.checkpoint_id import checkpoint_id
from cinedex.weights.profile import PictureSpace, Profile, SeeingModel
from store.errors import CinedexError, InputError, WeightsMissingError

if TYPE_CHECKING:
    from indexer.interfaces import Captioner, PictureEncoder
    from indexer.models import OnDemand
    from reasoner.videomind.backend import LoadedVideoMind
    from reasoner.videomind.options import BackboneOptions
    from reasoner.videomind.video_model import VideoModel
    from retriever.interfaces import QueryEncoder


class NamedCheckpoints:
    """The checkpoints of one profile.

    Args:
        profile: That names them, or does not.
        offline: Look into the cache only.
    """

    def __init__(self, profile: Profile, offline: bool) -> None:
        self._profile = profile
        self._offline = offline
        self._videomind: LoadedVideoMind | None = None

    def videomind(self) -> "LoadedVideoMind | None":
        """Load what answers from pixels, the same every time; ``None`` where nothing does."""
        seeing = self._profile.videomind
        if seeing is None or seeing.checkpoint is None:
            return None
        if self._videomind is None:
            from indexer.media.random_access import RandomAccessFrames
            from reasoner.videomind.backend import load_videomind

            base = None if seeing.base is None else self._located(seeing.base)
            self._videomind = load_videomind(
                self._located(seeing.checkpoint), RandomAccessFrames(), base, _options(seeing)
            )
        return self._videomind

    def places(self) -> Mapping[str, Path | None]:
        """List the checkpoints by name, each with its folder; ``None`` where it is not here."""
        return {place: _folder_of(place) for place in self._named()}

    def fetch(self) -> Mapping[str, Path]:
        """Fetch what is missing.

        Raises:
            InputError: One is neither a folder nor pinned on the hub.
            WeightsMissingError: One cannot be fetched.
        """
        return {place: self._located(place) for place in self._named()}

    def check(self) -> Mapping[str, str]:
        """Account for every tensor of each, as loading does.

        Returns:
            By name what is wrong; empty where all is there.
        """
        return {place: self._fault_of(place) for place in self._named()}

    def _fault_of(self, place: str) -> str:
        try:
            self._check(place)
        except CinedexError as error:
            return str(error)
        return ""

    def _check(self, place: str) -> None:
        folder = self._located(place)
        seeing, pictures = self._profile.videomind, self._profile.pictures
        if pictures is not None and place == pictures.checkpoint:
            from indexer.encoders.siglip import PictureScaling
            from indexer.encoders.siglip_model import check_siglip
            from indexer.encoders.siglip_text import read_tokenizer

            check_siglip(folder)
            PictureScaling.read(folder)
            read_tokenizer(folder)
        elif seeing is not None and place == seeing.checkpoint:
            from reasoner.videomind.backend import check_videomind

            base = None if seeing.base is None else self._located(seeing.base)
            check_videomind(folder, base, seeing.captions)
        elif seeing is not None and seeing.checkpoint is not None and not seeing.captions:
            from reasoner.videomind.base_model import check_base_model

            check_base_model(folder)
        else:
            from reasoner.videomind.backend import check_base

            check_base(folder)

    def _named(self) -> list[str]:
        seeing, pictures = self._profile.videomind, self._profile.pictures
        named = [] if seeing is None else [seeing.checkpoint, seeing.base]
        named += [] if pictures is None else [pictures.checkpoint]
        return [place for place in named if place is not None]

    def videomind_id(self) -> str:
        """Name what answers from pixels, with its revision."""
        seeing = self._profile.videomind
        return "" if seeing is None else f"videomind({_seeing_id(seeing)})"

    def captioner(self) -> "OnDemand[Captioner] | None":
        """Return what writes captions; ``None`` where they are composed."""
        seeing = self._profile.videomind
        if seeing is None or not seeing.captions:
            return None
        from indexer.models import OnDemand
        from reasoner.videomind.captioner_id import captioner_id

        name = captioner_id(checkpoint_id(_base_place(seeing)))

        def load() -> "Captioner":
            from reasoner.videomind.captioner import VideoMindCaptioner

            return VideoMindCaptioner(self._base(seeing), name)

        return OnDemand(name, load)

    def picture_encoder(self) -> "OnDemand[PictureEncoder] | None":
        """Return what embeds pictures; ``None`` where labels stand for them."""
        space = self._profile.pictures
        if space is None:
            return None
        from indexer.models import OnDemand

        name = _siglip_id(space)

        def load() -> "PictureEncoder":
            from indexer.encoders.siglip import SiglipPictureEncoder

            return SiglipPictureEncoder(self._located(space.checkpoint), name, space.device)

        return OnDemand(name, load)

    def picture_query_encoder(self) -> "QueryEncoder | None":
        """Return what puts queries among the pictures; it loads when a library has some."""
        space = self._profile.pictures
        if space is None:
            return None
        from cinedex.late_encoder import LateQueryEncoder

        name = _siglip_id(space)

        def load() -> "QueryEncoder":
            from indexer.encoders.siglip_text import SiglipTextEncoder

            return SiglipTextEncoder(self._located(space.checkpoint), name, space.device)

        return LateQueryEncoder(name, load)

    def _base(self, seeing: SeeingModel) -> "VideoModel":
        """Return the base model: alone, or what is in memory to answer."""
        from indexer.media.random_access import RandomAccessFrames
        from reasoner.videomind.backend import base_under, load_base

        loaded = self.videomind()
        if loaded is not None:
            return base_under(loaded, RandomAccessFrames())
        return load_base(self._located(str(seeing.base)), RandomAccessFrames(), _options(seeing))

    def _located(self, checkpoint: str) -> Path:
        from reasoner.videomind.checkpoints.place import locate

        return locate(checkpoint, offline=self._offline)


def _folder_of(place: str) -> Path | None:
    from reasoner.videomind.checkpoints.place import locate

    try:
        return locate(place, offline=True)
    except (InputError, WeightsMissingError):
        return None


def _siglip_id(space: PictureSpace) -> str:
    """Name both towers of a checkpoint."""
    return f"siglip({checkpoint_id(space.checkpoint)})"


def _options(seeing: SeeingModel) -> "BackboneOptions":
    from reasoner.videomind.options import BackboneOptions

    return BackboneOptions(seeing.device, seeing.precision)


def _seeing_id(seeing: SeeingModel) -> str:
    """Name a checkpoint and, where it lies elsewhere, its base model."""
    base = _base_place(seeing)
    if seeing.checkpoint is None:
        return checkpoint_id(base)
    is_part = seeing.base is None and _is_inside(base, seeing.checkpoint)
    places = [seeing.checkpoint, *([] if is_part else [base])]
    return "+".join(checkpoint_id(place) for place in places)


def _base_place(seeing: SeeingModel) -> str:
    """Find the base model: where the profile says, or the checkpoint, of which it may be part."""
    if seeing.base is not None:
        return seeing.base
    folder = Path(str(seeing.checkpoint))
    if not folder.is_dir():
        return str(folder)
    from reasoner.videomind.checkpoints.checkpoint import open_checkpoint

    return str(open_checkpoint(folder).base)


def _is_inside(place: str, folder: str) -> bool:
    return Path(place).resolve().is_relative_to(Path(folder).resolve())
