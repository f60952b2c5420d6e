"""Number questions as quizzes: what each number is told in Moodle, what each choice is told in Canvas."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.cli.main import main
from autograder.course import Course
from autograder.errors import CourseError
from autograder.lms.quiz.moodle_xml import as_moodle_xml
from autograder.lms.quiz.qti import as_qti_zip
from autograder.lms.quiz.question_bank import Quiz, QuizQuestion, Variant, Wrong, quiz_of
from autograder.questions.question import Question
from autograder.text import Text, one_line
from tests.support import ROOT, cli, copy_course, small_course

ASSIGNMENTS = ("gru_parameters", "lstm_parameters")
LANGUAGES = ("ko", "en")
HARD = (
    'Kim, "Minji"',
    "김민지",
    "=SUM(1,2)",
    "O'Neil",
    "Müller; Jörg",
    "1 < 2 & 3 > 2",
    "a/b//c",
    "*bold* `x`",
)


def lstm(inputs: int, units: int) -> int:
    """Three gates and the candidate: what is read, what is read again, and a bias."""
    return 4 * (inputs * units + units * units + units)


def gru(inputs: int, units: int) -> int:
    """Two gates and the candidate, with one bias each."""
    return 3 * (inputs * units + units * units + units)


def dense(inputs: int, units: int) -> int:
    """A matrix and a bias."""
    return inputs * units + units


RIGHT: Mapping[str, Callable[..., int]] = {
    "p1": lambda steps, inputs, units: lstm(inputs, units),
    "p2_dense": lambda steps, inputs, units, out: dense(units, out),
    "layer2": lambda steps, inputs, first, second, out: lstm(first, second),
    "layer3": lambda steps, inputs, first, second, out: dense(second, out),
    "g1": lambda inputs, first, second, out: gru(inputs, first),
    "g2": lambda inputs, first, second, out: gru(first, second),
    "g3": lambda inputs, first, second, out: dense(second, out),
}
"""What each question asks for, worked out here once more from the sizes in the order of its code."""


def sizes(shown: str) -> list[int]:
    """The numbers in the code that a question shows."""
    found = re.search(r"<pre>(.*)</pre>", shown, re.DOTALL)
    assert found is not None
    return [int(number) for number in re.findall(r"\d+", found[1])]


def as_told(text: str) -> str:
    """A feedback text without its markup."""
    return html.unescape(re.sub(r"<[^>]*>", "", text))


def texts(parent: Element, path: str) -> str:
    return parent.findtext(path) or ""


@pytest.fixture(scope="module")
def course() -> Course:
    """This repository's course."""
    return Course.open(ROOT)


# Moodle


def moodle_questions(content: bytes) -> list[tuple[str, Element]]:
    """The numerical questions of a Moodle XML file, each with the category that stands before it."""
    found, category = [], ""
    for question in ElementTree.fromstring(content):
        assert question.tag == "question"
        if question.get("type") == "category":
            category = texts(question, "category/text")
        else:
            found.append((category, question))
    return found


def graded(question: Element, typed: str) -> tuple[float, str]:
    """What Moodle gives and says for a number: that of the first answer that fits within its tolerance."""
    for answer in question.findall("answer"):
        number, tolerance = texts(answer, "text"), Fraction(texts(answer, "tolerance"))
        if number == "*" or abs(Fraction(number) - Fraction(typed)) <= tolerance:
            return float(answer.get("fraction", "")), texts(answer, "feedback/text")
    raise AssertionError(f"no answer fits {typed}")


def unexplained(
    question: Element, asked: Question, numbers: Mapping[str, int], language: str
) -> Iterator[str]:
    """The known mistakes of a question whose number Moodle pays in full, or does not tell of."""
    for known in asked.misconceptions:
        fraction, message = graded(question, str(known.answer(**numbers)))
        if fraction >= 100 or one_line(known.text.in_language(language)).replace("`", "") not in as_told(
            message
        ):
            yield known.name


@dataclass(frozen=True)
class Edition:
    """The quiz of one assignment in one language, and both of its files."""

    quiz: Quiz
    language: str
    moodle: bytes
    package: bytes

    @cached_property
    def questions(self) -> list[tuple[str, Element]]:
        return moodle_questions(self.moodle)

    @cached_property
    def root(self) -> Element:
        return assessment(self.package)


