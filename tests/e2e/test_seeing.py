"""The chain that sees, on the sample film, with a tiny random model in the published layout."""

import pytest

from store.library import Library
from tests.e2e.conftest import cinedex
from tests.films import write_film
from tests.indexer.tiny_siglip import build_siglip
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint

SEED = 3
ROLES = {"planner", "retriever", "grounder", "verifier", "answerer"}


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profile")
    build_checkpoint(folder / "tiny", SEED)
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
    assert answer["model_revisions"]["grounder"].startswith("videomind(")
    for span in answer["spans"]:
        assert 0 <= span["span"]["start_seconds"] <= span["span"]["end_seconds"] <= 299.5
    # A random model writes no plan that can be read, and that is said.
    assert "planner" in {fallback["role"] for fallback in answer["fallbacks"]}
    assert cinedex(*asked, library=film_library[0]).data["spans"] == answer["spans"]


def test_ask_chooses_one_of_the_choices_or_says_that_it_named_none(film_library, profile):
    offered = ("--choice", "a woman", "--choice", "a dog")
    asked = ("ask", "Who is seen in a space suit?", *offered, "--profile", profile, "--json")
    ran = cinedex(*asked, library=film_library[0])
    assert ran.code in (0, 3), ran.err
    choice = ran.data["choice"]
    named_none = "the model named none of the choices"
    if choice is None:
        assert named_none in {fallback["reason"] for fallback in ran.data["fallbacks"]}
    else:
        assert choice in ({"letter": "A", "text": "a woman"}, {"letter": "B", "text": "a dog"})


def test_a_profile_that_is_not_there_lists_those_that_are(film_library):
    ran = cinedex("ask", "Who?", "--profile", "purse", library=film_library[0])
    assert (ran.code, "multilingual, pocket, standard" in ran.err) == (2, True)


def test_index_and_search_with_models_that_a_profile_names(pocket, tmp_path):
    build_checkpoint(tmp_path / "tiny", SEED)
    build_siglip(tmp_path / "siglip", SEED)
    profile = tmp_path / "own.toml"
    profile.write_text(
        'extends = "pocket"\n[videomind]\ncheckpoint = "tiny"\ndevice = "cpu"\ncaptions = true\n'
        '[pictures]\ncheckpoint = "siglip"\ndevice = "cpu"\n'
    )
    film = write_film(tmp_path / "film.mp4", num_frames=150)
    library = tmp_path / "library"
    ran = cinedex("index", film, "--profile", profile, "--json", library=library)
    assert ran.code == 0, ran.err
    with Library.open(library) as opened:
        (video,) = opened.videos()
        (space,) = [each for each in opened.spaces() if each.embeds == "picture"]
        assert space.encoder_id.startswith("siglip(")
        kept = opened.stage_results.all_of(video.video_id)
        assert kept["captions"].facts["model"].startswith("captions@2(")
    found = cinedex("search", "a red door", "--profile", profile, "--json", library=library)
    assert found.code == 0, found.err
    assert any(why["source"] == space.space_id for why in found.data["moments"][0]["why"])
    again = cinedex("index", film, "--profile", profile, "--dry-run", "--json", library=library)
    assert (again.code, "captions" in again.out) == (0, False)
