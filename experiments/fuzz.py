"""Feed the loader damaged model files: it may only answer `ArtifactError`, quickly and in little memory.

    python -m experiments.fuzz --inputs 100000 --seconds 600

Mutates a small model: bytes, slices, lengths, the header's JSON, dtypes, shapes, offsets, values, text. Runs until both
bounds are passed; the record says what was tried and what came back. Linux only (peak memory is read from /proc).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.runs import HERE, RUNS, environment
from stance.artifact import read_model
from stance.errors import ArtifactError
from stance.files import write_text

SEED_FILE = HERE.parent / "tests" / "data" / "format-1.stance"
STRANGE: list[Any] = [
    None, True, 0, -1, 1, 2**31, 2**63, 2**64, 10**400, 1.5, -0.0, float("nan"), float("inf"), "", "F64", "I32", "U8",
    "\ud800", "x" * 10_000, [], [[]], {}, [0] * 1000, {"a": {"b": {}}},
]  # fmt: skip
SLOW = 5.0
"""Seconds after which one load counts as a hang."""


def main(arguments: list[str] | None = None) -> int:
    """Fuzz, record, and return 1 if anything but `ArtifactError` came back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    found = fuzz(SEED_FILE.read_bytes(), options.inputs, options.seconds, options.seed)
    record = {"command": "python -m experiments.fuzz", "environment": environment(), "seed": options.seed} | found
    (RUNS / "fuzz").mkdir(parents=True, exist_ok=True)
    write_text(RUNS / "fuzz" / "record.json", json.dumps(record, indent=1) + "\n")
    print(json.dumps(found, indent=1))
    return int(bool(found["failures"]) or found["peak_extra_bytes"] > 3 * found["file_bytes"] + 50_000_000)


def fuzz(seed_file: bytes, inputs: int, seconds: float, seed: int) -> dict[str, Any]:
    """Load mutated files until both `inputs` and `seconds` are passed; return what came back."""
    rng, started = random.Random(seed), time.monotonic()
    answers: Counter[str] = Counter()
    failures: list[str] = []
    slowest, count = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzzed.stance"
        path.write_bytes(seed_file)
        read_model(path)
        before = peak_memory()
        while count < inputs or time.monotonic() - started < seconds:
            name, data = mutated(seed_file, rng, count)
            path.write_bytes(data)
            begun = time.perf_counter()
            answer = load(path)
            took = time.perf_counter() - begun
            count, slowest = count + 1, max(slowest, took)
            answers[answer] += 1
            if answer not in ("ArtifactError", "loaded") or took > SLOW:
                failures.append(f"input {count}, {name}: {answer} in {took:.1f} s")
        extra = peak_memory() - before
    result = {"inputs": count, "seconds": round(time.monotonic() - started), "file_bytes": len(seed_file)}
    return result | {
        "answers": dict(sorted(answers.items())),
        "peak_extra_bytes": extra,
        "slowest_seconds": round(slowest, 3),
        "failures": failures[:20],
    }


def load(path: Path) -> str:
    """Return what came of loading a file: the name of the error, or ``loaded``."""
    try:
        read_model(path).predict_proba(["Ankara will not give up the S-400."])
    except ArtifactError:
        return "ArtifactError"
    except Exception as error:
        return type(error).__name__
    return "loaded"


def mutated(data: bytes, rng: random.Random, count: int) -> tuple[str, bytes]:
    """Return the name of a mutation and a file damaged by it; the first inputs cut the header at every byte."""
    (length,) = struct.unpack("<Q", data[:8])
    if count < 8 + length:
        return "cut", data[:count]
    change = rng.choice(MUTATIONS)
    changed = change(data, rng)
    return (f"{change.__name__}, signed", signed(changed)) if rng.random() < 0.5 else (change.__name__, changed)


def signed(data: bytes) -> bytes:
    """Return a damaged file with the digest that its content should have, to reach the checks behind the digest."""
    try:
        (length,) = struct.unpack("<Q", data[:8])
        header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
        manifest = json.loads(header["__metadata__"]["manifest"])
        digest = hashlib.sha256()
        manifest.pop("digest", None)
        digest.update(json.dumps(manifest, sort_keys=True).encode())
        for name in sorted(header.keys() - {"__metadata__"}):
            digest.update(name.encode() + body[slice(*header[name]["data_offsets"])])
        manifest["digest"] = digest.hexdigest()
        header["__metadata__"]["manifest"] = json.dumps(manifest)
        return assembled(json.dumps(header), body)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, struct.error, OverflowError):
        return data


def flip(data: bytes, rng: random.Random) -> bytes:
    """Change one to eight bits, most of them in the header."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        limit = min(len(data), 4000) if rng.random() < 0.7 else len(data)
        changed[rng.randrange(limit)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(data: bytes, rng: random.Random) -> bytes:
    """Drop, repeat or append a slice."""
    a, b = sorted(rng.randrange(len(data)) for _ in range(2))
    return rng.choice([data[:a], data[:a] + data[b:], data[:b] + data[a:], data + rng.randbytes(rng.randint(1, 100))])


def relength(data: bytes, rng: random.Random) -> bytes:
    """Lie about the length of the header."""
    return struct.pack("<Q", rng.choice([0, 1, 2**32, 2**63, 2**64 - 1, rng.randrange(2 * len(data))])) + data[8:]


def reheader(data: bytes, rng: random.Random) -> bytes:
    """Put a strange value anywhere in the header's JSON: dtype, shape, offsets, names."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    disturb(header, rng)
    return assembled(json.dumps(header), data[8 + length :])


def remanifest(data: bytes, rng: random.Random) -> bytes:
    """Put a strange value anywhere in the manifest."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    manifest = json.loads(header["__metadata__"]["manifest"])
    disturb(manifest, rng)
    header["__metadata__"]["manifest"] = json.dumps(manifest)
    return assembled(json.dumps(header), data[8 + length :])


def deepen(data: bytes, rng: random.Random) -> bytes:
    """Nest JSON deeply, in the header or in the manifest."""
    (length,) = struct.unpack("<Q", data[:8])
    depth = rng.choice([100, 10_000, 200_000])
    nested = rng.choice(["[" * depth, "[" * depth + "]" * depth, '{"a":' * depth])
    if rng.random() < 0.5:
        return assembled(nested, data[8 + length :])
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"]["manifest"] = nested
    return assembled(json.dumps(header), data[8 + length :])


def disturb(value: Any, rng: random.Random) -> None:
    """Replace, drop or add one entry somewhere within nested JSON."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = rng.choice(keys)
        if isinstance(value[key], (dict, list)) and value[key] and rng.random() < 0.7:
            value = value[key]
            continue
        if rng.random() < 0.15:
            del value[key]
        elif type(value[key]) is int and rng.random() < 0.5:
            value[key] += rng.choice([-1, 1, 4, 1000])
        else:
            value[key] = rng.choice(STRANGE)
        return


def assembled(header: str, body: bytes) -> bytes:
    """Return a file of this header and these arrays."""
    encoded = header.encode(errors="surrogatepass")
    return struct.pack("<Q", len(encoded)) + encoded + body


def peak_memory() -> int:
    """Return the process's peak resident memory, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip, cut, relength, reheader, reheader, remanifest, remanifest, deepen,
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
