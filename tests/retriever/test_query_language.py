import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retriever.filters import FIELDS
from retriever.query_language import MOST_PARTS, parse_query
from retriever.quoting import CLOSING
from store.errors import QuerySyntaxError


def fields(query):
    return [(one.field, one.value) for one in parse_query(query).filters]


def test_words_phrases_exclusions_and_filters_are_told_apart():
    written = parse_query(
        'dog "we meet at noon" -beach series:"The Show" before:S02E05 runs -"old car"'
    )
    assert written.text == 'dog "we meet at noon" runs'
    assert written.phrases == ("we meet at noon",)
    assert written.without == ("beach", "old car")
    assert [(one.field, one.value) for one in written.filters] == [
        ("series", "The Show"),
        ("before", "S02E05"),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "the train at 12:30",
        "re: zero",
        "note:this",
        "https://example.org/video:1",
        "video://server/film",
        "before: the storm",
        "the series:",
        "a-b e-mail 1-2",
        "one - two -- three -",
        "-(never)",
        '12" pipe and 10" board',
        "my video:",
        "xseries:show",
        "don't 'quote' this",
        " two  spaces\tkept ",
        "",
    ],
)
def test_what_is_no_syntax_is_left_as_it_is(query):
    written = parse_query(query)
    assert written.text == query
    assert (written.phrases, written.without, written.filters) == ((), (), ())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("VIDEO:ab12", [("video", "ab12")]),
        ("x Season:2 y", [("season", "2")]),
        ("after:00:20:00", [("after", "00:20:00")]),
        ("speaker:„Frau Meier“", [("speaker", "Frau Meier")]),
        ("series:«Le Bureau»kind:speech", [("series", "Le Bureau")]),
        ("kind:speech kind:tag", [("kind", "speech"), ("kind", "tag")]),
        ("video:a\nkind:tag", [("video", "a"), ("kind", "tag")]),
    ],
)
def test_a_filter_is_a_field_a_colon_and_a_value(query, expected):
    assert fields(query) == expected


def test_a_phrase_stays_among_the_words_that_rank():
    assert parse_query("say “hello there” again kind:speech").text == "say “hello there” again"
    assert parse_query('("red door")').phrases == ("red door",)


def test_an_excluded_word_goes_on_to_the_next_space():
    assert parse_query("-don't-stop, music").without == ("don't-stop,",)


@pytest.mark.parametrize(
    ("query", "column", "words"),
    [
        ('dog "we meet', 5, "never closed"),
        ('dog -"we meet', 6, "never closed"),
        ('a series:"The Show', 10, "never closed"),
        ('"" dog', 1, "no word"),
        ('dog "?!"', 5, "no word"),
        ('series:" " dog', 8, "nothing stands"),
        ("dog -kind:tag", 5, "not a filter such as kind:"),
        ("dog kind:sppech", 10, "speech, subtitle, screen_text, tag, caption, sound, music"),
        ("dog season:two", 12, "season:2"),
        ("before:noon", 8, "S02E05 or S02, nor a time"),
        ("x after:1:xx", 9, "put a space behind after:"),
        ("dog before:-5", 12, "neither an episode"),
        ("dog before:nan", 12, "neither an episode"),
    ],
)
def test_bad_syntax_points_at_its_column(query, column, words):
    with pytest.raises(QuerySyntaxError, match=rf"^column {column}: .*{words}") as raised:
        parse_query(query)
    assert (raised.value.column, raised.value.query) == (column, query)


def test_more_parts_than_anyone_types_are_refused_at_the_first_too_many():
    assert len(parse_query("-a " * MOST_PARTS).without) == MOST_PARTS
    with pytest.raises(QuerySyntaxError, match=f"^column {3 * MOST_PARTS + 1}: {MOST_PARTS} "):
        parse_query("-a " * (MOST_PARTS + 1))


def is_syntax(word):
    return word[:1] == "-" or word.lower().startswith(tuple(f"{field}:" for field in FIELDS))


@given(st.text(max_size=200))
def test_text_without_marks_passes_unchanged(query):
    assume(not set(query) & set(CLOSING))
    assume(not any(is_syntax(word) for word in query.split()))
    written = parse_query(query)
    assert written.text == query
    assert (written.phrases, written.without, written.filters) == ((), (), ())


@given(st.text(alphabet='ab1 :-"“”„«»/\n' + "kindtagvo", max_size=60))
def test_any_text_is_read_or_refused_inside_it(query):
    try:
        written = parse_query(query)
    except QuerySyntaxError as error:
        column = error.column
        assert 1 <= column <= len(query)
        return
    again = parse_query(written.text)
    assert (again.text, again.phrases) == (written.text, written.phrases)
    assert (again.without, again.filters) == ((), ())


WORD = st.from_regex(r"[a-z]{3,9}", fullmatch=True)


@given(words=st.lists(WORD, min_size=1), out=st.lists(WORD), said=st.lists(WORD), who=WORD)
def test_what_was_written_is_what_is_read(words, out, said, who):
    query = [*words, *(f"-{word}" for word in out), f'speaker:"{who} {who}"']
    query += [f'"{word} {word}"' for word in said]
    assume(len(out) + len(said) < MOST_PARTS)
    written = parse_query(" ".join(query))
    assert written.without == tuple(out)
    assert written.phrases == tuple(f"{word} {word}" for word in said)
    assert [one.value for one in written.filters] == [f"{who} {who}"]
    assert written.text.split('"')[0].split() == words
