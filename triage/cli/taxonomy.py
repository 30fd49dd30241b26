"""``triage taxonomy``: the categories in force, and a helpdesk's own made into a company folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from triage.adapters.company import load_company
from triage.adapters.taxonomy_import import read_categories, write_company
from triage.config import load_settings

app = typer.Typer(help="The desk's categories.", no_args_is_help=True, pretty_exceptions_show_locals=False)
console = Console()


@app.command()
def show() -> None:
    """The categories in force, with their queues, tags and subcategories."""
    table = Table("code", "label", "queue", "tag", "law", "subcategories")
    for one in load_company(load_settings().company_dir).taxonomy.categories:
        below = ", ".join(one.subcategories)
        table.add_row(one.code, one.label("pl"), one.routing, one.tag, one.law or "–", below)
    console.print(table)


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="The helpdesk's categories: CSV or JSON.")],
    out: Annotated[Path, typer.Option("--out", help="New company folder.")],
) -> None:
    """Make a company folder out of a helpdesk's categories, to be filled in."""
    company = write_company(read_categories(source), out, source.name)
    count = len(company.taxonomy.categories)
    below = sum(len(one.subcategories) for one in company.taxonomy.categories)
    console.print(f"{count} categories, {below} subcategories in {out / 'taxonomy.yaml'}.", highlight=False)
    console.print(
        "Next: fill in labels, queues and `law` there, and the company's name, address and contact in identity.yaml, "
        "which letters show (the sample company's until then); then either put ten tickets of each category into "
        "seed/<language>/<name>.jsonl (id, text, category), or train on your history with `triage train`, "
        "`triage models add` and `triage models promote`. "
        f"TRIAGE_COMPANY_DIR={out} puts the folder in force.",
        highlight=False,
    )
