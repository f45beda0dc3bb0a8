"""A captioner that needs no weights: it reads the numbers in the frames of ``tests.films``."""

from dataclasses import replace

from indexer.models import IndexerModels, OnDemand
from tests.faults.models import fake_models
from tests.films import number_in

SPEECHLESS_FROM = 10.0


class Narrator:
    """Tells which numbers it saw and what was said; of the later clips it cannot tell."""

    def __init__(self, model_id="narrator@1", stops_at=None):
        self.model_id = model_id
        self.clips = []
        self.said = []
        self.numbers = []
        self._stops_at = stops_at

    def instants(self, clip):
        return (clip.start_seconds + 0.55, clip.start_seconds + 1.55)

    def caption(self, clip, pictures, lines):
        if len(self.clips) == self._stops_at:
            raise KeyboardInterrupt
        self.clips.append(clip)
        self.said.append(lines)
        first, second = (number_in(picture) for picture in pictures)
        self.numbers.append((first, second))
        if clip.start_seconds >= SPEECHLESS_FROM:
            return None
        return f"Numbers {first} and {second} are shown."


def narrated_models(narrator: Narrator) -> IndexerModels:
    return replace(fake_models(), captioner=OnDemand(narrator.model_id, lambda: narrator))
