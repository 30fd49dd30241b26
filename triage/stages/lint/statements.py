"""Statements: whatever a letter asserts beside its template, its quotations and the case needs a person's tick.

Wrong assertions come in more wordings than any list of them holds. So the list is the other way round: courtesy,
requests to the customer and remarks on their message pass; every other sentence of one's own is marked. What a passing
sentence carries along (an event, a figure in words, a day without a date) is marked by patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.domain.folding import fold
from triage.domain.reply import Finding, Severity
from triage.domain.sought import Sought
from triage.stages.lint.matter import Matter
from triage.stages.lint.vocabulary import stem

_PAST = r"(?:l|la|lo|li|ly|lismy|lysmy|no|to|ny|na|ne|ni|ty|ta|te|ci)"
_EVENT = Sought(
    r"\b(?:stwierdz\w{0,2}|potwierdz\w?|wyklucz\w?|wykaza|wykry|ustal\w?|dotar|doszl|przysz|wplyne|odebra|wysla|nada"
    r"|dostarcz\w?|zwroc\w?|naprawi\w?|wymieni\w?|wstrzyma|anulowa|zlec\w?|zamow\w?|zbada|przebada|przetestowa|uzna"
    r"|odrzuc\w?|zaplac\w?|zaksiegowa|rozmawia|zadzwoni|skontaktowa|umow\w?|uzgodn\w?|zgodzi|obieca|zgubi|uszkodz\w?"
    r"|zakoncz\w?|rozpocze|wykona|zdemontowa|rozebra|podpisa|zaakceptowa|zatwierdz\w?|wyda|przeprowadz\w?)"
    rf"{_PAST}\b"
    r"|\b(?:zgodnie z|w nawiazaniu do|po) (?:panstwa |naszej |wczorajsz\w+ |wspolnymi )*"
    r"(?:telefon\w*|rozmow\w*|ustaleni\w*)"
    r"|\b(?:has|have|had|was|were|been) (?:already |not |now |just )?"
    r"(?:found|confirmed|detected|established|ruled|shown"
    r"|proved|arrived|reached|delivered|collected|picked|shipped|sent|returned|repaired|replaced|exchanged|stopped"
    r"|cancelled|ordered|booked|tested|examined|inspected|paid|refunded|agreed|approved|signed|dismantled|lost)\b"
    r"|\b(?:technician|engineer|manufacturer|workshop|service|laboratory|lab|expert|courier|carrier|colleague|manager|test"
    r"|inspection|examination|analysis|parcel|device|we|he|she|they)s? (?:\w+ly )?"
    r"(?:found|confirmed|detected|established"
    r"|ruled|showed|proved|arrived|reached|delivered|collected|shipped|repaired|replaced|stopped|cancelled|ordered"
    r"|booked|tested|examined|inspected|paid|agreed|took place|concluded|excluded)\b"
    r"|\bas (?:we )?(?:agreed|discussed)|\b(?:by|over the) phone yesterday|\bper our (?:call|conversation)"
)
_HARMLESS = re.compile(
    r"\b(?:wiadomosc|pismo|zgloszenie|zdjeci\w*|opis|message|letter|file|your|panstwa)\b[^.]{0,30}"
    r"(?:dolacz\w*|added|otrzymal\w*|received|read|przeczyta\w*)"
)
_NUMBER_WORD = (
    r"(?:jed(?:en|na|no|nego|nej)|dw(?:a|ie|u|och)|trzy|trzech|cztery|czterech|piec(?:iu)?|szesc(?:iu)?|siedem|siedmiu"
    r"|osiem|osmiu|dziewiec(?:iu)?|dziesiec(?:iu)?|jedenast\w+|dwanasc\w*|dwunast\w+|dwadziesc\w+"
    r"|dwudziest\w+|trzydziest\w*|trzydziesc\w+|sto|stu|dwiescie|tysiac\w*|tysiec\w*"
    r"|polowa|pol|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|hundred|thousand|half|\w+(?:nasc\w*|nastu|dziesiat|dziesieciu|sta|set|teen))"
)
_IN_WORDS = re.compile(
    rf"\b{_NUMBER_WORD}(?:[ -]{_NUMBER_WORD}){{0,4}} (?:\w+ )?"
    r"(?:zlot\w+|zl\b|pln\b|euro\b|dolar\w*|grosz\w*|proc\w*|dni\b|dniach|dnia\b|tygodni\w*|miesiec\w*|miesiac\w*|lat\b|lata\b"
    r"|rok\w*|godzin\w*|days?\b|weeks?\b|months?\b|years?\b|hours?\b|per ?cent|dollars?|pounds?)"
)
_DAY_WITHOUT_DATE = Sought(
    r"\b(?:stycz(?:en|nia|niu)|lut(?:y|ego|ym)|marzec|marcu|marca|kwie(?:cien|tnia|tniu)|maj(?:a|u)|czerw(?:iec|ca|cu)"
    r"|lip(?:iec|ca|cu)|sierp(?:ien|nia|niu)|wrzes(?:ien|nia|niu)|pazdziernik\w*|listopad\w*|grud(?:zien|nia|niu)"
    r"|(?:in|by|until|of|before|since) (?:early |late |mid-?)?"
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"|(?:w|do|na|od) (?:najblizsz\w+ )?(?:poniedzial\w+|wtor\w+|srod\w+|czwart\w+|piat\w+|sobot\w+|niedziel\w+)"
    r"|w (?:tym|przyszlym|nastepnym|zeszlym) tygodniu|this (?:very )?week|last week)\b"
)
_SPEECH = re.compile(
    r"[\W\d]*(?:(?:a|i|oraz|dlatego|and|so|also|bardzo|z gory|dear \w+|szanown\w+ \w+|dzien dobry|hello)[ ,]+)*(?:"
    # courtesy
    r"dziek\w+|wdzieczn\w*|bedziemy wdzieczni|przykro|przeprasza\w+|przepraszam|rozumie\w+|wiemy,? (?:jak|ze to)"
    r"|zyczy\w*|mil\w+ dnia|docenia\w+|ciesz\w+|dokladamy staran|pozdraw\w+|z (?:powazaniem|pozdrowieniami)"
    r"|thank\w*|(?:we are |i am )?(?:sorry|grateful)|have a"
    r"|we (?:regret|apologi\w+|understand|appreciate|know how|hope)"
    r"|kind regards|yours"
    # when the desk answers; the date is checked on its own
    r"|odpowiemy|odpowiedz (?:na reklamacje )?(?:otrzymaja|przeslemy)|we will (?:reply|answer)|you will have our reply"
    # requests and offers to the customer
    r"|(?:\w+ ){0,3}pros(?:imy|ze|ba)|poprosimy|wystarcz\w*|(?:nie )?(?:mozna|trzeba|musza|potrzeba)"
    r"|moga panstwo|moze pan\w?|zacheca\w+"
    r"|warto|polecamy|jez?eli|jesli|gdyby|gdy |w razie|w przypadku|czy |chetnie (?:odpowi\w+|wyjasni\w+|pomoz\w+)"
    r"|please|you (?:may|can|could|need not|do not have to)|feel free|if |should you|in case|just |simply|when "
    r"|could you|would you|do not hesitate|we are happy to (?:answer|help|explain)"
    # remarks on the customer's own message and on this correspondence
    r"|(?:panstwa |zalaczon\w+ |opisan\w+ |pierwsz\w+ |jedn\w |ten |to |your "
    r"|the |these |this |attached |one |short |brief |krotk\w+ |an? )*"
    r"(?:opis\w*|objaw\w*|zdjeci\w*|fotografi\w*|film\w*|wiadomosc\w*|odpowiedz|numer|pismo|adres\w*|description|symptoms?"
    r"|photos?|pictures?|video|message|reply|answer|number|letter|address)\b[^.]{0,60}?\b"
    r"(?:jest|sa|bylo|moze|mozna|bedzie"
    r"|ulatwi\w*|pomo[gz]\w*|przekazujemy|dolaczylismy|w stopce|is|are|was|may|can|make\w*|help\w*"
    r"|has been added|will do)\b"
    r")"
)
"""What may be said without a source: courtesy, a request or offer to the customer, a remark on their message."""
_HEAD = re.compile(r"(?:zadanie|your request|dotyczy|re|sprawa nr|case no|do|to|subject|temat)\b[^:\n]{0,12}[: ]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ADDRESS = frozenset("panstwa panstwu panstwo panstwem pana pani panu your you the".split())
LEAST_OWN, LEAST_NEW = 3, 2
"""Least words of one's own, and least of them that the customer has not used: repeating the customer is no claim."""
LEAST_WORDS = 3


