"""Run segments here, on processes of this machine, or on a Dask cluster; outlive workers that die.

A worker may be killed, for example because memory ran out, and its segment may be the cause. So the segments that had
begun when a pool broke are taken again one at a time: one that breaks the pool alone has failed, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from stance.errors import InputError, StanceError
from stance.segments import Segment

PATIENCE = 30
"""Seconds that a scheduler may take to answer."""

ATTEMPTS = 2
"""Workers that a segment may kill while it runs alone."""

Pool = Callable[[], AbstractContextManager[Executor]] | None
"""What opens an executor; None stands for this process."""


@dataclass(frozen=True)
class Outcome:
    """What became of a segment."""

    segment: Segment
    scored: int = 0  #: sentences
    error: str = ""  #: why it failed
    fatal: bool = False  #: the others would fail the same way


@contextmanager
def pool_of(workers: int | None, scheduler: str) -> Iterator[Pool]:
    """Yield the pool that the arguments, or the active `joblib.parallel_config`, stand for.

    Raises
    ------
    InputError
        If both are given, or `workers` is less than 1.
    StanceError
        If there is no scheduler at the address, or Dask is not installed.
    """
    if scheduler:
        if workers is not None:
            raise InputError("workers and scheduler are both given; the cluster decides on its workers")
        with _client(scheduler) as client:
            yield lambda: nullcontext(client.get_executor(pure=False))
        return
    if workers is None:
        from joblib.parallel import get_active_backend

        backend, jobs = get_active_backend()
        if hasattr(backend, "client"):
            yield lambda: nullcontext(backend.client.get_executor(pure=False))
            return
        workers = backend.effective_n_jobs(jobs or 1)
    if workers < 1:
        raise InputError(f"workers is {workers}; expected at least 1")
    yield _processes(workers) if workers > 1 else None


def _processes(workers: int) -> Pool:
    from joblib.externals.loky import ProcessPoolExecutor

    return lambda: ProcessPoolExecutor(workers)


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        advice = "install it with: pip install 'stance-analysis[corpus]'"
        raise StanceError(f"{scheduler}: a cluster needs dask and distributed; {advice}") from None
    try:
        client = Client(scheduler, set_as_default=False, timeout=PATIENCE)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        found = f"no Dask scheduler answers ({str(error).splitlines()[0]})"
        raise StanceError(f"{scheduler}: {found}; start one with: dask scheduler") from None
    with client:
        yield client


def run_everywhere(
    pool: Pool,
    work: Callable[..., Outcome],
    job: Any,
    segments: Sequence[Segment],
    started: Callable[[Segment], bool],
    advance: Callable[[float, int], None],
) -> Generator[Outcome, None, None]:
    """Yield what becomes of each segment, as they finish.

    Parameters
    ----------
    pool : Pool
    work : callable
        Called with `job`, a segment and, in this process, `advance`.
    job : object
    segments : sequence of Segment
    started : callable
        Tells of a segment whether work on it has begun.
    advance : callable
    """
    if pool is None:
        for segment in segments:
            yield work(job, segment, advance)
        return
    waiting = {segment.number: segment for segment in segments}
    fruitless = 0
    while waiting:
        before = len(waiting)
        for outcome in _round(pool, work, job, list(waiting.values())):
            del waiting[outcome.segment.number]
            yield outcome
        for suspect in [segment for segment in waiting.values() if started(segment)]:
            del waiting[suspect.number]
            yield _alone(pool, work, job, suspect)
        fruitless = fruitless + 1 if len(waiting) == before else 0
        if fruitless == ATTEMPTS:
            raise StanceError("the workers end before they begin to work; see whether they can import stance")


def _alone(pool: Callable[[], AbstractContextManager[Executor]], work: Any, job: Any, segment: Segment) -> Outcome:
    """Return what becomes of a segment that was under way when a worker died."""
    for _ in range(ATTEMPTS):
        for outcome in _round(pool, work, job, [segment]):
            return outcome
    return Outcome(segment, error="the worker died each time, as when it is killed or out of memory")


def _round(
    pool: Callable[[], AbstractContextManager[Executor]], work: Any, job: Any, segments: Sequence[Segment]
) -> Iterator[Outcome]:
    """Yield the outcomes of segments on a pool; those whose worker died have none."""
    with pool() as executor:
        futures = [executor.submit(work, job, segment) for segment in segments]
        try:
            for future in as_completed(futures):
                if future.exception() is None:
                    yield future.result()
        finally:
            for future in futures:
                future.cancel()
