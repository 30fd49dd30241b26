"""Claims: amounts, figures, numbers, articles and names need support: case, rule, template or passage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from knowledge_base.passage import Audience
from triage.domain.folding import fold
from triage.domain.reply import Finding, Severity
from triage.stages.lint.dates import WARSAW, named_days
from triage.stages.lint.matter import Matter, template_fragments

_AMOUNT = re.compile(
    r"(?<![\w,.])(?P<n1>\d{1,3}(?:[  .,]\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)\s?(?:zl\w*|pln|eur\w*|€"
    r"|usd|\$|£|gbp)(?!\w)"
    r"|(?:pln|eur|usd|gbp|€|\$|£)\s?(?P<n2>\d{1,3}(?:[  ,]\d{3})*(?:\.\d{1,2})?|\d+(?:[.,]\d{1,2})?)"
)
_TIME = (
    r"dni\w*|dzien|dnia|tydzien|tygodni\w*|miesia\w*|miesie\w*|lat|lata|rok\w*|godzin\w*|godz|minut\w*"
    r"|days?|weeks?|months?|years?|hours?|minutes?"
)
_QUANTITY = re.compile(
    rf"(?<![\w.,/-])(?P<n>\d+(?:[.,]\d+)?)(?:[  -]?(?:(?P<time>{_TIME})"
    r"|(?P<unit>%|proc\w*|percent|szt\w*|pcs|units?|litr\w*|ml|l|kg|g|cm|mm|m|v|w|a|bar"
    r"|ghz|mhz|°c|stopni\w*|degrees?|mb|gb|km|zdjec\w*|photos?))\b)"
)
_TOKEN = re.compile(r"(?<![\w])[A-Za-z]*[-/]?\d[\w/.:-]*")
_ARTICLE = re.compile(r"\b(?:art(?:\.|ykul\w*|icles?)?|§)\s?(?P<n>\d+[a-z]{0,2}\d?)(?:[-–](?P<to>\d+[a-z]?))?")
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
        own: folded text the company vouches for: template, identity, order data, quoted passages.
        told: folded text of the ticket.
        tokens: number-like tokens of both, without separators.
        stems: beginnings (4 letters or more) of the words of both.
        amounts: amounts the company vouches for.
        told_amounts: amounts named in the ticket.
        quantities: (number, first letters of the unit) the company vouches for.
        told_quantities: those named in the ticket.
        articles: provisions of the template, the clocks, the quoted passages and the picked legal basis.
    """

    own: str
    tokens: frozenset[str]
    stems: frozenset[str]
    amounts: frozenset[Decimal]
    told_amounts: frozenset[Decimal]
    quantities: frozenset[tuple[str, str]]
    told_quantities: frozenset[tuple[str, str]]
    articles: frozenset[str]


def check_claims(matter: Matter) -> Iterator[Finding]:
    """Every claim outside approved text that nothing supports."""
    known = _read_known(matter)
    taken = [(named.start, named.end) for named in named_days(matter.folded)]
    for kind in (_articles, _amounts, _quantities, _numbers):
        yield from kind(matter, known, taken)
    yield from _names(matter, known)


