"""The documentation that messages and templates name is there, also where only a wheel was installed."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

import pytest

import autograder
from autograder.documentation import pages, title_of
from tests.support import ROOT, cli, command

PACKAGE = ROOT / "autograder"
NAMED = re.compile(r"`autograder docs ([a-z-]+)`")
IN_A_CLONE = re.compile(r"(?<![\w/])docs/[\w*-]+\.(ko\.)?(md|\*)|pip install '?\.")


def texts() -> dict[Path, str]:
    """Return what people read of the package: code, templates and translations, without docstrings and comments."""
    files = [*PACKAGE.rglob("*.j2"), *PACKAGE.rglob("*.po"), *PACKAGE.rglob("*.html")]
    found = {path: path.read_text(encoding="utf-8") for path in files}
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found[path] = re.sub(r'"""(?s:.*?)"""|#.*', "", text)
    return found


def test_every_page_that_is_named_exists() -> None:
    """A message that says `autograder docs web` names a page, in both languages."""
    named = {name for text in texts().values() for name in NAMED.findall(text)}
    assert len(named) >= 6
    for language in ("en", "ko"):
        assert named <= pages(language).keys()
    assert {path.name.endswith(".ko.md") for path in pages("ko").values()} == {True}


def test_no_message_names_what_only_a_clone_has() -> None:
    """No message, template or translation names a file of a clone, or an installation from one."""
    # the package is not installed at all where this is said
    allowed = {PACKAGE / "lms" / "gradescope" / "wheel.py"}
    found = {
        str(path): match.group()
        for path, text in texts().items()
        if path not in allowed and path.suffix != ".po" and (match := IN_A_CLONE.search(text))
    }
    assert found == {}


def test_command_prints_where_a_page_is(tmp_path: Path) -> None:
    """`autograder docs api` prints the path of the page in the language of the terminal."""
    done = cli("docs", "api", "--language", "ko", cwd=tmp_path)
    assert Path(done.stdout.strip()) == pages("ko")["api"]
    assert title_of(pages("en")["api"]) == "The question API"
    listed = cli("docs", "--language", "en", cwd=tmp_path).stdout.splitlines()
    assert "api              The question API" in listed


def test_unknown_page_is_told_with_the_near_ones(tmp_path: Path) -> None:
    """A typo in the name is an error with a suggestion."""
    done = cli("docs", "quiz", cwd=tmp_path)
    assert done.returncode != 0
    assert "no page 'quiz'; did you mean quizzes?" in done.stderr


@pytest.mark.slow
def test_wheel_holds_the_documentation(tmp_path: Path) -> None:
    """The built wheel holds every page."""
    program = Path(sys.executable).name
    built = command(program, "-m", "pip", "wheel", "--no-deps", "-w", str(tmp_path), str(ROOT), cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"autograder/docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} <= set(names)


@pytest.mark.skipif(
    (Path(autograder.__file__).parents[1] / "pyproject.toml").exists(), reason="runs on a clone"
)
def test_installed_package_holds_the_documentation() -> None:
    """The pages are those in the package, not those of a clone beside it."""
    assert pages("en")["api"].is_relative_to(Path(autograder.__file__).parent)
