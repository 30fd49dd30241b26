"""Addresses: links, e-mail addresses, telephone and account numbers a letter may carry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from knowledge_base.passage import Audience
from triage.domain.company import Company
from triage.domain.reply import Finding, Severity
from triage.stages.lint.fragments import template_text
from triage.stages.lint.matter import Matter
from triage.stages.lint.vocabulary import published

_LINK = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"”)\]]+|\bwww\.[^\s<>\"”)\]]+"
    r"|(?<![@\w.])(?:[a-z0-9-]++\.)+(?:pl|com|eu|net|org|io|info|biz|shop|xyz|top|ru|cn|co|uk|de|online|site"
    r"|link|me|ly|example)"
    r"(?:/[^\s<>\"”)\]]*)?(?![\w@])",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]++(?:@|\s?\(at\)\s?|\s?\[at\]\s?)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"(?=[A-Z\db])(?:"  # what each of them begins with
    r"\b[A-Z]{2}\s?\d{2}(?:[ -]?[\dA-Z]{4}){3,7}(?:[ -]?[\dA-Z]{1,3})?\b|(?<!\d)\d{2}(?:[ -]?\d{4}){6}(?!\d)"
    r"|(?<!\d)(?:\d[ -]?){16}(?!\d)"
    r"|\b0x[0-9a-fA-F]{20,}\b|\b(?:bc1|[13])[a-zA-HJ-NP-Z0-9]{25,60}\b)"
)
_LIKE_ACCOUNT = re.compile(r"[\db](?:(?<=\d)(?:[ -]?[\dA-Z]){13}|(?<=0)x|(?<=b)c1|(?<=[13])[a-zA-HJ-NP-Z0-9]{25})")
"""What every account number holds, sought in a tenth of the time."""
_AT_IN_WORDS = re.compile(r"[(\[]at[)\]]", re.IGNORECASE)
_IN_ADDRESS = {"MAIL": re.compile("@"), "LINK": re.compile(r"[.:](?=[a-z/])|www\.", re.IGNORECASE)}
"""What every address of a kind holds."""
_PHONE = re.compile(r"(?<![\w/.-])(?:\+\d{1,3}[ -]?)?(?:\(?\d{2,3}\)?[ -]?){2}\d{2,3}(?:[ -]?\d{2,3})?(?![\w/])")


def check_addresses(matter: Matter) -> Iterator[Finding]:
    """Foreign links and addresses, account numbers, telephone numbers that are not the company's."""
    body = matter.draft.body
    taken: list[tuple[int, int]] = []
    for match in _ACCOUNT.finditer(body) if _LIKE_ACCOUNT.search(body) else ():
        taken.append(match.span())
        words = (
            "Numer rachunku lub karty w piśmie; pieniądze wracają sposobem, którym zapłacono.",
            "An account or card number in a letter; money goes back by the method of payment used.",
        )
        yield matter.finding("ACCOUNT_NUMBER", Severity.BLOCK, words, match.span(), source="UPK art. 32 ust. 2; P14")
    own = _own_domains(matter.company)
    for code in ("MAIL", "LINK"):
        for match in _addresses(body, code):
            if _inside(match.span(), taken) or matter.in_template(*match.span()):
                continue
            taken.append(match.span())
            yield from _address(matter, match, own, code)
    known = _known_digits(matter)
    for match in matter.in_own_lines(_PHONE, body):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) < 9 or _inside(match.span(), taken) or matter.approved(*match.span()):
            continue
        if digits not in known:
            words = ("To nie jest numer telefonu firmy.", "This is not the company's telephone number.")
            yield matter.finding("PHONE_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 1")


def _addresses(body: str, code: str) -> Iterator[re.Match[str]]:
    """Mail addresses or links, in order; looked for in the lines that may hold one."""
    pattern = _MAIL if code == "MAIL" else _LINK
    if _AT_IN_WORDS.search(body):  # around it a mail address may go over the end of a line, and nothing else
        yield from pattern.finditer(body)
        return
    end = 0
    for found in _IN_ADDRESS[code].finditer(body):
        if found.start() < end:
            continue
        start, end = body.rfind("\n", 0, found.start()) + 1, body.find("\n", found.end())
        end = len(body) if end < 0 else end
        yield from pattern.finditer(body, start, end)


def _inside(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in taken)


def _own_domains(company: Company) -> frozenset[str]:
    domains = {part.strip() for part in company.identity.get("allowed_domains", "").split(",")}
    domains.add(company.identity.get("email", "").rpartition("@")[2])
    domains.add(_domain(company.identity.get("website", "")))
    return frozenset(domain.casefold() for domain in domains if domain)


def _domain(address: str) -> str:
    return re.sub(r"^(?:\w+://)?(?:www\.)?", "", address.casefold()).partition("/")[0].rpartition("@")[2].rstrip(".")


def _address(matter: Matter, match: re.Match[str], own: frozenset[str], code: str) -> Iterator[Finding]:
    text = match[0].rstrip(".,;:")
    domain = _domain(re.sub(r"\s?[(\[]at[)\]]\s?", "@", text))
    ours = any(domain == mine or domain.endswith(f".{mine}") for mine in own)
    if not ours:
        words = ("Adres spoza firmy.", "An address outside the company.")
        quoted = matter.approved(*match.span())  # a document may name an authority; a person looks at it all the same
        severity = Severity.CONFIRM if quoted else Severity.BLOCK
        yield matter.finding(f"FOREIGN_{code}", severity, words, match.span(), source="P14")
    elif text.casefold() not in {value.casefold().rstrip("/") for value in _own_addresses(matter)}:
        words = ("Tego adresu firma nie podaje w pismach.", "The company does not give this address in letters.")
        yield matter.finding(f"{code}_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P28 nr 1")


def _own_addresses(matter: Matter) -> Iterator[str]:
    yield from matter.company.identity.values()
    for scored in matter.passages:
        if scored.passage.audience is Audience.CUSTOMER:
            yield from _addresses_in(scored.passage.text)


@lru_cache(maxsize=2048)
def _addresses_in(text: str) -> tuple[str, ...]:
    """Addresses a passage gives to customers; kept for the next letter."""
    return tuple(match[0].rstrip(".,;:") for pattern in (_MAIL, _LINK) for match in pattern.finditer(text))


def _known_digits(matter: Matter) -> str:
    """Digits of everything the company itself publishes to customers, and of the case's own numbers."""
    draft = matter.draft
    texts = [
        "\n".join(matter.company.identity.values()),
        template_text(draft.kind, draft.language, matter.company.templates),
        *(citation.quote for citation in draft.citations),
    ]
    case = [
        matter.ticket.id,
        *matter.ticket.order.values(),
        *(fact.value for fact in matter.facts.items if fact.kind not in ("phone", "amount")),
    ]
    return "|".join([*(published(text).digits for text in texts), *(re.sub(r"\D", "", text) for text in case)])
