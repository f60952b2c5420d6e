"""The pages of the documentation, which come with the package."""

from __future__ import annotations

from pathlib import Path

import autograder

HEADING = "# "


def docs_folder() -> Path:
    """Return the folder with the pages: in the installed package, or beside it in a clone."""
    package = Path(autograder.__file__).parent
    installed = package / "docs"
    return installed if installed.is_dir() else package.parent / "docs"


def pages(language: str) -> dict[str, Path]:
    """Return the pages by name, each in the given language if it exists in it, else in English."""
    english = sorted(path for path in docs_folder().glob("*.md") if "." not in path.stem)
    translated = {path.stem: path.with_name(f"{path.stem}.{language}.md") for path in english}
    return {path.stem: translated[path.stem] if translated[path.stem].is_file() else path for path in english}


def title_of(page: Path) -> str:
    """Return the first heading of a page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return next((line.removeprefix(HEADING) for line in lines if line.startswith(HEADING)), page.name)
