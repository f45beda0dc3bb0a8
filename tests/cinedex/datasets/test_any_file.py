"""Whatever a file holds: it is read, or it is refused as a file, with an error that is ours."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cinedex.datasets.formats import READERS, read_dataset
from cinedex.datasets.query import DatasetQuery
from cinedex.evaluation.predictions_file import read_predictions
from store.errors import DatasetError

# One row that every format takes for its own; changes are drawn.
ROW = {
    **{"qid": 1, "query": "a dog", "vid": "film", "duration": 8, "relevant_windows": [[0, 4]]},
    **{"relevant_clip_ids": [1], "saliency_scores": [[1, 2, 3]]},
    **{"q": "who?", "a0": "0", "a1": "1", "a2": "2", "a3": "3", "a4": "4", "answer_idx": 1},
    **{"ts": "1-2", "vid_name": "film", "location": {"1": [[0, 4]]}},
    **{"pred_relevant_windows": [[0, 4, 1]], "pred_saliency_scores": [1], "pred_videos": ["film"]},
    "pred_found_by": [{"kind": "speech", "ranks": {"lexical": 1}}],
    "pred_answer": {"text": "a dog", "abstained": False, "choice": None},
}
OWN = {
    **{"id": "1", "query": "a dog", "video": "film", "spans": [[0, 4]]},
    **{"choices": ["a", "b"], "answer": 1},
}
VIDEO = {"film": {"timestamps": [[0, 4]], "sentences": ["a dog"]}}
TABLE = "video_id,question,answer,qid,a0,a1,a2,a3,a4\nfilm,who?,a,1,a,b,c,d,e"
TEXT = "film 0 4##a dog"
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("2-1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=6,
)


def changed(row):
    changes = st.dictionaries(st.sampled_from(sorted(row)), values, max_size=2)
    return changes.map(lambda change: json.dumps(row | change).encode())


def spliced(text):
    """Put something else in place of a part of a text."""
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)), st.text(max_size=4))
    return ends.map(lambda cut: (text[: min(cut[:2])] + cut[2] + text[max(cut[:2]) :]).encode())


lines = st.one_of(
    *(changed(row) for row in (ROW, OWN, VIDEO, VIDEO["film"])),
    *(spliced(text) for text in (TABLE, TEXT, json.dumps(VIDEO))),
    st.binary(max_size=20),
)
files = st.lists(lines, max_size=3).map(b"\n".join)
many = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("format_name", READERS)
@many
@given(written=files, beside=changed(VIDEO) | changed({"film": ROW}))
def test_a_dataset_is_read_or_refused(tmp_path: Path, format_name, written, beside) -> None:
    (tmp_path / "val.csv").write_bytes(written)
    (tmp_path / "gsub_val.json").write_bytes(beside)
    with suppress(DatasetError):
        queries = read_dataset(tmp_path / "val.csv", format_name)
        assert len({query.query_id for query in queries}) == len(queries) > 0


@many
@given(written=files)
def test_predictions_are_read_or_refused(tmp_path: Path, written) -> None:
    path = tmp_path / "predictions.jsonl"
    path.write_bytes(written)
    with suppress(DatasetError):
        assert read_predictions(path, [DatasetQuery("1", "a dog", "film")]).keys() <= {"1"}
