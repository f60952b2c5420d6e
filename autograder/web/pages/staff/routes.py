"""The modules of the staff pages, each with its blueprint. See `access` for who may do what."""

from __future__ import annotations

from autograder.web.pages.staff import (
    activity_settings,
    class_exports,
    class_list,
    class_report,
    deliveries,
    explanation,
    extensions,
    messages,
    overrides,
    regrade,
    regrade_requests,
    student,
)

STAFF_PAGES = (
    class_list,
    class_exports,
    class_report,
    student,
    overrides,
    extensions,
    messages,
    regrade,
    explanation,
    regrade_requests,
    deliveries,
    activity_settings,
)
