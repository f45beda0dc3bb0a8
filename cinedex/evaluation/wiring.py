"""An open library as what queries are put to."""

from cinedex.api import CinedexLibrary
from cinedex.evaluation.indexed_videos import IndexedVideos
from cinedex.evaluation.running import Runner


def search_runner(library: CinedexLibrary, k: int, *, is_corpus: bool) -> Runner:
    """Return a runner that searches; the query encoder loads."""
    retriever = library.composition.retriever()
    return Runner(IndexedVideos(library.videos()), retriever, library.plan_search, k, is_corpus)


def asking_runner(library: CinedexLibrary, k: int, *, is_corpus: bool) -> Runner:
    """Return a runner that asks; the models of the chain load."""
    chain, videos = library.composition.chain(), IndexedVideos(library.videos())
    return Runner(videos, chain.retriever, library.plan_search, k, is_corpus, asker=chain)
