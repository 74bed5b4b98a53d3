"""``manage.py letters --sheets``: every letter in every language, to be looked at."""

import argparse
import math
from pathlib import Path
from typing import Any

import pypdfium2
from django.core.management.base import BaseCommand, CommandError
from PIL import Image

from config.env import ROOT
from erasure.correspondence import speech
from erasure.documents.letter import render_letter
from erasure.documents.letters import LANGUAGES, compose
from erasure.documents.letters.samples import SAMPLES

FOLDER = ROOT / "var" / "letters"
SCALE = 1.1  # pixels in a point
COLUMNS = 4
GAP = 16  # pixels
GREY = "#c8ccd0"


class Command(BaseCommand):
    help = (
        "Write each of the eight letters in each of the six languages as PDF, about invented "
        "people, and a contact sheet (PNG) for each language."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--sheets", action="store_true", help="write them")
        parser.add_argument("--folder", type=Path, default=FOLDER, help="default: var/letters")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["sheets"]:
            raise CommandError("Say what to do: --sheets.")
        folder: Path = options["folder"]
        for language in LANGUAGES:
            written = render_all(language, folder / language)
            sheet = folder / f"{language}.png"
            contact_sheet(written).save(sheet)
            self.stdout.write(f"{language}: {len(written)} letters, {sheet}")


def render_all(language: str, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, letter in SAMPLES.items():
        path = folder / f"{kind.lower().replace('_', '-')}.pdf"
        path.write_bytes(render_letter(compose(letter, speech(language))))
        written.append(path)
    return written


def contact_sheet(files: list[Path]) -> Image.Image:
    """Every page of every file, in rows."""
    pages = [page for file in files for page in pictures(file)]
    wide, high = pages[0].size
    rows = math.ceil(len(pages) / COLUMNS)
    size = (COLUMNS * (wide + GAP) + GAP, rows * (high + GAP) + GAP)
    sheet = Image.new("RGB", size, GREY)
    for number, page in enumerate(pages):
        row, column = divmod(number, COLUMNS)
        sheet.paste(page, (GAP + column * (wide + GAP), GAP + row * (high + GAP)))
    return sheet


def pictures(file: Path) -> list[Image.Image]:
    pdf = pypdfium2.PdfDocument(file)
    try:
        return [page.render(scale=SCALE).to_pil() for page in pdf]
    finally:
        pdf.close()
