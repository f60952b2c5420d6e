"""Attacks on whoever reads the feedback: scripts in prose, outputs, messages and names."""

# ruff: noqa: E501 - a cell of an attack is easier to read as one text
from __future__ import annotations

from tests.hostile.attack import GRU, MARKER, Attack, Notebook, honest, worth

SCRIPT = f"<script>alert('{MARKER}')</script>"
LIVE = (
    f"{SCRIPT}<img src=x onerror=\"alert('{MARKER}')\"><svg onload=alert('{MARKER}')><svg><script>alert('{MARKER}')</script></svg>"
    f"<a href=\"javascript:alert('{MARKER}')\">a</a><iframe srcdoc=\"{SCRIPT}\"></iframe><details open ontoggle=alert('{MARKER}')>"
    f"<style>@import 'javascript:{MARKER}'</style><form action=\"javascript:alert('{MARKER}')\"><button>go</button></form>"
    f'<object data="data:text/html,{SCRIPT}"></object><embed src="javascript:{MARKER}"><base href="https://{MARKER}.example/">'
    f'<meta http-equiv=refresh content="0;url=javascript:{MARKER}"><link rel=stylesheet href="https://{MARKER}.example/">'
    f"<math><mi xlink:href=\"javascript:alert('{MARKER}')\">x</mi></math><input autofocus onfocus=alert('{MARKER}')>"
)
MARKDOWN = (
    f"{LIVE}\n\n"
    f"[a](javascript:alert('{MARKER}')) ![b](javascript:alert('{MARKER}')) <javascript:alert('{MARKER}')>\n"
    f"\n"
    f"[c](data:text/html;base64,PHNjcmlwdD4=) [d]: javascript:{MARKER}\n\n"
    f"$\\href{{javascript:alert('{MARKER}')}}{{x}}$\n\n"
    f"$${SCRIPT}$$\n\n$a$<img src=x onerror=alert('{MARKER}')>$b$\n\n```html\n</pre>{SCRIPT}\n```\n\n"
    f"# {SCRIPT}\n\n"
    f"[e](java\tscript:alert('{MARKER}')) [f](&#106;avascript:alert('{MARKER}')) \\begin{{x}}{SCRIPT}\\end{{x}}\n"
)
SHOW = "from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display\n"


def _prose(notebook: Notebook) -> None:
    for place, kind in enumerate(("markdown", "raw", "markdown")):
        notebook["cells"].insert(1, {
            "cell_type": kind, "id": f"prose-{place}", "source": MARKDOWN,
            "metadata": {"format": "text/html", "raw_mimetype": "text/html", "tags": [SCRIPT], "slideshow": {"slide_type": SCRIPT}},
            "attachments": {f"{SCRIPT}.png": {"image/svg+xml": LIVE, "text/html": LIVE}},
        })  # fmt: skip


def _names(notebook: Notebook) -> None:
    """Markup where a page may show names: ids, languages, titles, widgets."""
    notebook["metadata"] |= {
        "title": LIVE, "authors": [{"name": LIVE}], "language_info": {"name": LIVE, "pygments_lexer": LIVE, "mimetype": LIVE},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a": LIVE}}},
    }  # fmt: skip
    notebook["metadata"]["autograder"]["edition"] = f'en" {LIVE}'
    for cell in notebook["cells"]:
        cell["id"] = f'"><{LIVE}'
        cell["metadata"].setdefault("nbgrader", {}).setdefault("grade_id", LIVE)


def _pasted(notebook: Notebook) -> None:
    """A picture in prose, as Jupyter keeps one that was pasted; nothing of it is an attack but its absence."""
    notebook["cells"].insert(1, {
        "cell_type": "markdown", "id": "pasted", "source": "![mine](attachment:image.png) ![gone](attachment:gone.png)",
        "metadata": {}, "attachments": {"image.png": {"image/png": "iVBORw0KGgo="}},
    })  # fmt: skip


BOX = '<div class="autograder-feedback" lang="en"><p><strong>Score: 6 / 6</strong></p></div>'


