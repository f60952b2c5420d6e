"""The feedback page: nbgrader's, made safe to open and quick to render."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from html import escape, unescape
from typing import Any

import nh3
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.html import contextfilter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode

from autograder.grading import feedback
from autograder.nbgrader.converters import require_hooks
from autograder.notebooks import images
from autograder.notebooks.cells import NAMESPACE, cell_metadata
from autograder.notebooks.markdown import ACTIVE_TEX
from autograder.text import Text

Resources = dict[str, Any]
DRAWN_IMAGE = Text(ko="노트북이 그린 그림", en="a picture drawn by the notebook")
REMOTE_IMAGE = Text(
    ko="[다른 곳의 그림: {words} {address}]", en="[picture from elsewhere: {words} {address}]"
)
BY_STUDENT = Text(ko="학생이 쓴 글", en="Written by the student")
BY_STUDENT_STYLE = "border-left: 4px solid #8a6d3b; padding-left: 1em"
MAX_RENDERED_LENGTH, RENDER_SECONDS, CACHE_SIZE = 10_000, 15.0, 500
ATTACHED_IMAGE = re.compile(r"(!\[[^\]]*\])\(\s*<?attachment:[^)]*\)")
IMAGE_STYLE = "max-width: min(100%, 700px)"
IMAGE_TAG = re.compile(r'<img((?: [\w-]+="[^"]*")*)>')
MATHJAX_LOADER = re.compile(r'<script src="[^"]*/mathjax/[^"]*">')
# nbconvert's loader asks a service for the newest version. The files that this script loads have its version, and no
# checksum: MathJax 2 does not support any
MATHJAX = (
    '<script src="https://cdn.jsdelivr.net/npm/mathjax@2.7.7/MathJax.js?config=TeX-AMS_CHTML-full,Safe" '
    'integrity="sha512-Fv0JVzxvrWFLhiUP8wZYR6VwBZQt0XqB9MhHZE+12lObqIDzg3LOJcCCiRy6g4MCX/MlG+R9IRCWZAHjo9iBgw==" '
    'crossorigin="anonymous">'
)


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]
    """nbgrader's feedback page, with all rendered markdown sanitized before a browser sees it.

    nbgrader's template renders markdown itself and ignores `sanitize_html`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        require_hooks(self)

    def from_notebook_node(
        self, nb: NotebookNode, resources: Resources | None = None, **kw: Any
    ) -> tuple[str, Resources]:
        """Return the page. nbconvert would parse it again for alt texts, which takes as long as all the rest."""
        language = nb.metadata.get(NAMESPACE, {}).get("edition", "en")
        self._deadline, self._language = time.monotonic() + RENDER_SECONDS, language
        self.register_filter("highlight_code", self.highlight)
        self.register_filter("filter_data_type", WidgetsDataTypeFilter({}, parent=self, resources=resources))
        html, resources = super(HTMLExporter, self).from_notebook_node(
            nb, self._init_resources(resources), **kw
        )
        html = html.replace('<img src="data:', f'<img alt="{DRAWN_IMAGE.in_language(language)}" src="data:')
        html = MATHJAX_LOADER.sub(MATHJAX, html, count=1)
        return feedback.with_state(html, resources["nbgrader"].get("state", "")), resources

    def _is_plain(self, source: str) -> bool:
        """Return whether to show a text unprocessed: highlighters take minutes for some that students may write."""
        return len(source) > MAX_RENDERED_LENGTH or time.monotonic() > self._deadline

    def highlight(self, source: str, **kwargs: Any) -> str:
        """Render code as HTML, highlighted if that is quick."""
        if self._is_plain(source):
            return f'<div class="highlight"><pre>{escape(source)}</pre></div>'
        return self._highlighted(source)

    @cached_property
    def _highlighted(self) -> Callable[[str], str]:
        """The cached highlighter: most cells of a class are the release's, which are highlighted once."""
        in_colours = Highlight2HTML(pygments_lexer="ipython3", parent=self)
        return lru_cache(CACHE_SIZE)(lambda source: str(in_colours(source)))

    @contextfilter  # type: ignore[untyped-decorator]
    def markdown2html(self, context: Any, source: str) -> str:
        """Render markdown as HTML in which nothing runs or is fetched, and label the student's own.

        The release's images are embedded. A pasted image is replaced by its name, a remote one by its address.
        """
        cell = context.get("cell", {})
        if self._is_plain(source):
            html = f"<pre>{escape(source)}</pre>"
        else:
            shown = images.released_images(cell)
            html = self._prose(source, tuple(shown), self._language)
            for name, data in shown.items():
                html = html.replace(
                    f'<img src="attachment/{name}"',
                    f'<img style="{IMAGE_STYLE}" src="data:{images.PNG};base64,{data}"',
                )
        if not cell_metadata(cell).get("own") or cell_metadata(cell).get("ours"):
            return html
        label = BY_STUDENT.in_language(self._language)
        return f'<div class="by-student" style="{BY_STUDENT_STYLE}"><p><small>{label}</small></p>{html}</div>'

    @cached_property
    def _prose(self) -> Callable[[str, tuple[str, ...], str], str]:
        """The cached markdown renderer, with placeholders for images: most cells of a class are the release's."""
        return lru_cache(CACHE_SIZE)(self._render)

    def _render(self, source: str, names: tuple[str, ...], language: str) -> str:
        def without_remote(image: re.Match[str]) -> str:
            attributes = re.findall(r' ([\w-]+)="([^"]*)"', image[1])
            values = {name: unescape(value) for name, value in attributes}
            address = values.get("src", "")
            if address in {f"attachment/{name}" for name in names}:
                return image[0]
            text = REMOTE_IMAGE.in_language(language).format(words=values.get("alt", ""), address=address)
            return f"<span>{escape(text)}</span>"

        for name in names:
            source = source.replace(f"](attachment:{name})", f"](attachment/{name})")
        source = ATTACHED_IMAGE.sub(r"\1", ACTIVE_TEX.sub(r"\1", source))
        try:
            html = super().markdown2html({}, source)
        except Exception:  # there must be a page whatever a student writes
            html = f"<pre>{escape(source)}</pre>"
        clean = nh3.clean(html, url_schemes={"http", "https", "mailto"})
        return IMAGE_TAG.sub(without_remote, clean)

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """Yield nbconvert's filters, with those for markdown replaced."""
        yield from super().default_filters()
        yield "markdown2html", self.markdown2html
        # for notebooks older than Jupyter; its pattern takes minutes for some texts
        yield "strip_files_prefix", lambda html: html
