"""The catalogs of interface texts: complete in each language, and what `pybabel` makes of the code."""

from __future__ import annotations

import io
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from autograder.cli.main import main
from autograder.cli.options import Terminal
from autograder.i18n import DOMAIN, LANGUAGES, LOCALE, Message, _, interface_language, ngettext, pgettext
from autograder.text import Text, intern_text, joined, sentence
from tests.support import ROOT

TRANSLATIONS = [language for language in LANGUAGES if language != "en"]
Key = tuple[str, str]


def keys(catalog: Catalog) -> set[Key]:
    """Context and English text of each message."""
    return {(message.context or "", str(message.id)) for message in catalog if message.id}


def catalog_of(language: str) -> Catalog:
    path = LOCALE / language.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _form, _conversion in string.Formatter().parse(text) if name is not None}


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the command of CONTRIBUTING.md extracts."""
    path = tmp_path_factory.mktemp("catalog") / "autograder.pot"
    package, mapping = str(ROOT / "autograder"), str(ROOT / "pyproject.toml")
    CommandLineInterface().run(["pybabel", "-q", "extract", "-F", mapping, "-o", str(path), package])
    with path.open("rb") as file:
        return read_po(file)


@pytest.mark.parametrize("language", TRANSLATIONS)
class TestCatalogs:
    """Each catalog holds every text of the package, and nothing else."""

    def test_it_holds_the_texts_of_the_package(self, extracted: Catalog, language: str) -> None:
        """`pybabel update` would change nothing: no text is missing, none is obsolete."""
        catalog = catalog_of(language)
        assert keys(extracted) - keys(catalog) == set()
        assert keys(catalog) - keys(extracted) == set()
        assert catalog.obsolete == {}

    def test_it_is_complete(self, language: str) -> None:
        """Every text is translated, in each plural form, and no translation is a guess."""
        catalog = catalog_of(language)
        assert not [message.id for message in catalog if message.fuzzy]
        for message in catalog:
            forms = message.string if isinstance(message.string, (list, tuple)) else [message.string]
            assert all(forms), message.id
            assert len(forms) == (catalog.num_plurals if message.pluralizable else 1), message.id

    def test_placeholders_are_those_of_the_english_text(self, language: str) -> None:
        """A translation fills in what the English text fills in, and no more."""
        for message in catalog_of(language):
            if not message.id:
                continue
            english = message.id if isinstance(message.id, (list, tuple)) else [message.id]
            forms = message.string if isinstance(message.string, (list, tuple)) else [message.string]
            wanted = placeholders(english[-1])
            assert [form for form in forms if placeholders(form) != wanted] == [], message.id


class TestMessage:
    """A text of the interface."""

    def test_it_is_looked_up_when_it_is_shown(self) -> None:
        """In the language asked for, with values that may be texts themselves."""
        message = _("missing: {part}", part=_("a whole number"))
        assert (message.in_language("en"), message.in_language("ko")) == (
            "missing: a whole number", "빠진 것: 정수.",
        )  # fmt: skip

    def test_language_without_a_catalog_is_english(self) -> None:
        """Also one whose tag has a region."""
        assert _("a whole number").in_language("de-AT") == "a whole number"
        assert _("a whole number").in_language("ko-KR") == "정수"

    def test_number_chooses_the_form(self) -> None:
        """English has two forms, Korean has one."""
        texts = [ngettext("{points} point", "{points} points", n, points=n) for n in (1, 2)]
        assert [text.en for text in texts] == ["1 point", "2 points"]
        assert [text.ko for text in texts] == ["1점", "2점"]

    def test_context_tells_meanings_apart(self) -> None:
        """The same English word has two translations."""
        assert _("Answer").ko == "답하기"
        assert pgettext("of the teacher", "Answer").ko == "답"

    def test_value_is_that_of_the_moment(self) -> None:
        """What changes later does not change the text."""
        found = [1]
        message = _("expected {expected}, got {found}", expected="x", found=found)
        found.append(2)
        assert message.en == "expected x, got [1]"

    def test_value_is_not_read_as_a_text(self) -> None:
        """Braces in what a student wrote stay braces."""
        template = _("expected {expected}, got {found}")
        assert template.format(found="{expected}", expected="x").en == "expected x, got {expected}"

    def test_it_equals_what_it_reads_as(self) -> None:
        """In reports and across processes it is a text in every language."""
        message = _("a whole number")
        assert message == Text(ko="정수", en="a whole number") == intern_text(message.to_dict())
        assert hash(message) == hash(Text(ko="정수", en="a whole number"))
        assert not isinstance(message.__reduce__()[0](*message.__reduce__()[1]), Message)


class TestText:
    """A text in several languages."""

    def test_it_falls_back(self) -> None:
        """To the language without region, to English, to any."""
        assert Text(**{"pt": "um", "en": "one"}).in_language("pt-BR") == "um"
        assert Text(ko="하나", en="one").in_language("de") == "one"
        assert Text(ko="하나").in_language("en") == "하나"

    def test_texts_are_joined_in_each_language(self) -> None:
        """One that is the same everywhere stands in each."""
        both = joined(", ", [Text(ko="하나", en="one"), Text.same("n")])
        assert both.to_dict() == {"ko": "하나, n", "en": "one, n"}

    def test_sentence(self) -> None:
        """It begins with a capital and ends once."""
        assert Text(ko="하나입니다.", en="it is one").map(sentence) == Text(ko="하나입니다.", en="It is one.")


@pytest.mark.parametrize(
    ("locale", "language"),
    [("ko_KR.UTF-8", "ko"), ("ko", "ko"), ("KO-kr", "ko"), ("C.UTF-8", "en"), ("de_DE", "en"), ("", "en")],
)
def test_the_language_of_a_locale(locale: str, language: str) -> None:
    """Language, region and encoding, as a terminal and as an LMS write them."""
    assert interface_language(locale) == language


def test_english_reads_no_catalog(tmp_path: Path) -> None:
    """A command in English does not wait for Babel."""
    code = "import sys; from autograder.cli.main import _parser; _parser(); print('babel.messages' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"LANG": "C"}
    )
    assert done.stdout == "False\n"


class TestTerminal:
    """What a command prints."""

    def test_error_is_in_the_language_of_the_terminal(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A locale chooses it; without one it is English."""
        monkeypatch.chdir(tmp_path)
        for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)
        assert main(["roster"]) == 2
        assert "no course here: expected nbgrader_config.py in" in capsys.readouterr().err
        monkeypatch.setenv("LANG", "ko_KR.UTF-8")
        assert main(["roster"]) == 2
        assert "여기는 과목 폴더가 아닙니다." in capsys.readouterr().err

    def test_long_line_is_not_folded(self) -> None:
        """A search in what a command printed finds what stands in one line."""
        shown = io.StringIO()
        Terminal(file=shown, width=20).print(_("a whole number"), "and " * 9)
        assert shown.getvalue().count("\n") == 1

    def test_text_is_printed_in_its_language(self) -> None:
        """Markup in the text is markup."""
        shown = io.StringIO()
        Terminal(file=shown, language="ko").print(_("[yellow]kept:[/]"))
        assert shown.getvalue() == "그대로 둠:\n"
