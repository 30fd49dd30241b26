/* Scores of texts by the terms they have. */

#include <string.h>

#include "postings.h"

/* Different columns, each with the greatest weight that it comes with. */
typedef struct {
    int64_t *columns, count;
    float *weights;
    int32_t *slots; /* of a table: 1 + the number of the column that is there */
    int bits;
} Weighed;

static int bits_for(int64_t count) {
    int bits = 2;
    while ((int64_t)1 << bits < 2 * count) bits++;
    return bits;
}

static int weighed_for(Weighed *found, int64_t count) {
    found->count = 0;
    found->bits = bits_for(count);
    found->columns = malloc((size_t)(count + 1) * sizeof *found->columns);
    found->weights = malloc((size_t)(count + 1) * sizeof *found->weights);
    found->slots = count < INT32_MAX / 4 ? calloc((size_t)1 << found->bits, sizeof *found->slots) : NULL;
    return found->columns && found->weights && found->slots;
}

static void add(Weighed *found, int64_t column, float weight) {
    int64_t last = ((int64_t)1 << found->bits) - 1, slot = (int64_t)((uint64_t)column * SPREAD >> (64 - found->bits));
    while (found->slots[slot] && found->columns[found->slots[slot] - 1] != column) slot = slot == last ? 0 : slot + 1;
    if (!found->slots[slot]) {
        found->columns[found->count] = column;
        found->weights[found->count] = weight;
        found->slots[slot] = (int32_t)++found->count;
    }
    float *known = found->weights + found->slots[slot] - 1;
    if (weight > *known) *known = weight;
}

static void forget(Weighed *found) {
    free(found->columns);
    free(found->weights);
    free(found->slots);
}

KERNEL(add_terms) {
    Py_buffer b[9];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &b[7], &b[8]))
        return NULL;
    const uint64_t *ids = b[5].buf;
    const int64_t *sizes = b[6].buf, count = COUNT(b[5], uint64_t), n_words = COUNT(b[6], int64_t);
    const float *weights = b[7].buf;
    float *total = b[8].buf;
    double possible = 0;
    Postings p = postings_of(b, COUNT(b[8], float));
    Weighed found;
    int has_memory = weighed_for(&found, count), fits = 0;
    Py_BEGIN_ALLOW_THREADS
    fits = has_memory && p.n_terms >= 0 && COUNT(b[7], float) == n_words && cut_into(sizes, n_words, count);
    for (int64_t word = 0; fits && word < n_words; word++)
        for (int64_t i = 0, column; fits && i < sizes[word]; i++) {
            int64_t n_found = columns_of(&p, ids++, 1, &column);
            fits = n_found >= 0;
            if (n_found > 0) add(&found, column, weights[word]);
        }
    for (int64_t i = 0; fits && i < found.count; i++) {
        float weight = found.weights[i];
        EACH_POSTING(&p, found.columns[i]) total[p.texts[j]] += weight * p.scores[j];
        possible += (double)p.idf[found.columns[i]] * (double)weight;
    }
    Py_END_ALLOW_THREADS
    forget(&found);
    if (!has_memory) {
        release(b, 9);
        return PyErr_NoMemory();
    }
    PyObject *nothing = done(b, 9, fits);
    Py_XDECREF(nothing);
    return nothing ? PyFloat_FromDouble(possible) : NULL;
}

/* Terms of a word of which the best counts, and those that mean nearly the same behind them. */
typedef struct {
    const uint64_t *ids;
    int64_t n_own, n_related;
    float weight;
} Group;

static int alike(const Group *one, const Group *other) {
    return one->n_own == other->n_own && one->n_related == other->n_related &&
           !memcmp(one->ids, other->ids, (size_t)(one->n_own + one->n_related) * sizeof *one->ids);
}

/* Puts a group behind the others, or its weight, if that is greater, to one that is alike. How many there are then. */
static int64_t join(Group *groups, int64_t count, int32_t *slots, int bits, Group group) {
    uint64_t hash = (uint64_t)group.n_own;
    for (int64_t i = 0; i < group.n_own + group.n_related; i++) hash = (hash ^ group.ids[i]) * SPREAD;
    int64_t last = ((int64_t)1 << bits) - 1, slot = (int64_t)(hash >> (64 - bits));
    while (slots[slot] && !alike(groups + slots[slot] - 1, &group)) slot = slot == last ? 0 : slot + 1;
    if (!slots[slot]) {
        groups[count] = group;
        slots[slot] = (int32_t)++count;
    }
    Group *known = groups + slots[slot] - 1;
    if (group.weight > known->weight) known->weight = group.weight;
    return count;
}

