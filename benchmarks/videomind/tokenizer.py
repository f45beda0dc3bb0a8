"""A tokenizer with Qwen2-VL's special tokens at Qwen2-VL's ids.

Its words are learned from the prompts themselves, so that a prompt has about as many tokens as
Qwen2-VL's own tokenizer makes of it; ids in between stand for nothing.
"""

import json
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from reasoner.videomind.prompts import (
    answerer_prompt,
    chat,
    grounder_prompt,
    planner_prompt,
    verifier_prompt,
)
from reasoner.videomind.tokens import single_token

SPECIALS = (
    "endoftext",
    "im_start",
    "im_end",
    "object_ref_start",
    "object_ref_end",
    "box_start",
    "box_end",
    "quad_start",
    "quad_end",
    "vision_start",
    "vision_end",
    "vision_pad",
    "image_pad",
    "video_pad",
    "reg",
    "seg_start",
    "seg_end",
)
"""Without their brackets, in the order of their ids."""
REPLIES = ("Yes", "No")
NUM_LEARNED = 1500
PROMPTS = (planner_prompt, grounder_prompt, verifier_prompt, answerer_prompt)


def build_tokenizer(first_special: int) -> Tokenizer:
    """Learn words, fill up to the first special token, and add the special ones.

    Args:
        first_special: Its id; above ``NUM_LEARNED``.
    """
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=NUM_LEARNED,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    texts = [chat(write("a question")) for write in PROMPTS]
    learned.train_from_iterator([*texts, *texts, *REPLIES * 2], trainer)
    state: dict[str, Any] = json.loads(learned.to_str())
    vocabulary = state["model"]["vocab"]
    vocabulary |= {f"unused {n}": n for n in range(len(vocabulary), first_special)}
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.add_special_tokens([AddedToken(bracketed(name)) for name in SPECIALS])
    return tokenizer


def special_ids(tokenizer: Tokenizer) -> dict[str, int]:
    """Return the ids of the special tokens, by name without brackets."""
    return {name: single_token(tokenizer, bracketed(name)) for name in SPECIALS}


def bracketed(name: str) -> str:
    """Write a special token as it stands in a text."""
    return f"<|{name}|>"
