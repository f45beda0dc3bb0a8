"""What dropping redundant frames costs: kept ratios and retrieval, against keeping every look.

    python -m benchmarks.frames LIBRARY --footage ../shared/videos --cache FOLDER

``LIBRARY`` holds the footage and the sample film, indexed with everything on; clips, speech,
subtitles and screen text are taken from it. Tags and picture vectors are made anew from the frames
that each way of choosing keeps; captions, which repeat the tags, are left out. Every look is given
to the backbone once and its features are kept in ``FOLDER``.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from benchmarks.retrieval import SOURCES, measure_catalogue, measure_queries, read_queries
from cinedex.api import CinedexLibrary, open_library
from indexer.embedding import embed, embeddings_of, memory_of
from indexer.findings import place_findings
from indexer.frames import FeatureChain, FrameChooser, FrameOptions, stay_spans
from indexer.interfaces import PictureBackbone, ShotDetector
from indexer.labels.imagenet import imagenet_labels
from indexer.media import FrameReader
from indexer.models import IndexerModels
from indexer.tags import Tagger
from store.library import Library
from store.records import EvidenceKind, IndexedVideo, Scope, Video
from store.timespan import TimeSpan

SAMPLE = Path(__file__).parent.parent / "examples" / "sample"
RESULTS = Path(__file__).parent / "results" / "frames.json"
PICTURE_SIDE_PIXELS = 640
BATCH_PICTURES = 32
REMADE_KINDS = (EvidenceKind.TAG, EvidenceKind.CAPTION)
# With a negative limit every cell has changed, so every look passes the pixel gate.
EVERY_LOOK = FrameOptions(changed_levels=-1.0)
FIXED_COSINE = 0.85
FIXED = FrameOptions(least_alike_cosine=FIXED_COSINE, most_alike_cosine=FIXED_COSINE)
NO_PICTURES = np.zeros((0, 0), np.float16)
CHOICES = {name: SOURCES[name] for name in ("all sources", "pictures only")}

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Every look at one video: ``N`` of them, one a second and some after cuts.

    Attributes:
        passed: Which the pixel gate lets through.
        cuts_seconds: Of the shots.
    """

    pts_seconds: NDArray[np.float64]
    passed: Flags
    features: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    cuts_seconds: NDArray[np.float64]
    end_seconds: float

    def stays(self, chosen: Flags) -> list[TimeSpan]:
        """Say for how long each of the chosen looks stands for what is on screen."""
        times = self.pts_seconds[chosen].tolist()
        return stay_spans(times, self.cuts_seconds.tolist(), self.end_seconds)


Chooser = Callable[[Looks], Flags]


def look_at(path: Path, backbone: PictureBackbone, detector: ShotDetector) -> Looks:
    """Decode a video once and show the backbone every look."""
    every, gate = FrameChooser(EVERY_LOOK), FrameChooser()
    seconds, passed, seen = [], [], []
    batch: list[NDArray[np.uint8]] = []
    with FrameReader(path) as reader:
        for frame in reader:
            small = frame.picture(detector.frame_side_pixels)
            detector.push(small, frame.pts_seconds)
            passes = gate.wants(small, frame.pts_seconds)
            if every.wants(small, frame.pts_seconds):
                seconds.append(frame.pts_seconds)
                passed.append(passes)
                batch.append(frame.picture(PICTURE_SIDE_PIXELS))
            if len(batch) == BATCH_PICTURES:
                seen.append(backbone.look(batch))
                batch.clear()
        seen.append(backbone.look(batch))
        return Looks(
            np.array(seconds),
            np.array(passed),
            np.concatenate([part.features for part in seen]),
            np.concatenate([part.probabilities for part in seen]),
            np.array([cut.seconds for cut in detector.finish()]),
            reader.end_seconds,
        )


def cached_looks(path: Path, cache: Path, models: IndexerModels) -> Looks:
    """Look at a video, or remember how it looked; halves of precision are kept."""
    kept = cache / f"{path.name}.npz"
    if not kept.exists():
        looks = look_at(path, models.backbone.get(), models.new_shot_detector())
        values = {name: getattr(looks, name) for name in Looks.__slots__}
        for name in ("features", "probabilities"):
            values[name] = values[name].astype(np.float16)
        np.savez(kept, **values)
    with np.load(kept) as arrays:
        values = {name: arrays[name] for name in Looks.__slots__}
    values["end_seconds"] = float(values["end_seconds"])
    for name in ("features", "probabilities"):
        values[name] = values[name].astype(np.float32)
    return Looks(**values)


def every_look(looks: Looks) -> Flags:
    """Keep all."""
    return np.ones(len(looks.pts_seconds), dtype=np.bool_)


def passed(looks: Looks) -> Flags:
    """Keep what passes the pixel gate."""
    return looks.passed


def chained(options: FrameOptions, looks: Looks) -> Flags:
    """Keep what the feature chain keeps of the frames that pass the gate."""
    chain = FeatureChain(options)
    kept = looks.passed.copy()
    times = looks.pts_seconds[looks.passed].tolist()
    kept[looks.passed] = chain.keep(looks.features[looks.passed], times)
    return kept


