"""Token ids that the roles go by, looked up in the tokenizer and checked against what was said.

Source: the reference has the ids of Yes and No as numbers; ours come from the tokenizer.
"""

from dataclasses import dataclass
from typing import Any

from reasoner.videomind.checkpoints.checkpoint import Checkpoint
from store.errors import CheckpointError


@dataclass(frozen=True, slots=True)
class VideoTokens:
    """Ids around and for pictures, as every Qwen2-VL has them."""

    vision_start: int
    vision_end: int
    image_pad: int
    video_pad: int


@dataclass(frozen=True, slots=True)
class RoleTokens:
    """Ids that the grounder and the verifier need.

    Attributes:
        reg: Stands in the grounder's text for the moment.
        seg_start: Put before the frames that the verifier judges.
        seg_end: Put after them.
        yes: The word, as the verifier's whole reply.
        no: Likewise.
    """

    reg: int
    seg_start: int
    seg_end: int
    yes: int
    no: int


def read_tokenizer(checkpoint: Checkpoint) -> Any:
    """Load the checkpoint's ``tokenizers.Tokenizer``.

    Raises:
        CheckpointError: The file is damaged.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(checkpoint.tokenizer))
    except Exception as error:  # the package raises nothing narrower
        raise CheckpointError(
            f"{checkpoint.tokenizer} cannot be read ({error}); fetch the checkpoint again"
        ) from error
    # The file may remember how its last user cut and filled up texts.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def video_tokens(tokenizer: Any) -> VideoTokens:
    """Look up the ids around pictures.

    Raises:
        CheckpointError: The tokenizer is not Qwen2-VL's.
    """
    return VideoTokens(
        vision_start=single_token(tokenizer, "<|vision_start|>"),
        vision_end=single_token(tokenizer, "<|vision_end|>"),
        image_pad=single_token(tokenizer, "<|image_pad|>"),
        video_pad=single_token(tokenizer, "<|video_pad|>"),
    )


def role_tokens(tokenizer: Any, checkpoint: Checkpoint) -> RoleTokens:
    """Look up the ids that VideoMind added, and those of Yes and No.

    Raises:
        CheckpointError: One of them is no single token, or another than the configuration says.
    """
    for token, declared in checkpoint.declared_tokens.items():
        found = single_token(tokenizer, token)
        if found != declared:
            raise CheckpointError(
                f"{token} is token {found} in {checkpoint.tokenizer} and {declared} in the "
                "configuration; fetch the checkpoint again"
            )
    return RoleTokens(
        reg=single_token(tokenizer, "<|reg|>"),
        seg_start=single_token(tokenizer, "<|seg_start|>"),
        seg_end=single_token(tokenizer, "<|seg_end|>"),
        yes=single_token(tokenizer, "Yes"),
        no=single_token(tokenizer, "No"),
    )


def single_token(tokenizer: Any, text: str) -> int:
    """Return the id of a text that is one token.

    Raises:
        CheckpointError: It is several.
    """
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    if len(ids) != 1:
        raise CheckpointError(
            f"the tokenizer splits {text!r} into {len(ids)} tokens; "
            "it is not the one the checkpoint was trained with: fetch the checkpoint again"
        )
    return ids[0]
