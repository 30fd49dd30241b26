/* What a query meets in passages: in which sentences, in which words as written, and which sentence answers best. */

#include "forms.h"
#include "sentences.h"
#include "shared.h"
#include "vectors.h"

/* As hybrid/quote.py has it. */
#define COSINE_WEIGHT 0.5

/* Columns of what is told of a sentence and of a passage. */
enum { BEGIN, END, COUNTED, OF_SENTENCE };
enum { FIRST, BEHIND, BEST, WANTED, TERMS, OF_PASSAGE };

/* Passages to be read, each in parts: its title, the headings above it, its text. */
typedef struct {
    const uint32_t *points, *lower;
    const int64_t *lengths, *n_parts, *prefixes, *ids, *bounds;
    const uint8_t *flipped;
    const int8_t *rows;
    const float *norms, *unit;
    uint64_t factor;
    int64_t n, dim, n_rows, n_bounds;
    Products *products_of;
} Passages;

/* What is found in them. */
typedef struct {
    int64_t *sentences, *terms, *shown, n_sentences, n_terms, room, room_for_terms;
    float *cosines;
    uint64_t *found; /* of each sentence, the query's words it meets */
} Found;

static int64_t counted(const uint64_t *found, const uint64_t *asked, int64_t n_blocks) {
    int64_t count = 0;
    for (int64_t i = 0; i < n_blocks; i++)
        for (uint64_t left = found[i] & asked[i]; left; left &= left - 1) count++;
    return count;
}

/* Cuts a text into its sentences and tells their cosines; 0 where the index has others. */
static int cut_text(const Passages *p, int64_t i, const uint32_t *text, int64_t length, Found *f) {
    int64_t *spans = f->sentences + OF_SENTENCE * f->n_sentences, room = f->room - f->n_sentences;
    int64_t count = sentences_of(text, p->prefixes[i], length, spans, room);
    if (!count && room) spans[BEGIN] = p->prefixes[i], spans[END] = length, count = 1;
    for (int64_t s = count - 1; s > 0; s--) /* pairs to rows */
        spans[OF_SENTENCE * s + END] = spans[2 * s + 1], spans[OF_SENTENCE * s] = spans[2 * s];
    int64_t first = p->bounds[2 * p->ids[i] + 1], end = p->bounds[2 * p->ids[i] + 2];
    if (first < 0 || end > p->n_rows || end - first != count) return 0;
    float *cosines = f->cosines + f->n_sentences;
    p->products_of(p->rows + first * p->dim, count, p->dim, p->unit, cosines);
    for (int64_t s = 0; s < count; s++) cosines[s] = p->norms[first + s] ? clipped(cosines[s] / p->norms[first + s]) : 0;
    f->n_sentences += count;
    return 1;
}

/* Keeps a word of a passage as written, each once; where they begin is told with the first of the passage. */
static int keep_term(const Passages *p, Found *f, int64_t first, int64_t begin, int64_t behind) {
    size_t size = (size_t)(behind - begin) * sizeof *p->points;
    for (const int64_t *term = f->terms + 2 * first; term < f->terms + 2 * f->n_terms; term += 2)
        if (term[1] - term[0] == behind - begin && !memcmp(p->points + term[0], p->points + begin, size)) return 1;
    if (f->n_terms == f->room_for_terms) return 0;
    f->terms[2 * f->n_terms] = begin;
    f->terms[2 * f->n_terms++ + 1] = behind;
    return 1;
}

/* The sentence that answers best, by the number of the query's words in it and its cosine. */
static int64_t best_of(const Found *f, int64_t first, int64_t wanted) {
    int64_t best = first;
    double highest = -1;
    for (int64_t s = first; wanted && s < f->n_sentences; s++) {
        double score = (double)f->sentences[OF_SENTENCE * s + COUNTED] / (double)wanted;
        score += COSINE_WEIGHT * (double)f->cosines[s];
        if (score > highest) highest = score, best = s;
    }
    return best;
}

