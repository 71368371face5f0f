"""A page of HTML as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LONGEST = 2_000_000
SILENT = {"script", "style", "head", "title", "template", "noscript"}
LINES = {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "br", "pre"}
APART = {"p", "h1", "h2", "h3", "table"}


def plain(html: str) -> str:
    """Return what a reader of the page would read; what it quotes stands behind “> ”. Never raises."""
    page = _Page()
    page.feed(html[:LONGEST])
    page.close()
    page.flush()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(page.lines)).strip()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.words: list[str] = []
        self.silence = self.quoted = 0
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silence += 1
        elif tag == "blockquote":
            self.flush()
            self.quoted += 1
        elif tag in LINES:
            self.flush(apart=tag in APART)
        elif tag in ("td", "th"):
            self.words.append(" ")
        elif tag == "a":
            self.link = dict(attrs).get("href") or ""
        if tag == "li":
            self.words.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silence = max(0, self.silence - 1)
        elif tag == "blockquote":
            self.flush()
            self.quoted = max(0, self.quoted - 1)
        elif tag in LINES:
            self.flush(apart=tag in APART)
        elif tag == "a" and self.link.startswith(("http://", "https://")):
            if self.link.rstrip("/") not in "".join(self.words):
                self.words.append(f" <{self.link}>")
            self.link = ""

    def handle_data(self, data: str) -> None:
        # An unclosed <style> or <title> in the body must not silence the rest of a page for good.
        if not self.silence:
            self.words.append(data)

    def flush(self, *, apart: bool = False) -> None:
        """End the line; `apart` leaves a blank one after it."""
        text = " ".join("".join(self.words).split())
        self.words = []
        if text:
            self.lines.append(f"{'> ' * self.quoted}{text}")
        if apart and self.lines and self.lines[-1]:
            self.lines.append("")
