"""Text to search keys: Polish and English words, character 4-grams, codes, language.

>>> sorted(word_keys("pralki", "pl"))
['=pralka', 'pralk']
>>> codes("Pralka pokazuje błąd E 18") == codes("e-18") == ("E18",)
True
"""

from knowledge_base.tokenise.codes import codes
from knowledge_base.tokenise.common_words import NO_KEYS, KeyIds, common_keys, key_ids
from knowledge_base.tokenise.commonness import is_courtesy
from knowledge_base.tokenise.fold import fold, fold_all
from knowledge_base.tokenise.keyed_words import KeyedWord, keyed_words
from knowledge_base.tokenise.language import detect_language, detect_languages
from knowledge_base.tokenise.query_words import PackedIds, QueryWord, query_words, unpacked
from knowledge_base.tokenise.ragged import HashedRows, Ragged, ranges
from knowledge_base.tokenise.runs import cut_runs
from knowledge_base.tokenise.stop_words import STOP_WORDS
from knowledge_base.tokenise.term_ids import term_ids
from knowledge_base.tokenise.text_words import words_of
from knowledge_base.tokenise.thesaurus import related_keys, related_to
from knowledge_base.tokenise.word_weights import word_weights
from knowledge_base.tokenise.words import (
    GRAM,
    KeyGroups,
    all_key_groups,
    is_stop_word,
    key_groups,
    split_words,
    word_grams,
    word_keys,
)

__all__ = [
    "GRAM",
    "NO_KEYS",
    "STOP_WORDS",
    "HashedRows",
    "KeyGroups",
    "KeyIds",
    "KeyedWord",
    "PackedIds",
    "QueryWord",
    "Ragged",
    "all_key_groups",
    "codes",
    "common_keys",
    "cut_runs",
    "detect_language",
    "detect_languages",
    "fold",
    "fold_all",
    "is_courtesy",
    "is_stop_word",
    "key_groups",
    "key_ids",
    "keyed_words",
    "query_words",
    "ranges",
    "related_keys",
    "related_to",
    "split_words",
    "term_ids",
    "unpacked",
    "word_grams",
    "word_keys",
    "word_weights",
    "words_of",
]
