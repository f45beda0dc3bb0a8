"""A process that searches without a pause while another one writes.

    python -m benchmarks.store_scale.reading READ WRITTEN QUERIES WRITER_ARGUMENT...

It searches the library ``READ`` and has ``WRITTEN`` written to, which may be the same one. Some
rounds of the queries come before the writing, to warm up and to compare. Prints JSON.
"""

import json
import subprocess
import sys
import threading
import time
from dataclasses import astuple, dataclass
from pathlib import Path

from benchmarks.store_scale.models import query_encoder
from benchmarks.store_scale.processor import queued_seconds
from benchmarks.store_scale.queries import read_queries
from retriever.search import Retriever
from store.library import Library

WRITER = "benchmarks.store_scale.writer"
# Few, so that each is asked often and its usual time is known.
NUM_QUERIES = 20
ROUNDS_BEFORE = 3
# After the writer's end, so that what it left to do is met too.
QUERIES_AFTER = 20


@dataclass(frozen=True, slots=True)
class Search:
    """One search: which query, how long it took, and how much of that it stood in line."""

    query: int
    seconds: float
    queued_seconds: float


def main() -> None:
    """Search, have written, search on, print."""
    read, written, queries_folder, *writer_arguments = sys.argv[1:]
    texts = read_queries(Path(queries_folder)).texts[:NUM_QUERIES]
    with Library.open(Path(read)) as library:
        encoder = query_encoder()
        retriever = Retriever(library, {encoder.encoder_id: encoder})

        def search(number: int) -> Search:
            queued, began = queued_seconds(), time.perf_counter()
            retriever.search(texts[number % len(texts)])
            seconds = time.perf_counter() - began
            return Search(number % len(texts), seconds, queued_seconds() - queued)

        with subprocess.Popen(
            [sys.executable, "-m", WRITER, written, *writer_arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            _await_ready(writer)
            for number in range(len(texts)):
                search(number)
            before = [search(number) for number in range(ROUNDS_BEFORE * len(texts))]
            said: list[str] = []
            listener = threading.Thread(target=lambda: said.extend(writer.stdout or ()))
            listener.start()
            _start(writer)
            during = []
            while listener.is_alive():
                during.append(search(len(during)))
            during += [search(number) for number in range(len(during), len(during) + QUERIES_AFTER)]
            listener.join()
    if writer.returncode:
        raise SystemExit(f"the writer ended with {writer.returncode}")
    figures = {
        "writer": json.loads(said[-1]),
        "before": [astuple(search) for search in before],
        "during": [astuple(search) for search in during],
    }
    print(json.dumps(figures))


def _await_ready(writer: "subprocess.Popen[str]") -> None:
    while writer.stdout and (line := writer.stdout.readline()):
        if line.strip() == "ready":
            return
    raise SystemExit("the writer ended before it began")


def _start(writer: "subprocess.Popen[str]") -> None:
    if writer.stdin:
        writer.stdin.write("go\n")
        writer.stdin.flush()


if __name__ == "__main__":
    main()
