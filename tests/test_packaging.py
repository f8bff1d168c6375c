"""What is installed: the wheel holds the code, the types marker and the bundled model, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_package_and_its_model(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"stance/data/s400.stance", "stance/py.typed", "stance/cli.py"} <= names
    assert all(name.startswith(("stance/", "stance_analysis-")) for name in names)
    assert wheel.name.startswith("stance_analysis-0.1.0-py3-none-any")


def test_the_wheel_works_on_its_own(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "import stance; print(stance.__file__, stance.load_model().predict(['Nothing happened.'])[0])"
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.startswith(str(tmp_path))
    assert result.stdout.split()[-1] == "none"
