/* Where the sentences, list items and table rows of a text lie; the rules are those of hybrid/sentences.py. */

#include "sentences.h"
#include "shared.h"

/* Whether a sentence or a line may end with a character. */
static inline int is_stop(uint32_t point) {
    return (point == '.') | (point == '!') | (point == '?') | (point == '\n') | (point == 0x2026);
}

/* The first such character from a place on; so many are looked at together, which compilers turn into few instructions. */
#define TOGETHER 16
static int64_t next_stop(const uint32_t *text, int64_t at, int64_t end) {
    for (; at + TOGETHER <= end; at += TOGETHER) {
        int any = 0;
        for (int i = 0; i < TOGETHER; i++) any |= is_stop(text[at + i]);
        if (any) break;
    }
    while (at < end && !is_stop(text[at])) at++;
    return at;
}

static int closes(uint32_t point) { return point == '"' || point == 0x201D || point == ')' || point == '*'; }

static int opens(uint32_t point) { return point == '"' || point == 0x201E || point == '(' || point == '*'; }

static int is_capital(uint32_t point) {
    static const uint32_t polish[] = {0x104, 0x106, 0x118, 0x141, 0x143, 0xD3, 0x15A, 0x179, 0x17B};
    if (point < 0x80) return point >= 'A' && point <= 'Z';
    for (size_t i = 0; i < sizeof polish / sizeof *polish; i++)
        if (point == polish[i]) return 1;
    return 0;
}

/* Whether letters stand right before a place after which a full stop ends no sentence; here they are written backwards. */
static int abbreviated(const uint32_t *text, int64_t at) {
    static const char letters[][4] = {"tra", "trA", "tsu", "tsU", "tkp", "pn", "jt", "wzt", "rn", "lu", "nim"};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        int64_t j = 0;
        while (letters[i][j] && j < at && text[at - 1 - j] == (uint32_t)letters[i][j]) j++;
        if (!letters[i][j]) return 1;
    }
    return 0;
}

static int is_line_end(const uint32_t *text, int64_t at, int64_t end) { return at >= end || text[at] == '\n'; }

static int64_t line_end(const uint32_t *text, int64_t at, int64_t end) {
    while (!is_line_end(text, at, end)) at++;
    return at;
}

/* Behind the white space of a line from a place on. */
static int64_t behind_space(const uint32_t *text, int64_t at, int64_t end) {
    while (!is_line_end(text, at, end) && Py_UNICODE_ISSPACE(text[at])) at++;
    return at;
}

/* Where the next sentence of a line begins; the line's end where none does. */
static int64_t next_begin(const uint32_t *text, int64_t at, int64_t end) {
    for (at = next_stop(text, at, end); !is_line_end(text, at, end); at = next_stop(text, at + 1, end)) {
        if (abbreviated(text, at)) continue;
        int64_t space = at + 1;
        while (space < end && closes(text[space])) space++;
        int64_t begin = behind_space(text, space, end), capital = begin;
        while (capital < end && opens(text[capital])) capital++;
        if (begin > space && capital < end && is_capital(text[capital])) return begin;
    }
    return at;
}

/* Whether a line is the rule below a table's header, or a heading. */
static int is_no_sentence(const uint32_t *text, int64_t first, int64_t end) {
    int64_t at = first;
    while (at < end && text[at] == '#') at++;
    if (at > first && at < end && text[at] == ' ') return 1;
    for (at = first; !is_line_end(text, at, end); at++)
        if (!Py_UNICODE_ISSPACE(text[at]) && text[at] != '|' && text[at] != ':' && text[at] != '-') return 0;
    return 1;
}

int64_t sentences_of(const uint32_t *text, int64_t start, int64_t end, int64_t *spans, int64_t room) {
    int64_t count = 0;
    for (int64_t first = start, last; first < end; first = last + 1) {
        int64_t from = behind_space(text, first, end);
        int whole = from < end && text[from] == '|';
        last = first;
        if (is_no_sentence(text, first, end)) last = line_end(text, first, end);
        while (!is_line_end(text, last, end)) {
            from = behind_space(text, last, end);
            last = whole ? line_end(text, from, end) : next_begin(text, from, end);
            int64_t to = last;
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