@pytest.fixture(
    scope="module", params=[(name, language) for name in ASSIGNMENTS for language in LANGUAGES], ids="-".join
)
def edition(request: pytest.FixtureRequest, course: Course) -> Edition:
    """Each assignment with number questions, in each language."""
    name, language = request.param
    quiz = quiz_of(course, name)
    return Edition(quiz, language, as_moodle_xml(quiz, language), as_qti_zip(quiz, language))


class TestMoodle:
    """What Moodle gives and says for each number, by a reader of its own that takes the first answer that fits."""

    def test_each_known_mistake_is_told_its_own(self, course: Course, edition: Edition) -> None:
        """In every variant each mistake, own or taken over from a formula, gets its feedback and no full mark."""
        asked = {question.id: question for question in course.assignment(edition.quiz.assignment).questions}
        found = iter(edition.questions)
        for one in edition.quiz.questions:
            for numbers in asked[one.id].student_variants[:20]:
                _, question = next(found)
                assert sizes(texts(question, "questiontext/text")) == list(numbers.values())
                assert list(unexplained(question, asked[one.id], numbers, edition.language)) == []
        assert next(found, None) is None

    def test_the_right_number_scores_in_full(self, edition: Edition) -> None:
        """The right number, worked out here, scores 100, and no other answer of a question is it."""
        for _, question in edition.questions:
            name = texts(question, "idnumber").split(".")[1]
            right = RIGHT[name](*sizes(texts(question, "questiontext/text")))
            assert graded(question, str(right))[0] == 100
            numbers = [texts(answer, "text") for answer in question.findall("answer")]
            assert len(set(numbers)) == len(numbers)
            assert [answer.get("fraction") for answer in question.findall("answer")].count("100") == 1

    def test_another_number_is_told_where_to_look(self, edition: Edition) -> None:
        """A number that no known mistake gives scores nothing and hears what to count."""
        looks = {one.id: one.look.in_language(edition.language) for one in edition.quiz.questions}
        for _, question in edition.questions:
            known = {texts(answer, "text") for answer in question.findall("answer")}
            for typed in {"0", "-1", "7", "12345678", "0.5"} - known:
                name = texts(question, "idnumber").split(".")[1]
                assert graded(question, typed) == (0, f"<p>{looks[name]}</p>")

    def test_each_question_is_a_category_of_variants(self, edition: Edition) -> None:
        """A category stands before each question's variants, so that a quiz can draw one of them."""
        counts = Counter(category for category, _ in edition.questions)
        assert counts == {
            f"$course$/top/{edition.quiz.assignment} ({edition.language})/{one.title.in_language(edition.language)}": 20
            for one in edition.quiz.questions
        }

    def test_file_is_as_moodle_reads_it(self, edition: Edition) -> None:
        """Each question has what Moodle's importer looks for; ids are unique and fit into its columns."""
        assert edition.moodle.startswith(b"<?xml")
        ids = []
        for _, question in edition.questions:
            assert question.get("type") == "numerical"
            assert 0 < len(texts(question, "name/text")) <= 255
            assert texts(question, "questiontext[@format='html']/text")
            assert float(texts(question, "defaultgrade")) > 0
            *answers, last = question.findall("answer")
            assert texts(last, "text") == "*"
            assert {texts(answer, "tolerance") for answer in answers} == {"0"}
            assert all(texts(answer, "feedback[@format='html']/text") for answer in (*answers, last))
            assert {answer.get("fraction") for answer in (*answers, last)} <= {"100", "0", "33.33333"}
            assert texts(question, "showunits") == "3"
            ids.append(texts(question, "idnumber"))
        assert len(set(ids)) == len(ids)
        assert max(map(len, ids)) <= 100


def test_credit_is_a_share_that_moodle_accepts(tmp_path: Path) -> None:
    """What a slip earns in the notebook, a third of the points, it earns in Moodle: 33.33333 percent."""
    root = copy_course(tmp_path / "course", "lstm_parameters")
    path = root / "solutions" / "lstm_parameters" / "p1.py"
    text = path.read_text(encoding="utf-8")
    slip = "fails=[counts_the_layer])\ndef times_timesteps"
    assert slip in text
    path.write_text(text.replace(slip, slip.replace(")", ", credit=1 / 3)", 1)), encoding="utf-8")
    quiz = quiz_of(Course.open(root), "lstm_parameters", variants=1)
    (question,) = [
        one for _, one in moodle_questions(as_moodle_xml(quiz, "en")) if ".p1." in texts(one, "idnumber")
    ]
    steps, inputs, units = sizes(texts(question, "questiontext/text"))
    fraction, message = graded(question, str(steps * lstm(inputs, units)))
    assert (fraction, as_told(message)[:41]) == (33.33333, "You multiplied by the number of time step")


