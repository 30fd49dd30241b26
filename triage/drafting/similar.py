"""Similar solved cases: the nearest approved replies with their outcome, to be read beside a draft."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knowledge_base.passage import Encoder
from triage.domain.access import Queues
from triage.domain.case import TriageCase
from triage.domain.drafting import SimilarCase, SolvedCase
from triage.domain.ticket import Ticket
from triage.drafting.pseudonyms import pseudonymise
from triage.ports import PersonalDataRecogniser, UnitOfWorkFactory
from triage.stages.redact import redact_text

MOST_COMPARED = 20_000
"""Newest solved cases that are compared: 20,000 vectors of 256 numbers are 20 MB and one product of 5 ms."""
LEAST_SIMILARITY = 0.3
SAME_CATEGORY = 0.05
"""Added to the cosine of a case of the same category: between equals, the one that was decided alike comes first."""


@dataclass(frozen=True, slots=True)
class SimilarCases:
    """Finds solved cases of one tenant by our own encoder; what it shows holds no personal data."""

    unit_of_work: UnitOfWorkFactory
    recogniser: PersonalDataRecogniser
    encoder: Encoder

    def to_case(self, tenant: str, case_id: str, *, limit: int = 5, queues: Queues = None) -> tuple[SimilarCase, ...]:
        """The solved cases most like a stored one, nearest first, among those in ``queues``.

        Raises:
            CaseNotFound: no such case in this tenant.
        """
        with self.unit_of_work(tenant) as uow:
            case, ticket = uow.cases.get(case_id), uow.tickets.get(case_id)
        request = self._request(ticket, case)
        category = case.classification.code if case.classification else ""
        return self._nearest(self._solved(tenant, queues, but=case_id), request, category, limit)

    def to_text(self, tenant: str, text: str, *, limit: int = 5) -> tuple[SimilarCase, ...]:
        """The solved cases most like a text, nearest first."""
        clean, _ = redact_text(text, self.recogniser)
        return self._nearest(self._solved(tenant, None), clean, "", limit)

    def _request(self, ticket: Ticket, case: TriageCase) -> str:
        return pseudonymise(ticket, case.facts, (), self.recogniser).request

    def _solved(self, tenant: str, queues: Queues, but: str = "") -> list[tuple[SolvedCase, str]]:
        with self.unit_of_work(tenant) as uow:
            known = uow.solved_cases.comparable(self.encoder.name, limit=MOST_COMPARED, queues=queues)
        return [(solved, state) for solved, state in known if solved.case_id != but]

    def _nearest(
        self, others: list[tuple[SolvedCase, str]], request: str, category: str, limit: int
    ) -> tuple[SimilarCase, ...]:
        if not others:
            return ()
        vectors = np.frombuffer(b"".join(solved.vector for solved, _ in others), dtype="<f4").reshape(len(others), -1)
        cosines = vectors @ self.encoder.encode([request])[0]  # (n, dim) @ (dim,) -> (n,)
        alike = np.array([SAME_CATEGORY * (solved.category == category) for solved, _ in others], dtype=np.float32)
        order = np.argsort(-(cosines + alike), kind="stable")[:limit]
        found = [SimilarCase(others[i][0], round(float(cosines[i]), 4), others[i][1]) for i in order]
        return tuple(one for one in found if one.similarity >= LEAST_SIMILARITY)
