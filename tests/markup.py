"""Markup that would run, or fetch something, where a page shows what a student wrote as it is."""

from __future__ import annotations

MARKUP = [
    "<script>document.title = 'run by script'</script>",
    "<img src=x onerror=\"document.title = 'run by onerror'\">",
    "<svg onload=\"document.title = 'run by svg'\"></svg>",
    "<iframe srcdoc=\"<script>parent.document.title = 'run by iframe'</script>\"></iframe>",
    "[link](javascript:document.title='run by link')",
    "<a href=\"javascript:document.title='run by href'\">here</a>",
    "<details open ontoggle=\"document.title = 'run by toggle'\">x</details>",
    "<style>@import 'http://127.0.0.1/x.css';</style>",
    "$\\href{javascript:document.title='run by tex'}{x}$",
    "`</code><script>document.title = 'run by code'</script>`",
    "```\n</pre><script>document.title = 'run by fence'</script>\n```",
    '<meta http-equiv="refresh" content="0; url=javascript:document.title=\'run by meta\'">',
    "<form action=\"javascript:document.title='run by form'\"><input type=submit autofocus "
    "onfocus=\"document.title='run by focus'\"></form>",
    "![alt](x\" onerror=\"document.title='run by image')",
    "$\\\\href{javascript:document.title='run by tex of two backslashes'}{x}$",
    "$\\bbox[border:1px;background:url(http://127.0.0.1/x.png)]{x}$",
    "$\\mmlToken{mi}[href='javascript:document.title=1']{x}$",
]
RUNS = [MARKUP[place] for place in (0, 1, 2, 3, 6, 12)]
"""Those that run in a page as they are, with nobody clicking."""
OUTPUTS = """
from IPython.display import HTML, Javascript, SVG, Markdown, display
display(HTML("<script>document.title = 'run by html output'</script>"))
display(Javascript("document.title = 'run by javascript output'"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload=\\"document.title='run by svg output'\\"></svg>"))
display(Markdown("<img src=x onerror=\\"document.title='run by markdown output'\\">"))
print("<script>document.title = 'run by print'</script>")
raise ValueError("<script>document.title = 'run by traceback'</script>")
"""


def fetching(url: str) -> list[str]:
    """Markup that asks an address below `url` for something, with nobody clicking; the address names the kind."""
    return [
        f'<img src="{url}/image">',
        f"![alt]({url}/markdown)",
        f'<script src="{url}/script"></script>',
        f'<link rel="stylesheet" href="{url}/sheet">',
        f'<iframe src="{url}/frame"></iframe>',
        f'<video src="{url}/video"></video>',
        f'<object data="{url}/object"></object>',
        f"<style>@import '{url}/import'; body {{ background: url('{url}/background') }}</style>",
        f"<p style=\"background: url('{url}/style')\">x</p>",
        f'<form action="{url}/form"><input autofocus onfocus="this.form.submit()"></form>',
        f'<meta http-equiv="refresh" content="0; url={url}/refresh">',
    ]
