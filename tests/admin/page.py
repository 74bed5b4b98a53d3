"""A rendered page, read the way a browser or its policy would."""

from html.parser import HTMLParser
from typing import Any


class Page(HTMLParser):
    """Text, addresses of buttons, and everything a strict policy would refuse."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.text: list[str] = []
        self.links: list[str] = []
        self.refused: list[str] = []
        self._open_script = False
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag == "style":
            self.refused.append("style element")
        self._open_script = tag == "script" and "src" not in given
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.refused.append(f"{tag} {name}")
            if (value or "").strip().lower().startswith(("javascript:", "data:")):
                self.refused.append(f"{tag} {value}")

    def handle_data(self, data: str) -> None:
        if self._open_script and data.strip():
            self.refused.append(f"inline script {data[:40]}")
        self.text.append(data)

    def said(self) -> str:
        return " ".join(" ".join(self.text).split())

    def steps(self) -> set[str]:
        """The acts of a case that the page offers."""
        return {link.split("/step/")[1].strip("/") for link in self.links if "/step/" in link}
