"""Markdown that a student wrote, as HTML: sanitized, with formulas typeset, and without pictures."""

from __future__ import annotations

from html import escape
from typing import Any

from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.feedback.markup import CACHE_SIZE, as_mathml, clean
from autograder.i18n import _
from autograder.notebooks.markdown import MAX_RENDERED
from autograder.text import remember_short

PICTURE = _("[picture: {words}]")


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    """nbconvert's renderer, with MathML in the place of TeX and words in the place of pictures."""

    def __init__(self, language: str) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self._language = language

    def block_math(self, body: str) -> str:
        return as_mathml(body.strip(), display=True)

    def inline_math(self, body: str) -> str:
        return as_mathml(body.strip())

    def latex_environment(self, name: str, body: str) -> str:
        return as_mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", display=True)

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        # the page's own headings make its outline
        return f"<p><strong>{text}</strong></p>"

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre>{escape(code)}</pre>"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        address = url if url.startswith(("http://", "https://")) else ""
        return escape(
            PICTURE.in_language(self._language).format(words=" ".join(filter(None, (text, address))))
        )


@remember_short(CACHE_SIZE, MAX_RENDERED)
def prose(source: str, language: str) -> Markup:
    """Return markdown as HTML in which nothing runs; a text that is long or breaks the renderer is shown as typed."""
    if len(source) > MAX_RENDERED:
        return Markup(f"<pre>{escape(source)}</pre>")
    try:
        html = MarkdownWithMath(renderer=_Renderer(language)).render(source)
    except Exception:  # there must be a page whatever a student writes
        html = f"<pre>{escape(source)}</pre>"
    return Markup(clean(html))
