"""People in front of a browser: each with a profile of their own, watched for what goes wrong."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

SIZES = {"wide": (1280, 800), "phone": (390, 844)}
LOOKS = ("light", "dark")
WIDEST = """() => [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .filter(one => !one.closest(".scroll, .menu"))
    .map(one => one.outerHTML.slice(0, 120)).slice(0, 5)"""


def accessible(page: Page) -> list[tuple[str, list[str]]]:
    """What axe calls serious or critical; nothing, if all is well."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]])
            for one in found if one["impact"] in ("serious", "critical")]  # fmt: skip


class Visitors:
    """Opens profiles and looks at pages; SCREENS names a folder for pictures of them."""

    def __init__(self, chromium: Browser, url: str, password: str) -> None:
        self.chromium, self.url, self.password = chromium, url, password
        self.complaints: list[str] = []
        self.folder = os.environ.get("SCREENS", "")
        self.open: list[Page] = []

    def person(self) -> Page:
        context = self.chromium.new_context(
            locale="en-GB", timezone_id="Europe/Berlin", accept_downloads=True, base_url=self.url
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda line: (
                self.complaints.append(f"{page.url}: {line.text}")
                if "Content Security Policy" in line.text
                else None
            ),
        )
        self.open.append(page)
        return page

    def staff(self, name: str, password: str = "") -> Page:
        page = self.person()
        page.goto("/admin/")
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password").fill(password or self.password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", level=1, name="Worklist").wait_for()
        return page

    def look(self, page: Page, name: str) -> None:
        """One heading, a title, nothing that scrolls sideways; and a picture, if asked for."""
        page.wait_for_load_state()
        headings = page.locator("h1").count()
        if headings != 1 or not page.title().strip(" ·"):
            self.complaints.append(f"{name}: {headings} main headings, title {page.title()!r}")
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            needed = page.evaluate("document.documentElement.scrollWidth")
            if needed > width:
                widest = page.evaluate(WIDEST)
                self.complaints.append(
                    f"{name}: {needed} px wide on a {size} screen of {width}: {widest}"
                )
            if self.folder:
                self._picture(page, f"{name}-{size}")
        page.set_viewport_size({"width": SIZES["wide"][0], "height": SIZES["wide"][1]})

    def _picture(self, page: Page, name: str) -> None:
        for look in LOOKS:
            page.emulate_media(color_scheme=look)
            file = Path(self.folder) / f"{name}-{look}.png"
            page.screenshot(path=file, full_page=True)
        page.emulate_media(color_scheme="light")

    def leave(self) -> None:
        for page in self.open:
            page.context.close()
