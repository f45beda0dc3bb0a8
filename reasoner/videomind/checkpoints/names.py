"""What transformers called the tensors of Qwen2-VL at 4.45, and what it calls them since 5.

Apart because the published adapters bear the old names, and an adapter whose names fit nothing is
loaded as no adapter at all without a word.

Source: the trees of ``Qwen2VLForConditionalGeneration`` in transformers 4.45.2 and 5.23.0.
"""

PEFT_PREFIX = "base_model.model."
"""What peft and the published decoder file put before the name of every tensor."""
LANGUAGE_TREE = "model.language_model."
VISION_TREE = "model.visual."
EMBEDDINGS = "model.language_model.embed_tokens.weight"
HEAD = "lm_head.weight"


def current_name(name: str) -> str:
    """Return the name that a tensor or module has in today's tree; today's names stay.

    Example:
        >>> current_name("model.layers.0.self_attn.q_proj.lora_A.weight")
        'model.language_model.layers.0.self_attn.q_proj.lora_A.weight'
        >>> current_name("visual.merger.ln_q.weight"), current_name("lm_head.weight")
        ('model.visual.merger.ln_q.weight', 'lm_head.weight')
        >>> current_name("model.language_model.norm.weight")
        'model.language_model.norm.weight'
    """
    if name.startswith((LANGUAGE_TREE, VISION_TREE)):
        return name
    if name.startswith("visual."):
        return f"model.{name}"
    if name.startswith("model."):
        return LANGUAGE_TREE + name.removeprefix("model.")
    return name


def is_target(module: str, target: str) -> bool:
    """Say whether peft takes a module for a target: by its full name or by its last parts.

    Example:
        >>> is_target("model.language_model.layers.0.self_attn.q_proj", "q_proj")
        True
        >>> is_target("model.language_model.layers.0.self_attn.q_proj", "proj")
        False
    """
    return module == target or module.endswith(f".{target}")
