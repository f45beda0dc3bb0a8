"""A file that holds sound and no picture, as of a podcast."""

from indexer.options import IndexOptions
from indexer.pipeline import Indexer
from indexer.report import VideoState
from store.library import Library
from store.records import EvidenceKind
from tests.faults.models import fake_models
from tests.films import write_film


def test_what_is_heard_without_a_picture_is_indexed(tmp_path):
    path = write_film(tmp_path / "talk.mp4", num_frames=0, sound_seconds=5.0)
    with Library.create(tmp_path / "library") as library:
        (result,) = Indexer(library, fake_models(), IndexOptions()).index([path]).results
        assert (result.state, result.error) == (VideoState.INDEXED, "")
        (video,) = library.videos()
        assert ("frames", "no picture track") in {(s.stage, s.reason) for s in video.skips}
        heard = {piece.kind for piece in library.evidence(video.video_id)}
        assert heard == {EvidenceKind.SPEECH}
