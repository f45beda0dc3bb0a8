"""Tiny checkpoints with random weights, in the converted names and the published layout."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

HIDDEN = 32
LAYERS = 2
RANK = 4
BASE_SPECIALS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
ROLE_SPECIALS = ("<|reg|>", "<|seg_start|>", "<|seg_end|>")
WORDS = ("Yes", "No")
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj")
WHOLE = ("embed_tokens", "lm_head")


def tiny_tokenizer() -> Tokenizer:
    """Bytes, the two words, and the special tokens."""
    vocabulary = {each: n for n, each in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken(word, normalized=False) for word in WORDS])
    tokenizer.add_special_tokens([AddedToken(each) for each in (*BASE_SPECIALS, *ROLE_SPECIALS)])
    return tokenizer


def build_checkpoint(folder: Path, seed: int, kind: str = "qwen2_vl", tied: bool = True) -> Path:
    """A published folder with all that the chain needs; its base is in ``base/``.

    Ten rows of the copies of embeddings and head differ from the base's.
    """
    tokenizer = tiny_tokenizer()
    _build_base(folder / "base", tokenizer, kind, tied, seed)
    tokenizer.save(str(folder / "tokenizer.json"))
    draw = torch.Generator().manual_seed(seed)
    for role in ("planner", "grounder", "verifier"):
        _build_adapter(folder, role, draw, () if role == "planner" else WHOLE)
    _build_decoder(folder, seed)
    _write(
        folder / "config.json",
        {
            "model_type": f"agent_{kind}",
            "base_model_path": "base",
            "role": "grounder",
            "eos_token_id": tokenizer.token_to_id("<|im_end|>"),
            "reg_token_id": tokenizer.token_to_id("<|reg|>"),
            "seg_s_token_id": tokenizer.token_to_id("<|seg_start|>"),
            "seg_e_token_id": tokenizer.token_to_id("<|seg_end|>"),
        },
    )
    return folder


def _build_decoder(folder: Path, seed: int) -> None:
    from reasoner.videomind.decoder import TimestampDecoder

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        decoder = TimestampDecoder(HIDDEN)
    tensors = {
        f"base_model.model.{name}": tensor.half() for name, tensor in decoder.state_dict().items()
    }
    save_file(tensors, folder / "pytorch_model.safetensors")


def _build_base(folder: Path, tokenizer: Tokenizer, kind: str, tied: bool, seed: int) -> None:
    import transformers
    from transformers.models.qwen2_5_vl.configuration_qwen2_5_vl import Qwen2_5_VLConfig
    from transformers.models.qwen2_vl.configuration_qwen2_vl import Qwen2VLConfig

    ids = {name: tokenizer.token_to_id(f"<|{name}|>") for name in ("image_pad", "video_pad")}
    vision: dict[str, Any] = {"depth": 2, "num_heads": 2, "hidden_size": HIDDEN}
    text: dict[str, Any] = {
        "hidden_size": HIDDEN,
        "intermediate_size": 64,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "vocab_size": tokenizer.get_vocab_size() + 4,
        "eos_token_id": tokenizer.token_to_id("<|im_end|>"),
        "bos_token_id": None,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 1e6,
            "mrope_section": [2, 3, 3],
        },
    }
    if kind == "qwen2_vl":
        vision["embed_dim"] = 16
        config_class, model_class = Qwen2VLConfig, transformers.Qwen2VLForConditionalGeneration
    else:
        vision |= {"hidden_size": 16, "intermediate_size": 32, "out_hidden_size": HIDDEN}
        vision |= {"fullatt_block_indexes": [1]}
        config_class = Qwen2_5_VLConfig
        model_class = transformers.Qwen2_5_VLForConditionalGeneration
    config = config_class(
        text_config=text,
        vision_config=vision,
        image_token_id=ids["image_pad"],
        video_token_id=ids["video_pad"],
        tie_word_embeddings=tied,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = model_class(config)
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.2)
    model.half().save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))


def _build_adapter(folder: Path, role: str, draw: torch.Generator, whole: tuple[str, ...]) -> None:
    from reasoner.videomind.checkpoints.base_weights import BaseWeights
    from reasoner.videomind.checkpoints.names import EMBEDDINGS, HEAD

    base = BaseWeights(folder / "base")
    tensors = {}
    for layer in range(LAYERS):
        for target in TARGETS:
            module = f"layers.{layer}.self_attn.{target}"
            outputs, inputs = base.shapes[f"model.language_model.{module}.weight"]
            name = f"base_model.model.model.{module}"
            tensors[f"{name}.lora_A.weight"] = torch.randn(RANK, inputs, generator=draw).half()
            tensors[f"{name}.lora_B.weight"] = torch.randn(outputs, RANK, generator=draw).half()
    if whole:
        embeddings, head = base.tensor(EMBEDDINGS).clone(), base.tensor(HEAD).clone()
        embeddings[-10:] += 1
        head[-10:] -= 1
        tensors["base_model.model.model.embed_tokens.weight"] = embeddings
        tensors["base_model.model.lm_head.weight"] = head
    (folder / role).mkdir()
    save_file(tensors, folder / role / "adapter_model.safetensors", metadata={"format": "pt"})
    settings = {"peft_type": "LORA", "r": RANK, "lora_alpha": RANK, "lora_dropout": 0.1}
    settings |= {"target_modules": list(TARGETS), "modules_to_save": list(whole) or None}
    _write(folder / role / "adapter_config.json", settings)


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values), "utf-8")
