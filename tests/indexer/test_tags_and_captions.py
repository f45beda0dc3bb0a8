import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.appearance import Appearance
from indexer.captions import compose_caption
from indexer.findings import Finding
from indexer.labels.imagenet import ImageLabels, imagenet_labels
from indexer.tags import Tagger, TagOptions
from store.records import EvidenceKind
from store.timespan import TimeSpan

LABELS = ImageLabels(
    names=(("tabby", "tabby cat"), ("Siamese",), ("espresso",), ("palace",)),
    groups={"cat": (0, 1), "cup": (2,)},
    unsure=frozenset({3}),
)
CLIP = TimeSpan(10, 20)


def row(*probabilities: float) -> NDArray[np.float32]:
    return np.array(probabilities, dtype=np.float32)


def tag(text: str, start: float = 10, end: float = 20) -> Finding:
    return Finding(EvidenceKind.TAG, TimeSpan(start, end), text, "network")


def look(luma: float = 0.4, moving: float = 0.2, **colours: float) -> Appearance:
    return Appearance(luma, 0.1 if colours else 0.0, colours, moving)


def test_classes_that_are_one_thing_add_up() -> None:
    tagger = Tagger(LABELS, "n")
    assert tagger.frame_tags(row(0.5, 0.4, 0.1, 0)) == {"cat": pytest.approx(0.9)}
    assert tagger.frame_tags(row(0.5, 0.2, 0.3, 0)) == {}


def test_a_sure_class_is_named_beside_its_group_but_a_breed_or_an_unsure_one_is_not() -> None:
    tagger = Tagger(LABELS, "n")
    assert list(tagger.frame_tags(row(0, 0, 0.95, 0.05))) == ["cup", "espresso"]
    assert list(tagger.frame_tags(row(0.98, 0.02, 0, 0))) == ["cat"]
    assert tagger.frame_tags(row(0, 0, 0, 1)) == {}


def test_a_tag_holds_while_frames_that_touch_carry_it() -> None:
    probabilities = np.stack(
        [row(0.8, 0, 0, 0), row(0.9, 0, 0, 0), row(0, 0, 0, 0), row(0.8, 0, 0, 0)]
    )
    spans = [TimeSpan(0, 2), TimeSpan(2, 5), TimeSpan(5, 6), TimeSpan(6, 9)]
    found = Tagger(LABELS, "network@1").find(probabilities, spans)
    assert [finding.span for finding in found] == [TimeSpan(0, 5), TimeSpan(6, 9)]
    assert found[0].kind is EvidenceKind.TAG
    assert (found[0].text, found[0].source) == ("cat", "network@1")
    assert found[0].confidence == pytest.approx(0.9)


def test_a_tag_seen_for_a_blink_is_dropped() -> None:
    assert Tagger(LABELS, "n").find(row(1, 0, 0, 0)[None], [TimeSpan(0, 0.5)]) == []


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


def test_a_caption_says_what_was_measured_and_read() -> None:
    written = [Finding(EvidenceKind.SCREEN_TEXT, TimeSpan(12, 14), "Table 7", "reader")]
    finding = compose_caption(
        CLIP, [tag("cup"), tag("espresso, coffee")], written, look(0.1, orange=0.5, blue=0.1), 1
    )
    assert finding is not None
    assert finding.text == (
        "A dark picture of a cup and an espresso, mostly orange, "
        'with the words "Table 7" on screen.'
    )
    assert (finding.kind, finding.span, finding.source) == (EvidenceKind.CAPTION, CLIP, "composed")


def test_what_is_outside_the_clip_is_not_told_and_what_lasts_longest_comes_first() -> None:
    tags = [tag("dog", 0, 10), tag("boat", 18, 25), tag("bird", 10, 17)]
    finding = compose_caption(CLIP, tags, [], None, 1)
    assert finding is not None
    assert finding.text == "A picture of a bird and a boat."


def test_a_clip_that_differs_in_nothing_has_no_caption() -> None:
    assert compose_caption(CLIP, [], [], look(0.4, blue=0.2), 1) is None
    assert compose_caption(CLIP, [], [], look(0.05, 0.0), 1) is None
    assert compose_caption(CLIP, [], [], None, 9) is None


@pytest.mark.parametrize(
    ("appearance", "num_shots", "text"),
    [
        (look(0.4), 1, "A black-and-white picture."),
        (look(0.8), 1, "A bright, black-and-white picture."),
        (look(0.4, 0.0, blue=0.6), 1, "A picture, mostly blue, nothing moves."),
        (
            look(0.4, 0.8, blue=0.4, green=0.5),
            2,
            "A picture, mostly green and blue, everything moves.",
        ),
        (look(0.4, 0.8, red=0.9), 6, "A picture, mostly red, 6 shots."),
    ],
)
def test_light_colour_and_motion_in_words(
    appearance: Appearance, num_shots: int, text: str
) -> None:
    finding = compose_caption(CLIP, [], [], appearance, num_shots)
    assert finding is not None
    assert finding.text == text


def test_long_screen_text_is_cut_at_a_word() -> None:
    credits = Finding(EvidenceKind.SCREEN_TEXT, CLIP, "name " * 40, "reader")
    finding = compose_caption(CLIP, [], [credits], None, 1)
    assert finding is not None
    assert finding.text.endswith('name ..." on screen.')
    assert len(finding.text) < 130
