"""Publish, fetch, cache: exactly the published bytes, once, or a clear error and nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import stance
from stance.cache import Cache
from stance.errors import DataError, DownloadError, InputError, ModelNotFoundError, StanceError
from stance.index import Published
from stance.publish import publish_model
from stance.registry import available_models, download_model, find_model, load_model
from tests.conftest import ROOT
from tests.servers import Behaviour, serving

SMALL = ROOT / "tests" / "data" / "format-1.stance"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's cache, configuration and patience out of the tests."""
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("STANCE_TIMEOUT", "5")
    for name in ("STANCE_REGISTRY", "STANCE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(time, "sleep", lambda _: None)  # the pauses between attempts


@pytest.fixture
def entry(tmp_path: Path) -> Published:
    return publish_model(SMALL, tmp_path / "registry", name="small", version="1.2", licence="MIT")


@pytest.fixture
def server(tmp_path: Path, entry: Published) -> Iterator[Behaviour]:
    assert entry.size == SMALL.stat().st_size
    with serving(tmp_path / "registry") as behaviour:
        yield behaviour


def final_files() -> list[Path]:
    return sorted(path for path in Cache().root.glob("artifacts/*"))


def assert_whole(path: Path) -> None:
    assert path.read_bytes() == SMALL.read_bytes()
    assert final_files() == [path]


def refused(server: Behaviour, error: type[StanceError] = DownloadError) -> str:
    """Assert that a download fails with one line and leaves nothing; return the line."""
    with pytest.raises(error) as caught:
        download_model("small", server.url)
    assert "\n" not in str(caught.value)
    assert final_files() == []
    return str(caught.value)


def then_works(server: Behaviour) -> None:
    fresh = Behaviour(server.folder)
    for name in ("cut", "statuses", "drip", "redirect", "gzip", "artifact", "index"):
        setattr(server, name, getattr(fresh, name))
    assert_whole(download_model("small", server.url))


def test_a_folder_and_a_server_give_the_published_bytes(tmp_path: Path, server: Behaviour) -> None:
    assert_whole(download_model("small", server.url))
    shutil.rmtree(Cache().root)
    assert_whole(download_model("small==1.2", tmp_path / "registry"))


def test_a_cached_version_makes_no_request(server: Behaviour, entry: Published) -> None:
    download_model("small", server.url)
    asked = len(server.requests)
    download_model("small==1.2", server.url)
    download_model(f"small@sha256:{entry.sha256}", server.url)
    assert len(server.requests) == asked
    download_model("small", server.url)  # is there a higher version by now?
    assert server.requests[asked:] == ["/index.json"]


def test_load_model_fetches_once(server: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCE_REGISTRY", server.url)
    first = load_model("small==1.2")
    asked = len(server.requests)
    assert load_model("small").predict_proba(["x"]).tolist() == first.predict_proba(["x"]).tolist()
    assert len(server.requests) == asked


def test_load_model_explains_where_no_registry_is_set() -> None:
    with pytest.raises(ModelNotFoundError, match="no registry is set; expected s400"):
        load_model("small==1.2")
    with pytest.raises(ModelNotFoundError, match="expected s400"):
        load_model("some/where.stance")


@pytest.mark.parametrize("tenth", range(10))
def test_a_cut_connection_leaves_nothing(server: Behaviour, tenth: int) -> None:
    server.cut = tenth / 10
    assert "try again" in refused(server)
    assert server.artifacts_asked() == 4
    then_works(server)


def test_a_lost_connection_is_tried_again(server: Behaviour) -> None:
    server.statuses = [500, 200, 503]  # the index twice, then the model
    assert_whole(download_model("small", server.url))


def test_404_is_not_tried_again(server: Behaviour) -> None:
    server.statuses = [200, 404]
    assert "404 Not Found; check the registry" in refused(server)
    assert server.artifacts_asked() == 1
    server.statuses = [404]
    refused(server)
    then_works(server)


@pytest.mark.parametrize("change", ["longer", "shorter", "other"])
def test_wrong_content_is_refused(server: Behaviour, change: str) -> None:
    data = SMALL.read_bytes()
    server.artifact = {"longer": data + b"x", "shorter": data[:-1], "other": b"x" + data[1:]}[change]
    words = {"longer": "more than the expected", "shorter": "bytes came", "other": "not what the index promises"}
    assert words[change] in refused(server)
    then_works(server)


def test_a_slow_drip_is_given_up(server: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("STANCE_CACHE", str(server.folder.parent / "cache"))
    monkeypatch.setenv("STANCE_TIMEOUT", "0.1")
    monkeypatch.setattr("stance.download.RETRIES", 0)
    monkeypatch.setattr("stance.download.SLOWEST", 10**9)
    server.drip = 0.02
    assert "within the time-out of 0.1 s (STANCE_TIMEOUT)" in refused(server)
    server.drip = 0.5
    assert "within the time-out" in refused(server)
    then_works(server)


def test_redirects_are_followed_with_care(server: Behaviour) -> None:
    server.redirect = f"{server.url}/artifacts/loop"
    assert "more than 5 redirects" in refused(server)
    for elsewhere in ("http://example.org/x", "file:///etc/passwd", "ftp://127.0.0.1/x"):
        server.redirect = elsewhere
        assert "not https" in refused(server)
    then_works(server)


def test_no_step_down_from_https() -> None:
    from stance.download import check_url

    with pytest.raises(DownloadError, match="redirects from https to http"):
        check_url("http://127.0.0.1/x", "https://example.org/x")
    check_url("https://example.org/y", "https://example.org/x")
    with pytest.raises(DownloadError, match="http on this machine only"):
        download_model("small", "http://example.org")


def test_an_encoded_body_is_decoded_before_it_is_checked(server: Behaviour) -> None:
    server.gzip = True
    assert_whole(download_model("small", server.url))


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (b"<html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"format": 1}', "no list of models"),
        (b'{"format": 2, "models": []}', "upgrade with"),
        (b'{"format": 1, "models": [7]}', "entry 1: not an object"),
    ],
)
def test_a_foreign_index_is_refused(server: Behaviour, index: bytes, words: str) -> None:
    server.index = index
    assert words in refused(server, DataError)
    then_works(server)


def test_an_endless_index_is_refused(server: Behaviour) -> None:
    server.index = b" " * (100 << 20)
    assert "more than the expected 16,777,216 bytes" in refused(server)
    then_works(server)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "../evil"), ("name", "a/b"), ("version", "../1"), ("sha256", "../../x"), ("sha256", "0" * 63),
        ("size", -1), ("size", True), ("size", "9"), ("labels", "none"), ("scores", None), ("format", 0),
    ],
)  # fmt: skip
def test_a_damaged_entry_is_refused(server: Behaviour, field: str, value: object) -> None:
    content = json.loads((server.folder / "index.json").read_bytes())
    content["models"][0][field] = value
    server.index = json.dumps(content).encode()
    assert f"entry 1: {field} is" in refused(server, DataError)
    then_works(server)