def _free(matter: Matter, span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return not matter.approved(*span) and not any(start < span[1] and span[0] < end for start, end in taken)


def _articles(matter: Matter, known: Known, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    for match in _ARTICLE.finditer(matter.folded):
        taken.append(match.span())
        if matter.approved(*match.span()) or match["n"] in known.articles:
            continue
        words = (
            "Tego przepisu nie ma we wzorze ani w terminach sprawy.",
            "This provision is not in the template or rules.",
        )
        yield matter.finding("ARTICLE_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 5")


def _amounts(matter: Matter, known: Known, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    for match in _AMOUNT.finditer(matter.folded):
        free = _free(matter, match.span(), taken)
        taken.append(match.span())
        amount = _decimal(match["n1"] or match["n2"])
        if not free or amount in known.amounts:
            continue
        if amount in known.told_amounts:
            if matter.decides:
                words = ("Kwotę podał tylko klient.", "Only the customer named this amount.")
                yield matter.finding("AMOUNT_ONLY_TOLD", Severity.CONFIRM, words, match.span(), source="P08")
            continue
        words = ("Tej kwoty nie ma w sprawie.", "This amount is not in the case.")
        yield matter.finding("AMOUNT_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 6")


def _quantities(matter: Matter, known: Known, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    for match in _QUANTITY.finditer(matter.folded):
        free = _free(matter, match.span(), taken)
        taken.append(match.span())
        key = (match["n"].replace(",", "."), (match["time"] or match["unit"])[:2])
        supported = known.quantities if match["time"] else known.quantities | known.told_quantities
        if free and key not in supported:
            words = ("Tej liczby nie ma w sprawie ani w źródłach.", "This figure is not in the case or its sources.")
            yield matter.finding("FIGURE_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 6")


def _numbers(matter: Matter, known: Known, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    """Case, order and part numbers, error codes, models, bare numbers."""
    for match in _TOKEN.finditer(matter.draft.body):
        if not _free(matter, match.span(), taken) or _is_list_number(matter, match):
            continue
        token = _bare(match[0])
        if token and token not in known.tokens:
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
    for match in _NAME.finditer(matter.draft.body):
        plain = match.start() in starts or matter.draft.body[match.start() - 1 : match.start()] in '„“"»:'
        if plain and not re.search(r"\d|[a-z][A-Z]", match[0]):
            continue
        folded = fold(match[0])
        if folded in _COMMON or matter.approved(*match.span()) or _stem(folded) in known.stems:
            continue
        if _bare(match[0]) in known.tokens or "." in match[0]:
            continue
        yield matter.finding("NAME_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 1")


def _read_known(matter: Matter) -> Known:
    ticket, draft = matter.ticket, matter.draft
    public = [scored.passage for scored in matter.passages if scored.passage.audience is Audience.CUSTOMER]
    own = [
        *template_fragments(draft.kind, draft.language, matter.company.templates),
        *matter.company.identity.values(),
        *ticket.order.values(),
        *(
            f"{passage.title} {' '.join(passage.section)} {passage.text} {passage.document_version}"
            for passage in public
        ),
    ]
    told = [ticket.id, ticket.subject, *(message.body for message in ticket.messages)]
    told += [f"{message.at.astimezone(WARSAW):%H:%M}" for message in ticket.messages]
    facts = [fact.value for fact in matter.facts.items]
    own_text, told_text = (fold("\n".join(texts)) for texts in (own, [*told, *facts]))
    clocks = fold(" ".join(deadline.source for deadline in matter.deadlines))
    references = fold(" ".join(reference for passage in public for reference in passage.legal_refs))
    everything = f"{own_text}\n{told_text}"
    return Known(
        own=own_text,
        tokens=frozenset(_tokens(everything)) | {_bare(number) for number in re.findall(r"\d+", everything)},
        stems=frozenset(_stem(word) for word in re.findall(r"[^\W_][\w’'-]*", everything)),
        amounts=frozenset(_amounts_in(own_text)) | frozenset(_order_amounts(ticket.order.values())),
        told_amounts=frozenset(_amounts_in(told_text)),
        quantities=frozenset(_quantities_in(own_text)),
        told_quantities=frozenset(_quantities_in(told_text)),
        articles=frozenset(match["n"] for match in _ARTICLE.finditer(f"{own_text} {clocks} {references}")),
    )


def _stem(word: str) -> str:
    """Enough of a folded word to meet its other forms (``Kraków``, ``Krakowie``)."""
    return word[: max(4, len(word) - 3)][:8] if len(word) > 4 else word


def _bare(token: str) -> str:
    return re.sub(r"[\W_]", "", token).upper()


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        yield _bare(match[0])
        yield from (_bare(part) for part in re.split(r"[/:.]", match[0]))
    for match in re.finditer(r"\b([a-z]{1,4})[ -](\d{1,4}[a-z]?)\b", text):
        yield _bare(match[1] + match[2])


def _decimal(text: str) -> Decimal:
    plain = re.sub(r"[\s ]", "", text)
    whole, separator, cents = plain.rpartition(",") if "," in plain else plain.rpartition(".")
    if separator and len(cents) <= 2:
        return Decimal(f"{re.sub(r'[.,]', '', whole)}.{cents}").normalize()
    return Decimal(re.sub(r"[.,]", "", plain)).normalize()


def _amounts_in(folded: str) -> Iterator[Decimal]:
    for match in _AMOUNT.finditer(folded):
        yield _decimal(match["n1"] or match["n2"])


def _order_amounts(values: Iterable[str]) -> Iterator[Decimal]:
    for value in values:
        if re.fullmatch(r"\d+(?:\.\d{1,2})?(?: [A-Z]{3})?", value):
            yield _decimal(value.split()[0])


def _quantities_in(folded: str) -> Iterator[tuple[str, str]]:
    for match in _QUANTITY.finditer(folded):
        yield match["n"].replace(",", "."), (match["time"] or match["unit"])[:2]
