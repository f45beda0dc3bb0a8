"""What the retriever asks of a model: text into the space the index was built in."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class QueryEncoder(Protocol):
    """Maps text into the space the index was built in."""

    @property
    def encoder_id(self) -> str:
        """Model name and revision; must equal the ``query_encoder_id`` recorded with the space."""

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts.

        Args:
            texts: ``Q`` queries, plain text; longer text than the model reads is truncated.

        Returns:
            ``(Q, D)`` float32, rows of unit L2 norm, in input order.
        """
