"""Every format: a few rows as published, and what is wrong with a row is named with its place."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cinedex.datasets.formats import READERS, read_dataset
from cinedex.datasets.query import DatasetQuery
from store.errors import DatasetError, UnknownNameError
from store.records import Scope
from store.timespan import TimeSpan

HIGHLIGHT = {
    "qid": 7,
    "query": "A dog runs.",
    "duration": 6,
    "vid": "abc_60.0_210.0",
    "relevant_clip_ids": [2],
    "saliency_scores": [[4, 1, 0]],
    "relevant_windows": [[4, 6], [0, 1.5]],
}
TABLE = "video_id,frame_count,width,height,question,answer,qid,type,a0,a1,a2,a3,a4\n"
TVQA_ROW = {
    "qid": 3,
    "q": "Who rings?",
    **{f"a{number}": f"choice {number}" for number in range(5)},
    "answer_idx": 1,
    "ts": "76.01-84.2",
    "vid_name": "castle_s01e02_seg02_clip_09",
    "show_name": "Castle",
}
CHOICES = tuple(f"choice {number}" for number in range(5))


@pytest.fixture
def dataset(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file from text, or from rows that become JSON Lines."""

    def write(*rows: object, name: str = "data.txt") -> Path:
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(lines), "utf-8")
        return path

    return write


def test_qvhighlights(dataset):
    bare = {name: HIGHLIGHT[name] for name in ("query", "vid", "relevant_windows")} | {"qid": "x"}
    rated, unrated = read_dataset(dataset(HIGHLIGHT, "", bare), "qvhighlights")
    spans = (TimeSpan(4, 6), TimeSpan(0, 1.5))
    assert rated == DatasetQuery("7", "A dog runs.", "abc_60.0_210.0", spans)
    assert np.array_equal(rated.ratings, [[0, 0, 0], [0, 0, 0], [4, 1, 0]])
    assert (unrated.query_id, unrated.ratings) == ("x", None)


def test_charades_sta(dataset):
    path = dataset("AO8RW 0.0 6.9##a person puts a book on a shelf.", "", "Y6R7T 20.8 30##x##y")
    assert read_dataset(path, "charades") == [
        DatasetQuery("1", "a person puts a book on a shelf.", "AO8RW", (TimeSpan(0, 6.9),)),
        DatasetQuery("3", "x##y", "Y6R7T", (TimeSpan(20.8, 30),)),
    ]


def test_activitynet_captions(dataset):
    video = {"duration": 80.0, "timestamps": [[0.8, 19.9], [17, 60]], "sentences": ["We go.", " b"]}
    assert read_dataset(dataset({"v_q": video}), "activitynet") == [
        DatasetQuery("v_q_0", "We go.", "v_q", (TimeSpan(0.8, 19.9),)),
        DatasetQuery("v_q_1", "b", "v_q", (TimeSpan(17, 60),)),
    ]


def test_nextgqa(dataset):
    dataset(
        {"48": {"duration": 34, "fps": 30, "location": {"1": [[1, 5.5]]}}}, name="gsub_val.json"
    )
    rows = (
        '48,26,640,480,"why, then",unwrap it,1,CW,a,b,unwrap it,d,e',
        "48,26,640,480,how,e,2,CH,a,b,c,d,e",
    )
    assert read_dataset(dataset(TABLE + rows[0], rows[1], name="val.csv"), "nextgqa") == [
        DatasetQuery(
            "48_1", "why, then", "48", (TimeSpan(1, 5.5),), ("a", "b", "unwrap it", "d", "e"), 2
        ),
        DatasetQuery("48_2", "how", "48", None, ("a", "b", "c", "d", "e"), 4),
    ]


@pytest.mark.parametrize("as_array", [False, True])
def test_tvqa_is_about_clips_and_its_long_form_about_episodes(dataset, as_array):
    rows = (TVQA_ROW, TVQA_ROW | {"qid": 4, "ts": "nan-nan", "episode_name": "castle_s01e03"})
    path = dataset(list(rows)) if as_array else dataset(*rows)
    clip = "castle_s01e02_seg02_clip_09"
    assert read_dataset(path, "tvqa") == [
        DatasetQuery("3", "Who rings?", clip, (TimeSpan(76.01, 84.2),), CHOICES, 1),
        DatasetQuery("4", "Who rings?", clip, None, CHOICES, 1),
    ]
    assert read_dataset(path, "tvqa-long") == [
        DatasetQuery("3", "Who rings?", "castle_s01e02", None, CHOICES, 1),
        DatasetQuery("4", "Who rings?", "castle_s01e03", None, CHOICES, 1),
    ]


