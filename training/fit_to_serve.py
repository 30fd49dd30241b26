"""Whether the service here could let a model serve; what to do where it could not, said before anybody tries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from triage.adapters.company import load_company
from triage.config import load_settings
from triage.domain.company import Taxonomy

NAMED = 8


def taxonomy_in_force() -> Taxonomy:
    """The categories of the company that the settings name.

    Raises:
        ConfigurationError: the company's data have faults.
    """
    return load_company(load_settings().company_dir).taxonomy


def obstacles(tickets_of: Mapping[str, int], encoder: str, taxonomy: Taxonomy, service_encoder: str) -> Iterator[str]:
    """One sentence for each reason why the model would be refused.

    Args:
        tickets_of: labels that the model knows, with their number of tickets.
        encoder: name of the encoder it was trained with.
        service_encoder: name of the one the service reads with.
    """
    foreign = {label: n for label, n in tickets_of.items() if label not in taxonomy}
    if foreign:
        named = ", ".join(f"{label} ({n})" for label, n in list(foreign.items())[:NAMED])
        more = ", …" if len(foreign) > NAMED else ""
        yield (
            f"cannot serve here: the taxonomy in force lacks {len(foreign)} of its {len(tickets_of)} categories: "
            f"{named}{more}. Add them to taxonomy.yaml, write them under `formerly` of the category they belong to, or "
            "leave their tickets out with --known-only; `triage taxonomy import` makes a taxonomy of a helpdesk's list."
        )
    if encoder != service_encoder:
        yield (
            f"cannot serve here: it reads with {encoder}, the service with {service_encoder}. Train with "
            "--encoder shipped, or with --encoder NAME (all-MiniLM-L6-v2, multilingual-e5-small) and serve with "
            "TRIAGE_ENCODER=NAME."
        )
