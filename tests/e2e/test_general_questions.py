"""General questions on the sample film: real models, the command line, the whole of the film."""

import pytest

from tests.e2e.conftest import cinedex

pytestmark = pytest.mark.weights


def ask(film_library, question, *options):
    return cinedex("ask", question, *options, "--json", library=film_library[0])


def starts(answer):
    return [citation["span"]["start_seconds"] for citation in answer["citations"]]


def test_what_the_film_is_about_is_told_from_its_beginning_to_its_end(film_library):
    ran = ask(film_library, "What is this film about?")
    assert (ran.code, ran.data["plan"]["reach"]) == (0, "summary")
    begun = starts(ran.data)
    assert begun == sorted(begun)
    assert begun[0] < 100 < 200 < begun[-1]
    assert "later ...]" in ran.data["text"]


def test_a_stretch_of_it_is_told_by_what_is_in_it(film_library):
    answer = ask(film_library, "What happens?", "--after", "1:00", "--before", "2:00").data
    assert answer["citations"]
    assert all(55 < start < 120 for start in starts(answer))


def test_what_is_said_twice_is_counted_where_it_is_said(film_library):
    answer = ask(film_library, "How many times is Thursday mentioned?").data
    assert answer["count"] == 2
    assert [start // 60 for start in starts(answer)] == [2, 4]


def test_what_is_not_in_the_film_is_neither_counted_nor_followed(film_library):
    for question in ("How many times is a dog shown?", "What happens after the wedding?"):
        ran = ask(film_library, question)
        assert (ran.code, ran.data["abstained"], ran.data["count"]) == (3, True, None)


def test_what_comes_after_the_cat_is_part_three(film_library):
    answer = ask(film_library, "What happens after the cat?").data
    assert answer["plan"]["reach"] == "after"
    assert "PART THREE" in answer["citations"][0]["text"]
