import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from store import fulltext
from store.fulltext import MOST_MATCHES, MOST_PHRASES, MOST_TERMS, choose_runs
from store.interfaces import TokenRun
from store.layout import LibrarySettings
from store.library import Library
from store.records import Scope

TEXTS = [
    "They argued about the cafe in the kitchen",
    "Don't open the red door",
    "the door, the door and the door again, they say, in a longer sentence about nothing",
    "NEAR the end: AND OR NOT",
    "Das Mädchen öffnet die Tür",
]


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def shelf(request, tmp_path_factory):
    settings = LibrarySettings()
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        settings = LibrarySettings(catalogue=server.new_database())
    root = tmp_path_factory.mktemp("shelf") / "library"
    with Library.create(root, settings=settings) as library:
        yield library


@pytest.fixture
def spoken(shelf, make_video):
    if not shelf.videos():
        shelf.publish(make_video("a", TEXTS))
    return shelf


def found(library, *terms, phrases=(), k=10):
    return [
        TEXTS.index(hit.evidence.text) for hit in library.search_text(terms, k, phrases=phrases)
    ]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("arguing", [0]),  # one stem
        ("CAFÉ", [0]),  # case and accents fold
        ("madchen", [4]),
        ("don't", [1]),
        ("dont", []),
        ("near", [3]),
        ("NEAR(", [3]),
        ('"NOT"', [3]),
        ("do*", []),  # no prefix search: nobody said "do"
        ("text:door", []),
        ("red-door", [1]),
        ("the red", [1]),
        ("kitchen\0 AND", []),
        ("kitchen\0", [0]),
        ("\ud800kitchen", [0]),
        ("\U0001f3ac", []),
        ("", []),
        ("---", []),
    ],
)
def test_a_term_is_words_whatever_it_looks_like(spoken, term, expected):
    assert found(spoken, term) == expected


def test_any_term_may_match_and_nothing_hides_the_others(spoken):
    assert set(found(spoken, "kitchen", "\U0001f3ac", '"', "tür")) == {0, 4}


def test_a_phrase_is_words_in_a_row(spoken):
    assert found(spoken, phrases=["red door"]) == [1]
    assert found(spoken, phrases=["door red"]) == []


def test_hits_come_best_first_with_their_clip_and_higher_is_better(spoken):
    hits = spoken.search_text(["red", "door"], 10)
    assert [hit.evidence.ordinal for hit in hits] == [1, 2]
    assert hits[0].score > hits[1].score > 0
    assert [hit.clip.ordinal for hit in hits] == [1, 2]
    assert [hit.span for hit in hits] == [hit.evidence.span for hit in hits]
    assert spoken.search_text(["red", "door"], 1) == hits[:1]


def test_ten_thousand_characters_are_searched(spoken):
    many = [f"w{i}" for i in range(3000)]
    assert found(spoken, "kitchen", *many) == [0]
    assert found(spoken, ("x " * 5000)) == []
    assert found(spoken, "(" * 10_000) == []


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(alphabet=st.characters() | st.sampled_from("\"'*^:()-+{}\0 \ud800"))),
    st.lists(st.text()),
)
def test_no_text_breaks_the_search_or_hides_a_plain_word(spoken, terms, phrases):
    assert 0 in found(spoken, *terms, "kitchen", phrases=phrases)


def test_a_word_said_often_counts_more_and_a_long_text_counts_less(spoken):
    often, once = (hit.score for hit in spoken.search_text(["door"], 2))
    assert [hit.evidence.ordinal for hit in spoken.search_text(["door"], 2)] == [2, 1]
    # BM25 by hand: 5 texts, "door" in two, three times among 16 words and once among 5.
    average = sum(len(text.replace("'", " ").split()) for text in TEXTS) / 5
    idf = math.log((5 - 2 + 0.5) / (2 + 0.5))
    for score, times, words in ((often, 3, 16), (once, 1, 6)):
        by_hand = idf * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * words / average))
        assert score == pytest.approx(by_hand, abs=1e-8)


