import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.library import Library

TEXTS = [
    "They argued about the cafe in the kitchen",
    "Don't open the red door",
    "the door, the door and the door again, they say, in a longer sentence about nothing",
    "NEAR the end: AND OR NOT",
    "Das Mädchen öffnet die Tür",
]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    with Library.create(tmp_path_factory.mktemp("shelf") / "library") as library:
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


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.text(alphabet=st.characters() | st.sampled_from("\"'*^:()-+{}\0 \ud800"))),
    st.lists(st.text()),
)
def test_no_text_breaks_the_search_or_hides_a_plain_word(spoken, terms, phrases):
    assert 0 in found(spoken, *terms, "kitchen", phrases=phrases)
