"""What `autograder verify` proves of a course, and what it refuses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from autograder import Question, __version__
from autograder.authoring import verify
from autograder.authoring.build import BuildRefused, build
from autograder.authoring.scaffold import new_question
from autograder.course import Course
from autograder.errors import CourseError
from autograder.verification import answer_bank, leaks, proofs
from autograder.verification.answer_bank import BankAnswer, read_attacks, successful_attacks
from autograder.verification.leaks import LeakSearch
from autograder.verification.proof_cache import ProofCache
from tests.support import cli, small_course

RIGHT = [f"def add_two(first, second):\n    return {n} * 0 + first + second" for n in range(20)]
WRONG = [f"def add_two(first, second):\n    return first + second + {n}" for n in range(1, 30)]
MULTIPLIED = "def add_two(one, other):\n    return one * other"
NUMBER = '''\
"""Weights of a Dense layer."""

from autograder import Question, Text, expect

question = Question(
    title=Text(ko="가중치", en="Weights"),
    statement=Text(ko="식을 쓰세요.", en="Write the arithmetic."),
    numbers=({"inputs": 12, "units": 28}, {"inputs": 30, "units": 14}, {"inputs": 20, "units": 25}),
)


@question.answer
def weights(inputs, units):
    """Number of weights."""
    return units * (inputs + 1)


@question.check(points=1, text=Text(ko="맞다", en="is right"))
def is_right(got, case, want):
    expect.number(got, want)


@question.misconception(text=Text(ko="편향이 없습니다.", en="The bias is missing."), fails=[is_right])
def no_bias(inputs, units):
    return units * inputs
'''


def write_bank(course: Course, right: list[str], wrong: list[tuple[str, float, list[str]]]) -> None:
    """An answer bank for `add_two`."""
    folder = course.root / "solutions" / "arithmetic" / "answers" / "add_two"
    folder.mkdir(parents=True, exist_ok=True)
    tables = [
        f"[[answer]]\nnote = \"right {n}\"\nsource = '''\n{text}\n'''\n" for n, text in enumerate(right)
    ]
    (folder / "right.toml").write_text("\n".join(tables), encoding="utf-8")
    tables = [
        f'[[answer]]\nnote = "wrong {n}"\nscore = {score}\nmistakes = {json.dumps(named)}\n'
        f"source = '''\n{text}\n'''\n"
        for n, (text, score, named) in enumerate(wrong)
    ]
    (folder / "wrong.toml").write_text("\n".join(tables), encoding="utf-8")


def written(folder: Path) -> Course:
    """A course in both languages, with a function question, its bank, and a number question."""
    opened = Course.open(small_course(folder / "course", languages=("ko", "en")))
    new_question(opened, "arithmetic", "add_two")
    (opened.root / "solutions" / "arithmetic" / "weights.py").write_text(NUMBER, encoding="utf-8")
    write_bank(opened, RIGHT, [(text, 0, []) for text in WRONG] + [(MULTIPLIED, 0, ["multiplied"])])
    return opened


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """One that is not built yet."""
    return written(tmp_path)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text, self.tags = "", set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.seal
def test_leaks_are_searched_again_whenever_something_changed(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A released file, a question file and --force each bring a new search; a release that leaks is never kept."""
    searched: list[Path] = []

    def counting(release: Path, questions: Sequence[Question]) -> LeakSearch:
        searched.append(release)
        return leaks.search(release, questions)

    monkeypatch.setattr(verify, "search", counting)
    build(course, solutions=False, jobs=2)
    build(course, solutions=False)
    assert len(searched) == 1
    certified = json.loads((course.root / "build" / "certificate.json").read_text(encoding="utf-8"))
    assert certified["leaks"]["files"] == 2
    build(course, solutions=False, force=True)
    assert len(searched) == 2
    source = course.assignment("arithmetic").source
    notebook = nbformat.read(source, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell("Weights and biases."))
    nbformat.write(notebook, source)
    build(course, solutions=False)
    assert len(searched) == 3
    question = course.root / "solutions" / "arithmetic" / "weights.py"
    question.write_text(f"{NUMBER}\n\n# another word\n", encoding="utf-8")
    build(course, solutions=False)
    assert len(searched) == 4
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell("It is `return units * (inputs + 1)`."))
    nbformat.write(notebook, source)
    for times in (5, 6):
        with pytest.raises(BuildRefused, match="inputs"):
            build(course, solutions=False)
        assert len(searched) == times


