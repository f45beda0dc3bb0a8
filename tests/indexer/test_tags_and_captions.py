import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.appearance import Appearance, AppearanceTrack
from indexer.captions import ClipLook, SeenFrames, clip_look, compose_caption
from indexer.findings import Finding
from indexer.framing import Framing, ShotSize
from indexer.interfaces import Face
from indexer.labels.imagenet import ImageLabels, imagenet_labels
from indexer.places import Place
from indexer.tags import Tagger, TagOptions
from store.records import EvidenceKind
from store.timespan import TimeSpan

LABELS = ImageLabels(
    names=(
        ("tabby", "tabby cat"),
        ("Siamese",),
        ("espresso", "black coffee", "demitasse"),
        ("palace",),
        ("koala",),
    ),
    groups={"cat": (0, 1), "cup": (2,)},
    unsure=frozenset({3}),
    living=frozenset({0, 1, 4}),
    broad={"animal": (0, 1, 4), "building": (3,)},
)
CLIP = TimeSpan(10, 20)
MEDIUM_LIGHT = 0.4


def row(*probabilities: float) -> NDArray[np.float32]:
    return np.array(probabilities, dtype=np.float32)


def tag(text: str, start: float = 10, end: float = 20) -> Finding:
    return Finding(EvidenceKind.TAG, TimeSpan(start, end), text, "network")


def measured(luma: float = MEDIUM_LIGHT, moving: float = 0.2, **colours: float) -> Appearance:
    return Appearance(luma, 0.1 if colours else 0.0, colours, moving)


def look(
    appearance: Appearance | None = None,
    framing: Framing | None = None,
    place: Place | None = None,
    num_shots: int = 1,
) -> ClipLook:
    return ClipLook(appearance, framing, place, num_shots)


def test_classes_that_are_one_thing_add_up() -> None:
    tagger = Tagger(LABELS, "n")
    assert tagger.frame_tags(row(0.5, 0.48, 0.02, 0, 0)) == {"cat": pytest.approx(0.98)}
    assert tagger.frame_tags(row(0.4, 0.2, 0.4, 0, 0)) == {}


def test_a_sure_class_is_named_beside_its_group_but_a_species_or_an_unsure_one_is_not() -> None:
    tagger = Tagger(LABELS, "n")
    assert list(tagger.frame_tags(row(0, 0, 0.95, 0.05, 0))) == ["cup", "espresso, black coffee"]
    assert list(tagger.frame_tags(row(0.99, 0.01, 0, 0, 0))) == ["cat"]


def test_a_broad_word_is_told_where_no_narrower_one_is_sure() -> None:
    tagger = Tagger(LABELS, "n")
    assert tagger.frame_tags(row(0.3, 0.2, 0, 0.1, 0.4)) == {"animal": pytest.approx(0.9)}
    assert tagger.frame_tags(row(0, 0, 0, 1, 0)) == {"building": 1.0}


def test_more_is_asked_of_what_lives() -> None:
    tagger = Tagger(LABELS, "n")
    assert list(tagger.frame_tags(row(0, 0, 0.85, 0, 0.15))) == ["cup"]
    assert list(tagger.frame_tags(row(0.95, 0, 0.05, 0, 0))) == ["animal"]
    assert list(tagger.frame_tags(row(0, 0, 0.05, 0, 0.95))) == ["animal"]
    assert list(tagger.frame_tags(row(0, 0, 0.02, 0, 0.98))) == ["koala"]


def test_a_tag_holds_while_frames_that_touch_carry_it() -> None:
    sure, surer, nothing = row(0.98, 0, 0, 0, 0), row(0.99, 0, 0, 0, 0), row(0, 0, 0, 0, 0)
    probabilities = np.stack([sure, surer, nothing, sure])
    spans = [TimeSpan(0, 2), TimeSpan(2, 5), TimeSpan(5, 6), TimeSpan(6, 9)]
    found = Tagger(LABELS, "network@1").find(probabilities, spans)
    assert [finding.span for finding in found] == [TimeSpan(0, 5), TimeSpan(6, 9)]
    assert found[0].kind is EvidenceKind.TAG
    assert (found[0].text, found[0].source) == ("cat", "network@1")
    assert found[0].confidence == pytest.approx(0.99)


def test_a_tag_seen_for_a_blink_is_dropped() -> None:
    assert Tagger(LABELS, "n").find(row(1, 0, 0, 0, 0)[None], [TimeSpan(0, 0.5)]) == []


def test_options_ask_for_more_than_a_guess() -> None:
    with pytest.raises(ValueError, match="likelier"):
        TagOptions(sure_class=0.4)


