"""Compute what follows from a student's own functions, which run in the student's kernel."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import greenlet

from autograder.diagnosis.comparison import same
from autograder.errors import TOO_SLOW, AnswerError, GraderError
from autograder.questions.data_files import kept_folder
from autograder.sandbox.session import Arguments, Session
from autograder.sandbox.wire import Reply

MAX_OWN_CALLS = 5_000
"""Calls of a student's own functions, or of what computes the same, for one question that follows them."""
MAX_LATE_CALLS = 2
"""Calls of them that run into a limit, after which no more are made."""

Own = Callable[..., Any]
"""Calls a student's own function: takes its name, then its arguments."""


class Late:
    """Stands for what waits for a value that twice did not come in time."""


LATE = Late()


def compute_side_by_side(
    computations: Sequence[Callable[[Own], Any]], session: Session, seeds: Mapping[str, int]
) -> list[Any] | None:
    """Return what each computation returns, or None if a student's function fails in any of them.

    LATE stands for a computation that waits for a value which twice did not come in time, and, if there are several,
    for each that is not finished by then. seeds: of the random numbers in the student's kernel, by function.
    """
    grader = greenlet.getcurrent()

    def own(name: str, *args: Any, **kwargs: Any) -> Any:
        with kept_folder():  # the computation may run in that of the data files
            return grader.switch((name, (args, kwargs)))  # goes on when the value has come

    def resume(computation: greenlet.greenlet, value: Any) -> Any:
        with kept_folder():
            return computation.switch(value)

    # A request takes milliseconds, and a search makes many calls. So all run side by side: each stops where it needs
    # a value, and one request asks for the values of all.
    running = [greenlet.greenlet(compute) for compute in computations]
    late = set[int]()
    number = 0
    try:
        reached = [resume(computation, own) for computation in running]
        # a wrong function may keep a search going forever
        while number < MAX_OWN_CALLS and len(late) < MAX_LATE_CALLS:
            waiting = [
                index
                for index, computation in enumerate(running)
                if not computation.dead and index not in late
            ]
            if not waiting:
                break
            name = reached[waiting[0]][0]
            waiting = [index for index in waiting if reached[index][0] == name]
            number += len(waiting)
            values = _own_values(session, name, [reached[index][1] for index in waiting], seeds[name])
            for index, value in zip(waiting, values, strict=False):
                if value is not None:
                    # a copy, since what follows may change its arrays in place
                    reached[index] = resume(running[index], copy.deepcopy(value))
                    continue
                late.add(index)
                if len(late) == MAX_LATE_CALLS:
                    break
    except GraderError:  # a fault of the machine
        raise
    except Exception:  # any kind: a student's function may return anything
        return None
    return [value if computed.dead else LATE for computed, value in zip(running, reached, strict=True)]


def _own_values(session: Session, name: str, calls: Sequence[Arguments], seed: int) -> Iterator[Any]:
    """Yield the values of a student's own function, each of which it must give twice; None if one is late.

    A late call has run into a limit in a request of many, and twice when it was made alone, as on a busy machine.
    Raises AnswerError if a call fails, ValueError for a value that changes or is None.
    """
    replies: deque[Reply | AnswerError] = deque()
    one_by_one = False
    for index, call in enumerate(calls):
        if len(replies) < 2 and not one_by_one:
            replies = _in_one_request(
                session, name, [following for following in calls[index:] for _twice in range(2)], seed
            )
            # any of the calls may have hung: with the others, each request would run into the limit again
            one_by_one = len(replies) < 2
        while len(replies) < 2 and (reply := _called_again(session, name, call)) is not None:
            replies.append(reply)
        if len(replies) < 2:
            yield None
            continue
        first, second = (_value_of(replies.popleft()) for _twice in range(2))
        if first is None or not same(first, second):
            raise ValueError(f"{name} returns nothing, or another value each time")
        yield first


def _in_one_request(
    session: Session, name: str, calls: Sequence[Arguments], seed: int
) -> deque[Reply | AnswerError]:
    """Return the replies to the first calls, up to one that ran into a limit; none if they cannot be read together."""
    try:
        replies = session.call_all(name, calls, seed)
    except AnswerError:  # calling one by one shows which call it was, if it was one
        return deque()
    return deque(
        takewhile(lambda reply: not (isinstance(reply, AnswerError) and reply.fault in TOO_SLOW), replies)
    )


def _called_again(session: Session, name: str, call: Arguments) -> Reply | None:
    """Call a student's own function, and once more if it ran into a limit; None if it did so twice."""
    args, kwargs = call
    for _attempt in range(2):
        try:
            return session.call(name, *args, **kwargs)
        except AnswerError as error:
            if error.fault not in TOO_SLOW:
                raise
    return None


def _value_of(reply: Reply | AnswerError) -> Any:
    if isinstance(reply, AnswerError):
        raise reply
    return reply.value
