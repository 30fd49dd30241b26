"""Another company's categories: imported, filled in, and everything follows them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.models import FakeClassifier
from tests.unit.learning.desk import NOW, SmallDesk
from triage.adapters.company import load_company
from triage.adapters.taxonomy_import import ImportedCategory, read_categories, write_company
from triage.domain.case import CaseState, TriageCase
from triage.errors import InvalidInput
from triage.pipeline import run
from triage.stages.ingest import ticket_from_record

SHOES = """Nazwa;Kod;Rodzic;Kolejka
Reklamacja butów;REKL;;reklamacje
Zwrot;;;zwroty
Gdzie paczka;;;logistyka
Inne;;;biuro
Zwrot po terminie;;Zwrot;
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_a_csv_from_excel_becomes_categories_with_their_queues_and_subcategories(tmp_path: Path) -> None:
    company = write_company(read_categories(written(tmp_path, "c.csv", SHOES)), tmp_path / "shoes", "c.csv")
    assert company.taxonomy.codes == ("REKL", "ZWROT", "GDZIE_PACZKA", "INNE")
    assert company.taxonomy["REKL"].routing == "reklamacje"
    assert company.taxonomy["ZWROT"].subcategories == {
        "zwrot_po_terminie": {"pl": "Zwrot po terminie", "en": "Zwrot po terminie"}
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["Zwrot", "Skarga"], [("Zwrot", ""), ("Skarga", "")]),
        ({"ticket_field": {"custom_field_options": [{"id": 9, "name": "Return", "value": "ret"}]}}, [("Return", "")]),
        ({"Returns": {"Late": []}, "Faults": []}, [("Returns", ""), ("Late", "Returns"), ("Faults", "")]),
        ({"categories": [{"label": "Zwrot"}]}, [("Zwrot", "")]),
    ],
)
def test_the_forms_of_helpdesks_are_understood(tmp_path: Path, value: object, expected: list[tuple[str, str]]) -> None:
    found = read_categories(written(tmp_path, "c.json", json.dumps(value)))
    assert [(one.name, one.parent) for one in found] == expected


def test_nested_options_become_subcategories_by_whose_values_old_tickets_are_known(tmp_path: Path) -> None:
    options = [
        {"name": "Awaria::Brak grzania", "value": "awaria-brak"},
        {"name": "Awaria::Wyciek::Czynnika", "value": "awaria-wyciek"},
        {"name": "Faktura", "value": "fv_2024"},
    ]
    field = {"ticket_field": {"custom_field_options": options}}
    found = read_categories(written(tmp_path, "c.json", json.dumps(field)))
    taxonomy = write_company(found, tmp_path / "pumps", "c.json").taxonomy
    assert taxonomy.codes == ("AWARIA", "FV_2024")
    labels = [label["pl"] for label in taxonomy["AWARIA"].subcategories.values()]
    assert labels == ["Brak grzania", "Wyciek / Czynnika"]
    for name in ("awaria-brak", "Awaria::Wyciek::Czynnika", "brak grzania", "AWARIA"):
        assert taxonomy.code_of(name) == "AWARIA"
    assert taxonomy.code_of("Faktura") == taxonomy.code_of("fv_2024") == "FV_2024"


def test_two_of_one_name_get_two_codes_and_a_number_is_no_code(tmp_path: Path) -> None:
    categories = [ImportedCategory("Zwrot!"), ImportedCategory("zwrot"), ImportedCategory("Żółw")]
    assert write_company(categories, tmp_path / "x", "x").taxonomy.codes == ("ZWROT", "ZWROT_2", "ZOLW")
    numbered = read_categories(written(tmp_path, "n.csv", "id,name\n17,Zwrot\n"))
    assert numbered == (ImportedCategory("Zwrot"),)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("c.json", "{", "not valid JSON"),
        ("c.csv", "a,b\n1,2\n", "names no category"),
        ("c.csv", "", "names no category"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        read_categories(written(tmp_path, name, text))


def test_a_folder_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there already"):
        write_company([ImportedCategory("Zwrot")], tmp_path, "x")


def test_clocks_rights_urgency_and_tags_follow_the_law_a_foreign_category_stands_for(tmp_path: Path) -> None:
    write_company(read_categories(written(tmp_path, "c.csv", SHOES)), tmp_path / "shoes", "c.csv")
    path = tmp_path / "shoes" / "taxonomy.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index("  ZWROT:\n")
    path.write_text(text[:start] + text[start:].replace("law: ''", "law: C04", 1), encoding="utf-8")
    company = load_company(tmp_path / "shoes")

    def triaged(code: str) -> TriageCase:
        tools = replace(SmallDesk().tools, company=company, classifier=FakeClassifier(code))
        ticket = ticket_from_record({"id": "T1", "text": "Chcę zwrócić buty."}, now=NOW)
        return run(ticket, TriageCase("T1", "default", CaseState.RECEIVED, 1, 1, NOW), tools, NOW)

    mapped, bare = triaged("ZWROT"), triaged("GDZIE_PACZKA")
    assert mapped.classification is not None
    assert mapped.classification.tags == ("zwrot",)
    assert "UPK-32-REFUND" in {deadline.rule for deadline in mapped.deadlines}
    assert mapped.rights is not None
    assert mapped.rights.regime == "withdrawal"
    assert mapped.urgency is not None
    assert ("category", 20) in {(factor.name, factor.points) for factor in mapped.urgency.factors}
    assert (bare.deadlines, bare.rights, bare.state) == ((), None, CaseState.PENDING_APPROVAL)
