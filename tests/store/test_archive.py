import gc
import json
import os
import stat
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.archive import read_manifest
from store.archive_file import ArchiveFile
from store.errors import ArchiveError, InputError
from store.exporting import export_library
from store.json_values import JsonObject, parse_json
from store.library import Library
from store.merging import MergeState, import_archive
from store.packing import PackedVideo, pack
from store.tables import JudgementRow
from store.unpacking import unpack
from store.wholes import content_digest, written_down
from tests.store.archives import forge, members

# Four times the videos; the manifest grows, and garbage is not collected at once.
MOST_GROWTH = 1.6
BUNDLE = {"text": "In the kitchen.", "z": 1, "a": [0.5, None, "\udcff\0"]}


@pytest.fixture
def filled(sqlite_library, full_video, make_video):
    """A library with everything that can be exported."""
    sqlite_library.publish(full_video)
    sqlite_library.publish(make_video("a", ["red door", "blue door"]))
    first = sqlite_library.save_answer(BUNDLE)
    sqlite_library.save_answer({"text": "another"})
    with sqlite_library._database.writing() as session:
        session.add(JudgementRow(answer=first, is_right=False, note="no: the hall"))
    return sqlite_library


@pytest.fixture
def archive(filled, tmp_path):
    path = tmp_path / "library.cinedex"
    export_library(filled, path, made_by="test")
    return path


FULL = "0123456789abcdef" * 2
RECORDS = f"videos/{FULL}/records.jsonl"
VECTORS = f"videos/{FULL}/vectors.f16"
THUMBNAILS = f"videos/{FULL}/thumbnails.jpegs"


def test_a_video_is_packed_and_unpacked(full_video):
    whole = unpack(pack(full_video))
    assert list(written_down(whole, {})) == list(written_down(full_video, {}))
    assert whole.thumbnails == full_video.thumbnails
    assert whole.stage_runs == full_video.stage_runs
    assert pack(whole) == pack(full_video)


def test_the_order_of_rows_does_not_change_what_is_packed(full_video):
    turned = replace(
        full_video,
        embeddings=full_video.embeddings[::-1],
        evidence=full_video.evidence[::-1],
        spaces=full_video.spaces[::-1],
        summaries=full_video.summaries[::-1],
    )
    assert pack(turned) == pack(full_video)


def test_the_same_library_gives_the_same_bytes(filled, archive, tmp_path):
    export_library(filled, tmp_path / "again", made_by="test")
    assert (tmp_path / "again").read_bytes() == archive.read_bytes()
    with Library.create(tmp_path / "other") as other, ArchiveFile(archive) as opened:
        import_archive(other, opened)
        export_library(other, tmp_path / "third", made_by="test")
    assert (tmp_path / "third").read_bytes() == archive.read_bytes()


def test_an_archive_is_private_and_says_what_it_holds(archive):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with ArchiveFile(archive) as opened:
        assert opened.manifest.made_by == "test"
        assert opened.manifest.counts == {
            **{"videos": 2, "clips": 4, "evidence": 4, "embeddings": 5, "thumbnails": 2},
            **{"answers": 2, "judgements": 1, "marks": 0},
        }
        assert [video.title for video in opened.manifest.videos] == ["Ein Film", "Film a"]
        first, second = opened.answers()
    assert first.payload == BUNDLE
    assert list(first.payload) == list(BUNDLE)
    assert [(mark.is_right, mark.note) for mark in first.judgements] == [(False, "no: the hall")]
    assert second.judgements == ()


def test_some_videos_are_exported_without_the_answers(filled, tmp_path):
    manifest = export_library(filled, tmp_path / "some", made_by="test", video_ids=["a" * 32])
    assert [video.video_id for video in manifest.videos] == ["a" * 32]
    assert (manifest.answers, manifest.marks) == (None, None)
    assert {"answers.jsonl", "marks.jsonl"}.isdisjoint(members(tmp_path / "some"))
    with pytest.raises(InputError, match="no video 'b'"):
        export_library(filled, tmp_path / "none", made_by="test", video_ids=["b"])
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_there_is_kept_unless_told_otherwise(filled, archive, tmp_path):
    before = archive.read_bytes()
    with pytest.raises(ArchiveError, match="there already"):
        export_library(filled, archive, made_by="other")
    assert archive.read_bytes() == before
    export_library(filled, archive, made_by="other", overwrites=True)
    assert archive.read_bytes() != before
    for place in (tmp_path, tmp_path / "no" / "folder", filled.root / "catalogue.sqlite"):
        with pytest.raises(ArchiveError):
            export_library(filled, place, made_by="test", overwrites=True)


