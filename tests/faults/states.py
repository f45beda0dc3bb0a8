"""What a library says, to be compared, and what is wrong with its files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import select

from store.errors import LibraryNotFoundError
from store.library import Library
from store.tables import AnswerRow, VideoRow
from store.wholes import content_digest

EVERYTHING = 100_000
WORDS = ("door", "red", "tone", "page", "nobody", "c3")
# Sums of float32 in another order differ in the seventh digit.
SCORE_DIGITS = 4


@dataclass(frozen=True)
class State:
    """What a library says, by natural keys.

    Attributes:
        lines: Its dump.
        answers: Saved bundles in order.
        hits: Of some searches by words and by vectors, all there are.
    """

    lines: tuple[str, ...]
    answers: tuple[str, ...]
    hits: tuple[tuple[object, ...], ...]

    def differs(self, other: "State | None") -> str:
        """Say where another differs; empty where it does not."""
        if other is None:
            return "there is no library"
        for name in ("lines", "answers", "hits"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if ours != theirs:
                lost, added = set(ours) - set(theirs), set(theirs) - set(ours)
                example = next(iter([*lost, *added]), "the order")
                return f"{name}: {len(lost)} lost, {len(added)} added, such as {str(example)[:200]}"
        return ""

    def videos(self) -> dict[str, tuple[str, ...]]:
        """The lines of each video; a video's own line comes first."""
        found: dict[str, list[str]] = {}
        name = ""
        for line in self.lines:
            if '"part": "video"' in line:
                name = line
                found[name] = []
            found[name].append(line)
        return {name: tuple(lines) for name, lines in found.items()}


def read_state(root: Path) -> State | None:
    """Read a library; ``None`` where there is none."""
    try:
        library = Library.open(root)
    except LibraryNotFoundError:
        return None
    with library:
        return state_of(library)


def state_of(library: Library) -> State:
    with library._database.reading() as session:
        answers = tuple(map(str, session.scalars(select(AnswerRow.payload).order_by(AnswerRow.id))))
    return State(tuple(library.dump()), answers, tuple(sorted(_hits(library), key=str)))


def _hits(library: Library) -> Iterator[tuple[object, ...]]:
    for word in WORDS:
        for hit in library.search_text([word], EVERYTHING):
            assert hit.evidence is not None
            text = (hit.evidence.evidence_id, hit.evidence.text, hit.span.start_milliseconds)
            yield (word, *text, round(hit.score, SCORE_DIGITS))
    for space in library.spaces():
        queries = np.random.default_rng(7).standard_normal((2, space.dimension))
        queries = (queries / np.linalg.norm(queries, axis=1, keepdims=True)).astype(np.float32)
        found = library.search_vectors(
            space.space_id, queries, EVERYTHING, query_encoder_id=space.query_encoder_id
        )
        for number, hits in enumerate(found):
            for hit in hits:
                named = hit.evidence.evidence_id if hit.evidence else hit.clip.clip_id
                place = (named, hit.span.start_milliseconds)
                yield (space.space_id, number, *place, round(hit.score, SCORE_DIGITS))


def problems(root: Path) -> list[str]:
    """Say what a library itself finds wrong: pages, indexes, digests and files.

    ``cinedex check`` will ask the same; it goes here when it is there.
    """
    with Library.open(root) as library:
        with library._database.reading() as session:
            found = list(library._database.backend.damage(session))
            found += library._database.text_index.problems(session)
            found += library._vectors.problems(session)
            digests = dict(
                session.execute(select(VideoRow.video_id, VideoRow.content_digest)).all()
            )
        for video_id, digest in digests.items():
            found += _problems_of(library, video_id, digest)
    return found


def _problems_of(library: Library, video_id: str, digest: str | None) -> Iterator[str]:
    from store import catalogue, wholes

    with library._database.reading() as session:
        names = catalogue.thumbnail_names(session, video_id)
        whole = wholes.read_whole(session, video_id)
    if content_digest(whole, names) != digest:
        yield f"video {video_id[:8]} is not what was published"
    for name in names.values():
        if not (library.root / "thumbnails" / name).is_file():
            yield f"thumbnail {name} is missing"


def litter(root: Path) -> list[str]:
    """List files that nobody will ever need: unfinished ones, and thumbnails of nothing."""
    with Library.open(root) as library:
        named = {
            root / "thumbnails" / line.split('"thumbnail": "')[1].split('"')[0]
            for line in library.dump()
            if '"thumbnail": "' in line
        }
    hidden = {path for path in root.rglob(".*") if path.name != ".lock"}
    pictures = {path for path in root.glob("thumbnails/*/*") if path.is_file()}
    return sorted(str(path.relative_to(root)) for path in hidden | (pictures - named))