/* Reads a passage whose parts begin at a place; 0 where something does not fit. */
static int read_passage(const Passages *p, Met *met, int64_t i, int64_t begin, const int64_t *lengths, uint64_t *asked,
                        int64_t n_asked, Found *f) {
    int64_t n_parts = p->n_parts[i], n_blocks = met->n_blocks, text = begin, first = f->n_sentences;
    int64_t first_term = f->n_terms, sentence = first;
    for (int64_t part = 0; part < n_parts - 1; part++) text += lengths[part];
    if (p->prefixes[i] < 0 || p->prefixes[i] > lengths[n_parts - 1]) return 0;
    if (!cut_text(p, i, p->points + text, lengths[n_parts - 1], f)) return 0;
    memset(f->found + first * n_blocks, 0, (size_t)((f->n_sentences - first) * n_blocks) * sizeof *f->found);
    for (int64_t bit = 0; bit < n_blocks * BITS; bit += BITS)
        asked[bit / BITS] = n_asked - bit < BITS ? ((uint64_t)1 << (n_asked - bit)) - 1 : ~(uint64_t)0;
    for (int64_t part = 0, from = begin; part < n_parts; from += lengths[part++]) {
        int64_t word, behind = from;
        uint64_t hash;
        while (next_word(p->lower, p->points, from + lengths[part], p->factor, &word, &behind, &hash)) {
            int64_t row = row_of(met, p->flipped[i] ? ~hash : hash, 0);
            if (row < 0) continue;
            if (!keep_term(p, f, first_term, word, behind)) return 0;
            const uint64_t *bits = met->bits + row * n_blocks;
            /* What the heading says tells no sentence of its section from another. */
            if (part && part == n_parts - 2)
                for (int64_t k = 0; k < n_blocks; k++) asked[k] &= ~bits[k];
            if (part < n_parts - 1) continue;
            while (sentence < f->n_sentences && f->sentences[OF_SENTENCE * sentence + END] <= word - text) sentence++;
            if (sentence < f->n_sentences && f->sentences[OF_SENTENCE * sentence + BEGIN] <= word - text)
                for (int64_t k = 0; k < n_blocks; k++) f->found[sentence * n_blocks + k] |= bits[k];
        }
    }
    int64_t *shown = f->shown + OF_PASSAGE * i;
    for (int64_t s = first; s < f->n_sentences; s++)
        f->sentences[OF_SENTENCE * s + COUNTED] = counted(f->found + s * n_blocks, asked, n_blocks);
    shown[WANTED] = counted(asked, asked, n_blocks);
    shown[FIRST] = first, shown[BEHIND] = f->n_sentences, shown[TERMS] = f->n_terms;
    shown[BEST] = best_of(f, first, shown[WANTED]);
    return 1;
}

static int read_all(const Passages *p, Met *met, uint64_t *asked, int64_t n_asked, Found *f) {
    int64_t begin = 0;
    const int64_t *lengths = p->lengths;
    for (int64_t i = 0; i < p->n; i++) {
        if (!read_passage(p, met, i, begin, lengths, asked, n_asked, f)) return 0;
        for (int64_t part = 0; part < p->n_parts[i]; part++) begin += *lengths++;
    }
    return 1;
}

enum { POINTS, LENGTHS, PARTS, PREFIXES, FLIPPED, IDS, ASKED, NUMBERS, KEYS, BOUNDS, WORDS, ROWS, NORMS, SEGMENTS, UNIT,
       SENTENCES, COSINES, PLACES, SHOWN, N_BUFFERS };