def test_the_shipped_labels_are_whole() -> None:
    labels = imagenet_labels()
    assert len(labels.names) == 1000
    assert labels.names[207][0] == "golden retriever"
    assert labels.names[967][0] == "espresso"
    assert len(labels.groups["dog"]) == 118
    assert all(0 <= number < 1000 for ids in labels.groups.values() for number in ids)
    assert all(0 <= number < 1000 for number in labels.unsure)
    assert labels.names[970][0] == "alp"
    assert 970 in labels.broad["landscape"]
    assert set(labels.places["indoors"]).isdisjoint(labels.places["outdoors"])


def test_a_caption_says_what_was_measured() -> None:
    finding = compose_caption(
        CLIP,
        [tag("cup"), tag("tripod, stand")],
        look(measured(0.1, orange=0.5, blue=0.1)),
    )
    assert finding is not None
    assert finding.text == "A dark picture of a cup and a tripod, mostly orange."
    assert (finding.kind, finding.span, finding.source) == (EvidenceKind.CAPTION, CLIP, "composed")


def test_what_is_outside_the_clip_is_not_told_and_what_lasts_longest_comes_first() -> None:
    tags = [tag("dog", 0, 10), tag("boat", 18, 25), tag("bird", 10, 17)]
    finding = compose_caption(CLIP, tags, look())
    assert finding is not None
    assert finding.text == "A picture of a bird and a boat."


def test_a_clip_that_differs_in_nothing_has_no_caption() -> None:
    assert compose_caption(CLIP, [], look(measured(blue=0.2))) is None
    assert compose_caption(CLIP, [], look(measured(0.05, 0.0))) is None
    assert compose_caption(CLIP, [], look(num_shots=9)) is None


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (look(measured()), "A black-and-white picture."),
        (look(measured(0.8)), "A bright, black-and-white picture."),
        (look(measured(moving=0.0, blue=0.6)), "A picture, mostly blue, static, nothing moves."),
        (
            look(measured(moving=0.8, blue=0.4, green=0.5), num_shots=2),
            "A picture, mostly green and blue, everything moves.",
        ),
        (look(measured(moving=0.8, red=0.9), num_shots=6), "A picture, mostly red, 6 shots."),
        (look(place=Place.BY_DAY), "A picture, outdoors by day."),
        (look(framing=Framing(1, ShotSize.CLOSE_UP)), "A close-up of a person."),
        (
            look(measured(0.1), Framing(2, ShotSize.MEDIUM), Place.INDOORS),
            "A dark medium shot of at least two people, indoors.",
        ),
        (look(framing=Framing(4, None)), "A picture of a group of at least four people."),
    ],
)
def test_light_people_place_and_motion_in_words(seen: ClipLook, text: str) -> None:
    finding = compose_caption(CLIP, [], seen)
    assert finding is not None
    assert finding.text == text


def test_people_have_things_and_the_narrower_word_is_enough() -> None:
    tags = [tag("bird"), tag("parrot"), tag("furniture"), tag("cup"), tag("clock")]
    finding = compose_caption(CLIP, tags, look(framing=Framing(1, None)))
    assert finding is not None
    assert finding.text == "A picture of a person with a parrot and furniture and a cup."


def test_animal_alone_is_too_often_wrong_to_be_told() -> None:
    assert compose_caption(CLIP, [tag("animal")], look()) is None
    finding = compose_caption(CLIP, [tag("animal"), tag("cup")], look(measured(green=0.9)))
    assert finding is not None
    assert finding.text == "A picture of a cup, mostly green."
    hoofed = compose_caption(CLIP, [tag("hoofed animal")], look())
    assert hoofed is not None
    assert hoofed.text == "A picture of a hoofed animal."


def test_a_clip_is_described_by_the_frames_that_it_shows() -> None:
    probabilities = np.zeros((2, 1000), dtype=np.float16)
    probabilities[0, 970] = 1  # alp
    probabilities[1, 526] = 1  # desk
    face = Face((0.4, 0.1, 0.6, 0.3), 0.9)
    spans = (TimeSpan(0, 10), TimeSpan(10, 20))
    frames = SeenFrames(spans, probabilities, ((), (face,)))
    track = AppearanceTrack(np.array([0.0, 10.0]), np.full((2, 12), 0.5, dtype=np.float32))
    first = clip_look(TimeSpan(0, 10), frames, track, 1)
    second = clip_look(CLIP, frames, track, 1)
    assert (first.place, first.framing) == (Place.BY_DAY, None)
    assert (second.place, second.framing) == (Place.INDOORS, Framing(1, ShotSize.MEDIUM))