def check_statements(matter: Matter) -> Iterator[Finding]:
    """Sentences of one's own that assert something; events nobody recorded, figures in words, days without a date."""
    yield from _assertions(matter)
    words = ("Zdarzenie lub ustalenie, którego nie ma w sprawie.", "An event or a finding that is not in the case.")
    for start, end in _own(matter, _EVENT.finditer(matter.folded)):
        if not _HARMLESS.search(matter.folded, *matter.sentence_of(start)):
            yield matter.finding("EVENT_UNSUPPORTED", Severity.CONFIRM, words, (start, end), source="P28 nr 1")
    words = ("Liczba słowami, której nie ma w sprawie.", "A figure in words that is not in the case.")
    for span in _own(matter, matter.in_own_lines(_IN_WORDS, matter.folded)):
        yield matter.finding("FIGURE_IN_WORDS", Severity.CONFIRM, words, span, source="P28 nr 6")
    words = ("Termin bez daty: podaj dzień, który wynika ze sprawy.", "A term without a date: name the day.")
    dated = [(named.start, named.end) for named in matter.named_days]
    for start, end in _own(matter, _DAY_WITHOUT_DATE.finditer(matter.folded)):
        if matter.draft.body[start:end].lower() == "mają":  # folded it reads like the month of May
            continue
        if not any(since < end and start < until for since, until in dated):
            yield matter.finding("DAY_WITHOUT_DATE", Severity.CONFIRM, words, (start, end), source="P11")


