"""Marks as a dataset: our own JSON Lines, which ``cinedex evaluate --format own`` reads."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from cinedex.judging.judged_query import JudgedQuery
from store.errors import DatasetError
from store.mark import Mark, Verdict
from store.scope_values import scope_values
from store.timespan import TimeSpan

ID_BYTES = 6


@dataclass(frozen=True, slots=True)
class JudgedDataset:
    """Rows of a dataset.

    Attributes:
        rows: One for each query.
        num_located: Queries of which a right span is known.
        num_absent: Queries that nothing satisfies.
        left_out: Marks in videos that the library does not hold, which no row can name.
    """

    rows: tuple[dict[str, Any], ...]
    num_located: int
    num_absent: int
    left_out: tuple[Mark, ...]

    @property
    def num_unknown(self) -> int:
        """Count the queries of which only wrong spans are known."""
        return len(self.rows) - self.num_located - self.num_absent


def judged_dataset(
    judged: Iterable[JudgedQuery], name_of: Callable[[str], str | None]
) -> JudgedDataset:
    """Make rows of what was said; a query of which nothing can be named has none.

    Args:
        judged: Marks by query.
        name_of: Names the video of an id as datasets name theirs; ``None`` for one that is gone.
    """
    rows, left_out = [], []
    for query in judged:
        ids = {mark.video_id for mark in query.marks if mark.video_id is not None}
        names = {video_id: name for video_id in ids if (name := name_of(video_id)) is not None}
        left_out += [mark for mark in query.marks if mark.video_id in ids - names.keys()]
        row = _row(query, names)
        if row.keys() & {"spans", "wrong_spans"}:
            rows.append(row)
    return JudgedDataset(
        rows=tuple(rows),
        num_located=sum(bool(row.get("spans")) for row in rows),
        num_absent=sum(row.get("spans") == [] for row in rows),
        left_out=tuple(left_out),
    )


def write_dataset(dataset: JudgedDataset, path: Path, *, overwrites: bool = False) -> None:
    """Write rows as JSON Lines.

    Raises:
        DatasetError: There is no row, the file is there already, or it cannot be written.
    """
    if not dataset.rows:
        raise DatasetError(
            "every mark is in a video that the library does not hold; index those again"
            if dataset.left_out
            else "nothing is judged yet; begin with `cinedex judge`"
        )
    lines = "".join(json.dumps(row) + "\n" for row in dataset.rows)
    try:
        with path.expanduser().open("w" if overwrites else "x", encoding="utf-8") as file:
            file.write(lines)
    except FileExistsError as error:
        raise DatasetError(f"{path} is there already; name another file, or use --force") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be written ({error}); name another file") from error


def _row(query: JudgedQuery, names: Mapping[str, str]) -> dict[str, Any]:
    right = _by_name(query.spans(Verdict.RIGHT), names)
    wrong = _by_name(query.spans(Verdict.WRONG), names)
    row: dict[str, Any] = {
        "id": _id_of(query),
        "query": query.query,
        "scope": scope_values(query.scope),
    }
    if right:
        # The video with most of them: without --corpus it is the one that is searched.
        main = max(right, key=lambda name: len(right[name]))
        row |= {"video": main, "spans": right.pop(main)}
        if right:
            row["elsewhere"] = right
    elif query.is_absent:
        row["spans"] = []
    if wrong:
        row["wrong_spans"] = wrong
    return row


def _id_of(query: JudgedQuery) -> str:
    """Name a query by what it is, so that predictions fit the next file too."""
    asked = json.dumps([query.query, scope_values(query.scope)])
    return blake2b(asked.encode(), digest_size=ID_BYTES).hexdigest()


def _by_name(
    spans: Mapping[str, Sequence[TimeSpan]], names: Mapping[str, str]
) -> dict[str, list[list[float]]]:
    return {
        names[video_id]: [[span.start_seconds, span.end_seconds] for span in found]
        for video_id, found in spans.items()
        if video_id in names
    }
