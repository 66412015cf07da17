"""Rows as files on disk, page by page, so that a million contacts take no more memory than a thousand."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from app.contact_data.exporting import cells
from app.contact_data.exporting.tables import Row

Pages = Iterable[list[Row]]
Told = Callable[[int], None]  # how many more are written


def write_csv(path: Path, header: Row, pages: Pages, told: Told, *, for_excel: bool) -> None:
    """For Excel: with the mark by which it knows UTF-8."""
    encoding = "utf-8-sig" if for_excel else "utf-8"
    with path.open("w", encoding=encoding, newline="") as file:
        table = csv.writer(file)
        table.writerow(cells.safe(header))
        for page in pages:
            table.writerows(map(cells.safe, page))
            told(len(page))


def write_xlsx(path: Path, header: Row, pages: Pages, told: Told) -> None:
    """Every cell is a text: nothing is computed, and no number loses its zeros."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Contacts"))
    sheet.append([_text(sheet, each) for each in header])
    for page in pages:
        for row in page:
            sheet.append([_text(sheet, each) for each in row])
        told(len(page))
    book.save(path)


def _text(sheet: Any, value: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:32_000])
    cell.data_type = "s"
    return cell
