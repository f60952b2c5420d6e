"""What a student wrote as markdown, so that whoever renders it shows a text in which nothing runs.

nbgrader's formgrader renders it without cleaning, in the instructor's session of Jupyter: a script in it could read
and write whatever the instructor can.
"""

from __future__ import annotations

import re

MAX_RENDERED = 10_000
"""Characters; what is longer is shown as it was typed."""
TAG = re.compile(
    r"""</?(?:p|br|hr|em|strong|del|code|pre|blockquote|[uo]l|li|h[1-6]|table|thead|tbody|tr|t[hd]|d[ltd]|span|div|a)
        (?:\s+(?:
            class="(?:[\w-]{1,3}|highlight|anchor-link|language-[\w+#.-]*|)"
            |id="[^"<>]*"|start="\d+"|style="text-align:\s?(?:left|right|center);?"
            |href="(?:https?://|mailto:|\#)[^"<>]*"|title="[^"<>]*"
        ))*\s*/?>""",
    re.VERBOSE,
)
"""What a page may hold of HTML: nothing in it runs or is fetched."""
# MathJax would act on these in a formula: links, styles, attributes, extensions; after one backslash of two, too
ACTIVE_TEX = re.compile(r"\\+(href|style|class|cssId|require|htmlData|html\w*|data|url|unicode)(?![a-zA-Z])")


def harmless(source: str) -> str:
    """Return a markdown text as it is where nothing in its page runs or is fetched, else in a block of code."""
    return source if _is_harmless(source) else as_typed(source)


def as_typed(source: str) -> str:
    """Return a markdown text that shows another one as it was typed."""
    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{source}\n{fence}"


def _is_harmless(source: str) -> bool:
    if len(source) > MAX_RENDERED or ACTIVE_TEX.search(source):
        return False
    if not re.search(r"[<\[&:]|```|~~~", source):  # neither HTML nor a link: most of what is written
        return True
    from nbconvert.filters.markdown_mistune import markdown2html_mistune  # what formgrader renders it with

    try:
        page = markdown2html_mistune(source)
    except Exception:  # whatever a student writes, there is a text
        return False
    return "<" not in TAG.sub("", page)