/* The highest score of each text among some terms. */
static void highest(const Postings *p, const int64_t *columns, int64_t count, float *best) {
    for (int64_t i = 0; i < count; i++)
        EACH_POSTING(p, columns[i]) if (p->scores[j] > best[p->texts[j]]) best[p->texts[j]] = p->scores[j];
}

/* Adds what a group says of each text: by its own terms, and what the related ones add to that. */
static void score(const Postings *p, float weight, const int64_t *own, int64_t n_own, const int64_t *related,
                  int64_t n_related, float *best, float *totals) {
    float *of_own = best, *of_related = best + p->n_texts, *more = totals + p->n_texts;
    highest(p, own, n_own, of_own);
    highest(p, related, n_related, of_related);
    for (int64_t i = 0; i < n_related; i++)
        EACH_POSTING(p, related[i]) {
            int32_t text = p->texts[j];
            if (of_related[text] > of_own[text]) more[text] += weight * (of_related[text] - of_own[text]);
            of_related[text] = 0;
        }
    for (int64_t i = 0; i < n_own; i++)
        EACH_POSTING(p, own[i]) {
            totals[p->texts[j]] += weight * of_own[p->texts[j]];
            of_own[p->texts[j]] = 0;
        }
}

KERNEL(add_groups) {
    Py_buffer b[9];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*w*", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &b[7], &b[8]))
        return NULL;
    const uint64_t *ids = b[5].buf;
    const int64_t *sizes = b[6].buf, n_ids = COUNT(b[5], uint64_t), most = 2 * COUNT(b[7], float);
    const float *weights = b[7].buf;
    float *totals = b[8].buf;
    int64_t n_texts = COUNT(b[8], float) / 2, n_groups = 0;
    int bits = bits_for(most);
    float *best = calloc((size_t)(2 * n_texts + 1), sizeof *best);
    Group *groups = malloc((size_t)(most + 1) * sizeof *groups);
    int32_t *slots = most < INT32_MAX / 4 ? calloc((size_t)1 << bits, sizeof *slots) : NULL;
    int64_t *columns = malloc((size_t)(n_ids + 1) * sizeof *columns);
    double possible[2] = {0, 0};
    Postings p = postings_of(b, n_texts);
    int has_memory = best && groups && slots && columns, fits = 0;
    Py_BEGIN_ALLOW_THREADS
    fits = has_memory && p.n_terms >= 0 && COUNT(b[6], int64_t) == 2 * most && cut_into(sizes, 2 * most, n_ids);
    for (int64_t i = 0; fits && i < most; ids += sizes[2 * i] + sizes[2 * i + 1], i++)
        if (sizes[2 * i] || sizes[2 * i + 1])
            n_groups = join(groups, n_groups, slots, bits, (Group){ids, sizes[2 * i], sizes[2 * i + 1], weights[i / 2]});
    for (int64_t i = 0; fits && i < n_groups; i++) {
        const Group *group = groups + i;
        int64_t n_own = columns_of(&p, group->ids, group->n_own, columns), *related = columns + (n_own > 0 ? n_own : 0);
        int64_t n_related = columns_of(&p, group->ids + group->n_own, group->n_related, related);
        fits = n_own >= 0 && n_related >= 0;
        if (!fits) break;
        float own_idf = rarest(&p, columns, n_own), idf = own_idf ? own_idf : rarest(&p, related, n_related);
        possible[0] += (double)group->weight * (double)own_idf;
        possible[1] += (double)group->weight * (double)idf;
        score(&p, group->weight, columns, n_own, related, n_related, best, totals);
    }
    for (int64_t text = 0; fits && text < n_texts; text++) totals[n_texts + text] += totals[text];
    Py_END_ALLOW_THREADS
    free(best);
    free(groups);
    free(slots);
    free(columns);
    if (!has_memory) {
        release(b, 9);
        return PyErr_NoMemory();
    }
    PyObject *nothing = done(b, 9, fits);
    Py_XDECREF(nothing);
    return nothing ? Py_BuildValue("dd", possible[0], possible[1]) : NULL;
}