def test_an_interrupted_export_leaves_nothing(filled, tmp_path):
    def interrupt(done, total):
        assert (done, total) == (1, 2)
        raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        export_library(filled, tmp_path / "half", made_by="test", on_videos=interrupt)
    assert sorted(tmp_path.iterdir()) == before


def test_the_memory_of_an_export_does_not_grow_with_the_videos(
    sqlite_library, make_video, tmp_path
):
    rng = np.random.default_rng(0)
    texts = [f"line {i}" for i in range(100)]
    wide = rng.standard_normal((100, 512)).astype(np.float32)
    peaks = []
    for letters in ("abc", "defghijkl"):
        for letter in letters:
            sqlite_library.publish(make_video(letter, texts, vectors=wide))
        sqlite_library.compact()
        export_library(sqlite_library, tmp_path / "first", made_by="test", overwrites=True)
        gc.collect()
        tracemalloc.start()
        export_library(sqlite_library, tmp_path / letters, made_by="test")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < MOST_GROWTH * peaks[0]


def read_all(path):
    with ArchiveFile(path) as opened:
        for entry in opened.manifest.videos:
            opened.video(entry)
        return list(opened.answers())


def refused(path, words):
    with pytest.raises(ArchiveError, match=words):
        read_all(path)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/evil",
        "videos/x/../../../evil",
        "C:\\evil",
        f"videos/{FULL}/",
        "x/records.jsonl",
    ],
)
def test_a_member_that_the_manifest_does_not_list_is_refused(archive, tmp_path, name):
    forge(tmp_path / "forged", members(archive) | {name: b""})
    refused(tmp_path / "forged", r"does not belong|does not list|no plain file")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("forged", "library", "library.cinedex"),
    ]


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", f"videos/{FULL}/../x/records.jsonl"])
def test_a_manifest_that_names_other_members_is_refused(archive, tmp_path, name):
    contents = members(archive)
    written = contents["manifest.json"].replace(RECORDS.encode(), name.encode())
    moved = {name if key == RECORDS else key: value for key, value in contents.items()}
    forge(tmp_path / "forged", moved | {"manifest.json": written})
    refused(tmp_path / "forged", "is named|does not belong")


@pytest.mark.parametrize("video_id", ["..", "a/b", "", "a" * 129, "é", "a\n"])
def test_a_video_id_that_could_be_a_path_is_refused(archive, tmp_path, video_id):
    contents = members(archive)
    manifest = json.loads(contents["manifest.json"])
    manifest["videos"][0]["video_id"] = video_id
    forge(tmp_path / "forged", contents | {"manifest.json": json.dumps(manifest).encode()})
    refused(tmp_path / "forged", "no video id")


def test_a_symlink_a_twin_and_an_encrypted_member_are_refused(archive, tmp_path):
    contents = members(archive)
    link = zipfile.ZipInfo(RECORDS)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    rest = {name: content for name, content in contents.items() if name != RECORDS}
    forge(tmp_path / "link", rest, infos=[(link, b"/etc/passwd")], fix=False)
    refused(tmp_path / "link", "no plain file")
    with pytest.warns(UserWarning, match="Duplicate"):
        forge(tmp_path / "twin", contents, infos=[(RECORDS, contents[RECORDS])])
    refused(tmp_path / "twin", "twice")
    locked = bytearray(archive.read_bytes())
    locked[locked.rindex(b"PK\1\2") + 8] |= 1
    (tmp_path / "locked").write_bytes(locked)
    refused(tmp_path / "locked", "encrypted")


def test_a_member_that_is_missing_or_changed_is_refused(archive, tmp_path):
    contents = members(archive)
    rest = {name: content for name, content in contents.items() if name != VECTORS}
    forge(tmp_path / "missing", rest)
    refused(tmp_path / "missing", "is missing")
    forge(tmp_path / "no manifest", {RECORDS: contents[RECORDS]}, fix=False)
    refused(tmp_path / "no manifest", "manifest.json")
    longer = contents | {VECTORS: contents[VECTORS] + b"\0\0"}
    forge(tmp_path / "longer", longer, fix=False)
    refused(tmp_path / "longer", "not 24 bytes long")
    other = contents | {VECTORS: bytes(24)}
    forge(tmp_path / "other", other, fix=False)
    refused(tmp_path / "other", "not what was exported")


