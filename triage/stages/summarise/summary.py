"""The summary: sections in order, each line with the messages it rests on; a line without support is dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge_base.passage import Encoder
from triage.domain.classification import Classification, Fact, Facts
from triage.domain.deadline import Deadline, Origin
from triage.domain.folding import fold
from triage.domain.notation import write_date
from triage.domain.redaction import RedactedTicket
from triage.domain.summary import Summary, SummaryLine, SummarySection
from triage.domain.ticket import Author
from triage.ports import LineWriter
from triage.stages.summarise.candidates import WARSAW, Candidate, History
from triage.stages.summarise.promises import Commitment, commitments, open_questions
from triage.stages.summarise.retelling import RETOLD, Told, told_by
from triage.stages.summarise.timeline import is_long, turning_points
from triage.stages.summarise.wording import LABELS, REMEDIES, REMEDY_WORDS, TONES

SHOWN_FACTS = (
    "product", "model", "serial", "order_no", "rma_no", "waybill", "invoice_no", "contract_no", "batch", "part_no",
    "error_code", "firmware", "amount", "quantity",
)  # fmt: skip
MAX_FACTS = 10
MAX_DEADLINES = 3


def summarise(
    ticket: RedactedTicket,
    classification: Classification,
    facts: Facts,
    deadlines: tuple[Deadline, ...],
    encoder: Encoder | None,
    *,
    history: History | None = None,
    writer: LineWriter | None = None,
) -> Summary:
    """Summarise the contact history.

    Sentences are taken word for word from the messages' bodies (no quoted history, signatures or auto-replies). A short
    exchange gives what the customer wants and what the desk answered; a long one a timeline of at most ten lines.

    Args:
        encoder: leaves out sentences that say the same in other words; without one, shared words decide.
        history: what was read of an earlier version of the ticket; the result is the same as without.
        writer: tells what happened in its own words; a line the messages do not support is dropped and counted, and
            what it cannot tell is told by the messages' own sentences.

    Returns:
        Lines in section order, in the ticket's language (English for any language but Polish).
    """
    sentences = (history or History()).updated(ticket).candidates()
    view = _View(ticket, classification, facts, deadlines, sentences)
    told = told_by(writer, ticket, view.language) if writer else Told()
    prose = [line for line in view.intent_and_timeline(encoder) if not told.lines or line.section not in RETOLD]
    lines = [
        *told.lines,
        *prose,
        *view.demands(),
        *view.facts_named(),
        *view.deadline_lines(),
        *view.tone(),
    ]
    known = {message.id for message in ticket.messages}
    supported = [line for line in lines if line.message_ids and known.issuperset(line.message_ids)]
    order = {section: number for number, section in enumerate(SummarySection)}
    supported.sort(key=lambda line: order[line.section])
    summariser = told.writer if told.lines else "extractive"
    return Summary(tuple(supported), len(lines) - len(supported) + told.dropped, summariser)


@dataclass(frozen=True, slots=True)
class _View:
    ticket: RedactedTicket
    classification: Classification
    facts: Facts
    deadlines: tuple[Deadline, ...]
    sentences: tuple[Candidate, ...]

    @property
    def language(self) -> str:
        return "pl" if self.classification.language == "pl" else "en"

    def _line(self, section: SummarySection, label: str, ids: tuple[str, ...], **words: str) -> SummaryLine:
        return SummaryLine(section, LABELS[self.language][label].format(**words), ids)

    def _day(self, day: date) -> str:
        return write_date(day, self.language)

    def intent_and_timeline(self, encoder: Encoder | None) -> Iterator[SummaryLine]:
        """What the customer wants, what was said, promised and asked; no sentence twice."""
        intent = self._best(Author.CUSTOMER)
        taken = [intent] if intent else []
        if intent:
            label = "asks" if "?" in intent.text else "complains"
            yield self._line(SummarySection.INTENT, label, (intent.message_id,), text=intent.text)
        long = is_long(self.sentences)
        answer = None if long else self._best(Author.AGENT)
        promised = commitments(self.ticket, self.sentences, self.facts)
        if not long:  # a short exchange is told in full by two sentences, a dated promise and a question left open
            promised = tuple(one for one in promised if one.due or one.sentence == answer)
        asked = [one for one in open_questions(self.sentences) if one not in taken]
        if answer and answer not in asked and not any(promise.sentence == answer for promise in promised):
            yield self._line(SummarySection.TIMELINE, "agent", (answer.message_id,), text=answer.text)
            taken.append(answer)
        if not long:
            asked = [one for one in asked if one.author is Author.CUSTOMER or one == answer][:1]
        taken += [*asked, *(promise.sentence for promise in promised)]
        if long:
            for point in turning_points(self.sentences, taken, encoder):
                label = "customer_on" if point.author is Author.CUSTOMER else "agent_on"
                day = self._day(point.on)
                yield self._line(SummarySection.TIMELINE, label, (point.message_id,), day=day, text=point.text)
        yield from (self._commitment(promise) for promise in promised)
        for question in asked:
            label = "customer_asked" if question.author is Author.CUSTOMER else "agent_asked"
            yield self._line(SummarySection.OPEN_QUESTIONS, label, (question.message_id,), text=question.text)

    def _best(self, author: Author) -> Candidate | None:
        own = [sentence for sentence in self.sentences if sentence.author is author]
        return max(own, key=lambda sentence: (sentence.score, -sentence.position), default=None)

    def _commitment(self, promise: Commitment) -> SummaryLine:
        ids = tuple(filter(None, (promise.sentence.message_id, promise.told_by)))
        day = self._day(promise.sentence.on)
        return self._line(SummarySection.COMMITMENTS, promise.outcome.value, ids, day=day, text=promise.sentence.text)

    def demands(self) -> Iterator[SummaryLine]:
        """What the customer asks for, with the messages that say so."""
        names = REMEDIES[self.language]
        codes = [code for code in self.classification.remedies if code in names]
        ids = tuple(
            message.id
            for message in self.ticket.customer_messages
            if any(re.search(REMEDY_WORDS.get(code, r"$^"), fold(message.body)) for code in codes)
        )
        if codes:
            text = ", ".join(names[code] for code in codes)
            yield self._line(SummarySection.DEMANDS, "demands", ids or self._newest(), text=text)

    def facts_named(self) -> Iterator[SummaryLine]:
        """Products, numbers, codes and amounts of the messages, in one line."""
        known = {message.id for message in self.ticket.messages}
        shown = [fact for kind in SHOWN_FACTS for fact in self.facts.of(kind) if fact.message_id in known]
        values = _distinct([self._in_language(fact) for fact in shown])[:MAX_FACTS]
        ids = tuple(dict.fromkeys(fact.message_id for fact in shown if self._in_language(fact) in values))
        if values:
            yield self._line(SummarySection.FACTS, "facts", ids, text=", ".join(values))

    def _in_language(self, fact: Fact) -> str:
        """A name or number as it is; a general word, normalised to Polish, as the customer wrote it."""
        general = fact.value.isalpha() and fact.value.islower()
        return fact.text.lower() if general and self.language != "pl" else fact.value

    def deadline_lines(self) -> Iterator[SummaryLine]:
        """The nearest clocks, resting on the customer's message of the day they started."""
        running = [one for one in self.deadlines if one.met_on is None]
        nearest = sorted(running, key=lambda one: (one.legal_due, one.origin is not Origin.STATUTE, one.rule))
        for deadline in nearest[:MAX_DEADLINES]:
            ids = tuple(
                message.id
                for message in self.ticket.customer_messages
                if message.at.astimezone(WARSAW).date() == deadline.started_on
            )
            first = tuple(message.id for message in self.ticket.customer_messages[:1])
            day = self._day(deadline.legal_due)
            yield self._line(SummarySection.DEADLINES, "deadline", ids or first, rule=deadline.rule, day=day)

    def tone(self) -> Iterator[SummaryLine]:
        """The tone of the customer's words, where it is not neutral."""
        name = TONES[self.language].get(self.classification.tone)
        if name:
            yield self._line(SummarySection.TONE, "tone", self._newest(), text=name)

    def _newest(self) -> tuple[str, ...]:
        said = [sentence.message_id for sentence in self.sentences if sentence.author is Author.CUSTOMER]
        return tuple(said[-1:] or [message.id for message in self.ticket.customer_messages[-1:]])


def _distinct(values: list[str]) -> list[str]:
    """Each value once, without those that are part of another one or its general name (``ekspres``, ``K400``)."""
    named = any(value[:1].isupper() for value in values)
    once = list(dict.fromkeys(value for value in values if not (named and value.isalpha() and value.islower())))
    return [value for value in once if not any(value != other and value in other for other in once)]
