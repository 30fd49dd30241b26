"""Small PDF files, written by hand as programs print them."""

from __future__ import annotations

from collections.abc import Sequence

Placed = tuple[float, float, str]


def text_at(left: float, bottom: float, text: str, *, size: float = 11, font: str = "F1") -> str:
    """Content that shows a text at points from the page's lower left corner; font F2 is bold."""
    return f"BT /{font} {size} Tf 1 0 0 1 {left} {bottom} Tm ({text}) Tj ET\n"


def ruled(columns: Sequence[float], rows: Sequence[float]) -> str:
    """Content that draws a grid, as spreadsheets and word processors frame the cells of tables."""
    upright = (f"{x} {min(rows)} m {x} {max(rows)} l S\n" for x in columns)
    level = (f"{min(columns)} {y} m {max(columns)} {y} l S\n" for y in rows)
    return "".join((*upright, *level))


def pdf_of(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF with one text line per string."""
    return pdf_placed([[(50, 780 - 20 * n, line) for n, line in enumerate(lines)] for lines in pages])


def pdf_placed(pages: Sequence[Sequence[Placed]]) -> bytes:
    """A PDF with texts at (points from the left, points from the bottom)."""
    return pdf_drawn(["".join(text_at(*placed) for placed in page) for page in pages])


def pdf_drawn(pages: Sequence[str]) -> bytes:
    """A PDF of pages' contents."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects += [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} >>".encode() for name in ("Helvetica", "Helvetica-Bold")
    ]
    kids = []
    for content in pages:
        stream = content.encode()
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R"
        objects.append(f"{page} /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>".encode())
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    body, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
    return body + end % (count, table, count, len(body))