CHOOSERS: dict[str, Chooser] = {
    "every look": every_look,
    "pixel gate": passed,
    f"fixed {FIXED_COSINE}": partial(chained, FIXED),
    "adaptive": partial(chained, FrameOptions()),
}


def half_of(path: str) -> str:
    """Divide the files: what is tuned is tuned on the first half alone."""
    return "development" if sum(map(ord, Path(path).stem)) % 2 else "held out"


class Rebuilder:
    """Publishes the videos of one library into another, with the frames that a chooser keeps."""

    def __init__(self, source: CinedexLibrary, looks: dict[str, Looks]) -> None:
        self._source = source.store
        self._looks = looks
        self._models = source.composition.indexer_models()
        self._embedded: dict[str, bytes] = {}
        self._tagger = Tagger(imagenet_labels(), self._models.backbone.model_id)

    def rebuild(self, target: Library, choose: Chooser) -> None:
        """Publish every video."""
        for video in self._source.videos():
            target.publish(self._remade(video, choose))

    def _remade(self, video: Video, choose: Chooser) -> IndexedVideo:
        clips = tuple(self._source.clips(video.video_id))
        found = self._source.evidence(video.video_id)
        evidence = tuple(piece for piece in found if piece.kind not in REMADE_KINDS)
        classes, spans = NO_PICTURES, list[TimeSpan]()
        looks = self._looks.get(video.video_id)
        if looks is not None:
            kept = choose(looks)
            classes = looks.probabilities[kept].astype(np.float16)
            spans = looks.stays(kept)
            # The backbone sees every frame that passes the gate, kept or not.
            seen = kept | looks.passed
            tags = self._tagger.find(looks.probabilities[seen], looks.stays(seen))
            evidence += place_findings(video.video_id, tags, clips)
        known = self._embedded.get(video.video_id)
        memory = memory_of([known] if known else [])
        payload = embed(evidence, classes, uuid4().hex, self._models, memory)
        self._embedded[video.video_id] = payload
        spaces, embeddings = embeddings_of(payload, evidence, clips, spans)
        return IndexedVideo(video, clips, evidence, spaces, embeddings, ())


def kept_ratios(choose: Chooser, looks: dict[str, Looks], names: dict[str, str]) -> dict[str, Any]:
    """Count kept frames among all looks: of each video, of each half and of all."""
    counts = {
        names[key]: (int(choose(seen).sum()), len(seen.passed)) for key, seen in looks.items()
    }
    ratios: dict[str, Any] = {name: round(kept / of, 3) for name, (kept, of) in counts.items()}
    groups = {"all": list(counts.values())}
    for name, count in counts.items():
        groups.setdefault(half_of(name), []).append(count)
    summary = {
        group: round(sum(kept for kept, _ in rows) / sum(of for _, of in rows), 3)
        for group, rows in groups.items()
    }
    return {**summary, "by video": ratios}


def retrieval(library: CinedexLibrary, catalogue: Path, film: Video) -> dict[str, Any]:
    """Measure the catalogue's queries, by half, and the sample film's."""
    retriever = library.composition.retriever()
    rows = [json.loads(line) for line in catalogue.read_text("utf-8").splitlines()]
    report: dict[str, Any] = {}
    for half in ("development", "held out"):
        chosen = [row for row in rows if half_of(row["file"]) == half]
        report[f"catalogue, {half}"] = measure_catalogue(retriever, chosen, CHOICES)
    for split in ("tune", "held_out"):
        queries = read_queries(SAMPLE / "queries.json", split)
        scope = Scope(video_ids=(film.video_id,))
        report[f"sample film, {split}"] = measure_queries(retriever, queries, scope, CHOICES)
    return {
        section: {
            sources: {
                measure: bounds["mean"] if isinstance(bounds, dict) else bounds
                for measure, bounds in measured[sources]["all"].items()
            }
            for sources in CHOICES
        }
        for section, measured in report.items()
    }


def main() -> None:
    """Measure every chooser, print, and write ``benchmarks/results/frames.json``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    report = {}
    with open_library(arguments.library) as library:
        models = library.composition.indexer_models()
        videos = [video for video in library.store.videos() if video.video_codec is not None]
        looks = {
            video.video_id: cached_looks(Path(video.path), arguments.cache, models)
            for video in videos
        }
        names = {video.video_id: Path(video.path).name for video in videos}
        (film,) = [video for video in videos if Path(video.path).parent.name == SAMPLE.name]
        rebuilder = Rebuilder(library, looks)
        for name, choose in CHOOSERS.items():
            report[name] = {"kept": kept_ratios(choose, looks, names)}
            with (
                tempfile.TemporaryDirectory() as scratch,
                open_library(scratch, create=True) as target,
            ):
                rebuilder.rebuild(target.store, choose)
                report[name]["retrieval"] = retrieval(
                    target, arguments.footage / "catalogue.jsonl", film
                )
            print(name, json.dumps(report[name], indent=1), flush=True)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
