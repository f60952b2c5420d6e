"""`autograder lms`: register, list and disable LMSs, show what to enter into one, and confirm their courses."""

from __future__ import annotations

import argparse
import json
from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape

from autograder.cli.help_format import Commands
from autograder.cli.options import add_command
from autograder.cli.web.lms_courses import add_confirm, describe
from autograder.cli.web.options import database_option, opened_course, opened_database
from autograder.errors import CourseError
from autograder.i18n import _
from autograder.web.lti import presets
from autograder.web.settings import base_url_of

BY_HAND = ("issuer", "client_id", "login_url", "token_url", "keys_url")
WHERE = "https://lms.example.org"


def add_parser(commands: Commands) -> None:
    """Add `lms` and what it consists of to the parser of `autograder`."""
    lms = add_command(
        commands, "lms", None, _("register, list and disable the LMSs that launch the web tool"),
        _("An LMS and the tool must be registered with each other before the first launch. Moodle and Sakai do this "
        "from an invitation; for other LMSs, enter the data of each into the other. `autograder docs` lists a page "
        "for each LMS."),
        ("autograder lms register --invite", _("a URL to paste into Moodle")),
        ("autograder lms show", _("what to enter into an LMS by hand")),
        "autograder lms list",
        ("autograder lms confirm 1", _("connect a course that uses the tool")),
    )  # fmt: skip
    within = lms.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    _add_register(within)
    listed = add_command(
        within, "list", _list, _("list the registered LMSs and their courses"),
        _("Shows the issuer, client id and deployments of each, whether it may launch the tool, and the courses "
        "in which an activity was opened."),
        "autograder lms list",
    )  # fmt: skip
    add_confirm(within)
    tool = add_command(
        within, "show", _show, _("show what to enter into an LMS"),
        _("Prints the URLs of the tool under the names that LMSs use."),
        "autograder lms show",
        ("autograder lms show --canvas", _("as JSON, to paste into a developer key")),
    )  # fmt: skip
    tool.add_argument("--url", metavar="URL", help=_("public URL of the tool (default: c.WebSettings.url)"))
    tool.add_argument("--canvas", action="store_true", help=_("as JSON for a Canvas developer key"))
    off = add_command(
        within, "disable", _disable, _("stop an LMS from launching the tool"),
        _("Its data stays, and its waiting scores are still sent. Registering it again enables it."),
        "autograder lms disable https://moodle.example.org aBcD1234",
    )  # fmt: skip
    off.add_argument("issuer", metavar="ISSUER")
    off.add_argument("client_id", metavar="CLIENT_ID")
    rotate = add_command(
        within, "rotate-key", _rotate, _("make a new signing key"),
        _("The old key stays published for a day, since LMSs cache the tool's key set for some hours."),
        "autograder lms rotate-key",
    )  # fmt: skip
    for command in (listed, off, rotate):
        database_option(command)


