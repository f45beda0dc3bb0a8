"""Several handles, threads and processes on one library."""

import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from store.library import Library
from tests.postgresql import WITH_VECTOR_FILES

QUERY = np.array([[1, 0, 0, 0]], dtype=np.float32)
PUBLISH = """
import sys
from pathlib import Path
from store.library import Library
from tests.small_videos import small_video
versions = [small_video("a", [f"version{v} door {i}" for i in range(60)]) for v in (1, 2)]
with Library.open(Path(sys.argv[1])) as library:
    for i in range(int(sys.argv[2])):
        library.publish(versions[i % len(versions)])
        print(i, flush=True)
"""


@pytest.fixture
def versions(make_video):
    return [make_video("a", [f"version{v} door {i}" for i in range(60)]) for v in (1, 2)]


def publishing(library, times):
    return subprocess.Popen(
        [sys.executable, "-c", PUBLISH, str(library.root), str(times)],
        stdout=subprocess.PIPE,
        text=True,
    )


def seen_by_text(library):
    hits = library.search_text(["door"], 1000)
    return len(hits), {hit.evidence.text.split()[0] for hit in hits}


def seen_by_vector(library):
    [hits] = library.search_vectors("text:mini@1", QUERY, 1000, query_encoder_id="mini@1")
    return len(hits), {hit.evidence.text.split()[0] for hit in hits}


def test_an_open_reader_sees_what_another_handle_published(library, versions):
    with Library.open(library.root) as reader:
        for version, name in zip(versions, ("version1", "version2"), strict=True):
            library.publish(version)
            assert seen_by_text(reader) == seen_by_vector(reader) == (60, {name})


def test_an_open_reader_sees_what_another_process_published(library, versions):
    library.publish(versions[1])
    assert seen_by_vector(library) == (60, {"version2"})
    with publishing(library, 1) as process:
        process.communicate()
    assert process.returncode == 0
    assert seen_by_text(library) == seen_by_vector(library) == (60, {"version1"})
    assert library.generation() == 2


def test_a_reader_never_sees_half_a_video(library, versions):
    library.publish(versions[0])
    seen = []
    done = threading.Event()

    def read():
        while not done.is_set():
            seen.extend((seen_by_text(library), seen_by_vector(library)))

    reader = threading.Thread(target=read)
    reader.start()
    with publishing(library, 12) as process:
        process.communicate()
    done.set()
    reader.join()
    assert process.returncode == 0
    assert len(seen) > 2
    assert all(count == 60 and len(names) == 1 for count, names in seen)


def test_a_killed_writer_leaves_a_whole_library(library, versions):
    with publishing(library, 10_000) as process:
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    library.close()
    with Library.open(library.root) as again:
        assert seen_by_text(again)[0] == 60
        assert len(seen_by_text(again)[1]) == 1
        assert seen_by_vector(again) == seen_by_text(again)
        again.publish(versions[0])
        assert seen_by_vector(again) == (60, {"version1"})


def test_two_writers_take_turns(library, make_video):
    def publish(letters):
        with Library.open(library.root) as writer:
            for letter in letters:
                writer.publish(make_video(letter))

    writers = [threading.Thread(target=publish, args=(letters,)) for letters in ("abc", "def")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(library.videos()) == library.generation() == 6


def test_a_library_made_by_two_at_once_is_one(tmp_path, make_video):
    root = tmp_path / "library"
    failures = []

    def create(letter):
        try:
            with Library.create(root) as library:
                library.publish(make_video(letter))
        except Exception as failure:
            failures.append(failure)

    makers = [threading.Thread(target=create, args=(letter,)) for letter in "abcd"]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert failures == []
    with Library.open(root) as library:
        assert len(library.videos()) == 4


def compacted_elsewhere(library):
    code = (
        "import sys; from pathlib import Path; from store.library import Library\n"
        "with Library.open(Path(sys.argv[1])) as library: library.compact(is_forced=True)"
    )
    subprocess.run([sys.executable, "-c", code, str(library.root)], check=True)


@WITH_VECTOR_FILES
def test_an_open_reader_takes_up_a_base_that_another_process_made(library, make_video):
    library.publish(make_video("a", ["door"] * 40))
    assert seen_by_vector(library)[0] == 40
    for number in (2, 3):
        compacted_elsewhere(library)
        deadline = time.monotonic() + 20
        while library._vectors._states["text:mini@1"].tail and time.monotonic() < deadline:
            assert seen_by_vector(library)[0] == 20 * number  # nobody waits for it
            time.sleep(0.01)
        state = library._vectors._states["text:mini@1"]
        assert not state.tail
        assert state.base.index.num_rows == 20 * number
        assert seen_by_vector(library)[0] == 20 * number
        library.publish(make_video("xxbc"[number], ["door"] * 20))
        assert seen_by_vector(library)[0] == 20 * number + 20


@WITH_VECTOR_FILES
def test_a_base_that_is_replaced_while_it_is_searched_goes_on_being_searched(library, make_video):
    library.publish(make_video("a", ["door"] * 40))
    library.compact(is_forced=True)
    state = library._vectors._states["text:mini@1"]
    library.remove("a" * 32)
    library.publish(make_video("b", ["window"] * 40))
    library.compact(is_forced=True)
    assert len(state.base.index.search(QUERY, 40)[1][0]) == 40  # the old file is still mapped
    assert seen_by_vector(library) == (40, {"window"})


def test_searches_go_on_while_the_vectors_are_compacted(library, make_video):
    library.publish(make_video("a", ["door"] * 40))
    library.publish(make_video("b", ["door"] * 20))
    done = threading.Event()

    def compact():
        for _ in range(20):
            library.publish(make_video("b", ["door"] * 20))
            library.compact(is_forced=True)
        done.set()

    worker = threading.Thread(target=compact)
    worker.start()
    seen = []
    with Library.open(library.root) as reader:
        while not done.is_set():
            seen += [seen_by_vector(library)[0], seen_by_vector(reader)[0]]
    worker.join()
    assert len(seen) > 4
    assert set(seen) == {60}
