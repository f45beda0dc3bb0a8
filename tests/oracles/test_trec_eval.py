"""Recall@k, Success@k, RR and nDCG@k against trec_eval, and against ranx where it is installed."""

from collections import defaultdict
from functools import partial

import numpy as np
import pytest

from retriever.metrics.ndcg import ndcg_at_k
from retriever.metrics.per_query import per_query
from retriever.metrics.recall import recall_at_k
from retriever.metrics.reciprocal_rank import reciprocal_rank
from retriever.metrics.success import success_at_k
from tests.oracles.manifest import read_json, tolerance

DATASET = "trec_eval"
AT_K = {"recall": recall_at_k, "success": success_at_k, "ndcg_cut": ndcg_at_k}
TO_THE_END = {"recip_rank": reciprocal_rank, "ndcg": ndcg_at_k}
RANX_NAMES = {"recall": "recall", "success": "hit_rate", "ndcg_cut": "ndcg", "recip_rank": "mrr"}
RANX_TOLERANCE = 1e-6  # to which the manifest says that ranx and trec_eval agree


@pytest.fixture(scope="module")
def folder(oracles):
    return oracles / DATASET


@pytest.fixture(scope="module")
def judged(folder):
    """Topic to document to gain, of every judged document."""
    gains = defaultdict(dict)
    for line in (folder / "qrels.txt").read_text("utf-8").splitlines():
        topic, _, document, gain = line.split()
        gains[topic][document] = int(gain)
    return dict(gains)


@pytest.fixture(scope="module")
def run(folder):
    """Topic to document to score."""
    scores = defaultdict(dict)
    for line in (folder / "run.txt").read_text("utf-8").splitlines():
        topic, _, document, _, score, _ = line.split()
        scores[topic][document] = float(score)
    return dict(scores)


def ranked(scores):
    """Score, then document id, both falling: the order of trec_eval."""
    return sorted(scores, key=lambda document: (scores[document], document), reverse=True)


def relevant(gains):
    return {document for document, gain in gains.items() if gain > 0}


def measure_named(name):
    """The function behind a name of trec_eval; ``None`` for one that is not ours."""
    stem, _, last = name.rpartition("_")
    if stem in AT_K and last.isdecimal():
        return partial(AT_K[stem], k=int(last))
    return TO_THE_END.get(name)


def values_of(name, measure, run, judged):
    rankings = {topic: ranked(scores) for topic, scores in run.items()}
    if not name.startswith("ndcg"):
        judged = {topic: relevant(gains) for topic, gains in judged.items()}
    return per_query(measure, rankings, judged, missing=[])


def check(expected, run, judged, allowed):
    """Compare every measure of ours; return the names that were compared."""
    compared = {name for name in expected["all"] if measure_named(name)}
    for name in compared:
        values = values_of(name, measure_named(name), run, judged)
        values["all"] = np.mean(list(values.values()))
        known = {topic: row[name] for topic, row in expected.items() if name in row}
        ours = {topic: values[topic] for topic in known}
        assert ours == pytest.approx(known, abs=allowed, rel=0), name
    return compared


def test_measures_equal_the_reference(oracles, folder, run, judged):
    expected = read_json(folder / "expected.json")["default"]
    names = check(expected, run, judged, tolerance(oracles, DATASET, "expected.json"))
    assert {"recall_10", "success_10", "ndcg_cut_10", "recip_rank", "ndcg"} <= names


@pytest.mark.parametrize("file", ["expected_published_all.tsv", "expected_published_per_query.tsv"])
def test_measures_equal_what_was_published(oracles, folder, run, judged, file):
    expected = defaultdict(dict)
    for line in (folder / file).read_text("utf-8").splitlines():
        name, topic, value = line.split()
        if measure_named(name):
            expected[topic][name] = float(value)
    names = check(expected, run, judged, tolerance(oracles, DATASET, "*.tsv"))
    assert {"recall_10", "success_10", "ndcg_cut_10", "recip_rank", "ndcg"} <= names


def test_a_bounded_reciprocal_rank_equals_the_reference(oracles, folder, run, judged):
    expected = read_json(folder / "expected.json")["cutoff_M10_map_mrr"]["recip_rank"]
    allowed = tolerance(oracles, DATASET, "expected.json")
    values = values_of("recip_rank", partial(reciprocal_rank, k=10), run, judged)
    assert np.mean(list(values.values())) == pytest.approx(expected, abs=allowed, rel=0)


@pytest.mark.filterwarnings("ignore:unsafe cast")  # said by numba while it compiles ranx
@pytest.mark.parametrize("k", [1, 3, 10, 100])
def test_measures_equal_ranx(run, judged, k):
    # ranx brings numba, pandas and some 330 MB; it is not among the development dependencies.
    ranx = pytest.importorskip("ranx", reason="ranx is not installed: pip install ranx")
    rankings = {topic: ranked(scores) for topic, scores in run.items()}
    # By rank alone, so that its order of ties cannot matter.
    rank_scores = {
        topic: {document: float(-rank) for rank, document in enumerate(ranking)}
        for topic, ranking in rankings.items()
    }
    for stem, theirs in RANX_NAMES.items():
        measure = partial(AT_K.get(stem, reciprocal_rank), k=k)
        ours = values_of(stem, measure, run, judged)
        found = ranx.Run(rank_scores)
        ranx.evaluate(ranx.Qrels(judged), found, f"{theirs}@{k}")
        expected = found.scores[f"{theirs}@{k}"]
        assert ours == pytest.approx(dict(expected), abs=RANX_TOLERANCE)