def _looks_like_ours(notebook: Notebook) -> None:
    """Pictures that tell who looks, a box like ours, and links in formulas behind one backslash more than is taken."""
    pictures = f"![a](https://{MARKER}.example/a.png) <img src='https://{MARKER}.example/b.png' alt='b'>"
    links = " ".join(f"${chr(92) * number}href{{javascript:alert('{MARKER}')}}{{x}}$" for number in (2, 3, 4))
    notebook["cells"].insert(1, {
        "cell_type": "markdown", "id": "ours", "source": f"{pictures}\n\n{BOX}\n\n{links}", "metadata": {},
    })  # fmt: skip


ATTACKS = (
    Attack("O99", "pictures from elsewhere, a box like ours, and links behind two backslashes", mutate=_looks_like_ours,
        answers=honest(GRU, "g1"), earns=worth(GRU, "g1"), keeps=("g1",)),
    Attack("O98", "prose with a pasted picture, and with one that is missing", mutate=_pasted,
        answers=honest(GRU, "g1"), earns=worth(GRU, "g1"), keeps=("g1",)),
    Attack("H01", "scripts in prose and in every kind of output", mutate=_prose,
        last=f"{SHOW}live = {LIVE!r}\n"
            f"display(HTML(live), Javascript('alert(\"{MARKER}\")'), SVG('<svg xmlns=\"http://www.w3.org/2000/svg\" '\n"
        "    'onload=\"alert(1)\"><script>alert(1)</script></svg>'), Markdown(live), Latex(live))\n"
        "print(live)"),
    Attack("O88", "scripts in ids, metadata and names", mutate=_names),
    Attack("O89", "scripts in errors, in their names and in replies", answers={
        "gru_params": f"def gru_params(*a, **k):\n    raise ValueError({LIVE!r})",
        "gru_weight_shapes": f"def gru_weight_shapes(*a):\n    return type({SCRIPT!r}, (), {{}})()",
        "g1": f"g1 = type({LIVE!r}, (), {{}})()", "g2": f"raise type({LIVE!r}, (Exception,), {{}})({LIVE!r})", "g3": f"g3 = {LIVE!r}"}),
    Attack("O90", "scripts in code, in comments and in text that closes the page's own tags", answers={
        "g1": f"g1 = '</pre></div></body>{SCRIPT}'  # {LIVE}", "g2": f"{LIVE}", "g3": f"'''</textarea></title></style>{LIVE}'''"},
        first=f"%%html\n{LIVE}", last=f"# {LIVE}\n"
            f"print('\\x1b[31m<b onclick=alert(1)>\\x1b[0m' + {SCRIPT!r})"),
    Attack("O91", "scripts in outputs of types that a page may render", first=
        f"kernel = get_ipython().kernel\n"
        f"for kind in ('text/html', 'image/svg+xml', 'application/javascript', 'text/latex',\n"
        f"    'text/markdown', 'application/pdf', 'image/jpeg', 'image/png', 'image/gif', 'application/vnd.jupyter.widget-view+json',\n"
        f"    'application/vnd.jupyter.widget-state+json', 'text/plain', 'application/json', 'text/html;x', {SCRIPT!r}):\n"
        f"    kernel.send_response(kernel.iopub_socket, 'display_data', {{'data': {{kind: {LIVE!r}}},\n"
        f"        'metadata': {{kind: {{'width': {LIVE!r}, 'unconfined': True, 'alt': {LIVE!r}}}, 'filenames': {{kind: {LIVE!r}}}}}}})"),
    Attack("O92", "a picture whose data end early, and go on with a script", answers=honest(GRU, "g1"), earns=worth(GRU, "g1"),
        keeps=("g1",), first=
        "import base64\nkernel = get_ipython().kernel\n"
        "start = base64.b64encode(b'\\x89PNG\\r\\n\\x1a\\n' + b'0' * 100).decode()\n"
        f"for text in (start + '\"><script>alert(\"{MARKER}\")</script>', start + '\\n' + {LIVE!r}, start + '\" onerror=\"alert(1)'):\n"
        "    kernel.send_response(kernel.iopub_socket, 'display_data', {'data': {'image/png': text, 'text/plain': 'x'},\n"
        "        'metadata': {'image/png': {'width': '1\" onload=\"alert(1)'}}})"),
)  # fmt: skip
