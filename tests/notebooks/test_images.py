"""Pictures: drawn by a script, told in words, held by the release, and of it alone shown on a feedback page."""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from PIL import Image, ImageFilter

from autograder.authoring.build import BuildRefused, build
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from autograder.errors import CourseError
from autograder.notebooks import images
from autograder.notebooks.cells import cell_metadata
from autograder.notebooks.stamp import new_notebook
from tests.support import ROOT, cli, command, small_course

FOLDER = ROOT / "source" / "pictures"
FILES = sorted(FOLDER.glob("*.png"))
NOTEBOOKS = sorted(path for path in (ROOT / "source").glob("*/*.ipynb"))
RELEASES = sorted((ROOT / "release").glob("*/*/*.ipynb"))
NAMES = (
    "bidirectional", "course-map", "gru-cell", "gru-weights", "lstm-cell", "lstm-weights", "rnn-shapes",
    "stack-shapes", "tagging", "unrolled", "why-gates",
)  # fmt: skip
WORDS = {"ko": "빨간 점 하나가 있는 그림입니다", "en": "A picture of a single red [and round] dot"}


def load_draw() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw", FOLDER / "draw.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


draw = load_draw()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*extra: bytes, red: int = 200) -> bytes:
    """A picture of one pixel, with further chunks."""
    pixel = zlib.compress(bytes([0, red, 0, 0]))
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    chunks = (chunk(b"IHDR", head), *extra, chunk(b"IDAT", pixel), chunk(b"IEND", b""))
    return images.PNG_SIGNATURE + b"".join(chunks)


def differing(one: bytes, other: bytes) -> int:
    """Pixels of either picture, at half its size, that have no like in the other within 5 pixels.

    So much may move where letters are set by another version of the libraries.
    """
    both = [Image.open(io.BytesIO(raw)).convert("RGB") for raw in (one, other)]
    if both[0].size != both[1].size:
        return both[0].width * both[0].height
    both = [image.reduce(2) for image in both]
    found = 0
    for here, there in (both, both[::-1]):
        low, high = (
            there.filter(kind(11)).tobytes() for kind in (ImageFilter.MinFilter, ImageFilter.MaxFilter)
        )
        values = zip(here.tobytes(), low, high, strict=True)
        outside = [value < least - 40 or value > most + 40 for value, least, most in values]
        found = max(found, sum(map(any, zip(outside[::3], outside[1::3], outside[2::3], strict=True))))
    return found


def colours(raw: bytes) -> set[tuple[int, ...]]:
    """The colours of larger areas, roughly."""
    image = Image.open(io.BytesIO(raw)).convert("RGB")
    counted: Any = image.getcolors(1 << 24)
    return {tuple(round(part / 8) for part in colour) for count, colour in counted if count > 3000}


