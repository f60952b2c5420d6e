"""How the pages say times, points, rules and states, in Korean and English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from autograder.course import Course
from autograder.grading.feedback import plain
from autograder.text import Text
from autograder.web.policy import SubmissionPolicy

DAYS_KO = ("월", "화", "수", "목", "금", "토", "일")
DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment_of(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """A time in the course's zone: to the minute, and to the second where that is what it turns on."""
    here = moment.astimezone(zone)
    clock = f"{here:%H:%M:%S}" if here.second else f"{here:%H:%M}"
    if language == "ko":
        return f"{here.year}년 {here.month}월 {here.day}일({DAYS_KO[here.weekday()]}) {clock}"
    return f"{DAYS_EN[here.weekday()]} {here.day} {MONTHS_EN[here.month - 1]} {here.year}, {clock}"


def points_of(points: float, language: str) -> str:
    """A number of points with its unit."""
    shown = plain(points)
    return f"{shown}점" if language == "ko" else f"{shown} point{'' if shown == '1' else 's'}"


def late_rule(course: Course, held: SubmissionPolicy) -> Text | None:
    """What being late costs; None where nothing is ever late."""
    if held.due_at is None:
        return None
    if held.refuses_late:
        return Text(ko="기한이 지나면 제출할 수 없습니다.", en="Nothing is taken after the due date.")
    if held.late_percent:
        percent = plain(held.late_percent)
        return Text(
            ko=f"늦어도 받지만, 늦은 날마다(하루가 시작되면 하루로 셉니다) 점수의 {percent}%를 뺍니다.",
            en=f"Late hand-ins are taken; each day begun after the due date takes off {percent}% of the score.",
        )
    config = course.config
    if config.AssignLatePenalties.get("plugin_class"):
        return Text(
            ko="늦어도 받고, 점수는 이 과목의 규칙에 따라 줄어들 수 있습니다.",
            en="Late hand-ins are taken; the course's own rule says what that costs.",
        )
    if config.LateSubmissionPlugin.get("penalty_method") == "zero":
        return Text(ko="늦게 제출하면 0점입니다.", en="A late hand-in gets no points.")
    return Text(
        ko="늦어도 받고, 점수를 빼지 않습니다.", en="Late hand-ins are taken, and being late costs nothing."
    )


STATES: Mapping[str, Text] = {
    "queued": Text(ko="채점을 기다리는 중", en="waiting to be graded"),
    "grading": Text(ko="채점하는 중", en="being graded"),
    "graded": Text(ko="채점됨", en="graded"),
    "ungraded": Text(ko="채점하지 못함", en="could not be graded"),
}


def queue_words(state: str, ahead: int) -> Text:
    """Where an attempt is on its way to be graded. ahead: how many come before it."""
    if state != "queued":
        return STATES[state]
    if ahead == 0:
        return Text(ko="다음 차례로 채점합니다", en="next to be graded")
    return Text(
        ko=f"채점을 기다리는 중, 앞에 {ahead}개",
        en=f"waiting to be graded, {ahead} before yours",
    )
