"""Dates, times and their time zones, for the rich codec.

    {"date": [...]}  {"time": [...], "fold": 0, "zone": zone}  {"datetime": [...], "fold": 0, "zone": zone}
    {"timedelta": [days, seconds, microseconds]}
A zone is null, {"key": "Asia/Seoul"}, {"pytz": "Asia/Seoul"} or {"offset": [...], "name": text or null}.
"""

from __future__ import annotations

import datetime
import re
import sys
import zoneinfo
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .codec import NotSerializable

KEY = re.compile(r"[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")
"""Of a time zone, which names a file: never a path to anywhere else."""


def encode_zone(zone: Any) -> Any:
    """Encode a time zone. Raises NotSerializable if it is neither a fixed offset nor a zone with a name."""
    kind = type(zone)
    if zone is None:
        return None
    if kind is datetime.timezone:
        offset, *name = zone.__getinitargs__()
        return {"offset": _parts(offset), "name": name[0] if name else None}
    if kind is zoneinfo.ZoneInfo and zone.key is not None:
        return {"key": zone.key}
    if kind.__module__.split(".")[0] == "pytz" and type(getattr(zone, "zone", None)) is str:
        return {"pytz": zone.zone}  # pandas 2 uses it
    raise NotSerializable("it has a time zone without a name", "이름 없는 시간대가 있습니다")


def decode_zone(data: Any) -> datetime.tzinfo | None:
    """Decode a time zone. Raises NotSerializable."""
    if data is None:
        return None
    if "offset" in data:
        name = data["name"]
        if name is None:
            return datetime.timezone(_timedelta(data["offset"]))
        if type(name) is not str:
            raise NotSerializable("malformed time zone")
        return datetime.timezone(_timedelta(data["offset"]), name)
    key = data["pytz"] if "pytz" in data else data["key"]
    if type(key) is not str or not KEY.fullmatch(key):
        raise NotSerializable("malformed time zone")
    pytz: Any = sys.modules.get("pytz")
    return pytz.timezone(key) if pytz and "pytz" in data else zoneinfo.ZoneInfo(key)


def _integers(data: Any, number: int) -> list[int]:
    if type(data) is not list or len(data) != number or any(type(one) is not int for one in data):
        raise NotSerializable("expected integers")
    return data


def _parts(value: datetime.timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


def _timedelta(data: Any) -> datetime.timedelta:
    days, seconds, microseconds = _integers(data, 3)
    return datetime.timedelta(days, seconds, microseconds)


def _encode_date(encoder: Any, value: datetime.date, depth: int) -> Any:
    return {"date": [value.year, value.month, value.day]}


def _encode_time(encoder: Any, value: datetime.time, depth: int) -> Any:
    clock = [value.hour, value.minute, value.second, value.microsecond]
    return {"time": clock, "fold": value.fold, "zone": encode_zone(value.tzinfo)}


def _encode_datetime(encoder: Any, value: datetime.datetime, depth: int) -> Any:
    parts = [value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond]
    return {"datetime": parts, "fold": value.fold, "zone": encode_zone(value.tzinfo)}


def _encode_timedelta(encoder: Any, value: datetime.timedelta, depth: int) -> Any:
    return {"timedelta": _parts(value)}


def _decode_date(decoder: Any, data: dict[str, Any], depth: int) -> datetime.date:
    return datetime.date(*_integers(data["date"], 3))


def _decode_time(decoder: Any, data: dict[str, Any], depth: int) -> datetime.time:
    hour, minute, second, microsecond = _integers(data["time"], 4)
    zone, (fold,) = decode_zone(data["zone"]), _integers([data["fold"]], 1)
    return datetime.time(hour, minute, second, microsecond, zone, fold=fold)


def _decode_datetime(decoder: Any, data: dict[str, Any], depth: int) -> datetime.datetime:
    year, month, day, hour, minute, second, microsecond = _integers(data["datetime"], 7)
    zone, (fold,) = decode_zone(data["zone"]), _integers([data["fold"]], 1)
    return datetime.datetime(year, month, day, hour, minute, second, microsecond, zone, fold=fold)


def _decode_timedelta(decoder: Any, data: dict[str, Any], depth: int) -> datetime.timedelta:
    return _timedelta(data["timedelta"])


ENCODERS: Mapping[type, Any] = MappingProxyType(
    {
        datetime.date: _encode_date, datetime.time: _encode_time, datetime.datetime: _encode_datetime,
        datetime.timedelta: _encode_timedelta,
    }
)  # fmt: skip
TAGS: Mapping[str, Any] = MappingProxyType(
    {
        "date": _decode_date, "time": _decode_time, "datetime": _decode_datetime,
        "timedelta": _decode_timedelta,
    }
)  # fmt: skip