def test_unknown_fields_are_left_aside_and_newer_formats_named(server: Behaviour) -> None:
    content = json.loads((server.folder / "index.json").read_bytes())
    content["later"] = content["models"][0]["later"] = {"x": 1}
    content["models"].append(content["models"][0] | {"version": "9", "format": 99})
    server.index = json.dumps(content).encode()
    assert_whole(download_model("small", server.url))
    with pytest.raises(ModelNotFoundError, match=r"format 99.*pip install -U"):
        download_model("small==9", server.url)


@pytest.mark.usefixtures("entry")
def test_versions_are_ordered_as_versions(tmp_path: Path) -> None:
    for version in ("1.10", "1.9"):
        publish_model(SMALL, tmp_path / "registry", name="small", version=version)
    assert [e.version for e in available_models(tmp_path / "registry")] == ["1.2", "1.9", "1.10"]
    download_model("small", tmp_path / "registry")
    assert [e.version for e in Cache().known()] == ["1.10"]
    with pytest.raises(ModelNotFoundError, match=r"no version 3 of small; it lists 1\.2, 1\.9, 1\.10"):
        download_model("small==3", tmp_path / "registry")
    with pytest.raises(ModelNotFoundError, match="no model named large; it lists small"):
        download_model("large", tmp_path / "registry")


