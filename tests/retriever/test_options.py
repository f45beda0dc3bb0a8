import pytest

from retriever.options import SearchOptions, SourceKind


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("depth", 0),
        ("max_query_characters", 0),
        ("picture_weight", -0.1),
        ("padding_seconds", float("nan")),
        ("max_seconds", float("inf")),
        ("max_overlap", 1.1),
        ("min_seconds", 61.0),
    ],
)
def test_a_number_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=name):
        SearchOptions(**{name: value})


def test_each_kind_of_source_has_its_own_weight():
    options = SearchOptions(lexical_weight=1.0, text_weight=2.0, picture_weight=3.0)
    assert [options.weight(kind) for kind in SourceKind] == [1.0, 2.0, 3.0]
