"""Runs student code on what looks like a machine with little memory: that of a control group.

    python machine_memory.py GROUP SEAL shown|hidden SOURCE

GROUP: the folder of a control group, which this process joins. hidden: the code gets no group of its own.
SOURCE: code that defines `answer`. Prints how its call ended.
"""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.errors import AnswerError, Starved
from autograder.sandbox.inside import libc
from autograder.sandbox.session import open_session
from tests.hostile.seals import SEALS, only


def main() -> None:
    group, sealed, groups, source = sys.argv[1:]
    Path(group, "cgroup.procs").write_text("0")
    if groups == "hidden":
        libc.unshare(libc.CLONE_NEWNS)
        libc.mount(None, "/", None, libc.MS_REC | libc.MS_PRIVATE)
        libc.mount("tmpfs", "/sys/fs/cgroup", "tmpfs", 0, "size=4k")
    with only(SEALS[sealed]), open_session("counting") as session:
        session.run(source)
        try:
            print(session.call("answer").value)
        except Starved as error:
            print("starved:", error)
        except AnswerError as error:
            print(error)


if __name__ == "__main__":
    main()