@pytest.mark.seal
class TestTheCertificate:
    """What a release that holds is certified to be."""

    @pytest.fixture(scope="class")
    def course(self, tmp_path_factory: pytest.TempPathFactory) -> Course:
        """A course that is built."""
        course = written(tmp_path_factory.mktemp("certified"))
        build(course, solutions=False, jobs=2)
        return course

    def test_its_figures(self, course: Course) -> None:
        """Right and wrong answers, attacks, variants and chances, counted one by one."""
        data = json.loads((course.root / "build" / "certificate.json").read_text(encoding="utf-8"))
        function, number = data["assignments"][0]["questions"]
        attacks = len(read_attacks())
        assert attacks >= 25
        assert (function["right"], function["wrong"], function["attacks"]) == (20, 30, attacks)
        assert not function["draft"]
        assert (number["variants"], number["answers"], number["chance"]) == (2, 2, 0.5)
        assert (number["right"], number["wrong"]) == (3, 3)  # the public variant too
        assert data["totals"]["right"] == 23
        assert data["drafts"] == []
        assert data["leaks"]["found"] == 0
        assert data["leaks"]["files"] == 2
        assert data["versions"].keys() >= {"python", "numpy", "nbgrader", "tensorflow"}
        assert [law["law"] for law in data["laws"]] == [*range(1, 14), 15, 16]

    def test_page_in_each_language(self, course: Course) -> None:
        """The page says the same in Korean and in English, without an unfilled place."""
        for language, words in {"ko": "평가 증명서", "en": "Certificate of assessment"}.items():
            page = _Text()
            page.feed((course.root / "build" / f"certificate.{language}.html").read_text(encoding="utf-8"))
            assert words in page.text
            assert "add_two" in page.text
            assert "50.00 %" in page.text
            assert {"table", "caption", "th"} <= page.tags
            assert "{{" not in page.text

    @pytest.mark.full
    def test_verify_says_so(self, course: Course) -> None:
        """The command ends with what it proved and where the certificate is; a second run proves nothing anew."""
        done = cli("verify", cwd=course.root)
        assert done.returncode == 0, done.stderr
        assert "release/ is current and every law holds" in " ".join(done.stdout.split())
        assert "certificate.json" in done.stdout


