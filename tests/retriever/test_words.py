import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.words import read_query, split_words
from store.errors import QueryError


def test_stop_words_go_and_the_rest_keeps_its_order():
    assert read_query("Where is the cup of coffee?").terms == ("cup", "coffee")


def test_a_query_of_stop_words_keeps_them_all():
    assert read_query("to be or not to be").terms == ("to", "be", "or", "not")


def test_words_about_searching_go_only_when_others_stay():
    assert read_query("find the shot of a rocket").terms == ("rocket",)
    assert read_query("show me the video").terms == ("show", "video")


@pytest.mark.parametrize(
    ("query", "phrase"),
    [
        ('she says "we meet at noon" twice', "we meet at noon"),
        ("sie sagt „bis morgen“ leise", "bis morgen"),
        ("“Rocket, man!”", "rocket man"),
        ("« à bientôt »", "à bientôt"),
    ],
)
def test_quoted_words_are_kept_as_a_phrase(query, phrase):
    assert read_query(query).phrases == (phrase,)


@pytest.mark.parametrize("query", ['say "', '""', '"?!"', "''"])
def test_quotes_without_words_or_partner_are_no_phrase(query):
    assert read_query(query).phrases == ()


def test_apostrophes_join_words_and_possessives_go():
    assert split_words("Don't touch Zoë\u2019s rock'n'roll 'records'") == [
        "don't", "touch", "zoë", "rock'n'roll", "records",
    ]  # fmt: skip


def test_marks_stay_with_their_letters():
    assert split_words("नमस्ते दुनिया") == ["नमस्ते", "दुनिया"]


def test_operators_of_the_full_text_language_are_only_words():
    assert read_query('cat* AND "dog" NEAR(x, 5) -col:y ^z').terms == (
        "cat", "dog", "near", "x", "5", "col", "y", "z",
    )  # fmt: skip


@pytest.mark.parametrize("query", ["", " \t\n", "\x00\x1f", "\u200b\ufeff", "\ud800"])
def test_a_query_with_nothing_to_see_is_refused(query):
    with pytest.raises(QueryError, match="empty"):
        read_query(query)


def test_a_query_of_signs_has_no_terms_and_keeps_its_text():
    words = read_query("🎬?!")
    assert (words.terms, words.text) == ((), "🎬?!")


def test_a_long_query_is_refused_with_both_numbers():
    assert read_query("x" * 2_000).terms == ("x" * 2_000,)
    with pytest.raises(QueryError, match=r"10000 characters and 2000 is the most"):
        read_query("x" * 10_000)


@given(st.text(max_size=300))
def test_any_text_gives_clean_words_or_a_named_error(query):
    try:
        words = read_query(query)
    except QueryError:
        assert not any(char.isalnum() for char in query)
        return
    assert words.text == " ".join(words.text.split())
    assert len(set(words.terms)) == len(words.terms)
    words.text.encode()
    for term in words.terms:
        assert term == term.lower().strip()
        assert not set(term) & set('"*^():{}[]+-\x00\n ')


@given(st.lists(st.from_regex(r"[a-z]{3,9}", fullmatch=True), min_size=1, max_size=8))
def test_plain_words_come_back_whatever_signs_part_them(typed):
    signs = '  "*(' + "🎬:)" + "-" + "\x00"
    assert split_words(signs.join(typed)) == typed
