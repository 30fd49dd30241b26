"""Claims: amounts, figures, numbers, articles and names need support: case, rule, template or passage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.passage import Audience
from triage.domain.reply import Finding, Severity
from triage.stages.lint.dates import WARSAW
from triage.stages.lint.fragments import template_text
from triage.stages.lint.matter import Matter
from triage.stages.lint.vocabulary import (
    AMOUNT,
    ARTICLE,
    QUANTITY,
    TOKEN,
    Vocabulary,
    bare,
    decimal,
    published,
    quantity_key,
    stem,
)

_NAME = re.compile(r"(?<!\w)[A-ZĄĆĘŁŃÓŚŹŻ][\w’'-]*[a-ząćęłńóśźż\d][\w’'-]*")
_COMMON = frozenset(
    "panstwo panstwa panstwu panstwem panstwie pan pana panu panem pani pania szanowni szanowna szanowny dear "
    "customer customers "
    "sir madam yours faithfully sincerely regards zalaczniki zalacznik enclosures dotyczy sprawa warszawa "
    "polska polish poland rodo gdpr uodo "
    "uokik odr adr usb wifi wi-fi led pdf rma kc upk monday tuesday wednesday thursday friday saturday sunday "
    "january "
    "february march april may june july august september october november december article act code".split()
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the case supports.

    Attributes:
        own: what the company vouches for: template, identity, order data, quotations.
        told: what stands in the ticket.
        articles: provisions of the template, the clocks and the quotations.
        order_amounts: amounts of the shop's order data.
    """

    own: tuple[Vocabulary, ...]
    told: tuple[Vocabulary, ...]
    articles: frozenset[str]
    order_amounts: frozenset[Decimal]

    def token(self, token: str) -> bool:
        """Whether a number or code stands in the case."""
        return any(token in vocabulary.tokens for vocabulary in (*self.own, *self.told))

    def word(self, folded: str) -> bool:
        """Whether a word, in any form, stands in the case."""
        return any(stem(folded) in vocabulary.stems for vocabulary in (*self.own, *self.told))

    def quantity(self, key: tuple[str, str], *, only_own: bool) -> bool:
        """Whether a figure with its unit is supported; terms only by what the company vouches for."""
        return any(key in vocabulary.quantities for vocabulary in (self.own if only_own else (*self.own, *self.told)))

    def amount(self, amount: Decimal) -> bool:
        """Whether the company vouches for an amount."""
        return amount in self.order_amounts or any(amount in vocabulary.amounts for vocabulary in self.own)


def check_claims(matter: Matter) -> Iterator[Finding]:
    """Every claim outside approved text that nothing supports."""
    known = _read_known(matter)
    taken = [(named.start, named.end) for named in matter.named_days]
    for kind in (_articles, _amounts, _quantities, _numbers):
        yield from kind(matter, known, taken)
    yield from _names(matter, known)


