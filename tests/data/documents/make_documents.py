"""Writes the five sample files of this folder; run it from the repository's root."""

from __future__ import annotations

from pathlib import Path

import docx

from tests.unit.parser.files import docx_bytes, pdf, text_line

FOLDER = Path(__file__).parent
INTRO = "You can send any item back within 30 days of delivery, free of charge."
STEPS = ["Put the item into its original box.", "Print the label from your account."]
ROWS = [("Method", "Price"), ("Standard", "0.00"), ("Express", "4.90")]


def main() -> None:
    """Write the same article in every format that is read."""
    steps = "\n".join(f"- {step}" for step in STEPS)
    rows = "\n".join(f"| {a} | {b} |" for a, b in [ROWS[0], ("--", "--"), *ROWS[1:]])
    markdown = (
        f"---\ntitle: How to return an item\n---\n# How to return an item\n\n{INTRO}"
        f"\n\n## Steps\n\n{steps}\n\n## Shipping\n\n{rows}\n"
    )
    (FOLDER / "returns.md").write_text(markdown)
    plain = "\n".join(f"{a}: {b}" for a, b in ROWS)
    text = f"How to return an item\n\n{INTRO}\n\n{steps}\n\n{plain}\n"
    (FOLDER / "returns.txt").write_text(text)
    items = "".join(f"<li>{step}</li>" for step in STEPS)
    cells = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in ROWS)
    (FOLDER / "returns.html").write_text(
        "<!doctype html><title>How to return an item</title><h1>How to return an item"
        f"</h1><p>{INTRO}</p><h2>Steps</h2><ul>{items}</ul><h2>Shipping</h2>"
        f"<table>{cells}</table>\n"
    )
    _word()
    _pdf()


def _word() -> None:
    document = docx.Document()
    document.add_heading("How to return an item", 1)
    document.add_paragraph(INTRO)
    document.add_heading("Steps", 2)
    for step in STEPS:
        document.add_paragraph(step, "List Bullet")
    document.add_heading("Shipping", 2)
    table = document.add_table(0, 2)
    for row in ROWS:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    (FOLDER / "returns.docx").write_bytes(docx_bytes(document))


def _pdf() -> None:
    first = text_line("How to return an item", 760, 18) + text_line(INTRO, 730)
    first += text_line("Steps", 700, 14)
    for place, step in enumerate(STEPS):
        first += text_line(f"- {step}", 680 - 14 * place)
    second = text_line("Shipping", 760, 14)
    for place, (method, price) in enumerate(ROWS):
        second += text_line(f"{method}   {price}", 740 - 14 * place)
    (FOLDER / "returns.pdf").write_bytes(pdf([first, second]))


if __name__ == "__main__":
    main()
