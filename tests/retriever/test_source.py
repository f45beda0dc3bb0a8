import pytest

from retriever.source import choose_sources
from store.errors import UnknownNameError
from store.records import Space

TEXT = Space("text:mini@1", "mini@1", "mini@1", 384, "text")
PICTURE = Space("picture:head@1", "head@1", "mini@1", 384, "picture")
OTHER = Space("picture:siglip@1", "siglip@1", "siglip@1", 768, "picture")
SPACES = (TEXT, PICTURE, OTHER)


def names(choice):
    return [source.name for source in choice.chosen]


def test_all_that_can_be_asked_is_asked():
    choice = choose_sources(SPACES, {"mini@1"})
    assert names(choice) == ["lexical", "text:mini@1", "picture:head@1"]
    assert [skip.source for skip in choice.skipped] == ["picture:siglip@1"]
    assert "siglip@1 is not loaded" in choice.skipped[0].reason


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["lexical"], ["lexical"]),
        (["picture", "lexical"], ["lexical", "picture:head@1", "picture:siglip@1"]),
        (["picture:siglip@1"], ["picture:siglip@1"]),
        ([], []),
    ],
)
def test_sources_are_wanted_by_name_or_kind(wanted, expected):
    assert names(choose_sources(SPACES, {"mini@1", "siglip@1"}, wanted)) == expected


def test_a_kind_that_the_library_lacks_is_no_error_but_an_unknown_name_is():
    assert names(choose_sources((), set(), ["picture"])) == []
    with pytest.raises(UnknownNameError, match="lexical, picture, text"):
        choose_sources((), set(), ["pictures"])
