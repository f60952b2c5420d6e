"""Formats times, points, rules and states for the pages, in Korean and English."""

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


def format_moment(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Format a time in the course's zone: to the minute, or to the second unless that is 0."""
    local = moment.astimezone(zone)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    if language == "ko":
        return f"{local.year}년 {local.month}월 {local.day}일({DAYS_KO[local.weekday()]}) {clock}"
    return f"{DAYS_EN[local.weekday()]} {local.day} {MONTHS_EN[local.month - 1]} {local.year}, {clock}"


def format_points(points: float, language: str) -> str:
    """Format a number of points with its unit."""
    shown = plain(points)
    return f"{shown}점" if language == "ko" else f"{shown} point{'' if shown == '1' else 's'}"


def late_rule(course: Course, policy: SubmissionPolicy) -> Text | None:
    """Describe what a late submission costs; None if there is no due date."""
    if policy.due_at is None:
        return None
    if policy.refuses_late:
        return Text(ko="기한이 지나면 제출할 수 없습니다.", en="Nothing is taken after the due date.")
    if policy.late_percent:
        percent = plain(policy.late_percent)
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


def queue_state(state: str, ahead: int) -> Text:
    """Describe the state of an attempt. ahead: how many attempts are graded before it."""
    if state != "queued":
        return STATES[state]
    if ahead == 0:
        return Text(ko="다음 차례로 채점합니다", en="next to be graded")
    return Text(
        ko=f"채점을 기다리는 중, 앞에 {ahead}개",
        en=f"waiting to be graded, {ahead} before yours",
    )
