"""Fetching from a server on this machine: what is whole is kept, what is not leaves nothing behind."""

import hashlib
import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from cellnn.devices.errors import InputError
from cellnn.diffusion.data import load_images, sources
from cellnn.diffusion.data.download import DownloadError, download
from cellnn.diffusion.data.sources import REMOTE, Remote

from .files import cifar_files, idx_files


@pytest.fixture
def server():
    """A server of `contents` (path -> bytes); `short` paths break off, `asked` lists what was asked for."""

    class Handler(BaseHTTPRequestHandler):
        contents, short, asked = {}, set(), []

        def do_GET(self):  # noqa: N802
            self.asked.append(self.path)
            if self.path not in self.contents:
                return self.send_error(404)
            content = self.contents[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if self.path in self.short else content)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        Handler.base = f"http://127.0.0.1:{httpd.server_port}/"
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Handler
        httpd.shutdown()
        thread.join()


@pytest.fixture
def offer(server, monkeypatch):
    """Offer these files (name -> bytes) as those of a data set."""

    def publish(name, files, mirrors=("",)):
        server.contents = {f"/{file}": content for file, content in files.items()}
        remotes = tuple(
            Remote(file, hashlib.md5(content).hexdigest(), tuple(server.base + mirror + file for mirror in mirrors))
            for file, content in files.items()
        )
        monkeypatch.setitem(sources.REMOTE, name, remotes)

    return publish


def tar(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def test_files_go_where_they_are_found(small_sets, offer, server, tmp_path):
    files, arrays = idx_files()
    offer("mnist", files, mirrors=("gone/", ""))
    shares = []
    place = download("mnist", progress=lambda name, done: shares.append((name, done)))
    assert place == tmp_path / "user" / "cellnn" / "mnist"
    np.testing.assert_array_equal(load_images("mnist").images[:, 0], arrays["train"][0])
    assert {name for name, done in shares if done == 1.0} == set(files)
    server.asked.clear()
    download("mnist")
    assert server.asked == []  # nothing is fetched twice


def test_the_environment_names_the_folder(small_sets, offer, monkeypatch, tmp_path):
    monkeypatch.setenv("CELLNN_DATA", str(tmp_path / "mine"))
    offer("mnist", idx_files()[0])
    assert download("mnist") == tmp_path / "mine" / "mnist"


@pytest.mark.parametrize("fault", ["other content", "short", "missing", "no server"])
def test_a_failure_leaves_nothing(small_sets, offer, server, tmp_path, fault):
    files, _ = idx_files()
    offer("mnist", files)
    path = f"/{sorted(files)[-1]}"
    if fault == "other content":
        server.contents[path] = b"x" + server.contents[path]
    elif fault == "short":
        server.short.add(path)
    elif fault == "missing":
        del server.contents[path]
    else:
        remote = REMOTE["mnist"][-1]
        sources.REMOTE["mnist"] = (Remote(path[1:], remote.md5, ("http://127.0.0.1:9/x",)),)
    with pytest.raises(DownloadError, match=f"cannot fetch {path[1:]}: http"):
        download("mnist", tmp_path / "here")
    left = {file.name for file in (tmp_path / "here").iterdir()}
    assert left <= set(files) - {path[1:]}


def test_cifar_is_unpacked_and_nothing_else_is(small_sets, offer, tmp_path):
    files, arrays = cifar_files()
    inside = {f"cifar-10-batches-bin/{name}": content for name, content in files.items()}
    offer("cifar-10", {"cifar-10-binary.tar.gz": tar(inside | {"../../outside": b"x", "readme.html": b"y"})})
    place = download("cifar-10", tmp_path / "deep" / "er")
    assert {file.name for file in place.iterdir()} == set(files)
    assert not (tmp_path / "outside").exists()
    np.testing.assert_array_equal(load_images("cifar-10", "test", place).images, arrays["test"][0])


@pytest.mark.parametrize("content", [b"rubbish", tar({"data_batch_1.bin": b"x"}), tar(cifar_files()[0])[:20000]])
def test_an_archive_that_is_not_whole(small_sets, offer, tmp_path, content):
    offer("cifar-10", {"cifar-10-binary.tar.gz": content})
    with pytest.raises(DownloadError, match="cifar-10-binary"):
        download("cifar-10", tmp_path / "here")
    assert {file.name for file in (tmp_path / "here").iterdir()} <= set(cifar_files()[0])


def test_what_cannot_be_fetched(tmp_path):
    with pytest.raises(InputError, match="come with the program"):
        download("digits")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="a folder that can be written"):
        download("mnist", tmp_path / "file" / "folder")


def test_the_published_addresses_are_of_the_files_that_are_read():
    for name, remotes in REMOTE.items():
        for remote in remotes:
            assert len(bytes.fromhex(remote.md5)) == 16
            assert all(address.endswith(f"/{remote.name}") for address in remote.addresses)
        if name != "cifar-10":
            splits = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"}
            assert splits < {remote.name.removesuffix(".gz") for remote in remotes}


def test_the_contents_written_down_are_those_at_hand():
    assert load_images("mnist-5k").files == sources.CONTENTS["mnist-5k"]
