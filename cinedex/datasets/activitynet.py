"""ActivityNet Captions: one JSON object, a sentence and its moment being a query."""

from collections.abc import Iterator
from pathlib import Path

from cinedex.datasets.query import DatasetQuery
from cinedex.datasets.rows import at, read_mapping, span_of, words
from store.json_values import JsonObject, items


def read_activitynet(path: Path) -> list[DatasetQuery]:
    """Read ``val_1.json`` or a file like it.

    The id of a query is its video's name and its place there: ``v_QOlSCBRmfWY_0``.

    Raises:
        DatasetError: A video's sentences are not as they should be; says whose.

    Source:
        Krishna et al., "Dense-Captioning Events in Videos", ICCV 2017.
    """
    queries: list[DatasetQuery] = []
    for video, row in read_mapping(path).items():
        with at(f"{path}, video {video}"):
            queries += _of_video(video, JsonObject(row))
    return queries


def _of_video(video: str, row: JsonObject) -> Iterator[DatasetQuery]:
    timestamps, sentences = row.items("timestamps"), row.items("sentences")
    items(sentences, "sentences", length=len(timestamps))
    for number, (timestamp, sentence) in enumerate(zip(timestamps, sentences, strict=True)):
        yield DatasetQuery(
            query_id=f"{video}_{number}",
            text=words(sentence, f"sentence {number}"),
            video=video,
            spans=(span_of(timestamp),),
        )