@pytest.mark.parametrize(
    ("credit", "percent"),
    [(0.0, "0"), (0.01, "0"), (0.26, "25"), (0.5, "50"), (0.64, "66.66667"), (0.88, "90"), (0.999, "90")],
)
def test_credit_is_rounded_to_the_nearest_share(credit: float, percent: str) -> None:
    """A share that Moodle does not list becomes the nearest one, and never all of the points."""
    (_, question) = moodle_questions(
        as_moodle_xml(one_question(wrong=(Wrong(6, ("a",), (TEXT,), credit),)), "en")
    )[0]
    assert question.findall("answer")[1].get("fraction") == percent


def test_hint_names_the_parts_of_the_formula(course: Course) -> None:
    """Where a question applies a formula, another number is told its parts; else to go step by step."""
    questions = {
        one.id: one.look for name in ASSIGNMENTS for one in quiz_of(course, name, variants=1).questions
    }
    assert questions["p2_dense"] == Text(
        ko="맞지 않습니다. 알려진 실수에서 나오는 수도 아닙니다. 하나씩 나누어 세어 보세요: "
        "입력에 곱하는 가중치, 편향.",
        en="This number is not right, and no mistake that we know of gives it. Count part by part: weights of "
        "the input, biases.",
    )
    assert questions["g3"] == Text(
        ko="맞지 않습니다. 알려진 실수에서 나오는 수도 아닙니다. 무엇을 계산했는지 하나씩 적고, 저마다 "
        "문제의 어느 수를 썼는지 보세요.",
        en="This number is not right, and no mistake that we know of gives it. Write down step by step what you "
        "computed, and look which number of the problem each step uses.",
    )


def test_mistake_that_is_not_told_is_seen(course: Course) -> None:
    """The check of the Moodle file finds an answer without its feedback, and one that stands too late."""
    quiz = quiz_of(course, "lstm_parameters", variants=1)
    asked = next(
        one for one in course.assignment("lstm_parameters").questions if one.id == quiz.questions[0].id
    )
    numbers = asked.student_variants[0]
    (_, question) = moodle_questions(as_moodle_xml(quiz, "en"))[0]
    assert list(unexplained(question, asked, numbers, "en")) == []
    second = question.findall("answer")[2]
    question.remove(second)
    assert list(unexplained(question, asked, numbers, "en")) == [asked.misconceptions[1].name]
    last = question.findall("answer")[-1]
    question.remove(last)
    question.insert(0, last)
    assert len(list(unexplained(question, asked, numbers, "en"))) == len(asked.misconceptions)


# Canvas

ORDER: Mapping[str, tuple[str, ...]] = {
    "questestinterop": ("assessment",),
    "assessment": ("section",),
    "section": ("selection_ordering", "section", "item"),
    "item": ("itemmetadata", "presentation", "resprocessing", "itemfeedback"),
    "presentation": ("material", "response_lid"),
    "resprocessing": ("outcomes", "respcondition"),
    "respcondition": ("conditionvar", "setvar", "displayfeedback"),
}
"""The children that QTI 1.2 allows of those written here, in its order."""