@pytest.mark.seal
class TestWhatIsRefused:
    """A failing proof stops the release, with what was expected and what was found."""

    @pytest.fixture(autouse=True)
    def one_attack(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """All of them are tried where their number is looked at."""
        one = read_attacks()[:1]
        monkeypatch.setattr(answer_bank, "read_attacks", lambda: one)
        monkeypatch.setattr(proofs, "read_attacks", lambda: one)

    def refusal(self, course: Course) -> str:
        with pytest.raises(BuildRefused) as caught:
            build(course, solutions=False)
        assert not (course.root / "release").exists()
        return str(caught.value)

    def test_right_answer_that_is_not_paid(self, course: Course) -> None:
        """A bank's right answer that loses points names the check that refused it."""
        write_bank(course, [*RIGHT[:-1], MULTIPLIED], [(text, 0, []) for text in WRONG] + [(WRONG[0], 0, [])])
        message = self.refusal(course)
        assert "add_two: the right answer 'right 19' gets 0 of 2; adds_any_two failed" in message

    def test_wrong_answer_that_is_paid(self, course: Course) -> None:
        """A bank's wrong answer that earns more than it deserves is told."""
        wrong = [(text, 0.0, list[str]()) for text in [*WRONG, RIGHT[3]]]
        write_bank(course, RIGHT, wrong)
        assert "add_two: the wrong answer 'wrong 29' deserves 0; it gets 2 of 2" in self.refusal(course)

    def test_wrong_answer_that_is_not_explained(self, course: Course) -> None:
        """A mistake that should have been named, and was not, is told."""
        write_bank(course, RIGHT, [(text, 0, ["multiplied"]) for text in [*WRONG, WRONG[0]]])
        assert "deserves 0 (multiplied); it gets 0 of 2" in self.refusal(course)

    def test_attack_that_is_paid(self, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """An attack that earns a point is told; here one that knows the answer."""
        planted = BankAnswer("knows the answer", "{name} = lambda a, b: a + b")
        monkeypatch.setattr(answer_bank, "read_attacks", lambda: (planted,))
        (question, _) = course.assignment("arithmetic").questions
        assert list(map(str, successful_attacks(question, "counting"))) == [
            "add_two: the attack 'knows the answer' gets 2 of 2; "
        ]

    def test_answer_that_stands_hashed_in_the_notebook(self, course: Course) -> None:
        """The digest of a short number gives it away as the number would."""
        build(course, solutions=False)
        path = course.assignment("arithmetic").source
        notebook = json.loads(path.read_text(encoding="utf-8"))
        digest = hashlib.sha256(b"525").hexdigest()
        notebook["cells"].insert(
            1, {"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "execution_count": None,
                "source": f"right = '{digest}'"},
        )  # fmt: skip
        path.write_text(json.dumps(notebook), encoding="utf-8")
        with pytest.raises(BuildRefused, match="holds its answer 525, hashed of question weights"):
            build(course, solutions=False)


class TestDrafts:
    """A new question may be released before its answers are written, and is called a draft."""

    def test_it_is_named(self, tmp_path: Path) -> None:
        """The build, the release and the certificate name it."""
        course = Course.open(small_course(tmp_path / "course"))
        new_question(course, "arithmetic", "add_two")
        built = build(course, solutions=False)
        assert built.drafts == ["add_two"]
        release = json.loads(course.assignment("arithmetic").release("en").read_text(encoding="utf-8"))
        assert release["metadata"]["autograder"]["drafts"] == ["add_two"]
        certificate = json.loads((course.root / "build" / "certificate.json").read_text(encoding="utf-8"))
        assert certificate["drafts"] == ["add_two"]
        assert "(draft)" in (course.root / "build" / "certificate.en.html").read_text(encoding="utf-8")

    def test_its_answers_are_tried_however_few(self, tmp_path: Path) -> None:
        """One that does not get what it deserves stops the build; the certificate counts those that do."""
        course = Course.open(small_course(tmp_path / "course"))
        new_question(course, "arithmetic", "add_two")
        write_bank(course, RIGHT[:1], [(RIGHT[0], 1, [])])
        with pytest.raises(BuildRefused, match="the wrong answer 'wrong 0' deserves 1; it gets 2 of 2"):
            build(course, solutions=False)
        write_bank(course, [MULTIPLIED], [(MULTIPLIED, 0, ["multiplied"])])
        with pytest.raises(BuildRefused, match="the right answer 'right 0' gets 0 of 2"):
            build(course, solutions=False)
        write_bank(course, RIGHT[:2], [(MULTIPLIED, 0, ["multiplied"])])
        assert build(course, solutions=False).drafts == ["add_two"]
        certificate = json.loads((course.root / "build" / "certificate.json").read_text(encoding="utf-8"))
        assert (certificate["totals"]["right"], certificate["totals"]["wrong"]) == (2, 1)
        assert certificate["versions"]["autograder"] == __version__

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[[answer]]\nnote = 'a'\n", "missing 1 required positional argument: 'source'"),
            ("[[answer]]\nnote = 'a'\nsource = 'x'\n", "'a' has no score"),
            ("[[answer]]\nnote = 'a'\nsource = 'x'\nscore = 0\n" * 2, "duplicate note 'a'"),
            ("[[answer", "TOMLDecodeError"),
        ],
    )
    def test_bank_that_cannot_be_read(self, course: Course, text: str, message: str) -> None:
        """A mistake in a bank is told with its file."""
        path = course.root / "solutions" / "arithmetic" / "answers" / "add_two" / "wrong.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CourseError, match=r"wrong\.toml") as caught:
            build(course, solutions=False)
        assert message in str(caught.value)


def test_finished_proofs_are_kept(tmp_path: Path) -> None:
    """A proof is written down as it is made, and holds until something that it depends on changes."""
    path = tmp_path / "proofs.json"
    ProofCache(path).save("a question", ["its text"], {"cases": 3})
    assert ProofCache(path).lookup("a question", ["its text"]) == {"cases": 3}
    assert ProofCache(path).lookup("a question", ["another text"]) is None
    assert ProofCache(path).lookup("another question", ["its text"]) is None
