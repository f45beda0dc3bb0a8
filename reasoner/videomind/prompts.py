"""What each role is told: the layout of the chat, and the words in it.

The layout is Qwen2-VL's; the words are ours and keep VideoMind's contract of what comes back.
"""

import re
from collections.abc import Sequence

from reasoner.choice import option_letter
from store.records import Evidence
from store.timespan import TimeSpan

SYSTEM = "You are a helpful assistant."
END_OF_TURN = "<|im_end|>"
ASSISTANT_HEADER = "<|im_start|>assistant\n"
REGRESSION_TOKEN = "<|reg|>"
SEGMENT_START, SEGMENT_END = "<|seg_start|>", "<|seg_end|>"
SPECIAL_TOKENS = (REGRESSION_TOKEN, SEGMENT_START, SEGMENT_END)
"""What VideoMind adds to the vocabulary, in the order of their ids."""
GROUNDER_REPLY = f"It happens at {REGRESSION_TOKEN}."
"""What a grounder is taught to say; the span comes from the token's place."""
YES_REPLY, NO_REPLY = "Yes.", "No."
OPTION_PREFILL = "Best Option: ("
"""How the assistant's turn begins where one of several options is asked for."""
CANNOT_TELL = "UNCLEAR"
"""What a captioner, or an answerer without options, is asked to write in place of a guess."""
MAX_SUBTITLES = 100
"""Lines that an answerer is told of one clip; as many as VideoMind's."""

_SPECIAL = re.compile(r"<\|(?=\w+\|>)")


def chat(text: str, *, video_tokens: int = 0, reply: str = "") -> str:
    """Write one turn of the user and begin the assistant's.

    Args:
        text: Words only; what looks like a special token in them is broken up.
        video_tokens: Of the video that stands before the words; 0 for none, 1 for the form that
            is not yet expanded.
        reply: How the assistant's turn begins.
    """
    video = video_block(video_tokens) if video_tokens else ""
    return turn(video + plain(text), reply)


def turn(content: str, reply: str = "") -> str:
    """Write one turn of the user, whose special tokens are obeyed, and begin the assistant's."""
    return (
        f"<|im_start|>system\n{SYSTEM}{END_OF_TURN}\n"
        f"<|im_start|>user\n{content}{END_OF_TURN}\n"
        f"{ASSISTANT_HEADER}{reply}"
    )


def video_block(num_tokens: int) -> str:
    """Write the tokens of a video, or of one time step that stands apart."""
    return f"<|vision_start|>{'<|video_pad|>' * num_tokens}<|vision_end|>"


def lesson(text: str, reply: str, *, video_tokens: int = 0) -> str:
    """Write a whole exchange to learn from.

    Args:
        text: As for ``chat``.
        reply: What the assistant is taught to say; may hold special tokens.
        video_tokens: As for ``chat``.
    """
    return f"{chat(text, video_tokens=video_tokens, reply=reply)}{END_OF_TURN}\n"


def planner_prompt(question: str) -> str:
    """Ask which roles answer a question; ``planning.read_reply`` reads what comes back."""
    return (
        "Decide how this question about the video will be answered. Three helpers can be called:\n"
        '- "grounder" looks for the moment that its "value", a short description, tells of.\n'
        '- "verifier" checks the moments that were found.\n'
        '- "answerer" writes the answer from the moment that was found, or else from the '
        "whole video.\n"
        "Write a JSON list of calls and nothing else. Use one of three lists: grounder, verifier, "
        "answerer if the answer lies in one moment; grounder, verifier if the moment itself is "
        "wanted; answerer alone if the whole video is needed.\n"
        'Example: [{"type": "grounder", "value": "a woman unlocks the gate"}, '
        '{"type": "verifier"}, {"type": "answerer"}]\n'
        f'Question: "{question}"'
    )


def grounder_prompt(query: str) -> str:
    """Ask when something happens; the reply holds the regression token."""
    return (
        "Find the moment of the video that fits the description, from its first frame to its "
        "last and nothing more. If the description says that something comes before or after "
        "another event, find that thing, not the other event.\n"
        f'Description: "{query}"'
    )


def verifier_prompt(query: str) -> str:
    """Ask whether the marked segment is the moment; the reply is Yes or No."""
    return (
        "A segment of the video is marked: it begins at seg_start and ends at seg_end. Does "
        "exactly this segment show what the description says? Say No if that cannot be seen in "
        "it. If it can be seen, look whether the segment begins and ends where the moment does. "
        "Say only Yes or No.\n"
        f'Description: "{query}"'
    )


def answerer_prompt(question: str, options: Sequence[str] = (), subtitles: str = "") -> str:
    """Ask for the answer.

    Args:
        question: As the user put it.
        options: To choose from; ``OPTION_PREFILL`` then begins the assistant's turn, and
            ``choices.read_option`` reads the rest: a letter, for whoever is asked to choose has
            no word for "none". None for an answer in words, in which ``abstention.abstains`` finds
            the word for it.
        subtitles: What is said meanwhile, as ``subtitle_lines`` writes it.
    """
    asked = f"{subtitles}\n{question}" if subtitles else question
    if not options:
        return (
            f"{asked}\nAnswer from what the video shows. If that is not enough to tell, write only "
            f"{CANNOT_TELL}."
        )
    lines = "\n".join(
        f"({option_letter(number)}) {option[:1].upper()}{option[1:]}"
        for number, option in enumerate(options)
    )
    return f"{asked}\nOptions:\n{lines}\nAnswer with the letter of the option that fits best."


def captioner_prompt() -> str:
    """Ask for a caption of a clip; ``caption_reply.read_caption`` reads what comes back."""
    return (
        "These are pictures of one clip of a film in the order of time, each with its second, and "
        "what is said meanwhile. Write one or two plain sentences that tell what the pictures "
        "show: who or what, where, and what happens. Use names only if they are said or can be "
        "read in the pictures. Do not guess, and do not tell what is only talked about as if it "
        f"were seen. If the pictures do not show enough to tell, write only {CANNOT_TELL}."
    )


def subtitles_inside(
    pieces: Sequence[Evidence], clip: TimeSpan, max_lines: int = MAX_SUBTITLES
) -> tuple[Evidence, ...]:
    """Choose what of the things said is told of a clip.

    Args:
        pieces: Speech or subtitles in time order; what is not wholly inside is left out.
        clip: What is shown.
        max_lines: The first so many are kept.
    """
    inside = [
        piece
        for piece in pieces
        if clip.start_seconds <= piece.span.start_seconds
        and piece.span.end_seconds <= clip.end_seconds
    ]
    return tuple(inside[:max_lines])


def subtitle_lines(pieces: Sequence[Evidence], clip: TimeSpan) -> str:
    """Write what is said in a clip, with times from the clip's start.

    Args:
        pieces: Inside the clip, as ``subtitles_inside`` chooses them.
        clip: What is shown.

    Returns:
        Empty where nothing is said.
    """
    if not pieces:
        return ""
    lines = [
        f"{piece.span.start_seconds - clip.start_seconds:.1f} - "
        f"{piece.span.end_seconds - clip.start_seconds:.1f}, {' '.join(piece.text.split())}"
        for piece in pieces
    ]
    return "\n".join((f"The video lasts {clip.duration_seconds:.1f} seconds. Subtitles:", *lines))


def plain(text: str) -> str:
    """Break up special tokens, which in the words of a user or a subtitle would be obeyed."""
    return _SPECIAL.sub("< |", text)