def qti_files(content: bytes) -> dict[str, Element]:
    """The XML files of a package, by name, the namespaces of their tags removed."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        files = {name: ElementTree.fromstring(package.read(name)) for name in package.namelist()}
    for root in files.values():
        for node in root.iter():
            node.tag = node.tag.rpartition("}")[2]
    return files


def assessment(content: bytes) -> Element:
    """The questions of a package, found by its manifest as an importer finds them."""
    files = qti_files(content)
    resources = {node.get("identifier"): node for node in files["imsmanifest.xml"].iter("resource")}
    (quiz,) = [node for node in resources.values() if node.get("type") == "imsqti_xmlv1p2"]
    hrefs = {node.get("href", "") for resource in resources.values() for node in resource.iter("file")}
    assert hrefs == set(files) - {"imsmanifest.xml"}
    assert {node.get("identifierref") for node in quiz.iter("dependency")} <= set(resources)
    href = quiz.find("file").get("href", "")  # type: ignore[union-attr]
    return files[href]


def choices(item: Element) -> dict[str, tuple[str, bool, str]]:
    """Each choice of a question: its text, whether it is paid, and what it is told."""
    feedback = {
        node.get("ident"): texts(node, "flow_mat/material/mattext") for node in item.iter("itemfeedback")
    }
    labels = {node.get("ident"): texts(node, "material/mattext") for node in item.iter("response_label")}
    feedback_by_choice = {}
    for condition in item.iter("respcondition"):
        chosen = texts(condition, "conditionvar/varequal")
        shown = condition.find("displayfeedback").get("linkrefid")  # type: ignore[union-attr]
        paid = texts(condition, "setvar") == "100"
        assert paid == (condition.get("continue") == "No")
        feedback_by_choice[chosen] = (labels[chosen], paid, feedback[shown])
    assert set(feedback_by_choice) == set(labels)
    return feedback_by_choice


class TestCanvas:
    """The package as an importer reads it: from the manifest to the questions, by the names that they refer by."""

    def test_one_choice_is_right(self, edition: Edition) -> None:
        """The one choice that is paid is the right number, worked out here; six choices, all different."""
        ids = {
            question.title.in_language(edition.language): question.id for question in edition.quiz.questions
        }
        for item in edition.root.iter("item"):
            offered = choices(item).values()
            name = ids[item.get("title", "").rpartition(" ")[0]]
            right = RIGHT[name](*sizes(texts(item, "presentation/material/mattext")))
            assert [text for text, paid, _ in offered if paid] == [str(right)]
            assert len({text for text, _, _ in offered}) == len(offered) == 6

    def test_each_choice_is_told_its_own(self, course: Course, edition: Edition) -> None:
        """A wrong choice is what known mistakes give, and is told of these mistakes."""
        asked = {question.id: question for question in course.assignment(edition.quiz.assignment).questions}
        items = iter([*edition.root.iter("item")])
        for one in edition.quiz.questions:
            for numbers in asked[one.id].student_variants[:20]:
                known: dict[str, str] = {}
                for mistake in asked[one.id].misconceptions:
                    words = one_line(mistake.text.in_language(edition.language)).replace("`", "")
                    number = str(mistake.answer(**numbers))
                    known[number] = known.get(number, "") + words
                shown_texts = {
                    (text, as_told(shown)) for text, paid, shown in choices(next(items)).values() if not paid
                }
                assert shown_texts <= known.items()
        assert next(items, None) is None

    def test_the_right_choice_has_no_place_of_its_own(self, edition: Edition) -> None:
        """Over all questions the right number comes in every place, and in none of them half of the time."""
        places = Counter(
            [node.get("ident") for node in item.iter("response_label")].index(chosen)
            for item in edition.root.iter("item")
            for chosen, (_, paid, _) in choices(item).items()
            if paid
        )
        assert set(places) == set(range(6))
        assert max(places.values()) < places.total() / 2

    def test_the_right_number_is_of_no_size_of_its_own(self, edition: Edition) -> None:
        """In most questions some wrong choices are larger than the right number, and some smaller."""
        between = Counter(
            min(map(int, wrong)) < int(right) < max(map(int, wrong))
            for item in edition.root.iter("item")
            for right, wrong in [
                (
                    next(text for text, paid, _ in choices(item).values() if paid),
                    [text for text, paid, _ in choices(item).values() if not paid],
                )
            ]
        )
        assert between[True] > 0.9 * between.total()

    def test_each_question_draws_one_variant(self, edition: Edition) -> None:
        """A group of twenty for each question, one of them drawn, for the question's points."""
        root = edition.root
        groups = [node for node in root.iter("section") if node.find("selection_ordering") is not None]
        found = [
            (
                group.get("title"),
                texts(group, "selection_ordering/selection/selection_number"),
                float(texts(group, "selection_ordering/selection/selection_extension/points_per_item")),
                len(group.findall("item")),
            )
            for group in groups
        ]
        assert found == [
            (one.title.in_language(edition.language), "1", one.points, 20) for one in edition.quiz.questions
        ]

    def test_package_is_in_the_order_of_qti(self, edition: Edition) -> None:
        """Children come in the order of QTI 1.2; no two things share a name but choices of the two languages."""
        root = edition.root
        for node in root.iter():
            if node.tag in ORDER:
                places = [ORDER[node.tag].index(child.tag) for child in node]
                assert places == sorted(places)
        idents = Counter(
            node.get("ident") for node in root.iter() if node.tag in ("assessment", "section", "item")
        )
        assert set(idents.values()) == {1}

    def test_the_quiz_is_not_yet_to_be_seen(self, edition: Edition) -> None:
        """Canvas is told to keep the quiz unpublished, under the identifier of its questions."""
        files = qti_files(edition.package)
        (meta,) = [root for name, root in files.items() if name.endswith("assessment_meta.xml")]
        assert meta.get("identifier") == edition.root.find("assessment").get("ident")  # type: ignore[union-attr]
        assert (texts(meta, "available"), texts(meta, "quiz_type")) == ("false", "practice_quiz")


