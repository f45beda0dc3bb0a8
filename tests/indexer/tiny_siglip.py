"""Tiny SigLIP checkpoints with random weights, in the published layout."""

import json
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors

HIDDEN = 16
NUM_TOKENS = 12
SIDE_PIXELS = 32


def build_siglip(folder: Path, seed: int, *, resample: int = 2, deviation: float = 0.5) -> Path:
    """Two towers, a tokenizer of bytes that ends every text, and how pictures are scaled."""
    from transformers import PreTrainedTokenizerFast, SiglipConfig, SiglipModel

    tokenizer = _tokenizer()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="<eos>",
        model_input_names=["input_ids"],
    ).save_pretrained(folder)
    sizes = {"hidden_size": HIDDEN, "intermediate_size": 24, "num_hidden_layers": 2}
    sizes |= {"num_attention_heads": 2}
    config = SiglipConfig(
        text_config={
            **sizes,
            "vocab_size": tokenizer.get_vocab_size(),
            "max_position_embeddings": NUM_TOKENS,
            "pad_token_id": tokenizer.token_to_id("<pad>"),
            "eos_token_id": tokenizer.token_to_id("<eos>"),
            "bos_token_id": None,
        },
        vision_config={**sizes, "image_size": SIDE_PIXELS, "patch_size": 8},
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = SiglipModel(config)
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(folder)
    scaling = {
        "do_convert_rgb": None,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_processor_type": "SiglipImageProcessor",
        "image_std": [deviation] * 3,
        "resample": resample,
        "rescale_factor": 1 / 255,
        "size": {"height": SIDE_PIXELS, "width": SIDE_PIXELS},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(scaling), "utf-8")
    return folder


def _tokenizer() -> Tokenizer:
    specials = ("<pad>", "<eos>")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {each: number for number, each in enumerate((*specials, *alphabet))}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens([AddedToken(each) for each in specials])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <eos>", special_tokens=[("<eos>", vocabulary["<eos>"])]
    )
    return tokenizer