def _free(matter: Matter, span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return (
        not matter.approved(*span)
        and not matter.told(*span)
        and not any(start < span[1] and span[0] < end for start, end in taken)
    )


def _articles(matter: Matter, known: Known, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    for match in ARTICLE.finditer(matter.folded):
        taken.append(match.span())
        if matter.approved(*match.span()) or match["n"] in known.articles:
            continue
        words = (
            "Tego przepisu nie ma we wzorze ani w terminach sprawy.",
            "This provision is not in the template or rules.",
        )
        yield matter.finding("ARTICLE_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 5")


def _amounts(matter: Matter, known: Known, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    for match in matter.in_own_lines(AMOUNT, matter.folded):
        free = _free(matter, match.span(), taken)
        taken.append(match.span())
        amount = decimal(match["n1"] or match["n2"])
        if not free or known.amount(amount):
            continue
        if any(amount in vocabulary.amounts for vocabulary in known.told):
            if matter.decides:
                words = ("Kwotę podał tylko klient.", "Only the customer named this amount.")
                yield matter.finding("AMOUNT_ONLY_TOLD", Severity.CONFIRM, words, match.span(), source="P08")
            continue
        words = ("Tej kwoty nie ma w sprawie.", "This amount is not in the case.")
        yield matter.finding("AMOUNT_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 6")


def _quantities(matter: Matter, known: Known, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    for match in matter.in_own_lines(QUANTITY, matter.folded):
        free = _free(matter, match.span(), taken)
        taken.append(match.span())
        if free and not known.quantity(quantity_key(match), only_own=bool(match["time"])):
            words = ("Tej liczby nie ma w sprawie ani w źródłach.", "This figure is not in the case or its sources.")
            yield matter.finding("FIGURE_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 6")


def _numbers(matter: Matter, known: Known, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    """Case, order and part numbers, error codes, models, bare numbers."""
    for match in matter.in_own_lines(TOKEN, matter.draft.body):
        if not _free(matter, match.span(), taken) or _is_list_number(matter, match):
            continue
        token = bare(match[0])
        if token and not known.token(token):
            words = ("Tego numeru lub oznaczenia nie ma w sprawie.", "This number or designation is not in the case.")
            yield matter.finding("NUMBER_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 1")


def _is_list_number(matter: Matter, match: re.Match[str]) -> bool:
    body = matter.draft.body
    line = body[body.rfind("\n", 0, match.start()) + 1 : match.start()]
    return not line.strip() and bool(
        re.match(r"\d{1,2}[.)]?(?=[.)]|\s)", match[0] + body[match.end() : match.end() + 1])
    )


def _names(matter: Matter, known: Known) -> Iterator[Finding]:
    starts = {start for start, _ in matter.sentences}
    words = ("Tej nazwy lub nazwiska nie ma w sprawie.", "This name is not in the case.")
    for match in matter.in_own_lines(_NAME, matter.draft.body):
        plain = match.start() in starts or matter.draft.body[match.start() - 1 : match.start()] in '„“"»:'
        if plain and not re.search(r"\d|[a-z][A-Z]", match[0]):
            continue
        folded = matter.folded[slice(*match.span())]
        if folded in _COMMON or matter.approved(*match.span()) or matter.told(*match.span()) or known.word(folded):
            continue
        if known.token(bare(match[0])) or "." in match[0]:
            continue
        yield matter.finding("NAME_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 1")


def _read_known(matter: Matter) -> Known:
    ticket, draft = matter.ticket, matter.draft
    public = [scored.passage for scored in matter.passages if scored.passage.audience is Audience.CUSTOMER]
    template = published(template_text(draft.kind, draft.language, matter.company.templates))
    # a passage vouches for what is quoted from it word for word, not for what somebody made of it
    quoted = Vocabulary("\n".join(citation.quote for citation in draft.citations))
    titles = (published(f"{passage.heading} {passage.document_version}") for passage in public)
    identity = published("\n".join(matter.company.identity.values()))
    order = Vocabulary("\n".join(ticket.order.values()))
    told = [ticket.id, ticket.subject, *(message.body for message in ticket.messages)]
    for moment in (message.at.astimezone(WARSAW) for message in ticket.messages):
        told += [f"{moment:%H:%M}", f"{moment.hour}:{moment:%M}"]
    told += [fact.value for fact in matter.facts.items]
    clocks = " ".join(deadline.source for deadline in matter.deadlines)
    own = (template, identity, *titles, order, quoted)
    cited = published(clocks)
    return Known(
        own=own,
        told=(Vocabulary("\n".join(told)),),
        articles=frozenset().union(cited.articles, *(vocabulary.articles for vocabulary in own)),
        order_amounts=frozenset(_amounts_of(ticket.order.values())),
    )


def _amounts_of(values: Iterable[str]) -> Iterator[Decimal]:
    for value in values:
        if re.fullmatch(r"\d+(?:\.\d{1,2})?(?: [A-Z]{3})?", value):
            yield decimal(value.split()[0])
