/* Where the sentences, list items and table rows of a text lie; the rules are those of hybrid/sentences.py. */

#include "sentences.h"
#include "shared.h"

static int ends_sentence(uint32_t point) { return point == '.' || point == '!' || point == '?' || point == 0x2026; }

static int closes(uint32_t point) { return point == '"' || point == 0x201D || point == ')' || point == '*'; }

static int opens(uint32_t point) { return point == '"' || point == 0x201E || point == '(' || point == '*'; }

static int is_capital(uint32_t point) {
    static const uint32_t polish[] = {0x104, 0x106, 0x118, 0x141, 0x143, 0xD3, 0x15A, 0x179, 0x17B};
    if (point < 0x80) return point >= 'A' && point <= 'Z';
    for (size_t i = 0; i < sizeof polish / sizeof *polish; i++)
        if (point == polish[i]) return 1;
    return 0;
}

/* Whether letters stand right before a place after which a full stop ends no sentence. */
static int abbreviated(const uint32_t *text, int64_t at) {
    static const char *const letters[] = {"art", "Art", "ust", "Ust", "pkt", "np", "tj", "tzw", "nr", "ul", "min"};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        int64_t length = (int64_t)strlen(letters[i]), j = 0;
        if (length > at) continue;
        while (j < length && text[at - length + j] == (uint32_t)letters[i][j]) j++;
        if (j == length) return 1;
    }
    return 0;
}

/* Where the next sentence of a line begins; the line's end where none does. */
static int64_t next_begin(const uint32_t *text, int64_t at, int64_t last) {
    for (; at < last; at++) {
        if (!ends_sentence(text[at]) || abbreviated(text, at)) continue;
        int64_t space = at + 1;
        while (space < last && closes(text[space])) space++;
        int64_t begin = space;
        while (begin < last && Py_UNICODE_ISSPACE(text[begin])) begin++;
        int64_t capital = begin;
        while (capital < last && opens(text[capital])) capital++;
        if (begin > space && capital < last && is_capital(text[capital])) return begin;
    }
    return last;
}

/* Whether a line is the rule below a table's header, or a heading. */
static int is_no_sentence(const uint32_t *text, int64_t first, int64_t last) {
    int64_t at = first;
    while (at < last && text[at] == '#') at++;
    if (at > first && at < last && text[at] == ' ') return 1;
    for (at = first; at < last; at++)
        if (!Py_UNICODE_ISSPACE(text[at]) && text[at] != '|' && text[at] != ':' && text[at] != '-') return 0;
    return 1;
}

static int is_row(const uint32_t *text, int64_t first, int64_t last) {
    while (first < last && Py_UNICODE_ISSPACE(text[first])) first++;
    return first < last && text[first] == '|';
}

int64_t sentences_of(const uint32_t *text, int64_t start, int64_t end, int64_t *spans, int64_t room) {
    int64_t count = 0;
    for (int64_t first = start, last; first < end; first = last + 1) {
        for (last = first; last < end && text[last] != '\n';) last++;
        if (is_no_sentence(text, first, last)) continue;
        int whole = is_row(text, first, last);
        for (int64_t begin = first, next; begin < last; begin = next) {
            next = whole ? last : next_begin(text, begin, last);
            int64_t from = begin, to = next;
            while (from < to && Py_UNICODE_ISSPACE(text[from])) from++;
            while (to > from && Py_UNICODE_ISSPACE(text[to - 1])) to--;
            if (to - from < MIN_CHARS) continue;
            if (count == room) return -1;
            spans[2 * count] = from;
            spans[2 * count++ + 1] = to;
        }
    }
    return count;
}

KERNEL(cut_sentences) {
    Py_buffer b[2];
    Py_ssize_t start;
    if (!PyArg_ParseTuple(args, "y*nw*", &b[0], &start, &b[1])) return NULL;
    int64_t end = COUNT(b[0], uint32_t), count = 0;
    int fits = start >= 0 && COUNT(b[1], int64_t) % 2 == 0;
    if (fits) count = sentences_of(b[0].buf, start, end, b[1].buf, COUNT(b[1], int64_t) / 2);
    return told(b, 2, fits && count >= 0, count);
}
