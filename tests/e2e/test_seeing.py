"""The chain that sees, on the sample film, with a tiny random model in the published layout."""

import pytest

from tests.e2e.conftest import cinedex
from tests.reasoner.videomind.tiny_checkpoint import build_seeing_checkpoint

SEED = 3
ROLES = {"planner", "retriever", "grounder", "verifier", "answerer"}


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profile")
    build_seeing_checkpoint(folder / "tiny", SEED)
    path = folder / "seeing.toml"
    path.write_text('extends = "pocket"\n\n[videomind]\ncheckpoint = "tiny"\ndevice = "cpu"\n')
    return path


def test_ask_runs_every_role_on_the_film(film_library, profile):
    asked = ("ask", "Who is seen in a space suit?", "--profile", profile, "--json")
    ran = cinedex(*asked, library=film_library[0])
    assert ran.code in (0, 3), ran.err
    answer = ran.data
    assert answer["seconds_by_role"].keys() <= ROLES
    assert {"planner", "retriever"} <= answer["seconds_by_role"].keys()
    assert answer["model_revisions"]["grounder"].endswith("tiny")
    for span in answer["spans"]:
        assert 0 <= span["span"]["start_seconds"] <= span["span"]["end_seconds"] <= 299.5
    # A random model writes no plan that can be read, and that is said.
    assert "planner" in {fallback["role"] for fallback in answer["fallbacks"]}
    assert cinedex(*asked, library=film_library[0]).data["spans"] == answer["spans"]


def test_a_profile_that_is_not_there_lists_those_that_are(film_library):
    ran = cinedex("ask", "Who?", "--profile", "purse", library=film_library[0])
    assert (ran.code, "multilingual, pocket" in ran.err) == (2, True)