def _assertions(matter: Matter) -> Iterator[Finding]:
    """Sentences that are neither the template's, nor quoted, nor the case's, nor plain courtesy."""
    if matter.draft.composer.startswith("llm"):  # a model's sentences have a check of their own
        return
    dated = [(named.start, named.end) for named in matter.named_days]
    known = _known_words(matter)
    told = frozenset(map(stem, _WORD.findall(fold(matter.ticket.request))))
    words = ("Twierdzenie, którego nie ma we wzorze ani w sprawie.", "An assertion not in the template or the case.")
    for start, end in matter.own_sentences:
        own = [
            span
            for word in _WORD.finditer(matter.folded, start, end)
            if word[0] not in known
            and not matter.approved(*(span := word.span()))
            and not matter.told(*span)
            and not any(since <= span[0] < until for since, until in dated)
        ]
        new = [span for span in own if stem(matter.folded[slice(*span)]) not in told]
        if len(own) < LEAST_OWN or len(new) < LEAST_NEW:
            continue
        if _HEAD.match(matter.folded, start) or _is_asked_for(matter, start):
            continue
        if any(_SPEECH.match(matter.folded, place) for place in (start, own[0][0])):
            continue
        span = (own[0][0], own[-1][1])
        yield matter.finding("STATEMENT_UNSUPPORTED", Severity.CONFIRM, words, span, source="P28 nr 1")


def _is_asked_for(matter: Matter, start: int) -> bool:
    """Whether the line is an item of a list that the template introduces as a request (``jeżeli prześlą Państwo:``)."""
    body = matter.draft.body
    line = body.rfind("\n", 0, start) + 1
    introduced = body.rfind(":\n", 0, line)
    listed = all(item.startswith("- ") for item in body[introduced + 2 : line].splitlines())
    first = not body[line:start].strip("- ")
    return (
        body.startswith("- ", line)
        and first
        and introduced >= 0
        and listed
        and matter.in_template(introduced - 4, introduced)
    )


def _known_words(matter: Matter) -> frozenset[str]:
    """Words of the shop's data, of the facts and of the company's identity."""
    texts = (
        *matter.ticket.order.values(),
        *(fact.value for fact in matter.facts.items),
        *matter.company.identity.values(),
    )
    return _ADDRESS | frozenset(_WORD.findall(fold("\n".join(texts))))


def _own(matter: Matter, matches: Iterator[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Matches outside approved text and the customer's own words; what the shop's data say in those words is theirs."""
    given = [value.casefold() for value in matter.ticket.order.values() if len(value.split()) >= LEAST_WORDS]
    for match in matches:
        span = match.span()
        if matter.approved(*span) or matter.told(*span):
            continue
        if not any(matter.draft.body[span[0] : span[1]].casefold() in value for value in given):
            yield span
