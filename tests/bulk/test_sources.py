"""What counts as a source, and how files become items."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.bulk.engine import split
from realtime.bulk.errors import BulkError
from realtime.bulk.fetch import FetchError, check_unchanged, read_remote
from realtime.bulk.manifest import (
    BLOCK_ROWS,
    SEGMENT_S,
    Item,
    done_ids,
    in_shard,
    items_of,
    missing_rows,
    read_items,
    read_range,
    write_manifest,
)
from realtime.bulk.ray_engine import shard_rows
from realtime.bulk.schema import PHOTO, VIDEO
from realtime.bulk.source_file import SourceFile
from realtime.bulk.sources import find_files


def names(*sources: object, lines: tuple[str, ...] = (), without: Path | None = None) -> list[str]:
    found = find_files(map(str, sources), lines=lines, without=without)
    return [Path(file.path).name for file in found]


def items(files: list[SourceFile], *, seconds: float = 45.0, fingerprint: str = "f") -> list[Item]:
    return list(items_of(files, fingerprint, lambda _: seconds))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b/2.jpg", "b/1.png", "b/notes.txt", "a.webp", "c/film.mp4", "out/x.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_folders_globs_files_and_lists(tree: Path) -> None:
    assert names(tree, without=(tree / "out").resolve()) == ["a.webp", "1.png", "2.jpg", "film.mp4"]
    assert names(tree / "**/*.jpg") == ["2.jpg", "x.jpg"]
    assert names(tree / "b/notes.txt") == ["notes.txt"]
    assert names("-", lines=(f"{tree}/a.webp\n", "\n", f"{tree}/c\n")) == ["a.webp", "film.mp4"]


def test_a_missing_file_is_an_item_with_an_error(tree: Path) -> None:
    (missing,) = find_files([str(tree / "none.jpg")])
    (item,) = items([missing])
    assert item.error == "File not found. Check the path."


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("*.nothing", "matches no file"),
        ("file:///etc/passwd", "file:// is not supported"),
        ("ftp://host/a.jpg", "ftp:// is not supported"),
    ],
)
def test_a_source_that_cannot_be_is_one_sentence(source: str, sentence: str) -> None:
    with pytest.raises(BulkError, match=sentence):
        list(find_files([source]))


def test_a_name_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    path = bytes(tmp_path / "caf") + b"\xe9.jpg"
    Path(path.decode("utf-8", "surrogateescape")).write_bytes(b"x")
    (item,) = items(list(find_files([str(tmp_path)])))
    assert "UTF-8" in (item.error or "")
    assert write_manifest(tmp_path / "m.parquet", [item]) == 1


def test_the_id_changes_with_all_that_decides_on_the_row() -> None:
    file = SourceFile(path="a.jpg", kind=PHOTO, bytes=1, modified_ns=2)
    others = [
        SourceFile(path="b.jpg", kind=PHOTO, bytes=1, modified_ns=2),
        SourceFile(path="a.jpg", kind=PHOTO, bytes=2, modified_ns=2),
        SourceFile(path="a.jpg", kind=PHOTO, bytes=1, modified_ns=3),
    ]
    ids = [item.item_id for item in [*items([file]), *items(others)]]
    ids += [item.item_id for item in items([file], fingerprint="other networks")]
    assert len(set(ids)) == len(ids)
    assert items([file]) == items([file])


def test_a_video_is_cut_into_segments_without_a_gap() -> None:
    film = SourceFile(path="a.mp4", kind=VIDEO, bytes=1, modified_ns=1)
    spans = [(item.start_s, item.end_s) for item in items([film], seconds=45.0)]
    assert spans == [(0, SEGMENT_S), (SEGMENT_S, 2 * SEGMENT_S), (2 * SEGMENT_S, None)]
    assert len(items([film], seconds=0.0)) == 1
    (endless,) = items([film], seconds=1e12)
    assert "longer than a week" in (endless.error or "")


def test_the_items_keep_the_files_order() -> None:
    files = [
        SourceFile(path=f"{k}.{'mp4' if k % 3 else 'jpg'}", kind=VIDEO if k % 3 else PHOTO, bytes=1)
        for k in range(50)
    ]
    assert [item.path for item in items(files, seconds=1.0)] == [file.path for file in files]


@given(st.lists(st.text(max_size=8), unique=True), st.integers(1, 9))
def test_each_file_is_in_one_shard(paths: list[str], shards: int) -> None:
    for path in paths:
        assert sum(in_shard(path, (k, shards)) for k in range(1, shards + 1)) == 1


@given(st.lists(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_what_is_missing_is_neither_done_nor_repeated(
    tmp_path_factory: pytest.TempPathFactory, listed: list[int], done: set[int]
) -> None:
    manifest = tmp_path_factory.getbasetemp() / "manifest.parquet"
    write_manifest(manifest, [Item(item_id=f"{k:024d}", path="", kind=PHOTO) for k in listed])
    ids = np.array(sorted(f"{k:024d}" for k in done), "S24")
    missing, total = missing_rows(manifest, ids)
    found = [int(item.item_id) for item in read_items(manifest, missing)]
    assert sorted(found) == sorted(set(listed) - done)
    assert total == len(set(listed))


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(8, 256))
def test_both_engines_cut_the_same_shards(videos: list[bool], size: int) -> None:
    items = [
        Item(item_id=f"{k:024d}", path="", kind=VIDEO if video else PHOTO)
        for k, video in enumerate(videos)
    ]
    rows = shard_rows(items, size).to_pylist()
    assert [items[row["start"] : row["stop"]] for row in rows] == list(split(items, size))


def test_a_shard_is_read_across_blocks(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.parquet"
    items = [Item(item_id=f"{k:024d}", path="", kind=PHOTO) for k in range(2 * BLOCK_ROWS + 3)]
    write_manifest(manifest, items)
    for start, stop in [(0, 1), (BLOCK_ROWS - 2, BLOCK_ROWS + 2), (BLOCK_ROWS, len(items))]:
        assert read_range(manifest, start, stop) == items[start:stop]
    with pytest.raises(BulkError, match="cannot be read"):
        read_range(tmp_path / "none.parquet", 0, 1)


def test_an_empty_folder_has_done_nothing(tmp_path: Path) -> None:
    assert len(done_ids(tmp_path)) == 0


def test_a_damaged_part_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "part-1.parquet").write_bytes(b"PAR1")
    with pytest.raises(BulkError, match="delete it"):
        done_ids(tmp_path)


def test_a_file_that_changes_after_it_was_listed_is_refused(tree: Path) -> None:
    (item,) = items(list(find_files([str(tree / "a.webp")])))
    check_unchanged(item)
    (tree / "a.webp").write_bytes(b"changed")
    with pytest.raises(FetchError, match="has changed"):
        check_unchanged(item)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A web server with one picture."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    cv2.imwrite(str(tmp_path / "a.jpg"), np.zeros((8, 8, 3), np.uint8))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pictures_from_a_web_server(site: str) -> None:
    (file,) = find_files([f"{site}/a.jpg"])
    assert (file.kind, file.error) == (PHOTO, "")
    assert read_remote(file.path).startswith(b"\xff\xd8")
    (missing,) = find_files([f"{site}/none.jpg"])
    assert missing.error.startswith("The file cannot be read (HTTP Error 404")
    with pytest.raises(FetchError, match="cannot be read"):
        read_remote(f"{site}/none.jpg")


def test_files_of_an_object_store(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    monkeypatch.setattr("realtime.bulk.remote.STORES", ("memory",))
    store = fsspec.filesystem("memory")
    for name in ("a.jpg", "deep/b.png", "deep/c.txt"):
        store.pipe(f"/bucket/{name}", b"content")
    found = [file.path for file in find_files(["memory://bucket"])]
    assert found == ["memory:///bucket/a.jpg", "memory:///bucket/deep/b.png"]
    assert [f.path for f in find_files(["memory://bucket/*.jpg"])] == found[:1]
    assert read_remote(found[0]) == b"content"
    (missing,) = find_files(["memory://bucket/none.jpg"])
    assert missing.error.startswith("The file cannot be read")
