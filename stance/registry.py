"""From what a user calls a model to the model: bundled, in a file, in the cache, or in a registry."""

from __future__ import annotations

import os
import tomllib
from importlib.resources import as_file, files
from pathlib import Path

from stance.artifact import read_model
from stance.cache import Cache
from stance.download import Progress, check_url, fetch_bytes, fetch_file, is_url
from stance.errors import InputError, ModelNotFoundError
from stance.index import INDEX, MAX_INDEX, ModelSpec, Published, choose, is_name, parse_spec, read_index
from stance.model import Model

BUNDLED = "s400"
"""Name of the model that ships with the package: stance toward Turkey's purchase of the Russian S-400."""


def load_model(model: str | Path = BUNDLED) -> Model:
    """Return the bundled model, the one in a file, or a published one, which is fetched at first use.

    Parameters
    ----------
    model : str or Path
        ``"s400"`` for the bundled model; the path of a file written by `stance.save_model`; or what
        `stance.download_model` takes, such as ``"s400==1.2"``. A version fetched before is used without a request.

    Raises
    ------
    ModelNotFoundError
        If it is neither a bundled name, nor an existing file, nor a model of the registry, or no registry is set.
    DownloadError
        If it cannot be fetched.
    ArtifactError
        If the file is damaged, foreign or of a newer format.
    """
    return read_model(find_model(model))


def bundled_path() -> Path:
    """Return the path of the bundled model."""
    with as_file(files("stance") / "data" / f"{BUNDLED}.stance") as path:
        return path


def find_model(model: str | Path = BUNDLED) -> Path:
    """Return the path of a model as `load_model` finds it."""
    if model == BUNDLED:
        return bundled_path()
    if Path(model).is_file():
        return Path(model)
    if isinstance(model, Path) or not is_name(model.partition("==")[0].partition("@")[0]) or model.endswith(".stance"):
        known = f"{BUNDLED} (bundled), the path of a .stance file, or NAME[==VERSION] of a registry"
        raise ModelNotFoundError(f"{model}: no such model; expected {known}")
    spec, location, cache = parse_spec(model), registry_location(), Cache()
    cached = _cached(spec, location, cache)
    if cached:
        return cache.artifact(cached.sha256)
    if location is None:
        advice = f"expected {BUNDLED} (bundled), the path of a .stance file, or a registry in STANCE_REGISTRY"
        raise ModelNotFoundError(f"{model}: no such model, and no registry is set; {advice}")
    return download_model(model, location)


def download_model(model: str, registry: str | Path | None = None, *, progress: Progress | None = None) -> Path:
    """Fetch a published model and return its path in the cache.

    Parameters
    ----------
    model : str
        ``NAME[==VERSION][@sha256:DIGEST]``; without a version the highest. With a digest nothing else will do, whatever
        the index says. A model with version or digest that is in the cache already takes no request.
    registry : str or Path, optional
        Address or folder; by default ``STANCE_REGISTRY``, or `registry` in the file config.toml of the platform's
        folder for configurations.
    progress : callable, optional
        Called with bytes done and bytes in all.

    Raises
    ------
    InputError
        If `model` is not of this form.
    ModelNotFoundError
        If the registry has no such model, or none is named.
    DownloadError
        If it cannot be fetched or is not what the index promises.
    DataError
        If the index cannot be read.
    """
    spec, cache = parse_spec(model), Cache()
    location = registry_location(registry)
    cached = _cached(spec, location, cache)
    if cached and (spec.version or spec.sha256 or offline()):
        return cache.artifact(cached.sha256)
    if location is None:
        advice = "give --registry, or set STANCE_REGISTRY to an address or a folder"
        raise ModelNotFoundError(f"{spec}: no registry to look in; {advice}")
    entry = choose(read_registry(location), spec, location)
    _fetch(location, entry, cache, progress)
    return cache.artifact(entry.sha256)


def available_models(registry: str | Path | None = None) -> list[Published]:
    """Return what a registry offers, in order of name and version; without one, what the cache holds.

    Raises
    ------
    DownloadError, DataError
        If the registry cannot be reached, or its index cannot be read.
    """
    location = registry_location(registry)
    cache = Cache()
    entries = list(cache.known(location)) if location is None or offline() else read_registry(location)
    return sorted(entries, key=lambda entry: (entry.name, entry.order))


def read_registry(location: str) -> list[Published]:
    """Return the entries of a registry's index."""
    if offline() and is_url(location):
        raise ModelNotFoundError(f"{location}: not in the cache, and STANCE_OFFLINE is set; unset it to fetch")
    return read_index(fetch_bytes(location, INDEX, MAX_INDEX), f"{location}/{INDEX}")


def registry_location(registry: str | Path | None = None) -> str | None:
    """Return the registry to use: the argument, or STANCE_REGISTRY, or the configuration's; None if there is none.

    Raises
    ------
    DownloadError
        If it is an address that is neither https nor on this machine.
    InputError
        If the configuration cannot be read.
    """
    location = str(registry or os.environ.get("STANCE_REGISTRY") or _configured() or "")
    if is_url(location):
        check_url(location)
        return location.rstrip("/")
    return str(Path(location).expanduser().absolute()) if location else None


def offline() -> bool:
    """Whether the user forbids requests: STANCE_OFFLINE set to anything but 0."""
    return os.environ.get("STANCE_OFFLINE", "0") not in ("", "0")


def _configured() -> str | None:
    from platformdirs import user_config_path

    path = user_config_path("stance") / "config.toml"
    try:
        value = tomllib.loads(path.read_text("utf-8")).get("registry")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f'{path}: cannot be read ({error}); expected TOML such as: registry = "https://..."') from None
    if value is not None and not isinstance(value, str):
        raise InputError(f"{path}: registry is {value!r}; expected a text, an address or a folder")
    return value


def _cached(spec: ModelSpec, location: str | None, cache: Cache) -> Published | None:
    """Return the noted entry that fits, if its model is in the cache and whole."""
    entries = [entry for entry in cache.known(location) if spec.matches(entry) and cache.holds(entry)]
    try:
        return choose(entries, spec, "cache")
    except ModelNotFoundError:
        return None


def _fetch(location: str, entry: Published, cache: Cache, progress: Progress | None) -> None:
    """Put the model of an entry into the cache; of several processes that want it one fetches, the others wait."""
    if cache.holds(entry) and entry in cache.known(location):
        return
    with cache.locked(entry.sha256):
        path = cache.artifact(entry.sha256)
        fetch_file(location, entry.artifact, path, sha256=entry.sha256, size=entry.size, progress=progress)
        cache.remember(location, entry)
