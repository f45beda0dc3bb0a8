"""Words reach pictures through the names of what a network sees in them."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from indexer.interfaces import TextEncoder
from indexer.labels.imagenet import ImageLabels

# Chosen on 4,530 captioned pictures (query to picture, Recall@10): 0.36 with the ten likeliest
# labels as they are and names alone, 0.40 with twenty, softened, and told what kind of thing they
# are.
PICTURES_AT_ONCE = 256
TOP_LABELS = 20
TEMPERATURE = 2.5


def label_texts(labels: ImageLabels) -> list[str]:
    """Put every name of every class into words, each with its kind.

    "A photo of a kite" is a toy; "a photo of a kite, a kind of bird" is not.
    """
    kinds: dict[int, str] = {}
    for word, members in labels.groups.items():
        for number in members:
            kinds.setdefault(number, f", a kind of {word}")
    return [
        f"a photo of a {name}{kinds.get(number, '')}"
        for number, names in enumerate(labels.names)
        for name in names
    ]


def label_digest(labels: ImageLabels) -> str:
    """Name the words that ``label_embeddings`` embeds, so that its result can be kept."""
    packed = "\n".join(label_texts(labels)).encode()
    return hashlib.blake2b(packed, digest_size=8).hexdigest()


def label_embeddings(encoder: TextEncoder, labels: ImageLabels) -> NDArray[np.float32]:
    """Embed every class as the mean of its names' embeddings.

    Returns:
        ``(1000, D)`` float32, rows of unit L2 norm, in class order.
    """
    embedded = encoder.encode_text(label_texts(labels))
    owners = np.repeat(np.arange(len(labels.names)), [len(names) for names in labels.names])
    sums = np.zeros((len(labels.names), embedded.shape[1]), dtype=np.float32)
    np.add.at(sums, owners, embedded)
    return _unit(sums)


class ExpectedLabelHead:
    """Embeds a picture as the mean of its likeliest labels' embeddings; fulfils ``PictureHead``.

    Args:
        embeddings: ``(1000, D)`` of the labels, from ``label_embeddings``.
        backbone_id: Model whose probabilities it reads.
        query_encoder_id: Text encoder that made ``embeddings``.

    Source:
        ConSE: Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings",
            ICLR 2014.
    """

    def __init__(
        self, embeddings: NDArray[np.float32], *, backbone_id: str, query_encoder_id: str
    ) -> None:
        self._embeddings = embeddings
        self._backbone_id = backbone_id
        self._query_encoder_id = query_encoder_id
        self._digest = hashlib.blake2b(embeddings.tobytes(), digest_size=4).hexdigest()

    @property
    def encoder_id(self) -> str:
        """Names the label embeddings by digest, the backbone and the text encoder."""
        return f"conse@{self._digest}({self._backbone_id})->{self._query_encoder_id}"

    @property
    def query_encoder_id(self) -> str:
        """Id of the text encoder whose space this is."""
        return self._query_encoder_id

    @property
    def dimension(self) -> int:
        """``D``."""
        return int(self._embeddings.shape[1])

    def embed(self, probabilities: NDArray[np.floating]) -> NDArray[np.float32]:
        """Embed ``N`` pictures, of ``(N, 1000)`` classes, as ``(N, D)`` rows of unit L2 norm."""
        rows = np.empty((len(probabilities), self.dimension), dtype=np.float32)
        # Of a long film the labels' embeddings, picture by picture, would fill the memory.
        for first in range(0, len(rows), PICTURES_AT_ONCE):
            some = slice(first, first + PICTURES_AT_ONCE)
            rows[some] = self._embed(probabilities[some].astype(np.float32))
        return rows

    def _embed(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        top = np.argpartition(-probabilities, TOP_LABELS - 1, axis=1)[:, :TOP_LABELS]
        weights = np.take_along_axis(probabilities, top, axis=1) ** (1 / TEMPERATURE)
        return _unit(np.einsum("nt,ntd->nd", weights, self._embeddings[top]))


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (rows / np.maximum(norms, np.finfo(np.float32).tiny)).astype(
        np.float32
    )
    return unit
