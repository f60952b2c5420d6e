"""Translates errors of the LMS connection: our own words into the page's language, the LMS's as they are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "the LMS takes too long to answer": "LMS가 너무 오래 답하지 않습니다",
        "the LMS cannot be reached": "LMS에 연결할 수 없습니다",
        "the LMS's answer cannot be read": "LMS의 답을 읽을 수 없습니다",
        "the LMS does not answer as it should": "LMS가 제대로 답하지 않습니다",
        "the LMS keeps no grade for this activity": "LMS에 이 활동의 성적란이 없습니다",
        "the LMS does not let the tool send scores": "LMS가 이 도구에 점수 전송을 허용하지 않았습니다",
        "the LMS does not let the tool read the roster": "LMS가 이 도구에 명단 읽기를 허용하지 않았습니다",
        "the next page of the roster is at another host": "명단의 다음 쪽이 다른 서버에 있습니다",
        "the roster has no end": "명단이 끝나지 않습니다",
    }
)


def translate_error(message: str, *, language: str) -> str:
    """Return an error message in `language`, as far as its words are ours."""
    ours, colon, rest = message.partition(": ")
    if language == "ko" and ours in MESSAGES:
        return MESSAGES[ours] + colon + rest
    return message
