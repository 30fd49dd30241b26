"""morfeusz2 and faiss are both SWIG modules; iterating one's results beside the other ends the process."""

import subprocess
import sys

import pytest

DICTIONARY = "knowledge_base.tokenise.morphology"


@pytest.mark.parametrize("order", [f"{DICTIONARY}, faiss", f"faiss, {DICTIONARY}"])
def test_the_dictionary_is_read_safely_beside_faiss(order: str) -> None:
    program = (
        f"import {order}\n"
        "import numpy\n"
        "from knowledge_base.tokenise.morphology import analyse, generate\n"
        "index = faiss.IndexFlatIP(2); index.add(numpy.eye(2, dtype='float32'))\n"
        "assert any('nazwisko' in r.names for r in analyse('Kowalskiego'))\n"
        "assert 'Janowi' in {r.form for r in generate('Jan')}\n"
        "from triage.recognisers import Recognisers\n"
        "print([s.kind for s in Recognisers().find('Pozdrawiam, Anna Kowalska')])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.strip() == "['person']"
