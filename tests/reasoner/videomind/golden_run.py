"""The end-to-end run of the golden folder: its films, drawn anew, and what each role was asked."""

import hashlib
import json
import math
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasoner.answer import Role
from reasoner.videomind.decoder.nms import SUPPRESSING_IOU
from reasoner.videomind.planning import read_reply
from reasoner.videomind.sampling import (
    ANSWERER_VIDEO,
    GROUNDER_VIDEO,
    PLANNER_VIDEO,
    VERIFIER_VIDEO,
    VideoSettings,
)
from reasoner.videomind.scores import MAX_CANDIDATES
from reasoner.videomind.spans import answer_span, clean_query, parse_span
from reasoner.videomind.zoom import zoom_out
from store.records import Video
from store.timespan import TimeSpan
from tests.reasoner.timeline import VIDEO
from tests.reasoner.videomind.golden_agent import copy_of, read_agent

BLOCK_PIXELS, SPECKLE, SPECKLE_SEED = 14, 20, 100_000
"""Of the recipe by which the frames are drawn."""
SEEN_BY = {Role.PLANNER: PLANNER_VIDEO, Role.GROUNDER: GROUNDER_VIDEO}
"""Roles that see a whole film."""


@dataclass(frozen=True)
class Generated:
    """What the reference wrote in one role.

    Attributes:
        role: The answerer is the base with all adapters off, which the file calls by the adapter
            that was on before.
        token_ids: The end token among them.
        num_sure: As many were written before one that was nearly another.
        boundaries: ``(K, 3)`` start, end and score of the first moment named; ``None`` where none
            was.
    """

    role: Role
    prompt_len: int
    grid: tuple[int, int, int]
    prompt_sha256: str
    token_ids: list[int]
    num_sure: int
    boundaries: NDArray[np.float32] | None

    def without_end(self, end_token_ids: Sequence[int]) -> list[int]:
        """What is sure of what was written, without the token that ended it."""
        sure = self.token_ids[: self.num_sure]
        return sure[:-1] if sure[-1:] and sure[-1] in end_token_ids else sure

    def is_of(self, token_ids: Sequence[int]) -> bool:
        """Whether a prompt is the one that was read."""
        digest = hashlib.sha256(np.array(token_ids, np.int32).tobytes()).hexdigest()
        return digest == self.prompt_sha256


@dataclass(frozen=True)
class Asked:
    """One question or query of the run and what became of it."""

    dump: dict[str, Any]
    video: Video
    min_answer_seconds: float
    answerer_video: VideoSettings
    generated: dict[Role, Generated]

    @property
    def roles(self) -> list[Role]:
        return [Role(name) for name in self.dump["agents"]]

    @property
    def text(self) -> str:
        """As the planner and the verifier get it."""
        text: str = self.dump.get("question") or self.dump["query"]
        return text

    @property
    def query(self) -> str:
        """As the grounder gets it."""
        rephrased = read_reply(self.dump["planner_response"]).query
        return clean_query(rephrased or self.dump.get("query") or self.dump["question"])

    @property
    def whole(self) -> TimeSpan:
        return TimeSpan(0.0, self.video.duration_seconds)

    @property
    def candidates(self) -> list[TimeSpan]:
        """What the verifier looked at, in the grounder's order, ends inside the film."""
        if Role.VERIFIER not in self.roles:
            return []
        return [
            parse_span(*each, self.video.duration_seconds)
            for each in self.dump["pred_ori"][:MAX_CANDIDATES]
        ]

    @property
    def answer_clip(self) -> TimeSpan:
        best = self.dump["pred"][0] if Role.GROUNDER in self.roles else (0.0, math.inf)
        return answer_span(*best, self.video.duration_seconds, min_seconds=self.min_answer_seconds)

    def apart(self) -> list[tuple[TimeSpan, float]]:
        """The run's spans cut off at the film's ends and their scores, none much like a better."""
        kept: list[tuple[TimeSpan, float]] = []
        for bounds, score in zip(self.dump["pred_ori"], self.dump["conf_ori"], strict=True):
            span = parse_span(*bounds, self.video.duration_seconds)
            if score > 0 and all(span.iou(better) < SUPPRESSING_IOU for better, _ in kept):
                kept.append((span, score))
        return kept

    def zoom(self, candidate: TimeSpan) -> TimeSpan:
        """What the verifier is shown of a candidate."""
        bounds = (candidate.start_seconds, candidate.end_seconds)
        return zoom_out(*bounds, self.video.duration_seconds).clip

    def clips(self) -> Iterator[tuple[Role, TimeSpan, VideoSettings]]:
        """What the roles look at, in the order in which they run."""
        for role in self.roles:
            if role in SEEN_BY:
                yield role, self.whole, SEEN_BY[role]
            elif role is Role.VERIFIER:
                yield from ((role, self.zoom(each), VERIFIER_VIDEO) for each in self.candidates)
            else:
                yield role, self.answer_clip, self.answerer_video


