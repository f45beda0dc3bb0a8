"""The sample film's own queries as a dataset: searched, asked, and measured again from the file."""

import json

import pytest

from tests.e2e.conftest import cinedex

pytestmark = pytest.mark.weights

LEAST_RECALL = 0.4
NUM_QUESTIONS = 3


@pytest.fixture(scope="module")
def rows(sample_film):
    """Queries and questions of the tuning half, as our own format has them."""

    def read(name):
        listed = json.loads((sample_film.parent / name).read_text("utf-8"))
        return [row for row in listed if row["split"] == "tune"]

    named = {"video": sample_film.name}
    queries = [
        named | {"id": row["id"], "query": row["text"], "spans": row["spans"]}
        for row in read("queries.json")
    ]
    questions = [
        named
        | {"id": row["id"], "query": row["text"], "spans": row["spans"]}
        | {"choices": ["a green bicycle", row["answers"][0]], "answer": 1}
        for row in read("questions.json")
        if row["answerable"]
    ]
    return queries, questions[:NUM_QUESTIONS]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_a_run_is_measured_shown_and_kept(film_library, rows, tmp_path):
    dataset = write(tmp_path / "queries.jsonl", rows[0])
    kept, page = tmp_path / "kept.jsonl", tmp_path / "report.html"
    asked = ("evaluate", dataset, "--format", "own", "--json")
    ran = cinedex(*asked, "--predictions", kept, "--html", page, library=film_library[0])
    assert ran.code == 0, ran.err
    means = {figure["name"]: figure["mean"] for figure in ran.data["figures"]}
    assert means["R1@0.5"] >= LEAST_RECALL
    assert {"speech", "screen_text"} <= ran.data["kinds"].keys()
    assert page.read_text("utf-8").count("data:image/jpeg;base64,") >= ran.data["num_failures"] > 0
    again = cinedex(*asked, "--from", kept, library=tmp_path / "nowhere")
    assert again.data == ran.data


def test_questions_are_answered_and_a_choice_is_taken(film_library, rows, tmp_path):
    dataset = write(tmp_path / "questions.jsonl", rows[1])
    kept = tmp_path / "kept.jsonl"
    asked = ("evaluate", dataset, "--format", "own", "--ask", "--predictions", kept, "--json")
    ran = cinedex(*asked, library=film_library[0])
    assert ran.code == 0, ran.err
    figures = {figure["name"]: figure for figure in ran.data["figures"]}
    assert figures["Acc@QA"]["num_queries"] == NUM_QUESTIONS
    answers = [json.loads(line)["pred_answer"] for line in kept.read_text("utf-8").splitlines()]
    assert len(answers) == NUM_QUESTIONS
    for answer in answers:
        assert (answer["choice"] is None) == answer["abstained"]