# Other courses

TEXT = Text(ko="하나", en="one")


def one_question(
    title: str = "t", asks: str = "How many?", problem: str = "n = 5", wrong: tuple[Wrong, ...] = ()
) -> Quiz:
    """A quiz of one question in one variant, whose right number is 5."""
    variant = Variant("a.q.1", (5,), problem, 5, wrong or (Wrong(6, ("m",), (TEXT,), 0.0),))
    said = Text(ko=asks, en=asks)
    return Quiz("a", (QuizQuestion("q", Text(ko=title, en=title), said, TEXT, 2.0, (variant,)),), ())


def categories(path: str) -> list[str]:
    """The names of a category path, as Moodle parts them: at slashes that stand alone."""
    return [name.replace("//", "/").strip() for name in re.split(r"(?<!/)/(?!/)", path)]


def paragraphs(shown: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r"<p>(.*?)</p>", shown, re.DOTALL)]


@pytest.mark.parametrize("hard", HARD)
def test_hard_names_arrive(hard: str) -> None:
    """Quotes, Korean, brackets, slashes and formulas arrive as they were written, in both files."""
    quiz = one_question(hard, hard, hard, (Wrong(6, ("m",), (Text(ko=hard, en=hard),), 0.0),))
    ((category, question),) = moodle_questions(as_moodle_xml(quiz, "en"))
    assert categories(category)[:3] == ["$course$", "top", "a (en)"]
    assert re.sub(r" ?/ ?", "/", categories(category)[3]) == hard
    assert texts(question, "name/text") == f"{hard} (1)"
    assert as_told(graded(question, "6")[1]) == hard.replace("`", "")
    (item,) = assessment(as_qti_zip(quiz, "en")).iter("item")
    assert item.get("title") == f"{hard} (1)"
    assert hard.replace("`", "") in [as_told(feedback) for _, _, feedback in choices(item).values()]


@settings(max_examples=150)
@given(title=st.text(min_size=1), asks=st.text(), problem=st.text())
def test_any_text_makes_a_file_that_can_be_read(title: str, asks: str, problem: str) -> None:
    """Whatever an author writes, both files are XML, and say it without what cannot be printed."""
    quiz = one_question(title, asks, problem)
    ((category, question),) = moodle_questions(as_moodle_xml(quiz, "en"))
    assert len(categories(category)) == 4
    assert texts(question, "name/text") == f"{one_line(title)} (1)"
    shown = texts(question, "questiontext/text")
    assert paragraphs(shown.replace("<code>", "`").replace("</code>", "`"))[0] == one_line(asks)
    (item,) = assessment(as_qti_zip(quiz, "en")).iter("item")
    assert item.get("title") == f"{one_line(title)} (1)"


NUMBER = '''\
"""A number."""

from autograder import Question, Text, expect

question = Question(
    title=Text(en="Twice"),
    statement=Text(en="Double it."),
    in_quiz=Text(en="What is twice n?"),
    numbers=[{"n": 2}, {"n": 3}, {"n": 4}],
)


@question.answer
def twice(n):
    """Twice n."""
    return 2 * n


@question.check(points=2, text=Text(en="right"))
def is_right(got, case, want):
    expect.number(got, want)


@question.misconception(text=Text(en="That is the square."), fails=[is_right], credit=1)
def squared(n):
    return n * n


@question.misconception(text=Text(en="You added two."), fails=[is_right])
def plus_two(n):
    return n + 2
'''


def course_of(folder: Path, text: str) -> Course:
    """A course in English with one number question."""
    opened = Course.open(small_course(folder / "course"))
    path = opened.root / "solutions" / "numbers" / "twice.py"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return opened


def test_mistake_that_is_right_is_refused(tmp_path: Path) -> None:
    """Where a known mistake gives the right number no quiz is written: 2 + 2 is twice 2."""
    course = course_of(tmp_path, NUMBER.replace('{"n": 2}, {"n": 3}', '{"n": 3}, {"n": 2}'))
    with pytest.raises(CourseError) as caught:
        quiz_of(course, "numbers")
    assert (
        "twice with n=2 has the right answer 4, and so has the known mistake squared, plus_two: a quiz would "
        "mark it right. Take these numbers out of its pool; where that is a file, `autograder pool numbers twice` "
        "does it"
    ) in str(caught.value)