@dataclass(frozen=True)
class GoldenRun:
    """Everything that was asked, and how closely it is to be met.

    Attributes:
        seconds_tolerance: Of the grounder's spans.
        score_tolerance: Of the verifier's scores.
    """

    notes: dict[str, Any]
    asked: list[Asked]
    seconds_tolerance: float
    score_tolerance: float


@dataclass
class DrawnFilms:
    """The films of the run, which are drawn and not stored.

    Attributes:
        requests: Frame numbers of every request.
    """

    films: dict[str, dict[str, Any]]
    requests: list[list[int]] = field(default_factory=list)

    def frames_at(self, path: Path, instants_seconds: Sequence[float]) -> NDArray[np.uint8]:
        film = self.films[path.name]
        numbers = [int(instant * film["fps"]) for instant in instants_seconds]
        self.requests.append(numbers)
        return np.stack([_frame(film, number) for number in numbers])


def read_run(golden: Path) -> GoldenRun:
    notes = json.loads((golden / "videomind_agent_e2e" / "e2e.json").read_text("utf-8"))
    written = iter(notes["generations"])
    return GoldenRun(
        notes,
        [_asked(dump, notes, written) for dump in notes["dumps"]],
        _advised(r"pred within ([\d.e-]+) s", notes["tolerance"]),
        _advised(r"probs ([\d.e-]+)", notes["tolerance"]),
    )


def close_spans(ours: Sequence[TimeSpan], theirs: Sequence[TimeSpan], run: GoldenRun) -> None:
    bounds = [[(x.start_seconds, x.end_seconds) for x in spans] for spans in (ours, theirs)]
    np.testing.assert_allclose(*bounds, rtol=0, atol=run.seconds_tolerance)


def agent_of_the_run(golden: Path, folder: Path) -> Path:
    """The tiny agent with the run's own grounder."""
    copy_of(read_agent(golden, "videomind_agent_tiny"), folder)
    for path in (golden / "videomind_agent_e2e" / "grounder").iterdir():
        shutil.copyfile(path, folder / "grounder" / path.name)
    return folder


def _asked(dump: dict[str, Any], notes: dict[str, Any], written: Iterator[Any]) -> Asked:
    film = notes["videos"][dump["video_path"]]
    rate = Fraction(film["fps"])
    video = replace(
        VIDEO,
        video_id=dump["video_path"],
        paths=(dump["video_path"],),
        duration_seconds=dump["duration"],
        frame_rate=rate,
    )
    generated = {}
    for role in map(Role, dump["agents"]):
        if role is not Role.VERIFIER:
            generated[role] = _generated(role, next(written))
    of_films = notes["settings"]["dataset_class"]
    seen = replace(
        ANSWERER_VIDEO, min_tokens=of_films["MIN_PIXELS"], max_tokens=of_films["MAX_PIXELS"]
    )
    return Asked(dump, video, of_films["MIN_LEN"], seen, generated)


def _generated(role: Role, row: dict[str, Any]) -> Generated:
    assert role in (row["adapter"], Role.ANSWERER), "the generations are in another order"
    (grid,) = row["grid"]
    gap, named = row["first_gap_below_1e_3"], row["reg0"]
    return Generated(
        role,
        row["prompt_len"],
        tuple(grid),
        row["input_ids_sha256_int32"],
        row["generated"],
        len(row["generated"]) if gap is None else gap,
        None if named is None else np.array(named, np.float32),
    )


def _frame(film: dict[str, Any], number: int) -> NDArray[np.uint8]:
    """A scene's colours and a frame's own speckle, in blocks."""
    size = (film["h"] // BLOCK_PIXELS, film["w"] // BLOCK_PIXELS, 3)
    scene = np.random.RandomState(film["seed"] + number // film["scene"]).randint(0, 256, size)
    own = np.random.RandomState(film["seed"] + SPECKLE_SEED + number)
    blocks = np.clip(scene + own.randint(-SPECKLE, SPECKLE + 1, size), 0, 255).astype(np.uint8)
    return blocks.repeat(BLOCK_PIXELS, axis=0).repeat(BLOCK_PIXELS, axis=1)


def _advised(pattern: str, advice: str) -> float:
    found = re.search(pattern, advice)
    assert found, f"the run advises no tolerance like {pattern!r}: {advice}"
    return float(found[1])
