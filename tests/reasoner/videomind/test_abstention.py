import pytest

from reasoner.videomind.abstention import abstains


@pytest.mark.parametrize(
    "reply",
    [
        "UNCLEAR",
        "Unclear.",
        '"UNCLEAR"',
        "I cannot tell what is shown.",
        "I can\u2019t tell who she is.",
        "I can not see what he holds.",
        "I'm unable to identify the person.",
        "I am not able to determine the colour.",
        "We cannot say where this is.",
        "I do not know.",
        "I don't know what this is.",
        "I'm sorry, but I can't see it. It may be a dog.",
        "I'm not sure what this is. A dog?",
        "Sorry, I cannot tell.",
        "Unfortunately, it is impossible to say.",
        "It is unclear what the man holds.",
        "It's unclear.",
        "It is  not\nclear who speaks.",
        "It remains unclear what happens.",
        "It is not possible to tell from these pictures.",
        "It's hard to say.",
        "It cannot be determined where this is.",
        "Unable to tell.",
        "Cannot determine.",
        "Based on the images, I cannot tell what happens.",
        "From these pictures it is unclear what happens.",
        "The pictures are too dark, so I cannot tell what happens.",
        "The pictures are too dark to tell what happens.",
        "The pictures do not show enough to tell.",
        "The video does not show who opens the gate.",
        "The video doesn't say where they meet.",
    ],
)
def test_a_model_that_cannot_tell_abstains(reply):
    assert abstains(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "A man says he cannot see the ship.",
        "He cannot tell her the truth.",
        "A woman is unable to identify the voice behind the door.",
        "The ship cannot be seen in the fog.",
        "His face cannot be seen.",
        "Because he cannot see the ship.",
        'A man shouts, "I cannot see the ship."',
        "A sign in the window says \u201cI do not know.\u201d",
        "Two men argue; one of them says it is impossible to tell the twins apart.",
        "A man shows a trick. He says he cannot tell how it is done.",
        "A card on the table reads: it is unclear who did it.",
        "In the fog it is impossible to see the ship.",
        "The water is unclear and dark.",
        "It is a clear day.",
        "It is unclean.",
        "I can see a dog.",
        "Cannot is written on the wall.",
        "The pictures show a man who cannot describe the thief.",
        "The video shows a room that is too dark to describe.",
        "The video does not show any people.",
        "The film is about a man who does not know who he is.",
        "An unclear figure walks along a beach.",
    ],
)
def test_what_others_cannot_do_is_told(reply):
    assert not abstains(reply)
