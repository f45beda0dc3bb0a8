import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.query_language import MOST_PARTS
from retriever.search import Retriever
from retriever.search_plan import SearchPlan, plan_search
from store.errors import QueryError, QuerySyntaxError
from store.records import EvidenceKind, Scope
from store.timespan import TimeSpan


@pytest.fixture
def plan(library):
    return lambda query, scope=None: plan_search(query, scope or Scope(), library.video)


def test_filters_of_the_query_narrow_the_scope_beside_it(plan):
    scope = Scope(within=TimeSpan(10, 60), without=("sugar",))
    read = plan('"cup of coffee" -milk video:Kitchen before:20 kind:speech', scope)
    assert read == SearchPlan(
        '"cup of coffee"',
        Scope(
            video_ids=("ab" * 32,),
            kinds=(EvidenceKind.SPEECH,),
            within=TimeSpan(10, 20),
            phrases=("cup of coffee",),
            without=("sugar", "milk"),
        ),
    )


@pytest.mark.parametrize(
    ("query", "scope", "reason"),
    [
        ("x season:1 season:2", Scope(), "one season"),
        ("x season:1", Scope(season=2), "one season"),
        ("x after:60", Scope(within=TimeSpan(0, 30)), "after second 60 and before second 30"),
        ('"red door" -door', Scope(), "is wanted and 'door' is not"),
    ],
)
def test_a_contradiction_is_named(plan, query, scope, reason):
    read = plan(query, scope)
    assert reason in read.emptied_by
    assert read.scope.video_ids == ()


@pytest.mark.parametrize("query", ["kind:speech", "-dog", "  season:2 -a "])
def test_a_query_of_filters_alone_is_refused(plan, query):
    with pytest.raises(QueryError, match="add words"):
        plan(query)


@given(st.text(alphabet="ab \t.:;!?'()/\\\U0001f3ac", max_size=40))
def test_plain_text_is_searched_as_it_was_typed(library, query):
    assert plan_search(query, Scope(), library.video) == SearchPlan(query, Scope())


def test_a_planned_search_finds_what_it_asks_for_and_no_less(library, encoder, plan):
    retriever = Retriever(library, {encoder.encoder_id: encoder})
    read = plan("coffee -spoon after:8")
    moments = retriever.search(read.text, k=3, scope=read.scope)
    assert [clip.ordinal for clip in moments[0].clips] == [3]
    assert {clip.ordinal for moment in moments for clip in moment.clips} == {1, 2, 3}


def test_bad_syntax_is_told_before_anything_is_looked_up():
    with pytest.raises(QuerySyntaxError):
        plan_search('video:nowhere "', Scope(), lambda name: pytest.fail(name))


@pytest.mark.parametrize("sign", ["", "-"])
def test_as_many_parts_as_may_be_are_searched(library, encoder, plan, sign):
    parts = " ".join(f'{sign}"coffee {number}"' for number in range(MOST_PARTS))
    read = plan(f"coffee {parts}")
    found = Retriever(library, {encoder.encoder_id: encoder}).search(read.text, scope=read.scope)
    assert bool(found) == bool(sign)