def test_a_pinned_digest_wins_over_the_index(server: Behaviour) -> None:
    with pytest.raises(ModelNotFoundError, match="has not the digest you pinned"):
        download_model(f"small@sha256:{'0' * 64}", server.url)
    assert server.artifacts_asked() == 0


@pytest.mark.parametrize("spec", ["../x", "A", "a b", "a==x y", "a==", "a@sha256:12", "a==1==2", "", "a@md5:1"])
def test_a_strange_name_is_refused(spec: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected"):
        download_model(spec, tmp_path)


def test_offline_uses_the_cache_or_says_what_is_missing(server: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCE_OFFLINE", "1")
    with pytest.raises(ModelNotFoundError, match="not in the cache, and STANCE_OFFLINE is set"):
        download_model("small", server.url)
    monkeypatch.setenv("STANCE_OFFLINE", "0")
    download_model("small", server.url)
    monkeypatch.setenv("STANCE_OFFLINE", "1")
    asked = len(server.requests)
    assert_whole(download_model("small", server.url))
    assert [e.name for e in available_models(server.url)] == ["small"]
    assert len(server.requests) == asked


@pytest.mark.usefixtures("entry")
def test_the_registry_comes_from_argument_environment_or_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config" / "stance" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f"registry = {json.dumps(str(tmp_path / 'registry'))}\n")
    assert_whole(download_model("small"))
    monkeypatch.setenv("STANCE_REGISTRY", str(tmp_path / "elsewhere"))
    with pytest.raises(DownloadError, match=r"elsewhere.*expected a registry made by stance publish"):
        download_model("small")
    monkeypatch.delenv("STANCE_REGISTRY")
    for content, words in (("registry = 7", "expected a text"), ("registry =", "expected TOML")):
        config.write_text(content)
        with pytest.raises(InputError, match=words):
            download_model("small")


def test_a_damaged_cache_is_found_and_mended(server: Behaviour) -> None:
    path = download_model("small", server.url)
    stranger, link = path.parent / "notes.txt", path.parent / f"{'a' * 64}.stance"
    stranger.write_text("mine")
    link.symlink_to(stranger)
    path.write_bytes(b"damaged")
    states = {file.path: file.state for file in Cache().verify()}
    assert states == {path: "damaged, removed", stranger: "not ours, left alone", link: "not ours, left alone"}
    assert stranger.read_text() == "mine"
    stranger.unlink()
    link.unlink()
    assert_whole(download_model("small==1.2", server.url))
    assert [(file.state, file.names) for file in Cache().verify()] == [("ok", ("small==1.2",))]


def test_a_damaged_file_in_the_cache_is_fetched_again(server: Behaviour) -> None:
    path = download_model("small", server.url)
    path.write_bytes(b"damaged")
    assert_whole(download_model("small==1.2", server.url))


def test_a_symlinked_cache_and_a_symlink_in_it(server: Behaviour, tmp_path: Path, entry: Published) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "cache").symlink_to(tmp_path / "real")
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "real" / "artifacts").mkdir()
    (tmp_path / "real" / "artifacts" / f"{entry.sha256}.stance").symlink_to(victim)
    assert_whole(download_model("small", server.url))
    assert victim.read_text() == "precious"


def test_a_cache_that_cannot_be_made(server: Behaviour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "file"))
    assert "STANCE_CACHE" in refused(server)