def _add_register(within: Commands) -> None:
    register = add_command(
        within, "register", _register, _("register an LMS"),
        _("With --invite it prints a URL with which one LMS registers itself within a day. Otherwise give "
        "what the LMS shows; for the LMSs below, the host and the client id are enough. Registering a known LMS "
        "updates its data and adds deployment ids."),
        "autograder lms register --invite",
        "autograder lms register --moodle https://moodle.example.org --client-id aBcD1234 --deployment 3",
        "autograder lms register --canvas --client-id 10000000000042 --deployment 7:2f1d",
        "autograder lms register --blackboard --client-id CLIENT --deployment ID",
        "autograder lms register --openedx https://courses.example.org --client-id CLIENT --number UUID",
        "autograder lms register --sakai https://sakai.example.org --client-id CLIENT --number 12",
        f"autograder lms register --issuer {WHERE} --client-id CLIENT --deployment 1 \\",
        f"    --login-url {WHERE}/auth --token-url {WHERE}/token --keys-url {WHERE}/keys",
    )  # fmt: skip
    which: Any = register.add_mutually_exclusive_group()
    which.add_argument(
        "--invite", action="store_true", help=_("print a registration URL: Moodle, Sakai and others")
    )
    which.add_argument("--moodle", metavar="URL", help=_("a Moodle: its address"))
    which.add_argument(
        "--canvas",
        nargs="?",
        const="",
        metavar="URL",
        help=_("Canvas as a service; with an address: one of your own"),
    )
    which.add_argument("--blackboard", action="store_true", help=_("Blackboard Learn"))
    which.add_argument(
        "--openedx", metavar="URL", help=_("an Open edX: the address of its LMS, not of Studio")
    )
    which.add_argument("--sakai", metavar="URL", help=_("a Sakai: its address"))
    texts = (
        ("client-id", "ID", _("the tool's id in the LMS")),
        ("issuer", "URL", _("the LMS's own name, character for character")),
        (
            "login-url",
            "URL",
            _("where a launch is asked for: authentication request, OIDC authorization URL"),
        ),
        ("token-url", "URL", _("where access tokens are given")),
        ("keys-url", "URL", _("the LMS's public key set")),
        ("number", "N", _("for Open edX and Sakai: the last part of the token URL")),
        ("name", "NAME", _("for you to know it by")),
        ("audience", "TEXT", _("of token requests, where the LMS names one beside the token URL")),
        ("url", "URL", _("for --invite: where the tool is reached (default: c.WebSettings.url)")),
    )
    for option, metavar, what in texts:
        register.add_argument(f"--{option}", default="", metavar=metavar, help=what)
    register.add_argument(
        "--deployment", action="append", default=[], metavar="ID",
        help=_("the id of an installation of the tool in the LMS (repeatable)"),
    )  # fmt: skip
    database_option(register)


def _register(arguments: argparse.Namespace, console: Console) -> int:
    course = opened_course(arguments)
    say = partial(console.print, markup=False)

    from autograder.web.lti.dynamic_registration import VALID, invite
    from autograder.web.lti.platforms import PlatformDetails, register_platform

    if arguments.invite:
        address = base_url_of(course)
        with opened_database(course) as database:
            url = invite(database, address)
        say(url)
        say(
            _(
                "It is valid for one LMS, for {hours:.0f} hours, while `autograder serve` runs at {address}. "
                "Give it to nobody but the administrator of the LMS. In Moodle: Site administration, "
                "Plugins, Activity modules, External tool, Manage tools; paste it as Tool URL, press Add LTI "
                "Advantage, then Activate. `autograder lms list` then shows the LMS.",
                hours=VALID.total_seconds() / 3600,
                address=address,
            )
        )
        return 0
    data = _registration(arguments)
    if not arguments.deployment:
        say(
            _(
                "note: no --deployment, so no launch is let in yet; the page that turns the first one down "
                "names the id, and this command with --deployment ID adds it"
            )
        )
    with opened_database(course) as database:
        platform = register_platform(
            database,
            PlatformDetails(
                issuer=data["issuer"],
                client_id=data["client_id"],
                auth_login_url=data["login_url"],
                auth_token_url=data["token_url"],
                key_set_url=data["keys_url"],
                deployments=arguments.deployment,
                audience=arguments.audience or None,
                name=data["name"],
            ),
        )
    say(
        _(
            "registered: {issuer}, client id {client_id}, deployments {deployments}",
            issuer=platform.issuer,
            client_id=platform.client_id,
            deployments=", ".join(platform.deployments) or "none",
        )
    )
    return 0


