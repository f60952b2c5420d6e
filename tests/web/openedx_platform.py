"""Open edX's side of LTI 1.3, as its own library has it, behind addresses on loopback: a program of its own.

Its first argument is the tool's address. It prints its own address, then serves until it is ended:
`/start` begins a launch, `/auth` answers the tool's login request, `/keys`, `/token` and `/ags/1/scores` are its
services, `/picked` takes a deep linking answer, and `/scores` tells the scores that it took.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

settings.configure(
    SECRET_KEY="of the tests",
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    INSTALLED_APPS=[],
    USE_TZ=True,
    LMS_ROOT_URL="http://127.0.0.1",
    FEATURES={},
    PLATFORM_NAME="Open edX",
    PLATFORM_DESCRIPTION="Open edX",
    PLATFORM_CONTACT_EMAIL="nobody@example.org",
    LMS_BASE="127.0.0.1",
)
django.setup()

from lti_consumer.data import Lti1p3LaunchData  # noqa: E402
from lti_consumer.lti_1p3.consumer import LtiAdvantageConsumer  # noqa: E402

SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
TOOL = sys.argv[1]


def consumer(own: str) -> LtiAdvantageConsumer:
    """Open edX's platform, at the address `own`."""
    pem = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    made = LtiAdvantageConsumer(
        iss=own,
        lti_oidc_url=f"{TOOL}/lti/login",
        lti_launch_url=f"{TOOL}/lti/launch",
        client_id="edx-1",
        deployment_id="1",
        rsa_key=pem.decode(),
        rsa_key_id="k1",
        redirect_uris=[f"{TOOL}/lti/launch"],
        tool_keyset_url=f"{TOOL}/lti/jwks",
    )
    made.enable_ags(lineitems_url=f"{own}/ags", lineitem_url=f"{own}/ags/1")
    made.enable_deep_linking(f"{TOOL}/lti/launch", f"{own}/picked")
    return made


class Handler(BaseHTTPRequestHandler):
    """One request."""

    lms: LtiAdvantageConsumer
    scores: list[Any]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        match urlsplit(self.path).path:
            case "/keys":
                self.tell(200, self.lms.get_public_keyset())
            case "/scores":
                self.tell(200, self.scores)
            case "/start":
                user, role = asked["user"], asked["role"]
                data = Lti1p3LaunchData(
                    user_id=user,
                    user_role=role,
                    config_id="1",
                    resource_link_id="link-1",
                    message_type=asked.get("kind", "LtiResourceLinkRequest"),
                )
                self.lms.set_user_data(
                    user, role, full_name=asked["name"], email_address=f"{user}@example.org"
                )
                self.lms.set_resource_link_claim("link-1", title="Homework")
                self.lms.set_context_claim("course-1", context_title="Recurrent networks")
                self.lms.set_launch_presentation_claim("iframe")
                self.lms.set_custom_parameters({"assignment": asked.get("assignment", "")})
                self.tell(200, self.lms.prepare_preflight_url(data))
            case "/auth":
                self.tell(200, self.lms.generate_launch_request(asked))
            case _:
                self.tell(404, None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        try:
            match self.path:
                case "/token":
                    self.tell(200, self.lms.access_token(form))
                case "/picked":
                    self.tell(200, self.lms.check_and_decode_deep_linking_token(form["JWT"]))
                case "/ags/1/scores":
                    token = self.headers["Authorization"].removeprefix("Bearer ")
                    if not self.lms.check_token(token, [SCORE]):
                        raise PermissionError("the token is for something else")
                    self.scores.append([self.headers["Content-Type"], json.loads(body)])
                    self.tell(200, None)
                case _:
                    self.tell(404, None)
        except Exception as error:
            self.tell(400, repr(error))

    def tell(self, status: int, body: object) -> None:
        """Answer with JSON, or with nothing."""
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    Handler.lms, Handler.scores = consumer(address), []
    print(address, flush=True)
    server.serve_forever()