def publish_other(tmp_path: Path) -> None:
    """Publish another model in the same registry."""
    stance.save_model(load_model(SMALL), tmp_path / "other.stance", name="other")
    publish_model(tmp_path / "other.stance", tmp_path / "registry")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Give up the superuser's rights, before which no folder is read-only."""
    if os.getuid() == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(os.getuid())


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_a_read_only_cache_serves_what_it_holds(server: Behaviour, tmp_path: Path) -> None:
    download_model("small", server.url)
    publish_other(tmp_path)
    server.index = (server.folder / "index.json").read_bytes()  # the server will be nobody, too
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        copy = shutil.copytree(Cache().root, Path(folder) / "cache")
        patch.setenv("STANCE_CACHE", str(copy))
        for path in [Path(folder), copy, *copy.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        with as_nobody():
            assert download_model("small==1.2", server.url).is_file()
            with pytest.raises(DownloadError, match=r"Permission denied.*STANCE_CACHE"):
                download_model("other", server.url)
        for path in [Path(folder), copy, *copy.rglob("*")]:
            path.chmod(0o755)


def test_a_full_disk_leaves_nothing(server: Behaviour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and os.getuid() == 0
    if not mounted or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "t", str(disk)]).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        (disk / "filler").write_bytes(b"x" * 40_000)
        monkeypatch.setenv("STANCE_CACHE", str(disk / "cache"))
        publish_model(ROOT / "stance" / "data" / "s400.stance", tmp_path / "registry", name="large")
        with pytest.raises(DownloadError, match=r"No space left on device.*free space"):
            download_model("large", server.url)
        assert final_files() == []
        monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
        download_model("large", server.url)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_twenty_processes_fetch_once(server: Behaviour) -> None:
    code = f"import stance; print(stance.download_model('small', {server.url!r}))"
    command = [sys.executable, "-c", code]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(20)]
    paths = {process.communicate()[0].strip() for process in running}
    assert [process.returncode for process in running] == [0] * 20
    assert server.artifacts_asked() == 1
    assert_whole(Path(paths.pop()))
    assert not paths


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 10
    while not path.exists() and time.monotonic() < deadline:
        os.sched_yield()


@pytest.mark.usefixtures("entry")
def test_nginx_serves_a_registry(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if not nginx:
        pytest.skip("nginx is not installed")
    with serving(tmp_path) as free:
        port = free.url.rpartition(":")[2]
    site = f"server {{ listen 127.0.0.1:{port}; root {tmp_path / 'registry'}; gzip on; gzip_types *; }}"
    temporary = "".join(f"{kind}_temp_path {tmp_path}/{kind}; " for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"daemon off; {'user root;' if os.getuid() == 0 else ''} pid {tmp_path}/pid; error_log {tmp_path}/log;"
        f" events {{}} http {{ access_log off; {temporary} {site} }}"
    )
    server = subprocess.Popen([nginx, "-c", str(config), "-e", str(tmp_path / "log")])
    try:
        wait_for(tmp_path / "pid")
        assert_whole(download_model("small", f"http://127.0.0.1:{port}"))
    finally:
        server.terminate()
        server.wait()


def test_a_published_version_never_changes(tmp_path: Path, entry: Published) -> None:
    assert publish_model(SMALL, tmp_path / "registry", name="small", version="1.2.0").sha256 == entry.sha256
    stance.save_model(load_model(SMALL), tmp_path / "other.stance", name="small", version="1.2", target="other")
    before = (tmp_path / "registry" / "index.json").read_bytes()
    with pytest.raises(InputError, match="a published version never changes"):
        publish_model(tmp_path / "other.stance", tmp_path / "registry")
    assert (tmp_path / "registry" / "index.json").read_bytes() == before


def test_publishers_at_once_lose_nothing(tmp_path: Path) -> None:
    code = "import sys, stance; stance.publish_model(*sys.argv[1:3], name='small', version=sys.argv[3])"
    command = [sys.executable, "-c", code, str(SMALL), str(tmp_path / "registry")]
    running = [subprocess.Popen([*command, str(version)], cwd=ROOT) for version in range(1, 9)]
    assert [process.wait() for process in running] == [0] * 8
    assert [e.version for e in available_models(tmp_path / "registry")] == [str(v) for v in range(1, 9)]


@pytest.mark.parametrize(("name", "version", "words"), [("../x", "1", "name '../x'"), ("x", "one", "version 'one'")])
def test_what_cannot_be_published(tmp_path: Path, name: str, version: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        publish_model(SMALL, tmp_path / "registry", name=name, version=version)
    with pytest.raises(StanceError, match="not a stance model"):
        publish_model(ROOT / "README.md", tmp_path / "registry", name="x")


def test_find_model_prefers_files_and_the_bundled_name() -> None:
    assert find_model().name == "s400.stance"
    assert find_model(str(SMALL)) == SMALL