def _registration(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the data to register: those of a known LMS, overridden by the options."""
    details = {name: getattr(arguments, name) for name in (*BY_HAND, "name") if getattr(arguments, name)}
    preset, host = _preset(arguments)
    if preset is not None:
        if not arguments.client_id:
            raise CourseError(_("{lms} needs --client-id: the id that it gave the tool", lms=preset.name))
        details = preset.filled(host, arguments.client_id, arguments.number) | details
        if preset.deployment and not arguments.deployment:
            arguments.deployment.append(preset.deployment)
    missing = [f"--{name.replace('_', '-')}" for name in BY_HAND if name not in details]
    if missing:
        raise CourseError(
            _(
                "to register an LMS, {missing} must be given too; or --invite, or one of --moodle, --canvas, "
                "--blackboard, --openedx, --sakai (see `autograder lms register --help`)",
                missing=", ".join(missing),
            )
        )
    return {"name": ""} | details


def _preset(arguments: argparse.Namespace) -> tuple[presets.KnownLms | None, str]:
    if arguments.canvas is not None:
        return (presets.OWN_CANVAS if arguments.canvas else presets.CANVAS), arguments.canvas
    if arguments.blackboard:
        return presets.BLACKBOARD, ""
    for preset, host in (
        (presets.MOODLE, arguments.moodle),
        (presets.OPENEDX, arguments.openedx),
        (presets.SAKAI, arguments.sakai),
    ):
        if host:
            return preset, host
    return None, ""


def _list(arguments: argparse.Namespace, console: Console) -> int:
    course = opened_course(arguments)

    from sqlalchemy import select

    from autograder.web.db.models import Context, Platform

    with opened_database(course) as database, database.read() as session:
        platforms = session.scalars(select(Platform).order_by(Platform.id)).all()
        contexts = session.scalars(select(Context).order_by(Context.id)).all()
    for platform in platforms:
        state = "[green]on[/] " if platform.active else "[yellow]off[/]"
        deployments = ", ".join(platform.deployments) or "none yet: no launch is let in"
        console.print(
            _(
                "{state} {issuer}  client id {client}  deployments {deployments}{name}",
                state=state,
                issuer=escape(platform.issuer),
                client=escape(platform.client_id),
                deployments=escape(deployments),
                name=escape(f"  ({platform.name})") if platform.name else "",
            )
        )
        for context in contexts:
            if context.platform_id == platform.id:
                console.print(f"    {describe(context)}", markup=False)
    if not platforms:
        console.print(_("no LMS is registered: see `autograder lms register --help`"))
    return 0


def _show(arguments: argparse.Namespace, console: Console) -> int:
    address = base_url_of(opened_course(arguments))
    if arguments.canvas:
        console.print(json.dumps(presets.for_canvas(address), indent=2, ensure_ascii=False), markup=False)
        return 0
    for what, value in presets.for_people(address):
        console.print(f"{what}:\n    {value}", markup=False)
    return 0


def _disable(arguments: argparse.Namespace, console: Console) -> int:
    course = opened_course(arguments)

    from autograder.web.lti.platforms import platform_by_ids

    with opened_database(course) as database, database.write() as session:
        platform = platform_by_ids(session, arguments.issuer, arguments.client_id)
        if platform is None:
            raise CourseError(
                _(
                    "no LMS is registered with issuer {issuer} and client id {client}; `autograder lms list` "
                    "shows those that are",
                    issuer=repr(arguments.issuer),
                    client=repr(arguments.client_id),
                )
            )
        platform.active = False
    console.print(
        _("disabled: {issuer} can no longer launch the tool; registering it again enables it", issuer=platform.issuer),
        markup=False,
    )  # fmt: skip
    return 0


def _rotate(arguments: argparse.Namespace, console: Console) -> int:
    course = opened_course(arguments)

    from autograder.web.lti.tool_keys import PUBLISHED, rotate_key

    with opened_database(course) as database:
        key = rotate_key(database)
    hours = PUBLISHED.total_seconds() / 3600
    console.print(
        _(
            "key {kid} signs from now on; the one before stays published for {hours:.0f} hours",
            kid=key.kid,
            hours=hours,
        ),
        markup=False,
    )
    return 0