def test_our_own(dataset):
    path = dataset(
        {"id": "a", "query": "a dog", "video": "film.mp4", "spans": [[1, 2]]},
        {"id": 2, "query": "a cat", "spans": []},
        {"id": "c", "query": "who?", "choices": ["I", "you"], "answer": 1},
    )
    assert read_dataset(path, "own") == [
        DatasetQuery("a", "a dog", "film.mp4", (TimeSpan(1, 2),)),
        DatasetQuery("2", "a cat", None, ()),
        DatasetQuery("c", "who?", None, None, ("I", "you"), 1),
    ]


def test_our_own_knows_wordings_scopes_and_other_videos(dataset):
    path = dataset(
        {"id": "a", "query": "who?", "answers": [" a red boat ", "the boat"]},
        {"id": "b", "query": "dog -toy", "scope": {"series": "X", "season": None}, "spans": []},
        {
            "id": "c",
            "query": "a dog",
            "video": "film",
            "spans": [[1, 2]],
            "elsewhere": {"other.mp4": [[3, 4.5]]},
            "wrong_spans": {"film": [[7, 8]]},
        },
    )
    words, scoped, several = read_dataset(path, "own")
    assert words == DatasetQuery("a", "who?", answers=("a red boat", "the boat"))
    assert scoped == DatasetQuery("b", "dog -toy", None, (), scope=Scope(series="X"))
    assert several.scope is None
    assert several.truths == {"film": (TimeSpan(1, 2),), "other.mp4": (TimeSpan(3, 4.5),)}


OWN = {"id": "a", "query": "a dog"}
GOOD_TEXT = "AO8RW 0.0 6.9##a person."


