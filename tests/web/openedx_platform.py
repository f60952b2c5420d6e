"""Open edX's side of LTI 1.3: its library with its own addresses and tables on Django, as a program of its own.

Its first argument is the tool's address, its second a folder for its database. It prints its own address, then serves
until it is ended. The token, key set and score addresses are the library's. What needs the rest of Open edX stands
here: `/start` begins a launch, `/auth` answers the tool's login request, `/picked` checks a deep linking answer,
`/scores` tells what the gradebook holds.
"""

from __future__ import annotations

import json
import socketserver
import sys
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

TOOL, FOLDER = sys.argv[1:]


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Threads(socketserver.ThreadingMixIn, WSGIServer):
    """Serves several requests at once."""

    daemon_threads = True


server = make_server("127.0.0.1", 0, None, server_class=Threads, handler_class=Quiet)
OWN = f"http://127.0.0.1:{server.server_port}"
settings.configure(
    SECRET_KEY="of the tests",
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{FOLDER}/openedx.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "config_models", "lti_consumer"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    FEATURES={},
    USAGE_ID_PATTERN=r"(?P<usage_id>block-[^/]+)",
    LMS_ROOT_URL=OWN,
    LMS_BASE=OWN.removeprefix("http://"),
    PLATFORM_NAME="Open edX",
    PLATFORM_DESCRIPTION="Open edX",
    PLATFORM_CONTACT_EMAIL="nobody@example.org",
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from lti_consumer.data import Lti1p3LaunchData  # noqa: E402
from lti_consumer.models import Lti1p3Passport, LtiAgsLineItem, LtiAgsScore, LtiConfiguration  # noqa: E402

call_command("migrate", verbosity=0)
passport = Lti1p3Passport.objects.create(
    name="autograder", lti_1p3_client_id="edx-1", lti_1p3_tool_keyset_url=f"{TOOL}/lti/jwks"
)
configuration = LtiConfiguration.objects.create(
    version=LtiConfiguration.LTI_1P3,
    config_store=LtiConfiguration.CONFIG_ON_DB,
    lti_1p3_passport=passport,
    lti_1p3_oidc_url=f"{TOOL}/lti/login",
    lti_1p3_launch_url=f"{TOOL}/lti/launch",
    lti_1p3_redirect_uris=[f"{TOOL}/lti/launch"],
)
LtiAgsLineItem.objects.create(
    lti_configuration=configuration, resource_id="shapes", label="Homework", score_maximum=16
)
lms = configuration.get_lti_consumer()
lms.enable_deep_linking(f"{TOOL}/lti/launch", f"{OWN}/picked")


def start(request: HttpRequest) -> JsonResponse:
    """Where a browser goes to when somebody opens the activity."""
    asked: Any = request.GET.dict()
    user, role = asked["user"], asked["role"]
    data = Lti1p3LaunchData(
        user_id=user,
        user_role=role,
        config_id=str(configuration.config_id),
        resource_link_id="link-1",
        message_type=asked.get("kind", "LtiResourceLinkRequest"),
    )
    lms.set_user_data(user, role, full_name=asked["name"], email_address=f"{user}@example.org")
    lms.set_resource_link_claim("link-1", title="Homework")
    lms.set_context_claim("course-1", context_title="Recurrent networks")
    lms.set_launch_presentation_claim("iframe")
    lms.set_custom_parameters({"assignment": asked.get("assignment", "")})
    return JsonResponse(lms.prepare_preflight_url(data), safe=False)


def auth(request: HttpRequest) -> JsonResponse:
    """The form that the browser then sends to the tool."""
    return JsonResponse(lms.generate_launch_request(request.GET.dict()))


def picked(request: HttpRequest) -> JsonResponse:
    """What a deep linking answer holds."""
    return JsonResponse(lms.check_and_decode_deep_linking_token(request.POST["JWT"]), safe=False)


def scores(request: HttpRequest) -> JsonResponse:
    """The gradebook."""
    return JsonResponse(list(LtiAgsScore.objects.values()), safe=False)


urlpatterns = [
    path("start", start),
    path("auth", auth),
    path("picked", picked),
    path("scores", scores),
    path("api/", include(("lti_consumer.plugin.urls", "lti_consumer"), namespace="lti_consumer")),
]


if __name__ == "__main__":
    base = f"{OWN}/api/lti_consumer/v1"
    server.set_app(get_wsgi_application())
    print(
        json.dumps(
            {
                "issuer": lms.iss,
                "client_id": lms.client_id,
                "auth_login_url": f"{OWN}/auth",
                "auth_token_url": f"{base}/token/{passport.passport_id}",
                "key_set_url": f"{base}/public_keysets/{passport.passport_id}",
                "deployments": [lms.deployment_id],
            }
        ),
        flush=True,
    )
    server.serve_forever()