def test_a_bomb_is_not_read(archive, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("store.archive").archive.MOST_BYTES, "records.jsonl", 10**6)
    forge(tmp_path / "long", members(archive) | {RECORDS: b" " * (10**6 + 1)})
    refused(tmp_path / "long", "too long")
    # A length that lies, in the manifest and in the zip's directory.
    contents = members(archive) | {RECORDS: b" " * 10**6}
    manifest = json.loads(contents["manifest.json"])
    manifest["videos"][0]["records"]["num_bytes"] = 1000
    contents["manifest.json"] = json.dumps(manifest).encode()
    forge(tmp_path / "liar", contents, fix=False)
    forged = (tmp_path / "liar").read_bytes()
    lie = forged.replace((10**6).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lie != forged
    (tmp_path / "liar").write_bytes(lie)
    refused(tmp_path / "liar", "Bad CRC|not what was exported")
    # Vectors and pictures could expand a thousandfold if they were packed.
    with zipfile.ZipFile(tmp_path / "packed", "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members(archive).items():
            made.writestr(name, content)
    refused(tmp_path / "packed", "packed in another way")


def test_a_cut_archive_is_refused(archive, tmp_path):
    whole = archive.read_bytes()
    for kept in (0, 1, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut").write_bytes(whole[:kept])
        refused(tmp_path / "cut", "no sound archive.*export the library again")
    refused(tmp_path / "nothing", "no archive at")
    refused(tmp_path, "no sound archive")


def test_a_newer_archive_asks_for_a_newer_cinedex(archive, tmp_path):
    newer = members(archive)
    newer["manifest.json"] = newer["manifest.json"].replace(b'"format":2', b'"format":3')
    forge(tmp_path / "newer", newer)
    refused(tmp_path / "newer", "newer cinedex.*upgrade")


def lines(full_video):
    return [json.loads(line) for line in pack(full_video).records.splitlines()]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        *[("video", {"paths": paths}) for paths in ([], "x", [1], [""], ["\0"], None)],
        *[("video", {"title": title}) for title in (1, None, "\0", "\udcff")],
        *[("video", {"duration_milliseconds": it}) for it in (-1, 1.5, "1", True, 2**31, None)],
        ("video", {"file_bytes": 2**63}),
        ("video", {"frame_rate_denominator": 0}),
        ("video", {"frame_rate_denominator": None}),
        ("video", {"season": 2**31}),
        ("video", {"skips": [["speech"]]}),
        ("video", {"skips": [["speech", 1]]}),
        ("video", {"video_id": "../x"}),
        ("video", {"video_id": "a" * 200}),
        ("video", {"extra": 1}),
        ("video", {"part": "video2"}),
        ("stage", {"seconds": "1"}),
        ("stage", {"seconds": 10**400}),
        ("stage", {"part": "video"}),
        ("space", {"dimension": 0}),
        ("space", {"dimension": 5}),
        ("space", {"dimension": 2**20}),
        ("clip", {"ordinal": 1}),
        ("clip", {"start": 9000}),
        ("clip", {"end": -1}),
        ("clip", {"thumbnail_bytes": 10**6}),
        ("clip", {"thumbnail_bytes": 2}),
        ("clip", {"thumbnail_bytes": 0}),
        ("evidence", {"kind": "rumour"}),
        ("evidence", {"clip": 7}),
        ("evidence", {"text": None}),
        ("evidence", {"confidence": True}),
        ("evidence", {"words": [["x", 2, 1]]}),
        ("evidence", {"words": [["x", 1]]}),
        ("evidence", {"words": ["x"]}),
        ("embedding", {"space_id": "other"}),
        ("embedding", {"clip": 7}),
        ("embedding", {"evidence_id": "other"}),
        ("summary", {"level": "act"}),
        ("summary", {"ordinal": -1}),
        ("summary", {"level": "video"}),  # which stands twice then
        ("summary", {"end": -1}),
        ("summary", {"evidence": ["other"]}),
        ("summary", {"evidence": [7]}),
        ("summary", {"evidence": "0123456789ab/speech/0"}),
    ],
)
def test_records_of_other_types_or_ranges_are_refused(full_video, part, change):
    records = lines(full_video)
    next(line for line in records if line["part"] == part).update(change)
    packed = replace(pack(full_video), records="\n".join(map(json.dumps, records)).encode())
    with pytest.raises(ValueError, match=r"."):
        unpack(packed)


@pytest.mark.parametrize(
    "records",
    [
        *(b"", b"\n", b"[]", b"nonsense", b"\xff", b'{"part": "video"}', b'{"part": []}', b"NaN"),
        b"[" * 100_000,
        b'{"a": 1e999}',
        b"1" * 5000,
    ],
)
def test_records_that_are_no_records_are_refused(full_video, records):
    with pytest.raises(ValueError, match=r"."):
        unpack(replace(pack(full_video), records=records))


def test_a_video_packed_before_there_were_summaries_is_read(full_video):
    records = [line for line in lines(full_video) if line["part"] != "summary"]
    packed = replace(pack(full_video), records="\n".join(map(json.dumps, records)).encode())
    older = replace(full_video, summaries=())
    assert list(written_down(unpack(packed), {})) == list(written_down(older, {}))


def test_every_missing_value_is_noticed(full_video):
    for index, line in enumerate(lines(full_video)):
        for name in line:
            records = lines(full_video)
            del records[index][name]
            packed = replace(pack(full_video), records="\n".join(map(json.dumps, records)).encode())
            with pytest.raises(ValueError, match=r"."):
                unpack(packed)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_not_finite_too_few_or_too_many_are_refused(full_video, value):
    packed = pack(full_video)
    vectors = np.frombuffer(packed.vectors, "<f2").copy()
    vectors[3] = value
    for wrong in (vectors.tobytes(), packed.vectors[:-2], packed.vectors + b"\0\0"):
        with pytest.raises(ValueError, match="vector"):
            unpack(PackedVideo(packed.records, wrong, packed.thumbnails))


def test_json_values_are_what_was_asked_for():
    values = JsonObject(parse_json(b'{"n": 3, "t": true, "c": {}, "none": null}'))
    assert (values.number("n"), values.truth("t"), values.text_or_none("none")) == (3.0, True, None)
    values.child("c").close()
    values.close()
    with pytest.raises(ValueError, match="neither true nor false"):
        JsonObject({"t": 1}).truth("t")
    with pytest.raises(ValueError, match="is missing"):
        JsonObject({}).text_or_none("t")


def read(path):
    """Digest all that an archive gives, or say which error it gives."""
    with ArchiveFile(path) as opened:
        videos = [opened.video(entry) for entry in opened.manifest.videos]
        answers = list(opened.answers())
    return [(content_digest(video, {}), video.video, video.thumbnails) for video in videos], answers


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_flipped_bytes_never_change_what_is_read(archive, tmp_path, data):
    good = archive.read_bytes()
    flipped = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        flipped[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
    (tmp_path / "flipped").write_bytes(flipped)
    try:
        found = read(tmp_path / "flipped")
    except ArchiveError:
        return
    assert found == read(archive)


def tree(root):
    return sorted(str(Path(at, name)) for at, _, names in os.walk(root) for name in names)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_flipped_bytes_never_change_what_is_imported(archive, tmp_path, place, mask):
    flipped = bytearray(archive.read_bytes())
    flipped[int(place * len(flipped))] ^= mask
    (tmp_path / "flipped").write_bytes(flipped)
    with ArchiveFile(archive) as opened:
        whole = {entry.video_id: opened.video(entry) for entry in opened.manifest.videos}
    with Library.create(tmp_path / "target") as target:
        for video in target.videos():
            target.remove(video.video_id)
        outside = [name for name in tree(tmp_path) if "/target/" not in name]
        try:
            with ArchiveFile(tmp_path / "flipped") as opened:
                report = import_archive(target, opened)
        except ArchiveError:
            assert target.videos() == []
        else:
            added = {it.video_id for it in report.results if it.state is MergeState.ADDED}
            assert len(added) + len(report.failed) == len(whole)
            assert {video.video_id for video in target.videos()} == added
            for video_id in added:
                assert pack(target.indexed_video(video_id)) == pack(whole[video_id])
        assert [name for name in tree(tmp_path) if "/target/" not in name] == outside


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_a_manifest_of_any_bytes_is_a_value_error(written):
    with pytest.raises(ValueError, match=r"."):
        read_manifest(written)
