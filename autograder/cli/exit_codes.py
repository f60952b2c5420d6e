"""The exit codes of every command, and the last line that goes with each."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape

from autograder.i18n import _, ngettext
from autograder.text import Text

DONE: Final = 0
"""Nothing is left to do."""
NEEDS_YOU: Final = 1
"""Done, and a person has to see to something; or stopped after a part was done."""
UNCHANGED: Final = 2
"""Nothing was changed. argparse exits with it, too."""
INTERRUPTED: Final = 130
UNFINISHED: Final = _(
    "stopped before the end; finished work is saved. Fix the problem, then run the same command again"
)


def finish(console: Console, done: Text, needs: int, *, changed: bool = True) -> int:
    """Print the last line of a command and return its exit code.

    done: what was done. needs: the number of things that a person has to see to, each listed above. changed: whether
    anything was changed, if the command was to change something.
    """
    if not needs:
        line: Text = done
        code = DONE
    elif changed:
        line = ngettext(
            "{done}; {n} needs you, see above", "{done}; {n} need you, see above", needs, done=done
        )
        code = NEEDS_YOU
    else:
        line, code = _("{done}; nothing was changed, see above", done=done), UNCHANGED
    console.print(line.map(escape))
    return code
