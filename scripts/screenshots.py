#!/usr/bin/env python3
"""Take pictures of a running console, for the documentation and for looking at a change.

    scripts/screenshots.py http://127.0.0.1:8080 anna PASSWORD docs/images order=/orders/O-10001 orders=/orders

Writes one PNG a page, NAME.png; NAME-390.png and NAME-dark.png besides with --all. ABONENT_CHROMIUM names the browser.
The wish for a language or theme is kept in the account, so it is set back to English and light at the end.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

WIDE, NARROW = 1366, 390
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(f"{url}/login")
    page.fill("#name", name)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_load_state()
    if "/login" in page.url:
        sys.exit(f"{name} could not sign in at {url}")


def prefer(page: Page, url: str, **choice: str) -> None:
    """Set language or theme as the buttons of the page would."""
    token = page.locator("input[name=token]").first.input_value()
    page.request.post(f"{url}/preferences", form={"token": token, "next": "/", **choice})


def picture(page: Page, address: str, width: int, path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=path, full_page=True)
    print(f"{path}  {path.stat().st_size / 1024:.0f} KB")


def main() -> int:
    parser = argparse.ArgumentParser(description="Take pictures of a running console.")
    for argument in ("url", "name", "password"):
        parser.add_argument(argument)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="+", metavar="NAME=PATH")
    parser.add_argument("--language", choices=("en", "ru"), default="en")
    parser.add_argument("--all", action="store_true", help="narrow and dark ones too")
    asked = parser.parse_args()
    chromium = os.environ.get("ABONENT_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("No Chromium found: install it (apt install chromium) or name one in ABONENT_CHROMIUM.")
    url = asked.url.rstrip("/")
    pages = [each.partition("=")[::2] for each in asked.pages]
    asked.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        page = browser.new_page()
        sign_in(page, url, asked.name, asked.password)
        prefer(page, url, language=asked.language, theme="light")
        for name, path in pages:
            picture(page, url + path, WIDE, asked.folder / f"{name}.png")
            if asked.all:
                picture(page, url + path, NARROW, asked.folder / f"{name}-390.png")
        if asked.all:
            prefer(page, url, theme="dark")
            for name, path in pages:
                picture(page, url + path, WIDE, asked.folder / f"{name}-dark.png")
        prefer(page, url, language="en", theme="light")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
