"""Every verb as a process of its own, with good and bad input: results on stdout, one line on stderr, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stance.cli import main
from stance.dataset import Dataset, to_row
from stance.model import Model
from tests.conftest import ROOT, run_cli

SENTENCE = "Ankara will not give up the S-400, Akar said."
VERBS = (
    "predict", "explain", "analyze", "report", "train", "evaluate", "publish", "download", "models", "inspect",
    "verify", "export", "new-target", "convert", "agree", "audit", "suggest", "score",
)  # fmt: skip


def failed(*arguments: str, stdin: bytes = b"", code: int = 1) -> str:
    """Run a command that must fail in one line, and return the line."""
    result = run_cli(*arguments, stdin=stdin)
    error = result.stderr.decode()
    assert result.returncode == code, error
    assert result.stdout == b""
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error


def json_lines(*arguments: str, stdin: bytes = b"") -> list[dict[str, object]]:
    result = run_cli(*arguments, "--json", stdin=stdin)
    assert result.returncode == 0, result.stderr.decode()
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def small(sample: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "small.jsonl"
    path.write_text("".join(json.dumps(to_row(example)) + "\n" for example in sample))
    return path


@pytest.fixture(scope="module")
def trained(small: Path) -> Path:
    output = small.with_name("small.stance")
    result = run_cli("train", str(small), "-o", str(output))
    assert result.returncode == 0, result.stderr.decode()
    assert "macro-F1" in result.stdout.decode()
    return output


def test_predict_prints_a_table() -> None:
    result = run_cli("predict", SENTENCE, "Nothing happened.")
    lines = result.stdout.decode().splitlines()
    assert result.returncode == 0
    assert lines[1].split()[0] == "support"
    assert SENTENCE in lines[1]
    assert len(lines) == 3


def test_predict_json_matches_the_api(model: Model) -> None:
    (row,) = json_lines("predict", SENTENCE)
    assert row["text"] == SENTENCE
    assert row["label"] == model.predict([SENTENCE])[0]
    expected = dict(zip(model.labels, model.predict_proba([SENTENCE])[0], strict=True))
    assert row["probabilities"] == pytest.approx(expected, abs=1e-6)


def test_stdin_files_and_arguments_mix(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("\ufeffOne.\r\n\r\n  Two.  \n", encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text('{"text": "Three.", "label": "none"}\n')
    lines, rows_file = str(tmp_path / "lines.txt"), str(tmp_path / "rows.jsonl")
    rows = json_lines("predict", lines, "-", rows_file, "Five", stdin=b"Four.\n")
    assert [row["text"] for row in rows] == ["One.", "Two.", "Four.", "Three.", "Five"]


def test_min_confidence() -> None:
    (row,) = json_lines("predict", SENTENCE, "--min-confidence", "1")
    assert row["label"] == "unsure"


def test_explain(model: Model) -> None:
    result = run_cli("explain", SENTENCE)
    assert result.returncode == 0
    assert "toward" in result.stdout.decode()
    assert "give up" in result.stdout.decode()
    (row,) = json_lines("explain", SENTENCE)
    parts = row["contributions"]
    assert isinstance(parts, list)
    for label in model.labels:
        total = row["intercept"][label] + sum(part["values"][label] for part in parts)  # type: ignore[index]
        assert total == pytest.approx(row["decision_values"][label], abs=1e-4)  # type: ignore[index]


def test_train_then_use(trained: Path, small: Path) -> None:
    (row,) = json_lines("predict", SENTENCE, "--model", str(trained))
    assert row["label"] in ("none", "oppose", "softening", "support")
    (scores,) = json_lines("evaluate", str(small), "--model", str(trained), "--split", "test")
    assert 0 < scores["macro_f1"] <= 1  # type: ignore[operator]
    assert scores["intervals"]
    (manifest,) = json_lines("inspect", str(trained))
    assert manifest["scores"]["test"]["macro_f1"] == scores["macro_f1"]  # type: ignore[index]


def test_evaluate_and_inspect_print_tables(trained: Path, small: Path) -> None:
    assert "95 % interval" in run_cli("evaluate", str(small), "-m", str(trained)).stdout.decode()
    shown = run_cli("inspect").stdout.decode()
    assert "words toward oppose" in shown
    assert "dataset.fingerprint" in shown


def test_version_and_help() -> None:
    assert run_cli("--version").stdout.decode().startswith("stance 0.")
    assert all(verb in run_cli("--help").stdout.decode() for verb in VERBS)
    for verb in VERBS:
        assert "Example: stance" in run_cli(verb, "--help").stdout.decode()


def test_completion_script() -> None:
    environment = os.environ | {"_STANCE_COMPLETE": "source_bash"}
    command = [str(Path(sys.executable).with_name("stance"))]
    assert "complete" in subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    "arguments", [["--help"], ["predict", SENTENCE], ["predict", SENTENCE, "--json"], ["explain", SENTENCE]]
)
def test_light_imports(arguments: list[str]) -> None:
    code = (
        "import sys; from stance.cli import main\n"
        f"sys.argv = ['stance', *{arguments!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('sklearn', 'pandas', 'matplotlib', 'scipy') if m in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"


class TestBadInput:
    def test_empty_file(self, tmp_path: Path) -> None:
        (tmp_path / "empty.txt").write_text("\n \n")
        assert "empty.txt: no sentences" in failed("predict", str(tmp_path / "empty.txt"))

    def test_empty_stdin(self) -> None:
        assert "<stdin>: no sentences" in failed("predict", "-")

    @pytest.mark.parametrize("text", ["", "  "])
    def test_empty_argument(self, text: str) -> None:
        assert "a text argument is empty" in failed("predict", text)

    @pytest.mark.parametrize("verb", [("predict",), ("explain",), ("analyze",), ("report", "-o", "r.html")])
    def test_tables_are_no_sentences_and_no_articles(self, tmp_path: Path, verb: tuple[str, ...]) -> None:
        path = tmp_path / "rows.csv"
        path.write_text("text,label\nOne.,none\n")
        assert "rows.csv: a table; expected" in failed(*verb, str(path))

    def test_missing_file(self) -> None:
        assert "missing.txt: no such file" in failed("predict", "missing.txt")

    def test_folder(self, tmp_path: Path) -> None:
        assert "a folder" in failed("predict", str(tmp_path))

    def test_long_line(self) -> None:
        assert "<stdin>:2: a line of 10,000,000 bytes" in failed("predict", "-", stdin=b"fine\n" + b"x" * 10_000_000)

    def test_binary(self) -> None:
        assert "NUL byte" in failed("predict", "-", stdin=bytes(range(256)))

    def test_wrong_encoding(self) -> None:
        assert "<stdin>:2: byte 0xe7 at column 3 is not UTF-8" in failed(
            "predict", "-", stdin="fine\nAnçak".encode("cp1254")
        )

    def test_bad_json_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "rows.jsonl"
        path.write_text('{"text": "x"}\n{"txt": "y"}\n')
        assert "rows.jsonl:2: no text" in failed("predict", str(path))
        path.write_text('{"text"\n')
        assert "rows.jsonl:1: not JSON" in failed("predict", str(path))

    def test_missing_model(self) -> None:
        assert "no such model" in failed("predict", SENTENCE, "--model", "nowhere.stance")

    def test_damaged_model(self, tmp_path: Path, trained: Path) -> None:
        content = trained.read_bytes()
        (tmp_path / "short.stance").write_bytes(content[: len(content) // 2])
        assert "damaged" in failed("predict", SENTENCE, "-m", str(tmp_path / "short.stance"))

    def test_confidence_out_of_range(self) -> None:
        result = run_cli("predict", SENTENCE, "--min-confidence", "2")
        assert result.returncode == 2
        assert b"min-confidence" in result.stderr

    def test_unknown_option(self) -> None:
        result = run_cli("predict", SENTENCE, "--colour")
        assert result.returncode == 2
        assert b"--colour" in result.stderr

    def test_training_data(self, tmp_path: Path) -> None:
        output = tmp_path / "m.stance"
        data = tmp_path / "d.jsonl"
        data.write_text('{"text": "x", "label": "a"}\n' * 6)
        assert "at least two different labels" in failed("train", str(data), "-o", str(output))
        data.write_text('{"text": "x y", "label": "a"}\n' * 6 + '{"text": "z w", "label": "b"}\n')
        assert "too few examples of b (1)" in failed("train", str(data), "-o", str(output))
        data.write_text('{"text": "x"}\n')
        assert "d.jsonl:1: no field 'label'" in failed("train", str(data), "-o", str(output))
        assert not output.exists()

    def test_labels_that_are_hardly_labels(self, tmp_path: Path) -> None:
        data = tmp_path / "d.csv"
        data.write_text("text,label\nx,none\ny,\n")
        assert "d.csv:3: no label; give it one, or leave out" in failed("evaluate", str(data))
        data.write_text("text,label\nx,none\ny,NONE\n")
        assert "labels 'NONE' and 'none' differ in case only" in failed("evaluate", str(data))

    def test_columns_by_other_names_or_marks(self, tmp_path: Path) -> None:
        data = tmp_path / "d.csv"
        data.write_text("sentence,stance\nx,none\n")
        assert "--column NAME=text" in failed("evaluate", str(data))
        data.write_text("text;label\nx;none\n")
        assert "d.csv:1: semicolons between the columns; expected commas" in failed("evaluate", str(data))

    def test_messages_name_the_data_by_their_path(self, tmp_path: Path) -> None:
        data = tmp_path / "d.jsonl"
        data.write_text('{"text": "x", "label": "pro"}\n')
        assert failed("evaluate", str(data)).startswith(f"stance: {data}: labels pro are unknown")

    def test_output_folder(self, small: Path) -> None:
        assert "expected one that ends in .stance" in failed("train", str(small), "-o", "model.txt")
        assert "no such folder" in failed("train", str(small), "-o", "/no/such/folder/m.stance")

    def test_split_and_labels(self, tmp_path: Path, small: Path) -> None:
        assert "--split is 'dev'" in failed("evaluate", str(small), "--split", "dev")
        (tmp_path / "d.csv").write_text("text,label\nx,pro\n")
        assert "labels pro are unknown to the model" in failed("evaluate", str(tmp_path / "d.csv"))


def test_interrupt_is_130() -> None:
    command = [sys.executable, "-c", "from stance.cli import main; main()", "predict", "-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def test_a_closed_pipe_is_quiet() -> None:
    files = f"{ROOT}/datasets/s400/sentences/*.jsonl"
    script = f"{sys.executable} -c 'from stance.cli import main; main()' predict --json {files} | head -n 1"
    result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert result.stdout.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["predict", SENTENCE], ["predict", SENTENCE, "--json"], ["--help"]])
def test_a_full_disk_is_one_line(arguments: list[str]) -> None:
    command = [sys.executable, "-c", "from stance.cli import main; main()", *arguments]
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == "stance: the output: No space left on device\n"


def test_hostile_text_is_printed_harmlessly() -> None:
    result = run_cli("predict", "-", stdin=b"\x1b[31mred\x1b]0;title\x07 [bold]markup[/bold]")
    assert b"\x1b" not in result.stdout
    assert b"[bold]markup[/bold]" in result.stdout


def test_publish_download_and_verify(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("STANCE_REGISTRY", raising=False)
    registry = str(tmp_path / "registry")
    spec = run_cli("publish", str(trained), "--to", registry, "--licence", "MIT").stdout.decode().strip()
    assert spec.startswith("small==1@sha256:")
    assert [row["name"] for row in json_lines("models", "--registry", registry)] == ["small"]
    assert "small==1" in run_cli("models", "--registry", registry).stdout.decode()
    path = Path(run_cli("download", spec, "--registry", registry).stdout.decode().strip())
    assert path.read_bytes() == trained.read_bytes()
    assert run_cli("verify").stdout.decode().split() == ["ok:", str(path), "small==1"]
    monkeypatch.setenv("STANCE_REGISTRY", registry)
    assert json_lines("predict", SENTENCE, "--model", "small") == json_lines("predict", SENTENCE, "-m", str(trained))
    path.write_bytes(b"damaged")
    broken = run_cli("verify", "--json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["state"] == "damaged, removed"


def test_model_verbs_fail_in_one_line(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("STANCE_REGISTRY", raising=False)
    assert "give --registry" in failed("download", "small")
    assert "expected a registry made by stance publish" in failed("models", "--registry", str(tmp_path))
    assert "no model name" in failed("download", "../x", "--registry", str(tmp_path))
    assert "choose one with --version" in failed("publish", str(trained), "--to", str(tmp_path), "--version", "new")
    assert "no such file" in failed("publish", str(tmp_path / "none.stance"), "--to", str(tmp_path))
    assert "give them with --data" in failed("export", str(trained), "--to", str(tmp_path / "x.joblib"))
    assert ".json or .joblib" in failed("export", str(trained), "--to", str(tmp_path / "x.csv"))


def test_export_writes_both_forms(trained: Path, small: Path, tmp_path: Path) -> None:
    assert run_cli("export", str(trained), "--to", str(tmp_path / "m.json")).returncode == 0
    assert json.loads((tmp_path / "m.json").read_bytes())["manifest"]["name"] == "small"
    result = run_cli("export", str(trained), "--to", str(tmp_path / "m.joblib"), "--data", str(small))
    assert b"open only those you made yourself" in result.stderr
    assert result.returncode == 0, result.stderr


def test_articles_from_the_command_line(tmp_path: Path) -> None:
    story = b"The S-400 deal is done, Akar said. The Pentagon called the Russian missiles unacceptable."
    shown = run_cli("analyze", "-", "--published", "2019-08-01", stdin=story).stdout.decode()
    assert "Hulusi Akar" in shown
    (row,) = json_lines("analyze", "-", "--published", "2019-08-01", stdin=story)
    assert [h["holder"] for h in row["holders"]] == ["Hulusi Akar", "US Department of Defense"]  # type: ignore[attr-defined]
    (tmp_path / "a.txt").write_bytes(story)
    done = run_cli("report", str(tmp_path), "-o", str(tmp_path / "r.html"), "--published", "2019-08-01")
    assert done.returncode == 0, done.stderr
    assert "Hulusi Akar" in (tmp_path / "r.html").read_text()


def test_a_bad_article_does_not_stop_the_report(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The S-400 deal is done, Akar said.")
    (tmp_path / "b.txt").write_text("")
    done = run_cli("report", str(tmp_path), "-o", str(tmp_path / "r.csv"))
    assert done.returncode == 0
    first, count, wrote, _ = done.stderr.decode().splitlines()
    assert "b.txt: empty" in first
    assert count == "stance: 1 article could not be read; the others are done"
    assert wrote.endswith("r.csv: 1 article")
    (tmp_path / "a.txt").write_text("")
    nothing = run_cli("report", str(tmp_path), "-o", str(tmp_path / "other.csv"))
    assert nothing.returncode == 1
    assert nothing.stderr.count(b"empty") == 2
    assert not (tmp_path / "other.csv").exists()


def test_article_verbs_fail_in_one_line(tmp_path: Path) -> None:
    assert "expected a date such as" in failed("analyze", "-", "--published", "soon", stdin=b"x")
    assert "<stdin>: empty" in failed("analyze", "-")
    assert "no such file" in failed("analyze", str(tmp_path / "none.txt"))
    assert "no articles in this folder" in failed("report", str(tmp_path), "-o", str(tmp_path / "r.html"))
    (tmp_path / "a.txt").write_text("x")
    assert "expected .html" in failed("report", str(tmp_path), "-o", str(tmp_path / "r.pdf"))
    assert "--period is" in failed("report", str(tmp_path), "-o", str(tmp_path / "r.html"), "--period", "year")


def test_scores_on_training_sentences_come_with_a_warning() -> None:
    result = run_cli("evaluate", str(ROOT / "datasets" / "s400"), "--split", "valid")
    assert b"trained on these very sentences" in result.stderr


def test_a_missing_file_or_a_folder_is_no_sentence() -> None:
    for name in ("nofile.csv", "nofile.md", "nofile.txt"):
        assert "no such file" in failed("predict", name)
    assert "a folder; expected a file" in failed("predict", str(ROOT))


def test_score_writes_a_folder_and_a_summary(small: Path, tmp_path: Path) -> None:
    result = run_cli("score", str(small), "-o", str(tmp_path / "out"), "--prefix", "my_", "--json")
    assert result.returncode == 0, result.stderr.decode()
    told = json.loads(result.stdout)
    assert told["scored"] == sum(told["labels"].values()) == len(small.read_text().splitlines())
    assert b"sentences/s" in result.stderr
    error = failed("score", str(small), "-o", str(tmp_path / "out"), "--prefix", "my_")
    assert "continue it with --resume" in error
    again = run_cli("score", str(small), "-o", str(tmp_path / "out"), "--prefix", "my_", "--resume")
    assert b"nothing was left to do" in again.stderr


def test_score_tells_records_and_files_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text\nOne.\n" "\n')
    (tmp_path / "b.csv").write_text("body\nTwo.\n")
    result = run_cli("score", str(tmp_path), "-o", str(tmp_path / "out"))
    assert b"1 sentence in 1 part (" in result.stderr
    assert b"1 record rejected and 1 file could not be read, listed in" in result.stderr


def test_an_interrupted_score_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stance.corpus.score_corpus", interrupted)
    monkeypatch.setattr("sys.argv", ["stance", "score", "a.jsonl", "-o", "out"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "stance: interrupted; continue with --resume\n"


def test_score_that_scores_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"body": "One."}\n')
    result = run_cli("score", str(tmp_path / "a.jsonl"), "-o", str(tmp_path / "out"))
    assert result.returncode == 1
    assert b"no record could be scored" in result.stderr
    assert b"nothing was left to do" not in result.stderr
    assert "format is 'xml'" in failed("score", str(tmp_path / "a.jsonl"), "-o", str(tmp_path / "o"), "--format", "xml")
