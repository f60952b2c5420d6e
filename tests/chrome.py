"""A real browser: Debian's Chromium, driven by Playwright, and what is asked of every page in it."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
PATIENCE = 120_000
"""Milliseconds that a page may take; the machine may be busy with other tests."""
ARGUMENTS = [
    # no name is looked up anywhere: sites of the tests are on this machine, and there are no others
    "--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-quic",
    # the tool's frame would change its process with each redirect, and now and then Playwright loses it
    "--disable-site-isolation-trials",
    "--ignore-certificate-errors",  # the certificate of the tests' own sites is signed by nobody
]
SIZES: Mapping[str, ViewportSize] = {
    "phone": {"width": 320, "height": 640},
    "frame of an LMS": {"width": 885, "height": 607},
    "desktop": {"width": 1280, "height": 800},
}
IN_THE_DARK = "frame of an LMS"
"""Where a page is looked at in dark colours."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

BROKEN = """() => {
  const found = [];
  for (const box of document.querySelectorAll("td, th, dt, button, .tabs a, .counts a, .figures li")) {
    if (!box.checkVisibility()) continue; // in what is folded
    if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "inline")
      found.push(`text beyond its box: ${box.textContent.trim()}`);
    const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (walker.currentNode.parentElement.closest("code, q")) continue;
      for (const word of walker.currentNode.data.matchAll(/[a-z]{2,12}/gi)) {
        const range = document.createRange();
        range.setStart(walker.currentNode, word.index);
        range.setEnd(walker.currentNode, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(line => Math.round(line.top))).size > 1)
          found.push(`broken word: ${word[0]}`);
      }
    }
  }
  return found;
}"""
"""Finds short words that are broken over two lines, outside of code and quotes, and texts that stick out."""

MISPLACED = """() => {
  const found = [], texts = [];
  const boxed = style => style.borderRightWidth !== "0px" || style.backgroundColor !== "rgba(0, 0, 0, 0)";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), parent = walker.currentNode.parentElement;
    if (!text || parent.closest("svg, script, style, noscript, option") || !parent.checkVisibility()) continue;
    let layer = "", frame = null, hidden = false;
    for (let one = parent; one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one);
      hidden ||= style.clipPath !== "none" || one.getBoundingClientRect().right < 0 || style.overflowX !== "visible";
      if (style.position === "absolute" || style.position === "sticky") layer ||= one.className || one.tagName;
      if (!frame && style.display !== "inline" && style.display !== "contents" && boxed(style)) frame = one;
    }
    if (hidden) continue; // what scrolls, too: it is cut at its frame
    if (/\\b\\d?\\d:\\d\\d:\\d\\d\\b/.test(text) && !parent.closest("pre, code")) found.push(`seconds: ${text}`);
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const line of range.getClientRects()) {
      const edge = frame?.getBoundingClientRect();
      if (edge && (line.right > edge.right + 1 || line.left < edge.left - 1))
        found.push(`text beyond its frame: ${text}`);
      texts.push({ line, text, layer, node: walker.currentNode });
    }
  }
  texts.sort((one, other) => one.line.top - other.line.top);
  texts.forEach((one, index) => {
    for (const other of texts.slice(index + 1)) {
      if (other.line.top > one.line.bottom - 5) break;
      const shared = Math.min(one.line.right, other.line.right) - Math.max(one.line.left, other.line.left);
      if (shared > 2 && one.layer === other.layer && one.node !== other.node)
        found.push(`text over text: ${one.text} / ${other.text}`);
    }
  });
  return [...new Set(found)];
}"""
"""Finds texts that lie over each other or stick out of a frame, and times with seconds, outside of what scrolls."""

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, for the time of a block; each context begins with nothing, and no site gets another's cookies."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, timeout=PATIENCE)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def chromium_with(browser: Browser, profile: Path, settings: dict[str, Any]) -> Iterator[BrowserContext]:
    """Another browser beside one that runs, with settings as a person makes them, in an empty folder."""
    (profile / "Default").mkdir()
    (profile / "Default" / "Preferences").write_text(json.dumps(settings))
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=CHROMIUM, args=ARGUMENTS, timeout=PATIENCE
    )
    try:
        yield context
    finally:
        context.close()


@dataclass
class Tab:
    """A page, and all that went wrong or went elsewhere in it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    """What stands in the browser's console, broken policies among it, and errors of scripts."""
    fetched: list[str] = field(default_factory=list)
    """The address of all that came, from wherever; what the browser blocked is not among it."""
    waiting: set[str] = field(default_factory=set)
    """The address of all that was asked for and has not come yet."""

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfinished", lambda request: self.fetched.append(request.url))
        self.page.on("request", lambda request: self.waiting.add(request.url))
        for ended in ("requestfinished", "requestfailed"):
            self.page.on(ended, lambda request: self.waiting.discard(request.url))

    def state(self) -> str:
        """Return the frames, unanswered requests and complaints of the page, for the message of a failed wait."""
        frames = [frame.url for frame in self.page.frames]
        return f"frames: {frames}; not answered: {sorted(self.waiting)}; complaints: {self.complaints}"


def new_tab(context: BrowserContext) -> Tab:
    """An empty page."""
    context.set_default_timeout(PATIENCE)
    return Tab(context.new_page())


def barriers(page: Page) -> list[str]:
    """What axe finds on a page that would keep somebody out of it, or make it hard; each with its element."""
    page.evaluate(AXE_SCRIPT)
    # preload would fetch our stylesheets by script, which our own policy forbids
    options = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("options => axe.run(options)", options)
    return [
        f"{rule['id']}: {rule['help']}: {' '.join(map(str, node['target']))}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def troubles(tab: Tab) -> list[str]:
    """What is wrong with the page that a tab shows, on a desktop, on a phone, and in a frame in the dark."""
    expect(tab.page.get_by_role("heading", level=1).first).to_be_visible()
    found = []
    for name, size in SIZES.items():
        tab.page.set_viewport_size(size)
        tab.page.emulate_media(color_scheme="dark" if name == IN_THE_DARK else "light")
        # what the bar at the foot covers, and people scroll from under it, would count as too small to be touched
        tab.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        found += [f"on a {name}: {one}" for one in barriers(tab.page)]
        wider = tab.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        found += [f"on a {name}: {wider} pixels wider than the window"] if wider else []
        for looked_for in (BROKEN, MISPLACED):
            found += [f"on a {name}: {one}" for one in tab.page.evaluate(looked_for)]
    found += tab.complaints
    tab.complaints.clear()
    return found
