"""What is shipped works alone: the wheel holds its data, and runs where no checkout is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

import netkit

ROOT = Path(__file__).parents[2]
NOT_SHIPPED = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__")


def output(*words: object, cwd: Path) -> str:
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist and from it the wheel; of a copy, since setuptools writes beside it."""
    source = tmp_path_factory.mktemp("build") / "source"
    shutil.copytree(ROOT, source, symlinks=True, ignore=NOT_SHIPPED)
    output(sys.executable, "-I", "-m", "build", "--no-isolation", cwd=source)
    return next((source / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own and give that one's bin/netkit."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"
    pip = (sys.executable, "-I", "-m", "pip", "--python", python, "--disable-pip-version-check")
    output(*pip, "install", "--no-deps", "--no-index", "--quiet", wheel, cwd=place)
    # The libraries come from the tests' environment, to ask no registry. A path named in a .pth is
    # not searched for more .pth, so the one that leads to the checkout has no effect.
    site = output(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place)
    (Path(site.strip()) / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return place / "bin" / "netkit"


def test_the_wheel_holds_its_data(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()

    assert wheel.name.startswith(f"netkit_netns-{netkit.__version__}-")
    assert {"netkit/py.typed", "netkit/schemas/spec.schema.json"} <= set(names)


def test_the_wheel_holds_every_module_and_nothing_else(wheel: Path) -> None:
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "netkit").rglob("*.py")}

    assert {name for name in names if name.endswith(".py")} == modules
    assert {name for name in names if not name.startswith("netkit/")} == set()


def test_the_schema_of_a_checkout_is_where_the_wheel_has_it() -> None:
    schema = ROOT / "netkit" / "schemas" / "spec.schema.json"

    assert schema.samefile(ROOT / "schemas" / "spec.schema.json")
    assert json.loads(schema.read_text())["$schema"].endswith("2020-12/schema")


def test_the_installed_netkit_is_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    python = installed.with_name("python")
    found = output(python, "-c", "import netkit; print(netkit.__file__)", cwd=tmp_path)

    assert Path(found.strip()).is_relative_to(installed.parents[1])


def test_the_installed_netkit_validates_an_example(installed: Path, tmp_path: Path) -> None:
    example = ROOT / "examples" / "shop.json"

    output(installed, "validate", example, cwd=tmp_path)
