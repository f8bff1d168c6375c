"""Score a corpus: segments of its files, one by one or on many processes, into the parts of a run folder.

A segment is scored from its start by whoever takes it, and writes its parts and their receipts itself. So the result
does not depend on the number of workers, and a worker that dies costs the parts it was at: they are taken again.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from stance.artifact import read_model, read_tables, save_model
from stance.errors import ArtifactError, DataError, StanceError
from stance.files import replacing
from stance.model import Model, choose
from stance.parts import Found, JsonWriter, ParquetWriter, Writer
from stance.records import Batch, Row
from stance.registry import BUNDLED, find_model
from stance.runfolder import CorpusRun, Receipt, RunFolder, identity, part_name
from stance.segments import CorpusOptions, Plan, Segment, plan_segments, read_segment
from stance.sentences import split_sentences
from stance.sources import find_sources
from stance.workers import Outcome, pool_of, run_everywhere

if TYPE_CHECKING:
    import pyarrow as pa

    from stance.classifier import StanceClassifier

Progress = Callable[[int, int, int], None]
"""Called with bytes of input done, bytes in all, and sentences scored so far."""


@dataclass(frozen=True)
class Job:
    """What a worker must know beside its segment."""

    folder: str
    options: CorpusOptions
    labels: tuple[str, ...]
    digest: str  #: of the model in the folder
    schema: pa.Schema | None


def score_corpus(
    inputs: str | Path | Sequence[str | Path],
    output: str | Path,
    model: str | Path | Model | StanceClassifier = BUNDLED,
    *,
    workers: int | None = None,
    scheduler: str = "",
    resume: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> CorpusRun:
    """Label every record of an archive, in bounded memory, and write it with probabilities to part files in a folder.

    The same inputs and options give the same records, whatever the batches, the parts and the workers.

    Parameters
    ----------
    inputs : str, Path or sequence of these
        JSON lines, CSV, TSV (each also ``.gz`` or ``.zst``) or Parquet: files, folders or patterns; one kind at a time.
    output : str or Path
        A new or empty folder, or with `resume` that of a run; `stance.runfolder` tells its layout.
    model : str, Path, Model or StanceClassifier
        As in `stance.load_model`, or a fitted one. A copy goes into the folder.
    workers : int, optional
        Processes; by default those of the active `joblib.parallel_config`, Dask included, or else this one alone.
    scheduler : str
        Address of a Dask scheduler whose workers see inputs and output under the same paths.
    resume : bool
        Continue a run in `output` that was cut short; start one if there is none.
    progress : callable, optional
    **options
        The fields of `CorpusOptions`: `text_column`, `split_sentences`, `format`, `min_confidence` and others.

    Returns
    -------
    CorpusRun
        If a part cannot be finished, `failed` tells why, and all others are.

    Raises
    ------
    StanceError
        `InputError` if inputs or options cannot be used or `output` holds another run, `DataError` if no input can be
        read; else if the output cannot be written, for example because the disk is full: resume then.
    """
    began = time.monotonic()
    folder = RunFolder(output)
    sources, ignored = find_sources([inputs] if isinstance(inputs, str | Path) else inputs, folder.path)
    chosen = CorpusOptions(**options).for_kind(sources[0].kind)
    with _model_file(model) as path, pool_of(workers, scheduler) as pool, folder.locked():
        manifest, _ = read_tables(path)
        labels = tuple(manifest["labels"])
        plan = plan_segments(sources, chosen, labels)
        about = identity(sources, chosen, manifest)
        new = 0
        if not folder.begin(about, path, resume=resume):
            job = Job(str(folder.path.absolute()), chosen, labels, manifest["digest"], plan.schema)
            failed, new = _run(job, plan, folder, pool, progress)
            folder.finish(about, plan, failed)
        return folder.result(ignored, new, time.monotonic() - began)


def _run(job: Job, plan: Plan, folder: RunFolder, pool: Any, progress: Progress | None) -> tuple[dict[int, str], int]:
    """Score the segments that are not done; return why some cannot be, and how many sentences were scored."""
    waiting = [segment for segment in plan.segments if not folder.done(segment)]
    total = sum(segment.size for segment in plan.segments)
    done = total - sum(segment.size for segment in waiting)
    scored = 0

    def advance(size: float, sentences: int) -> None:
        if progress:
            progress(int(done + size), total, scored + sentences)

    advance(0, 0)
    failed: dict[int, str] = {}
    with closing(run_everywhere(pool, score_segment, job, waiting, folder.started, advance)) as outcomes:
        for outcome in outcomes:
            if outcome.fatal:
                raise StanceError(f"{outcome.error}; what is done is kept: continue with --resume")
            if outcome.error:
                failed[outcome.segment.number] = outcome.error
            done, scored = done + outcome.segment.size, scored + outcome.scored
            advance(0, 0)
    return failed, scored


def score_segment(job: Job, segment: Segment, advance: Callable[[float, int], None] | None = None) -> Outcome:
    """Score a segment and write its parts; never raises, so that one damaged segment does not end the others."""
    folder = RunFolder(job.folder)
    scored = 0
    try:
        folder.start(segment)
        change = segment.source.changed()
        if change:
            raise DataError(f"the file {change} since the run began")
        for size, sentences in _score(job, segment, folder):
            scored += sentences
            if advance:
                advance(size * segment.size, scored)
    except DataError as error:
        return Outcome(segment, scored, str(error))
    except StanceError as error:  # no part of this run can be written, or no model be read
        return Outcome(segment, scored, str(error), fatal=True)
    except Exception as error:
        return Outcome(segment, scored, f"{type(error).__name__}: {' '.join(str(error).split())}")
    return Outcome(segment, scored)


def _score(job: Job, segment: Segment, folder: RunFolder) -> Iterator[tuple[float, int]]:
    """Write the parts of a segment that are not there; yield its share that is read, and sentences scored, by batch."""
    model = _model(str(folder.model), job.digest)
    added = job.options.added(job.labels)
    names, lines = [], 0
    batches = read_segment(segment, job.schema, job.options, frozenset(added))
    for index, (_, part) in enumerate(groupby(batches, lambda batch: batch.first // segment.cut if segment.cut else 0)):
        name = part_name(segment, index, job.options.format)
        names.append(name)
        finished = folder.receipt(name) is not None
        receipt: Receipt = {"records": 0, "rejected": 0, "labels": Counter()}
        for batch in part if finished else _written(job, model, folder, name, added, part, receipt):
            lines = batch.lines
            yield batch.share, 0 if finished else len(batch.texts)
        if not finished:
            folder.finish_part(name, receipt)
    folder.finish_segment(segment, names, lines)


def _written(
    job: Job, model: Model, folder: RunFolder, name: str, added: list[str], part: Iterator[Batch], receipt: Receipt
) -> Iterator[Batch]:
    """Write the batches of a part to its file, yielding each, and count what came out in `receipt`."""
    with replacing(folder.rejected(name)) as rejected, replacing(folder.parts / name) as file:
        writer = _writer(file, added, job)
        for batch in part:
            for record in batch.rejected:
                row = {**record.place, "records": record.records, "reason": record.reason}
                rejected.write(f"{json.dumps(row, ensure_ascii=False)}\n".encode())
            rows, found = _found(batch, model, job)
            writer.write(rows, found)
            receipt["records"] += batch.records
            receipt["rejected"] += sum(record.records for record in batch.rejected)
            receipt["labels"].update(found.labels)
            yield batch
        writer.close()


def _writer(file: IO[bytes], added: list[str], job: Job) -> Writer:
    if job.options.format == "jsonl":
        return JsonWriter(file, added)
    return ParquetWriter(file, added, job.schema, split=job.options.split_sentences)


def _found(batch: Batch, model: Model, job: Job) -> tuple[list[Row] | pa.Table, Found]:
    """Return the records of a batch, one a sentence, and what was found for them."""
    rows, texts, sentences, numbers = batch.rows, batch.texts, None, []
    if job.options.split_sentences:
        documents = [split_sentences(text) for text in texts]
        sentences = [sentence for document in documents for sentence in document]
        numbers = [number for document in documents for number in range(len(document))]
        texts = [sentence.text for sentence in sentences]
        owners = [index for index, document in enumerate(documents) for _ in document]
        rows = _repeated(rows, owners, job.options.text_column, texts)
    probabilities = model.predict_proba(texts)
    labels = choose(probabilities, model.labels, job.options.min_confidence).tolist()
    return rows, Found(labels, probabilities, job.digest[:16], sentences, numbers)


def _repeated(rows: list[Row] | pa.Table, owners: list[int], column: str, texts: list[str]) -> list[Row] | pa.Table:
    """Return the records that each sentence stands in, with the sentence as their text."""
    if isinstance(rows, list):
        return [rows[owner] | {column: text} for owner, text in zip(owners, texts, strict=True)]
    import pyarrow as pa

    place = rows.column_names.index(column)
    others = rows.remove_column(place).take(pa.array(owners, pa.int64()))
    kind = rows.schema.field(place)
    return others.add_column(place, kind, pa.array(texts, pa.string()).cast(kind.type))


@lru_cache(maxsize=1)
def _model(path: str, digest: str) -> Model:
    """Return the model of a run, loaded once a process."""
    model = read_model(path)
    if model.manifest["digest"] != digest:
        raise ArtifactError(f"{path}: not the model this run was started with; restore it, or start another run")
    return model


@contextmanager
def _model_file(model: Any) -> Iterator[Path]:
    """Yield the path of a model, written to a temporary file if it is not in one."""
    if isinstance(model, str | Path):
        yield find_model(model)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.stance"
        about = getattr(model, "manifest", {})
        facts = {name: about[name] for name in ("name", "version", "target", "dataset", "scores") if name in about}
        save_model(model, path, **facts)
        yield path