class TestFiles:
    """The files beside the script."""

    def test_there_is_one_for_each_drawing(self) -> None:
        """Neither a drawing without its file nor a file that nobody can draw again."""
        assert sorted(draw.PICTURES) == sorted(NAMES)
        assert [path.stem for path in FILES] == sorted(NAMES)

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_it_is_a_small_picture_on_a_sheet_with_open_corners(self, path: Path) -> None:
        """A PNG file that a page and a repository have room for, that fits onto a screen, light or dark."""
        raw = path.read_bytes()
        assert raw.startswith(images.PNG_SIGNATURE)
        assert len(raw) < 60_000
        image = Image.open(io.BytesIO(raw))
        assert image.width == 1050
        assert 300 <= image.height <= 950
        seen: Any = image.convert("RGBA")
        corners = {seen.getpixel((x, y))[3] for x in (0, image.width - 1) for y in (0, image.height - 1)}
        assert corners == {0}
        paper = tuple(bytes.fromhex(draw.PAPER[1:]))
        assert all(abs(a - b) < 4 for a, b in zip(seen.getpixel((image.width // 2, 4)), paper, strict=False))

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_it_tells_nothing_but_its_pixels(self, path: Path) -> None:
        """No date, no program and no version stands in it, so that drawing again gives the same file."""
        assert images.non_pixel_data(path.read_bytes()) == ""

    @pytest.mark.parametrize(
        "name", [NAMES[0], *(pytest.param(name, marks=pytest.mark.full) for name in NAMES[1:])]
    )
    def test_drawn_again_it_is_the_same(self, name: str) -> None:
        """What the script draws is what the file shows: of one picture, and with `--full` of all."""
        kept, drawn = (FOLDER / f"{name}.png").read_bytes(), draw.draw(name)
        assert differing(kept, drawn) < 40
        assert colours(kept) == colours(drawn)


class TestTheComparisonSeesAChange:
    """Each part of the comparison is seen red once."""

    @pytest.mark.parametrize("part", ["box", "operation", "wire"])
    def test_part_that_is_missing(self, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A picture without its boxes, circles or lines is another one."""
        monkeypatch.setattr(draw.Sheet, part, lambda *given, **more: None)
        assert differing((FOLDER / "lstm-cell.png").read_bytes(), draw.draw("lstm-cell")) > 200

    def test_label_that_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """So is one without a single formula."""
        symbol = draw.Sheet.symbol

        def forgetful(sheet: object, at: object, formula: str, *given: object, **more: object) -> None:
            if formula != r"\sigma":
                symbol(sheet, at, formula, *given, **more)

        monkeypatch.setattr(draw.Sheet, "symbol", forgetful)
        assert differing((FOLDER / "lstm-cell.png").read_bytes(), draw.draw("lstm-cell")) > 60

    def test_another_tint(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """So is one in other colours."""
        monkeypatch.setattr(draw, "BLUE", draw.PINK)
        assert colours((FOLDER / "unrolled.png").read_bytes()) != colours(draw.draw("unrolled"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestSourceNotebooks:
    """How the course's own notebooks use them."""

    def test_each_is_there_and_told_in_words(self, path: Path) -> None:
        """Every link leads to a file, and every picture has an alternative text."""
        assert [*images.mistakes(nbformat.read(path, as_version=4), FOLDER)] == []

    def test_both_languages_show_the_same(self, path: Path) -> None:
        """A cell and its twin hold the same pictures, each once, and tell them in their own language."""
        cells = {cell["id"]: cell for cell in nbformat.read(path, as_version=4).cells}
        shown: dict[str, list[str]] = {}
        for name, cell in cells.items():
            language = cell_metadata(cell).get("lang")
            for _, words, picture in images.IMAGE.findall(cell.source):
                assert language in ("ko", "en"), f"{name} shows {picture} in no language"
                assert bool(re.search("[가-힣]", words)) == (language == "ko"), f"{name}: {words}"
                shown.setdefault(name.removesuffix(f"-{language}") + f" {picture}", []).append(language)
        assert {
            what: languages for what, languages in shown.items() if sorted(languages) != ["en", "ko"]
        } == {}


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: f"{path.stem}-{path.parts[-3]}")
def test_release_holds_the_files_as_they_are(path: Path) -> None:
    """A picture drawn anew is not in a release before the next build: this finds the old one."""
    for cell in nbformat.read(path, as_version=4).cells:
        names = {name for _, _, name in images.IMAGE.findall(cell.source)}
        held = cell.get("attachments", {})
        assert set(held) == names
        for name in names:
            assert images.decode_png(held[name][images.PNG]) == (FOLDER / name).read_bytes()


def prose(text: str, **more: Any) -> NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="dot-en", **more)])


class TestMistakes:
    """What an author can get wrong."""

    @pytest.fixture(scope="class")
    def folder(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A good picture and some that are not."""
        folder = tmp_path_factory.mktemp("source") / "pictures"
        folder.mkdir()
        (folder / "dot.png").write_bytes(png())
        (folder / "text.png").write_text("no picture")
        (folder / "dot.jpg").write_bytes(png())
        (folder / "big.png").write_bytes(png(chunk(b"tEXt", b"x" * 250_000)))
        return folder

    @pytest.mark.parametrize("place", ["attachment:", "../pictures/"])
    @pytest.mark.parametrize(
        "words", [*WORDS.values(), "told over\ntwo lines, not one", r"with a bracket \] of its own"]
    )
    def test_good_one_is_no_mistake(self, folder: Path, place: str, words: str) -> None:
        """In either way of writing it, whatever the words."""
        assert [*images.mistakes(prose(f"See ![{words}]({place}dot.png)."), folder)] == []

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (f"![{WORDS['en']}](attachment:spot.png)", "spot.png is missing; there are: big.png, dot.png, text.png"),
            (f"![{WORDS['en']}](attachment:text.png)", "text.png is not a .png file"),
            (f"![{WORDS['en']}](attachment:dot.jpg)", "dot.jpg is not a .png file"),
            (f"![{WORDS['en']}](attachment:big.png)", "bytes, more than 200000"),
            ("![](attachment:dot.png)", "alternative text of dot.png is ''"),
            ("![a red dot](../pictures/dot.png)", "alternative text of dot.png is 'a red dot'"),
            (f"![{WORDS['en']}](attachment:dot.png 'dot')", "a picture is not written"),
            (f"![{WORDS['en']}](<../pictures/dot.png>)", "a picture is not written"),
            ('<img src="attachment:dot.png">', "a picture is not written"),
            ("![one [ bracket alone is a mistake](attachment:dot.png)", "a picture is not written"),
        ],
    )  # fmt: skip
    def test_it_is_told_with_its_cell(self, folder: Path, text: str, message: str) -> None:
        """One sentence: which cell, which picture, what to do."""
        (found,) = map(str, images.mistakes(prose(text), folder))
        assert found.startswith("cell dot-en: ")
        assert message in found

    def test_pasted_picture_has_no_source(self, folder: Path) -> None:
        """What an editor attached to the cell is to be saved as a file."""
        held = {"image.png": {images.PNG: base64.b64encode(png()).decode()}}
        notebook = prose(f"![{WORDS['en']}](attachment:image.png)", attachments=held)
        assert "holds image.png, pasted; save it in source/pictures/" in str(
            next(images.mistakes(notebook, folder))
        )

    def test_foreign_pictures_are_left_alone(self, folder: Path) -> None:
        """A picture on the web and a link are the author's business."""
        text = "![web](https://example.org/a.png) [the file](https://example.org/attachment:b)"
        assert [*images.mistakes(prose(text), folder)] == []


class TestPngFiles:
    """What is taken for a picture, and what may stand in it."""

    @pytest.mark.parametrize(
        "data", [None, 5, "", "iVBORw0KGgo", 'iVBORw0KGgo="><script>', "PHN2Zz4=", [1], ["iVBORw0K", 2]]
    )
    def test_all_else_is_none(self, data: object) -> None:
        """No other type, no other signature, and not one character that is not base64."""
        assert images.decode_png(data) == b""

    def test_one_or_several_lines(self) -> None:
        """As a notebook's file may hold it."""
        data = base64.encodebytes(png()).decode()
        assert images.decode_png(data.splitlines(keepends=True)) == png()
        assert images.decode_png(data.replace("\n", "")) == png()

    def test_text_beside_the_pixels_is_found(self) -> None:
        """A comment, and what follows the end, but no pixel."""
        assert images.non_pixel_data(png()) == ""
        assert "both = first + second" in images.non_pixel_data(png(chunk(b"tEXt", b"both = first + second")))
        assert "return first" in images.non_pixel_data(png() + b"return first")


def add_picture(course: Course, text: str = "attachment:dot.png") -> None:
    """A source notebook that shows a dot, in each language."""
    notebook = new_notebook("arithmetic", course.languages)
    for language in course.languages:
        cell = nbformat.v4.new_markdown_cell(
            f"Look:\n\n![{WORDS[language]}]({text})",
            id=f"dot-{language}",
            metadata={"autograder": {"lang": language}},
        )
        notebook.cells.append(cell)
    course.assignment("arithmetic").source.parent.mkdir(parents=True)
    course.assignment("arithmetic").source.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    course.pictures.mkdir()
    (course.pictures / "dot.png").write_bytes(png())


def files(course: Course) -> dict[str, bytes]:
    found = (path for folder in ("source", "release") for path in (course.root / folder).rglob("*.ipynb"))
    return {str(path.relative_to(course.root)): path.read_bytes() for path in found}


def cell_of(path: Path, name: str) -> NotebookNode:
    return next(cell for cell in nbformat.read(path, as_version=4).cells if cell["id"] == name)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose one notebook shows a picture, built with its solutions."""
    course = Course.open(small_course(tmp_path_factory.mktemp("pictures") / "course", languages=("ko", "en")))
    new_question(course, "arithmetic", "add_two")
    add_picture(course)
    build(course)
    return course


class TestBuild:
    """From the file into the release."""

    @pytest.mark.parametrize("language", ["ko", "en"])
    @pytest.mark.parametrize("folder", ["release", "build/solution"])
    def test_notebook_that_is_given_out_holds_it(self, built: Course, folder: str, language: str) -> None:
        """The picture itself stands in the cell, so that the file needs no other."""
        path = built.root / folder / language / "arithmetic" / "arithmetic.ipynb"
        cell = cell_of(path, f"dot-{language}")
        assert cell.source == f"Look:\n\n![{WORDS[language]}](attachment:dot.png)"
        assert {name: images.decode_png(held[images.PNG]) for name, held in cell.attachments.items()} == {
            "dot.png": png()
        }

    def test_the_source_links_to_the_file(self, built: Course) -> None:
        """The author's notebook stays small, and an editor shows the picture."""
        cell = cell_of(built.assignment("arithmetic").source, "dot-en")
        assert cell.source == f"Look:\n\n![{WORDS['en']}](../pictures/dot.png)"
        assert "attachments" not in cell
        assert (built.assignment("arithmetic").source.parent / "../pictures/dot.png").is_file()

    def test_building_again_changes_nothing(self, built: Course) -> None:
        """The same bytes; and nbgrader's own command makes them too."""
        before = files(built)
        assert build(built, solutions=False).changed == []
        done = command("nbgrader", "generate_assignment", "arithmetic", cwd=built.root)
        assert done.returncode == 0, done.stderr
        assert files(built) == before

    def test_picture_drawn_anew_makes_the_release_stale(self, built: Course) -> None:
        """`build --check` sees it, though the notebook in `source/` is the same."""
        (built.pictures / "dot.png").write_bytes(png(red=100))
        try:
            with pytest.raises(BuildRefused, match=r"release/en/arithmetic/arithmetic\.ipynb is not what"):
                build(built, check_only=True)
        finally:
            (built.pictures / "dot.png").write_bytes(png())

    def test_mistakes_are_told_together_and_nothing_is_written(self, tmp_path: Path) -> None:
        """Every cell with a mistake is named; no release is made."""
        course = Course.open(small_course(tmp_path / "course", languages=("ko", "en")))
        new_question(course, "arithmetic", "add_two")
        add_picture(course, "attachment:dots.png")
        before = files(course)
        with pytest.raises(BuildRefused) as error:
            build(course, solutions=False)
        assert [str(problem) for problem in error.value.problems] == [
            f"source/arithmetic/arithmetic.ipynb: cell dot-{language}: the picture source/pictures/dots.png is "
            "missing; there are: dot.png"
            for language in ("ko", "en")
        ]
        assert files(course) == before

    def test_their_folder_is_no_assignment(self, tmp_path: Path) -> None:
        """`new` does not put a notebook among them."""
        with pytest.raises(CourseError, match="source/pictures/ is reserved for pictures"):
            new_question(Course.open(small_course(tmp_path / "course")), "pictures", "add_two")


class Images(list[dict[str, str]]):
    """The pictures of a page: their attributes."""

    def __init__(self, page: str) -> None:
        tags = re.findall(r"<img\b[^>]*>", page)
        super().__init__(dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in tags)


class TestFeedback:
    """From the release onto the page; what a student pasted stays away."""

    @pytest.fixture(scope="class")
    def pages(self, built: Course) -> Iterator[dict[str, str]]:
        """The page of an honest student, and of one who changed the release's picture and pasted others."""
        notebook = json.loads(built.assignment("arithmetic").release("en").read_text(encoding="utf-8"))
        own = base64.b64encode(png(red=7)).decode()
        hand_ins = {"honest": json.dumps(notebook)}
        for cell in notebook["cells"]:
            if cell["id"] == "dot-en":
                cell["attachments"] = {"dot.png": {"image/svg+xml": "<svg onload=alert(1)>", images.PNG: own}}
                cell["source"] += " ![changed](attachment:mine.png)"
        for place, text in enumerate(
            ("![mine](attachment:dot.png)", "<img src='attachment/dot.png'>", "![two](attachment/dot.png)")
        ):
            held = {"dot.png": {images.PNG: own}}
            notebook["cells"].append(
                {
                    "cell_type": "markdown",
                    "id": f"own-{place}",
                    "metadata": {},
                    "source": text,
                    "attachments": held,
                }
            )
        hand_ins["pasting"] = json.dumps(notebook)
        for student, text in hand_ins.items():
            path = built.submitted / student / "arithmetic" / "arithmetic.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
        done = cli("grade", cwd=built.root)
        assert done.returncode == 0, done.stderr
        folder = built.root / "feedback"
        yield {
            student: (folder / student / "arithmetic" / "arithmetic.html").read_text(encoding="utf-8")
            for student in hand_ins
        }

    @pytest.mark.parametrize("student", ["honest", "pasting"])
    def test_the_release_s_picture_is_left_out(self, pages: dict[str, str], student: str) -> None:
        """The page repeats none of the lesson, whatever the student did to its cell."""
        assert [image for image in Images(pages[student]) if image["src"].startswith("data:")] == []

    def test_student_s_own_is_not(self, pages: dict[str, str]) -> None:
        """Nothing of what was pasted is in the page, and its cell is there without it."""
        assert base64.b64encode(png(red=7)).decode() not in pages["pasting"]
        assert "<svg onload" not in pages["pasting"]
        assert "![mine]" in pages["pasting"]

    def test_nbgrader_s_own_commands_show_the_same(self, pages: dict[str, str], built: Course) -> None:
        """`generate_feedback` makes the page with the picture."""
        done = command("nbgrader", "generate_feedback", "arithmetic", "--force", cwd=built.root)
        assert done.returncode == 0, done.stderr
        path = built.root / "feedback" / "pasting" / "arithmetic" / "arithmetic.html"
        assert Images(path.read_text(encoding="utf-8")) == Images(pages["pasting"])
