"""Fetch published files from a registry: https, http on loopback, or a folder. The only module that uses the network.

A file gets its final name only after its size and SHA-256 are right; pooch writes it to a temporary file beside and
renames it. A failed attempt is repeated with growing pauses where that may help: lost connections, time-outs, server
errors, wrong content.
"""

from __future__ import annotations

import ipaddress
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from stance.errors import DownloadError, InputError

Progress = Callable[[int, int], object]
"""Called with the bytes fetched so far and the bytes expected."""

MAX_REDIRECTS = 5
RETRIES = 3
SLOWEST = 10_000
"""Bytes a second that a server must deliver over a whole file."""

_CHUNK = 1 << 16


def is_url(location: str) -> bool:
    """Whether a registry is somewhere on the network rather than a folder."""
    return "://" in location


def fetch_bytes(location: str, name: str, limit: int) -> bytes:
    """Return the content of the small file `name` of a registry, at most `limit` bytes.

    Raises
    ------
    DownloadError
        If it cannot be fetched, or is larger.
    """
    import requests

    for attempt in range(RETRIES + 1):
        time.sleep(attempt)
        try:
            return b"".join(_chunks(location, name, limit, 0))
        except requests.exceptions.RequestException as error:
            reason = _reason(error)
        except OSError as error:
            raise DownloadError(f"{location}/{name}: cannot be read ({error.strerror}); check the registry") from None
    raise DownloadError(f"{location}/{name}: {reason}; check the address and the network, then try again")


def fetch_file(
    location: str, name: str, target: Path, *, sha256: str, size: int, progress: Progress | None = None
) -> None:
    """Write the file `name` of a registry to `target`, if it is not there already.

    Raises
    ------
    DownloadError
        If it cannot be fetched, or has another size or SHA-256 than expected; nothing is left behind then.
    """
    import pooch
    import requests

    def download(_: str, temporary: str, __: Any) -> None:
        done = 0
        with Path(temporary).open("wb") as file:
            for chunk in _chunks(location, name, size, size):
                file.write(chunk)
                done += len(chunk)
                if progress:
                    progress(done, size)
        if done != size:
            raise requests.exceptions.ConnectionError(f"{done:,} of {size:,} bytes came")

    pooch.get_logger().setLevel("ERROR")
    names = {target.name: f"sha256:{sha256}"}
    shelf = pooch.create(target.parent, "", registry=names, urls={target.name: name}, retry_if_failed=RETRIES)
    where = f"{location}/{name}"
    try:
        shelf.fetch(target.name, downloader=download)
    except requests.exceptions.RequestException as error:
        raise DownloadError(f"{where}: {_reason(error)}; check the network, then try again") from None
    except ValueError:
        found = f"the content is not what the index promises (SHA-256 {sha256[:12]}..., {size:,} bytes)"
        raise DownloadError(f"{where}: {found}; nothing was kept: tell whoever runs the registry") from None
    except DownloadError:
        raise
    except OSError as error:
        advice = "free space or choose another folder with STANCE_CACHE"
        raise DownloadError(f"{target}: cannot write ({error.strerror}); {advice}") from None


def timeout() -> float:
    """Return the seconds to wait for a server's next bytes: STANCE_TIMEOUT, or 30."""
    value = os.environ.get("STANCE_TIMEOUT", "30")
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise InputError(f"STANCE_TIMEOUT is {value!r}; expected seconds, such as 30")
    return seconds


def check_url(url: str, came_from: str = "") -> None:
    """Raise `DownloadError` unless `url` is https, or http on this machine, and no step down from https."""
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    if not secure:
        arrived = f" (sent there by {came_from})" if came_from else ""
        raise DownloadError(f"{url}{arrived}: not https; expected an https address, or http on this machine only")
    if came_from.startswith("https:") and parts.scheme != "https":
        raise DownloadError(f"{came_from}: redirects from https to {url}; refused: tell whoever runs the registry")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _chunks(location: str, name: str, limit: int, expected: int) -> Iterator[bytes]:
    """Yield the content of a file; more than `limit` bytes are an error."""
    done = 0
    source = _remote if is_url(location) else _local
    for chunk in source(location, name, expected):
        done += len(chunk)
        if done > limit:
            raise DownloadError(
                f"{location}/{name}: more than the expected {limit:,} bytes; refused: check the registry"
            )
        yield chunk


def _local(location: str, name: str, _: int) -> Iterator[bytes]:
    try:
        file = (Path(location) / name).open("rb")
    except OSError as error:
        found = f"cannot be read ({error.strerror})"
        raise DownloadError(f"{location}/{name}: {found}; expected a registry made by stance publish") from None
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _remote(location: str, name: str, expected: int) -> Iterator[bytes]:
    """Yield the body of a response; the time it may take in all grows with the `expected` size."""
    import requests
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    wait = timeout()
    deadline = time.monotonic() + 4 * wait + expected / SLOWEST
    with requests.Session() as session, _response(session, f"{location.rstrip('/')}/{name}", wait) as response:
        try:
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                yield chunk
                if time.monotonic() > deadline:
                    raise requests.exceptions.Timeout("the server is too slow")
        except ReadTimeoutError:
            raise requests.exceptions.Timeout("the server fell silent") from None
        except HTTPError as error:
            raise requests.exceptions.ConnectionError(_first_line(error)) from None


def _response(session: Any, url: str, wait: float) -> Any:
    """Return the open response at the end of all redirects, each of them checked."""
    came_from = ""
    for _ in range(MAX_REDIRECTS + 1):
        check_url(url, came_from)
        headers = {"Accept-Encoding": "identity"}
        response = session.get(url, headers=headers, stream=True, timeout=wait, allow_redirects=False)
        if response.status_code == 200:
            return response
        response.close()
        if not response.is_redirect:
            raise _refusal(url, response.status_code, response.reason)
        came_from, url = url, urljoin(url, response.headers["location"])
    raise DownloadError(f"{url}: more than {MAX_REDIRECTS} redirects; check the registry's address")


def _refusal(url: str, status: int, reason: str) -> Exception:
    """Return the error for a status that is neither success nor redirect; a server's trouble may pass."""
    import requests

    if status >= 500 or status == 429:
        return requests.exceptions.ConnectionError(f"the server answers {status}")
    answer = f"{status} {reason}".strip()
    return DownloadError(f"{url}: the server answers {answer}; check the registry's address and the model's name")


def _reason(error: Exception) -> str:
    """Return why a request failed, in one line without the library's object names."""
    import requests

    if isinstance(error, requests.exceptions.Timeout):
        return f"no answer within the time-out of {timeout():g} s (STANCE_TIMEOUT)"
    if isinstance(error, requests.exceptions.SSLError):
        return f"no trusted https connection ({_first_line(error)})"
    return f"the connection failed ({_system_reason(error) or _first_line(error)})"


def _system_reason(error: BaseException | None) -> str:
    """Return what the system said at the root of a failed connection, if anything."""
    while error is not None:
        if isinstance(error, OSError) and error.strerror:
            return error.strerror.lower()
        error = error.__cause__ or error.__context__
    return ""


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
