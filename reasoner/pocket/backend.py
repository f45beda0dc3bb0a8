"""The pocket roles put together."""

from pathlib import Path

from reasoner.chain import Chain
from reasoner.interfaces import EvidenceSource, MomentSource
from reasoner.options import ChainOptions, LanguageModelOptions
from reasoner.pocket.answerer import PocketAnswerer
from reasoner.pocket.grounder import PocketGrounder
from reasoner.pocket.language_model import LanguageModel
from reasoner.pocket.planner import PocketPlanner
from reasoner.pocket.support import SupportReader
from reasoner.pocket.verifier import PocketVerifier
from retriever.interfaces import QueryEncoder


def pocket_chain(
    library: EvidenceSource,
    retriever: MomentSource,
    encoder: QueryEncoder,
    model_folder: Path,
    model_id: str,
    threads: int | None = None,
    options: ChainOptions | None = None,
) -> Chain:
    """Load the language model and return the chain over it.

    Args:
        library: Where evidence is read.
        retriever: Where moments are found.
        encoder: The text encoder that the library's evidence was embedded with.
        model_folder: As ``conversion.convert_gguf`` writes it.
        model_id: Name and revision of the language model.
        threads: For torch; ``None`` leaves its own choice.
        options: How far the chain looks.

    Raises:
        WeightsMissingError: ``model_folder`` holds no converted model.
    """
    model = LanguageModel(model_folder, LanguageModelOptions(threads=threads), model_id)
    reader = SupportReader(encoder)
    return Chain(
        library=library,
        retriever=retriever,
        planner=PocketPlanner(),
        grounder=PocketGrounder(reader),
        verifier=PocketVerifier(library, model, reader),
        answerer=PocketAnswerer(model, reader),
        options=options or ChainOptions(),
        count_tokens=model.count_tokens,
        model_revisions={
            "language_model": model_id,
            "text_encoder": encoder.encoder_id,
            "planner": "rules",
            "grounder": encoder.encoder_id,
            "verifier": model_id,
            "answerer": model_id,
        },
    )
