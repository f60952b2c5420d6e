"""Deep linking: returns the assignment that a teacher selected to the LMS, signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pylti1p3.deep_link import DeepLink, TDeepLinkData
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem
from pylti1p3.registration import Registration

from autograder.web.catalog import AssignmentOption


def deep_linking_response(
    registration: Registration,
    deployment: str,
    settings: Mapping[str, Any],
    offer: AssignmentOption,
    *,
    language: str,
    launch_url: str,
) -> str:
    """Return the token that tells the LMS which assignment the new activity opens, and its points.

    settings: those of the request; its `data` is returned unchanged.
    """
    title = offer.title.in_language(language)
    item = LineItem().set_score_maximum(offer.points).set_label(title).set_resource_id(offer.name)
    resource = (
        DeepLinkResource()
        .set_url(launch_url)
        .set_title(title)
        .set_custom_params({"assignment": offer.name})
        .set_lineitem(item)
    )
    link = _Response(registration, deployment, cast(TDeepLinkData, settings))
    return link.get_response_jwt([resource])


class _Response(DeepLink):
    """The library's response, with `data` only if the LMS sent it, as the standard requires."""

    def get_message_jwt(self, resources: Any) -> dict[str, object]:
        message = super().get_message_jwt(resources)
        return {name: value for name, value in message.items() if value is not None}