@pytest.mark.parametrize(
    ("format_name", "rows", "said"),
    [
        ("qvhighlights", (HIGHLIGHT, "{"), "line 2: Expecting"),
        ("qvhighlights", (HIGHLIGHT, "[]"), "line 2: an object was expected"),
        ("qvhighlights", (HIGHLIGHT, HIGHLIGHT), "line 2: there is a query 7 already"),
        ("qvhighlights", (HIGHLIGHT | {"qid": None},), "line 1: 'qid' is no text"),
        ("qvhighlights", (HIGHLIGHT | {"relevant_windows": []},), "'relevant_windows' is empty"),
        ("qvhighlights", (HIGHLIGHT | {"relevant_windows": [[5, 4]]},), "ends after it starts"),
        ("qvhighlights", (HIGHLIGHT | {"relevant_windows": [["4", 5]]},), "in seconds, not"),
        ("qvhighlights", (HIGHLIGHT | {"saliency_scores": [[5, 1, 0]]},), "from 0 to 4: 5"),
        ("qvhighlights", (HIGHLIGHT | {"relevant_clip_ids": [3]},), "clip 3 is not one of the 3"),
        ("charades", (GOOD_TEXT, "", "AO8RW 0.0 6.9 a person."), "line 3: 'VIDEO START END##"),
        ("charades", (GOOD_TEXT, "AO8RW 0.0 nan##a person."), "line 2: span bounds must be finite"),
        ("charades", (GOOD_TEXT, "AO8RW 6.9 0.0##a person."), "line 2: a span ends after"),
        ("charades", (GOOD_TEXT, "AO8RW 0.0 x##a person."), "line 2: could not convert"),
        ("charades", (GOOD_TEXT, "AO8RW 0.0 6.9## "), "line 2: 'sentence' is no text"),
        ("activitynet", ("[]",), "data.txt: an object was expected"),
        (
            "activitynet",
            ({"v_q": {"timestamps": [[0, 1]], "sentences": []}},),
            "video v_q: 'sentences' is no array",
        ),
        ("tvqa", (TVQA_ROW, TVQA_ROW | {"qid": 4, "ts": "5"}), "line 2: 'ts' is a start and an"),
        ("tvqa", ([TVQA_ROW, TVQA_ROW | {"qid": 4, "q": ""}],), "question 2: 'q' is no text"),
        ("tvqa-long", (TVQA_ROW | {"answer_idx": 5},), "line 1: 'answer_idx' is no integer from 0"),
        ("own", (OWN, OWN | {"id": "b", "span": []}), "line 2: ['span'] mean nothing here"),
        ("own", (OWN | {"spans": [[1, 2]]},), "line 1: 'video' is missing"),
        ("own", (OWN | {"answer": 0},), "line 1: 'choices' is missing"),
        ("own", (OWN | {"choices": ["x"]},), "line 1: 'choices' are 2 or more"),
        ("own", (OWN | {"choices": ["x", "y"], "answer": 2},), "line 1: 'answer' is no integer"),
        ("own", (OWN | {"answers": []},), "line 1: 'answers' are 1 or more"),
        ("own", (OWN | {"answers": "x"},), "line 1: 'answers' is no array"),
        ("own", (OWN | {"answers": [" "]},), "line 1: 'answers' is no text"),
        ("own", (OWN | {"answers": ["x"], "choices": ["x", "y"]},), "without 'choices'"),
        ("own", (OWN | {"scope": {"serie": "x"}},), "['serie'] mean nothing here"),
        ("own", (OWN | {"scope": "x"},), "an object was expected"),
        ("own", (OWN | {"elsewhere": {"f": [[1, 2]]}},), "name those first"),
        ("own", (OWN | {"wrong_spans": [[1, 2]]},), "no object of spans by the names of videos"),
        ("own", (OWN | {"wrong_spans": {"f": [[2, 1]]}},), "a span ends after it starts"),
        (
            "own",
            (OWN | {"video": "f", "spans": [[1, 2]], "elsewhere": {"f": [[1, 2]]}},),
            "'elsewhere' names the query's own video, f",
        ),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_place(dataset, format_name, rows, said):
    path = dataset(*rows)
    with pytest.raises(DatasetError) as error:
        read_dataset(path, format_name)
    assert str(error.value).startswith(str(path))
    assert said in str(error.value)
    assert "correct or delete it (docs/EVALUATION.md)" in str(error.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("48,26,640,480,why,x,1,CW,a,b,c,d,e", "line 3: the answer 'x' is none of the choices"),
        ("48,26,640,480,why,a,2,CW,a,b", "line 3: 'a2' is no text"),
        ("48,26,640,480,why,e,2,CW,a,b,c,d,e", "line 3: there is a query 48_2 already"),
        (f"48,26,640,480,{'x' * 200_000},e,3,CW,a,b,c,d,e", "after line 2: field larger than"),
    ],
)
def test_a_bad_line_of_nextgqa_is_named(dataset, row, said):
    dataset({}, name="gsub_val.json")
    good = TABLE + "48,26,640,480,how,e,2,CH,a,b,c,d,e"
    with pytest.raises(DatasetError, match=said):
        read_dataset(dataset(good, row, name="val.csv"), "nextgqa")


def test_the_files_of_nextgqa_belong_together(dataset):
    path = dataset("question,answer", name="val.csv")
    with pytest.raises(DatasetError, match=r"gsub_val\.json cannot be read"):
        read_dataset(path, "nextgqa")
    dataset({"48": {"location": {"1": [[2, 1]]}}}, name="gsub_val.json")
    with pytest.raises(DatasetError, match=r"gsub_val\.json, video 48: a span ends after"):
        read_dataset(path, "nextgqa")
    dataset({}, name="gsub_val.json")
    with pytest.raises(DatasetError, match=r"val\.csv: there is no column a0, a1"):
        read_dataset(path, "nextgqa")


@pytest.mark.parametrize("format_name", ["qvhighlights", "charades", "tvqa", "own"])
def test_a_file_without_queries_is_an_error(dataset, format_name):
    with pytest.raises(DatasetError, match="holds no query"):
        read_dataset(dataset("", ""), format_name)


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(UnknownNameError, match="no format 'qvh'; there are qvhighlights, charades"):
        read_dataset(tmp_path, "qvh")
    for format_name in READERS:
        with pytest.raises(DatasetError, match="cannot be read"):
            read_dataset(tmp_path / "nowhere", format_name)


@pytest.mark.parametrize(
    ("format_name", "file", "num_queries", "num_spans"),
    [
        ("qvhighlights", "qvh_moment_detr/gt.jsonl", 1550, 2803),
        ("nextgqa", "nextgqa_val/val.csv", 3358, 3931),
    ],
)
def test_published_files_are_read_whole(oracles, format_name, file, num_queries, num_spans):
    queries = read_dataset(oracles / file, format_name)
    assert len(queries) == num_queries
    assert sum(len(query.spans or ()) for query in queries) == num_spans