def runs(*words):
    return [TokenRun(word, tuple(word.split())) for word in words]


def test_the_rarest_terms_are_asked_and_what_nobody_said_is_not():
    counts = {f"w{i}": 100 - i for i in range(20)}
    chosen = choose_runs(runs(*counts, "unheard"), [], counts)
    assert [run.text for run in chosen] == [f"w{i}" for i in range(19, 19 - MOST_TERMS, -1)]


def test_common_terms_are_left_out_where_rarer_ones_are_there_but_never_the_only_one():
    counts = {"rare": 5, "usual": MOST_MATCHES - 5, "common": MOST_MATCHES + 1}
    assert [run.text for run in choose_runs(runs(*counts), [], counts)] == ["rare", "usual"]
    assert [run.text for run in choose_runs(runs("common"), [], counts)] == ["common"]


def test_phrases_are_asked_whatever_their_words_and_not_twice():
    counts = {"red": 10, "door": 10, "the": 10**6}
    chosen = choose_runs(runs("red", "the door"), runs("the door", "red sea"), counts)
    assert [run.text for run in chosen] == ["the door", "red"]
    many = runs(*(f"red door{' red' * i}" for i in range(20)))
    assert len(choose_runs([], many, counts)) == MOST_PHRASES


def sentences(seed, number):
    """Sentences of words as common as in speech: the n-th word stands in every n-th place."""
    rng = np.random.default_rng(seed)
    own = Path(__file__).read_text() + Path(fulltext.__file__).read_text()
    words = sorted({word for word in re.findall("[A-Za-z']{2,}", own)})
    rng.shuffle(words)
    shares = 1 / np.arange(1, len(words) + 1)
    lengths = rng.integers(2, 25, number)
    return [" ".join(rng.choice(words, size, p=shares / shares.sum())) for size in lengths.tolist()]


@pytest.mark.postgres
def test_both_databases_find_the_same_for_two_hundred_sentences(postgresql, tmp_path, make_video):
    texts = sentences(1, 3000)
    queries = sentences(2, 200)
    parts = [texts[start::10] for start in range(10)]
    settings = LibrarySettings(catalogue=postgresql.new_database())
    with (
        Library.create(tmp_path / "sqlite") as one,
        Library.create(tmp_path / "postgresql", settings=settings) as other,
    ):
        for library in (one, other):
            library.publish(make_video("z", ["words that will be gone", *texts[:300]]))
            for letter, part in zip("abcdefghij", parts, strict=True):
                library.publish(make_video(letter, part))
            library.publish(make_video("a", parts[0]))
            library.remove("z" * 32)
        found = 0
        for number, query in enumerate(queries):
            words = query.split()
            phrases = [" ".join(texts[number].split()[:2])] if number % 4 == 0 else []
            scope = Scope(video_ids=("b" * 32, "c" * 32)) if number % 5 == 0 else Scope()
            first = one.search_text(words, 10, scope, phrases)
            second = other.search_text(words, 10, scope, phrases)
            assert [hit.evidence for hit in first] == [hit.evidence for hit in second], query
            scores = [hit.score for hit in second]
            assert [hit.score for hit in first] == pytest.approx(scores, abs=1e-8)
            found += len(first)
        assert found > 1500


def test_what_the_index_lacks_is_noticed_and_made_again(library, make_video, sql):
    library.publish(make_video("a", TEXTS))
    index = library._database.text_index
    with library._database.writing() as session:
        assert list(index.problems(session)) == []
        if library._database.place.startswith("postgresql"):
            session.execute(text("DELETE FROM evidence_text WHERE num_tokens = 6"))
            session.execute(text("UPDATE term SET num_evidence = 7 WHERE term = 'red'"))
        else:
            session.execute(text("INSERT INTO evidence_text(evidence_text) VALUES('delete-all')"))
        assert list(index.problems(session)) != []
        index.rebuild(session)
        assert list(index.problems(session)) == []
    assert found(library, "red") == [1]
