from typing import Any

from benchmarks.pictures import (
    by_word,
    draw,
    is_development,
    picture_figures,
    precision,
    with_verdicts,
)


def row(file: str, seconds: float, tag: str = "cup", **more: Any) -> dict[str, Any]:
    return {"file": file, "seconds": seconds, "tag": tag, **more}


def test_films_with_an_even_number_and_the_sample_are_for_development() -> None:
    assert is_development("v222.mp4")
    assert is_development("The Shape of Small Things.mp4")
    assert not is_development("v223.mp4")


def test_a_verdict_is_on_a_tag_at_a_moment() -> None:
    verdicts = [row("a", 1.0, right=True), row("a", 1.4, right=False), row("a", 5.0, right=False)]
    shown = [row("a", 1.3), row("a", 1.1), row("a", 3.0), row("a", 1.0, "dog"), row("b", 1.0)]
    joined = with_verdicts(shown, verdicts)
    assert [one.get("right") for one in joined] == [False, True, None, None, None]
    assert [one["seconds"] for one in joined] == [1.3, 1.1, 3.0, 1.0, 1.0]


def test_the_sample_takes_from_every_film_in_turn_and_is_the_same_every_time() -> None:
    rows = [row("long", float(number)) for number in range(50)] + [row("short", 0.0)]
    drawn = draw(rows, 6)
    assert [one["file"] for one in drawn] == ["long"] * 5 + ["short"]
    assert drawn == draw(rows, 6)
    assert len(draw(rows, 200)) == 51


def test_precision_is_of_those_judged() -> None:
    rows = [row("a", 0, right=True), row("b", 1, right=True), row("b", 2, right=False), row("c", 3)]
    assert precision(rows) == {
        "right": 2,
        "judged": 3,
        "unjudged": 1,
        "films": 2,
        "precision": 0.667,
    }
    assert precision([])["precision"] is None


def test_words_are_measured_one_by_one_the_most_frequent_first() -> None:
    rows = [
        row("v2", 0, tag="dog", right=True),
        row("v2", 1, tag="animal", right=True),
        row("v3", 2, tag="animal", right=False),
    ]
    animal, dog = by_word(rows)
    assert animal == {
        "tag": "animal",
        "all": "1 of 2",
        "development": "1 of 1",
        "held_out": "0 of 1",
        "films": 2,
        "precision": 0.5,
    }
    assert (dog["tag"], dog["precision"]) == ("dog", 1.0)


def test_pictures_are_compared_with_what_was_judged() -> None:
    rows = [
        row("a", 0, told="outdoors by day", found=1, place="outdoors", light="", faces=2),
        row("a", 1, told="outdoors by day", found=2, place="outdoors", light="night", faces=1),
        row("b", 2, told="outdoors", found=0, place="indoors", light="", faces=0),
        row("b", 3, told="", found=0, place="indoors", light="", faces=0),
        row("b", 4, told="indoors", found=9),
    ]
    figures = picture_figures(rows)
    assert figures["frames"] == 4
    assert figures["outdoors"] == {"there": 2, "told": 3, "right": 2, "films": 2}
    assert figures["indoors"] == {"there": 2, "told": 0, "right": 0, "films": 0}
    assert figures["by_day"] == {"told": 2, "right": 1}
    assert figures["faces"] == {"visible": 3, "found": 3, "right_at_most": 2}
