"""Sanitizing of students' markdown, so that nothing in it runs wherever it is rendered.

nbgrader's formgrader renders it unsanitized in the instructor's Jupyter session: a script in it could read and write
whatever the instructor can.
"""

from __future__ import annotations

import re

MAX_RENDERED = 10_000
"""Characters; a longer text is shown as typed."""
TAG = re.compile(
    r"""</?(?:p|br|hr|em|strong|del|code|pre|blockquote|[uo]l|li|h[1-6]|table|thead|tbody|tr|t[hd]|d[ltd]|span|div|a)
        (?:\s+(?:
            class="(?:[\w-]{1,3}|highlight|anchor-link|language-[\w+#.-]*|)"
            |id="[^"<>]*"|start="\d+"|style="text-align:\s?(?:left|right|center);?"
            |href="(?:https?://|mailto:|\#)[^"<>]*"|title="[^"<>]*"
        ))*\s*/?>""",
    re.VERBOSE,
)
"""The HTML that a page may contain: it runs nothing and fetches nothing."""
# in a formula, MathJax acts on these: links, styles, attributes, extensions; also after one of two backslashes
ACTIVE_TEX = re.compile(
    r"\\+(href|style|class|cssId|require|htmlData|html\w*|data|url|unicode|mmlToken|bbox)(?![a-zA-Z])"
)


def harmless(source: str) -> str:
    """Return a markdown text unchanged if rendering it runs and fetches nothing, else as a block of code."""
    return source if _is_harmless(source) else as_typed(source)


def as_typed(source: str) -> str:
    """Return a markdown text that shows the given text as typed."""
    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{source}\n{fence}"


def _is_harmless(source: str) -> bool:
    if len(source) > MAX_RENDERED or ACTIVE_TEX.search(source):
        return False
    if not re.search(r"[<\[&:]|```|~~~", source):  # neither HTML nor a link, as in most texts
        return True
    from nbconvert.filters.markdown_mistune import markdown2html_mistune  # the renderer of formgrader

    try:
        page = markdown2html_mistune(source)
    except Exception:  # whatever a student writes, there must be a page
        return False
    return "<" not in TAG.sub("", page)
