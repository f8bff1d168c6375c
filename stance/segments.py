"""Cut a corpus into segments, the units of work: the same files and options give the same segments.

JSON lines that are not packed are cut by bytes, Parquet files by row groups; CSV (a quotation may hold line breaks) and
packed files cannot be entered in the middle, so that each is one segment, whose records are cut into parts as they are
read. A part is what one output file holds, and what a crash can cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from stance.errors import DataError, InputError
from stance.model import check_confidence
from stance.parquet import import_pyarrow
from stance.records import Batch, Row, csv_header, read_csv, read_json
from stance.sources import Source

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("jsonl", "parquet")
LINE_BYTES = 256
"""Bytes a line of JSON is taken to have when a file is cut."""

SAMPLED_FILES, SAMPLED_RECORDS, SAMPLED_BYTES = 32, 1000, 1_000_000
"""What is read of JSON lines to find the columns of Parquet output."""


@dataclass(frozen=True)
class CorpusOptions:
    """What decides the output of a run; a run can only be resumed with the same.

    The columns added are ``label``, ``p_`` with each label, and ``model_digest`` (its first 16 digits).
    """

    text_column: str = "text"  #: field or column that holds the text
    split_sentences: bool = False
    """The text is a document: its sentences become rows with the record's other columns, their text in place of the
    document's, and ``sentence`` (from 0), ``sentence_start`` and ``sentence_end`` (offsets into the document)."""
    format: str = ""  #: jsonl or parquet; empty: parquet for Parquet, jsonl for text
    min_confidence: float = 0.0  #: the label is ``"unsure"`` where its probability is lower
    prefix: str = ""  #: put before the names of added columns
    part_size: int = 200_000  #: records a part, about: what a worker takes at a time and a crash can cost
    batch_size: int = 8192  #: records read and scored together, at most

    def __post_init__(self) -> None:
        check_confidence(self.min_confidence)
        if self.format not in ("", *FORMATS):
            raise InputError(f"format is {self.format!r}; expected one of {', '.join(FORMATS)}")
        for name in ("part_size", "batch_size"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; expected at least 1")

    def for_kind(self, kind: str) -> CorpusOptions:
        """Return these options with the format that suits inputs of this kind, unless one is chosen."""
        return replace(self, format=self.format or ("parquet" if kind == "parquet" else "jsonl"))

    def added(self, labels: Sequence[str]) -> list[str]:
        """Return the names of the columns that a run adds, in order."""
        places = ["sentence", "sentence_start", "sentence_end"] if self.split_sentences else []
        return [self.prefix + name for name in (*places, "label", *(f"p_{x}" for x in labels), "model_digest")]


@dataclass(frozen=True)
class Segment:
    """Consecutive records of one file."""

    number: int
    source: Source
    start: int = 0  #: first byte, or first row group
    stop: int | None = None  #: behind the last; None: the end of the file
    first_row: int = 0  #: of a Parquet file
    size: int = 0  #: bytes of input, for the progress
    cut: int = 0  #: records after which a new part begins; 0: all are one part
    header: tuple[str, ...] = ()  #: column names of a CSV or TSV file


@dataclass(frozen=True)
class Plan:
    """The segments of a corpus, and the columns of its records."""

    segments: list[Segment]
    names: frozenset[str]  #: columns of the input, as far as they are known
    schema: pa.Schema | None  #: columns of the input as Parquet, None where text formats become JSON lines
    unreadable: dict[str, str]  #: files that cannot be read at all, and why


def plan_segments(sources: Sequence[Source], options: CorpusOptions, labels: Sequence[str]) -> Plan:
    """Return how to read `sources`.

    Raises
    ------
    InputError
        If an input has a column that the run adds, or the inputs are of several kinds.
    DataError
        If no file can be read.
    """
    kinds = {source.kind.replace("tsv", "csv") for source in sources}
    if len(kinds) > 1:
        raise InputError(f"the inputs are {' and '.join(sorted(kinds))} files; score one kind at a time")
    planner = {"parquet": _plan_parquet, "csv": _plan_csv, "jsonl": _plan_json}[kinds.pop()]
    plan = planner(sources, options)
    if len(plan.unreadable) == len(sources):
        raise DataError(": ".join(next(iter(plan.unreadable.items()))))
    clash = [name for name in options.added(labels) if name in plan.names]
    if clash:
        found = f"the input has the column {', '.join(clash)}, which the run adds"
        raise InputError(f"{found}; rename the added ones, for example with --prefix stance_")
    return plan


def read_segment(
    segment: Segment, schema: pa.Schema | None, options: CorpusOptions, added: frozenset[str]
) -> Iterator[Batch]:
    """Yield the batches of a segment; records that hold a field named in `added` are rejected."""
    source, limit = segment.source, min(options.batch_size, segment.cut or options.batch_size)
    if source.kind == "parquet":
        from stance.columns import read_parquet

        groups = range(segment.start, segment.stop or 0)
        return read_parquet(source, groups, segment.first_row, options.text_column, schema, limit)
    if source.kind == "jsonl":
        return read_json(source, segment.start, segment.stop, options.text_column, added, limit)
    return read_csv(source, options.text_column, segment.header, limit)


def _plan_parquet(sources: Sequence[Source], options: CorpusOptions) -> Plan:
    import_pyarrow("Parquet")
    from stance.columns import common_schema, parquet_groups

    segments: list[Segment] = []
    schemas, unreadable = [], {}
    for source in sources:
        try:
            schema, groups = parquet_groups(source, options.text_column)
        except DataError as error:
            unreadable[source.path] = str(error)
            continue
        schemas.append(schema)
        segments += _by_groups(source, groups, options.part_size, len(segments))
    schema = common_schema(schemas) if schemas else None
    names = frozenset(name for found in schemas for name in found.names)
    return Plan(segments, names, schema, unreadable)


def _by_groups(source: Source, groups: Sequence[tuple[int, int]], size: int, number: int) -> Iterator[Segment]:
    """Yield segments of whole row groups with about `size` rows; a larger group is cut as it is read."""
    first = start = 0
    ends = list(accumulate(rows for rows, _ in groups))
    for index, end in enumerate(ends):
        if end - first >= size or index == len(ends) - 1:
            read = sum(width for _, width in groups[start : index + 1])
            cut = size if end - first >= 2 * size else 0
            yield Segment(number, source, start, index + 1, first, read, cut)
            number, start, first = number + 1, index + 1, end


def _plan_csv(sources: Sequence[Source], options: CorpusOptions) -> Plan:
    segments: list[Segment] = []
    unreadable = {}
    for source in sources:
        try:
            header = tuple(csv_header(source))
        except DataError as error:
            unreadable[source.path] = str(error)
            continue
        if options.text_column in header:
            segments.append(Segment(len(segments), source, size=source.size, cut=options.part_size, header=header))
        else:
            found = f"no column {options.text_column!r}, only {', '.join(header)}"
            unreadable[source.path] = f"{found}; choose one with --text-column"
    columns = list(dict.fromkeys(name for segment in segments for name in segment.header))
    schema = None
    if options.format == "parquet":
        pyarrow = import_pyarrow("Parquet")
        schema = pyarrow.schema([(name, pyarrow.string()) for name in columns])
    return Plan(segments, frozenset(columns), schema, unreadable)


def _plan_json(sources: Sequence[Source], options: CorpusOptions) -> Plan:
    segments: list[Segment] = []
    step = options.part_size * LINE_BYTES
    for source in sources:
        if source.packing:
            segments.append(Segment(len(segments), source, size=source.size, cut=options.part_size))
            continue
        for start in range(0, source.size, step):
            stop = min(start + step, source.size)
            segments.append(Segment(len(segments), source, start, stop, size=stop - start))
    schema = None
    if options.format == "parquet":
        import_pyarrow("Parquet")
        from stance.columns import schema_of_rows

        rows = [row for source in sources[:: len(sources) // SAMPLED_FILES + 1] for row in _sample(source, options)]
        schema = schema_of_rows(rows, options.text_column)
    names = {name for row in _sample(sources[0], options) for name in row}
    return Plan(segments, frozenset(names), schema, {})


def _sample(source: Source, options: CorpusOptions) -> list[Row]:
    """Return the first records of a file of JSON lines."""
    stop = None if source.packing else min(source.size, SAMPLED_BYTES)
    batch = next(read_json(source, 0, stop, options.text_column, frozenset(), SAMPLED_RECORDS))
    return batch.rows