def test_mistakes_alike_are_told_together(tmp_path: Path) -> None:
    """Two mistakes that give the same number are one answer with what is to be said of both, and the better credit."""
    course = course_of(tmp_path, NUMBER.replace("return n + 2", "return n ** 2"))
    (first, _) = quiz_of(course, "numbers").questions[0].variants
    assert first.wrong == (
        Wrong(9, ("squared", "plus_two"), (Text(en="That is the square."), Text(en="You added two.")), 0.5),
    )
    ((_, question), _) = moodle_questions(as_moodle_xml(quiz_of(course, "numbers"), "en"))
    assert graded(question, "9") == (50, "<p>That is the square.</p><p>You added two.</p>")


def test_only_mistakes_that_give_a_number_are_told(tmp_path: Path) -> None:
    """A mistake that is undefined for some numbers, or gives none, is left out there; a fraction stays one."""
    undefined = NUMBER.replace("return n * n", "return n / (n - 3)").replace("return n + 2", "return (n,)")
    quiz = quiz_of(course_of(tmp_path, undefined), "numbers")
    three, four = quiz.questions[0].variants
    assert three.wrong == ()
    assert [one.number for one in four.wrong] == [4]
    with pytest.raises(CourseError, match=r"twice with \(3,\) has no known mistake that gives a number"):
        as_qti_zip(quiz, "en")


def test_question_that_does_not_say_how_is_left_out(tmp_path: Path) -> None:
    """A number question without `in_quiz=` is in no quiz, and is named."""
    quiz = quiz_of(
        course_of(tmp_path, NUMBER.replace('    in_quiz=Text(en="What is twice n?"),\n', "")), "numbers"
    )
    assert (quiz.questions, quiz.left_out) == ((), ("twice",))


def test_variants_are_the_first_of_the_pool(course: Course) -> None:
    """So many as were asked for, from the top of the pool; never the public numbers, never more than there are."""
    pool = next(one.pool for one in course.assignment("lstm_parameters").questions if one.id == "p1")
    assert pool is not None
    for asked, there in ((3, 3), (1000, len(pool.variants))):
        (first, *_) = [
            one for one in quiz_of(course, "lstm_parameters", variants=asked).questions if one.id == "p1"
        ]
        assert tuple(variant.numbers for variant in first.variants) == pool.variants[:there]
        assert pool.public not in [variant.numbers for variant in first.variants]


# The command


def test_the_command_writes_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four files for an assignment, the same bytes as ever, and what to do with them."""
    root = copy_course(tmp_path / "course", "shapes", "gru_parameters")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    done = cli("quiz", "--variants", "2", cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
    folder = root / "build" / "quiz"
    names = [f"gru_parameters.{language}.{kind}" for language in LANGUAGES for kind in ("xml", "qti.zip")]
    assert done.stdout.splitlines() == [
        "shapes: no number questions, so no quiz",
        "gru_parameters: 3 questions, 6 variants, 176 wrong answers with feedback of their own",
        *(f"  wrote {folder / name}" for name in names),
        "Moodle: Question bank > Import > Moodle XML format, the .xml; then add random questions from each category",
        "Canvas: Settings > Import Course Content > QTI .zip file, the .qti.zip (Classic Quizzes); then Publish",
        "note: import each file once: Moodle has no update and would hold every question twice",
    ]
    quiz = quiz_of(Course.open(root), "gru_parameters", variants=2)
    for language in LANGUAGES:
        assert (folder / f"gru_parameters.{language}.xml").read_bytes() == as_moodle_xml(quiz, language)
        assert (folder / f"gru_parameters.{language}.qti.zip").read_bytes() == as_qti_zip(quiz, language)
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


def test_no_number_questions_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An assignment without number questions gives no file and no success."""
    monkeypatch.chdir(copy_course(tmp_path / "course", "shapes"))
    assert main(["quiz", "shapes", "--to", "out"]) == 2
    assert capsys.readouterr().out == "shapes: no number questions, so no quiz\n"
    assert not Path("out").exists()


def test_nothing_is_written_where_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The refusal of one variant leaves no file, and says which."""
    course = course_of(tmp_path, NUMBER.replace('{"n": 2}, {"n": 3}', '{"n": 3}, {"n": 2}'))
    monkeypatch.chdir(course.root)
    assert main(["quiz"]) == 2
    assert "twice with n=2 has the right answer 4" in capsys.readouterr().err
    assert not Path("build").exists()