/* Whether the buffers fit together. */
static int fitting(const Py_buffer *b, const Passages *p, int64_t n_asked) {
    int64_t n_parts = COUNT(b[LENGTHS], int64_t), n_keys = COUNT(b[ASKED], uint64_t);
    for (int64_t i = 0; i < p->n; i++)
        if (p->n_parts[i] < 1) return 0;
    return cut_into(p->n_parts, p->n, n_parts) && cut_into(p->lengths, n_parts, COUNT(b[POINTS], uint32_t)) &&
           COUNT(b[PREFIXES], int64_t) == p->n && COUNT(b[FLIPPED], uint8_t) == p->n && COUNT(b[IDS], int64_t) == p->n &&
           n_asked >= 0 && n_asked < INT32_MAX && COUNT(b[NUMBERS], int64_t) == n_keys && within(b[NUMBERS].buf, n_keys, n_asked) &&
           COUNT(b[BOUNDS], int64_t) == COUNT(b[KEYS], uint64_t) + 1 && COUNT(b[ROWS], int8_t) == p->n_rows * p->dim &&
           p->n_bounds % 2 == 1 && within(p->ids, p->n, p->n_bounds / 2) &&
           COUNT(b[SENTENCES], int64_t) == OF_SENTENCE * COUNT(b[COSINES], float) && COUNT(b[PLACES], int64_t) % 2 == 0 &&
           COUNT(b[SHOWN], int64_t) == OF_PASSAGE * p->n;
}

KERNEL(quote) {
    Py_buffer b[N_BUFFERS];
    Py_ssize_t n_asked;
    Passages p;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*ny*y*y*y*y*y*y*Kw*w*w*w*", &b[POINTS], &b[LENGTHS], &b[PARTS], &b[PREFIXES],
                          &b[FLIPPED], &b[IDS], &b[ASKED], &b[NUMBERS], &n_asked, &b[KEYS], &b[BOUNDS], &b[WORDS], &b[ROWS],
                          &b[NORMS], &b[SEGMENTS], &b[UNIT], &p.factor, &b[SENTENCES], &b[COSINES], &b[PLACES], &b[SHOWN]))
        return NULL;
    p.points = b[POINTS].buf, p.lengths = b[LENGTHS].buf, p.n_parts = b[PARTS].buf, p.prefixes = b[PREFIXES].buf;
    p.ids = b[IDS].buf, p.bounds = b[SEGMENTS].buf, p.flipped = b[FLIPPED].buf, p.rows = b[ROWS].buf;
    p.norms = b[NORMS].buf, p.unit = b[UNIT].buf, p.products_of = processor_at_hand().products;
    p.lower = lower_letters();
    p.n = COUNT(b[PARTS], int64_t), p.dim = COUNT(b[UNIT], float), p.n_rows = COUNT(b[NORMS], float);
    p.n_bounds = COUNT(b[SEGMENTS], int64_t);
    Found f = {.sentences = b[SENTENCES].buf, .terms = b[PLACES].buf, .shown = b[SHOWN].buf, .cosines = b[COSINES].buf,
               .room = COUNT(b[COSINES], float), .room_for_terms = COUNT(b[PLACES], int64_t) / 2};
    Forms forms = {b[KEYS].buf, b[WORDS].buf, b[BOUNDS].buf, COUNT(b[KEYS], uint64_t), COUNT(b[WORDS], uint64_t)};
    int fits = fitting(b, &p, n_asked), has_memory = 1;
    Py_BEGIN_ALLOW_THREADS
    if (fits) {
        Met met;
        int found = meet(&met, &forms, b[ASKED].buf, b[NUMBERS].buf, COUNT(b[ASKED], uint64_t), n_asked);
        f.found = malloc((size_t)(f.room * met.n_blocks + 1) * sizeof *f.found);
        uint64_t *asked = malloc((size_t)(met.n_blocks + 1) * sizeof *asked);
        has_memory = found >= 0 && f.found && asked;
        fits = has_memory && found && read_all(&p, &met, asked, n_asked, &f);
        free(asked);
        free(f.found);
        forget_met(&met);
    }
    Py_END_ALLOW_THREADS
    if (!has_memory) {
        release(b, N_BUFFERS);
        return PyErr_NoMemory();
    }
    return done(b, N_BUFFERS, fits);
}
