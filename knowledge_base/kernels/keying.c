/* What common words of queries are looked up by: keys, neighbours' keys, 4-grams. */

#include "letters.h"
#include "terms.h"
#include "word_tables.h"

enum { HASHES, FIRSTS, COUNTS, VALUES, STEMS, LEVELLED, LEVELS, COURTESIES, NEAR, RUNS, RELATED, N_BUFFERS };

/* The letters of a word without their marks, between two marks; 0 where one is of another alphabet. */
static int marked_letters(PyObject *word, uint32_t *marked) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(word);
    int kind = PyUnicode_KIND(word);
    const void *data = PyUnicode_DATA(word);
    marked[0] = marked[length + 1] = '_';
    for (Py_ssize_t i = 0; i < length; i++) {
        marked[i + 1] = bare_letter(PyUnicode_READ(kind, data, i));
        if (marked[i + 1] < 'a') return 0;
    }
    return length > 0;
}

static int64_t row_of(const Tables *t, PyObject *word) {
    int kind = PyUnicode_KIND(word);
    const void *data = PyUnicode_DATA(word);
    uint64_t hash = 0, power = 1;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(word); i++, power *= t->inverse)
        hash += PyUnicode_READ(kind, data, i) * power;
    return place_of(hash, t->hashes, t->n_words);
}

static PyObject *refused(void) {
    PyErr_SetString(PyExc_ValueError, "The arrays do not fit together.");
    return NULL;
}

/* Terms, their sizes, 4-grams, level and courtesy of a common word, whose keys are given. */
static PyObject *terms_of(const Tables *t, const uint64_t *keys, int64_t n_lemmas, uint64_t other, const uint32_t *marked,
                          int64_t length) {
    uint64_t all[UINT8_MAX + 2];
    int64_t n_keys = n_lemmas + 1, sizes[4] = {n_lemmas};
    memcpy(all, keys, (size_t)n_keys * sizeof *all);
    if (other != keys[n_lemmas]) all[n_keys++] = other;
    const uint64_t *stems = all + n_lemmas;
    int64_t n_stems = n_keys - n_lemmas;
    int64_t room = room_for(t, all, n_keys);
    if (room < 0) return refused();
    Ids terms = {malloc((size_t)room * sizeof *terms.ids), 0};
    uint64_t *grams = malloc((size_t)(length + 2) * sizeof *grams);
    PyObject *found = NULL;
    if (terms.ids && grams) {
        put(&terms, all, n_lemmas);
        if (n_lemmas) { /* what a word without lemmas shares with others it shares by its stems */
            put_near(t, &terms, all, n_keys, 0);
            take_related(&terms, n_lemmas, all, n_lemmas);
        }
        sizes[1] = terms.count - n_lemmas;
        put(&terms, stems, n_stems);
        int64_t first = terms.count;
        put_near(t, &terms, all, n_keys, 1);
        take_related(&terms, first, stems, n_stems);
        sizes[2] = n_stems, sizes[3] = terms.count - first;
        int64_t n_grams = grams_of(marked, length + 2, t->size, t->factor, grams);
        int courtesy = place_of(term_id(marked + 1, length, t->factor), t->courtesies, t->n_courtesies) >= 0;
        found = Py_BuildValue("(y#y#y#lO)", (char *)terms.ids, (Py_ssize_t)(terms.count * 8), (char *)sizes,
                              (Py_ssize_t)sizeof sizes, (char *)grams, (Py_ssize_t)(n_grams * 8),
                              level_of(t, stems, n_stems), courtesy ? Py_True : Py_False);
    } else {
        PyErr_NoMemory();
    }
    free(terms.ids);
    free(grams);
    return found;
}

/* Whether the keys of a word lie within the table. */
static int readable(const Tables *t, int64_t row) {
    return t->counts[row] >= 0 && t->counts[row] <= UINT8_MAX && t->firsts[row] >= 0 &&
           t->firsts[row] <= t->n_values - t->counts[row];
}

static uint64_t id_of(PyObject *term, uint64_t factor) {
    int kind = PyUnicode_KIND(term);
    const void *data = PyUnicode_DATA(term);
    uint64_t id = 1;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(term); i++) id = id * factor + PyUnicode_READ(kind, data, i);
    return id;
}

/* The same of a word of which dictionary and stemmers told the keys: its lemmas and stem, and its English stem. */
static PyObject *told_terms(const Tables *t, PyObject *told, const uint32_t *marked, int64_t length) {
    uint64_t keys[UINT8_MAX];
    PyObject *polish, *english;
    if (!PyArg_ParseTuple(told, "O!U", &PyList_Type, &polish, &english)) return NULL;
    Py_ssize_t n_keys = PyList_GET_SIZE(polish);
    if (!n_keys || n_keys > UINT8_MAX) return refused();
    for (Py_ssize_t i = 0; i < n_keys; i++) {
        if (!PyUnicode_Check(PyList_GET_ITEM(polish, i))) return refused();
        keys[i] = id_of(PyList_GET_ITEM(polish, i), t->factor);
    }
    return terms_of(t, keys, n_keys - 1, id_of(english, t->factor), marked, length);
}

/* The same of any word; None of one that is not common and of which nothing is told, and of a stop word, which has no
   keys, the empty tuple. */
static PyObject *look_up(const Tables *t, PyObject *word, PyObject *told) {
    int64_t length = PyUnicode_GET_LENGTH(word);
    uint32_t *marked = malloc((size_t)(length + 2) * sizeof *marked);
    if (!marked) return PyErr_NoMemory();
    int letters = marked_letters(word, marked);
    int64_t row = letters && !told ? row_of(t, word) : -1;
    PyObject *found = NULL;
    if (letters && told) {
        found = told_terms(t, told, marked, length);
    } else if (row < 0) {
        found = Py_NewRef(Py_None);
    } else if (!readable(t, row)) {
        refused();
    } else if (!t->counts[row]) {
        found = PyTuple_New(0);
    } else {
        const uint64_t *keys = t->values + t->firsts[row];
        uint64_t other = t->stems[row] ? t->stems[row] : term_id(marked + 1, length, t->factor);
        found = terms_of(t, keys, t->counts[row] - 1, other, marked, length);
    }
    free(marked);
    return found;
}

static int fitting(const Py_buffer *b, const Tables *t) {
    return COUNT(b[FIRSTS], int64_t) == t->n_words && COUNT(b[COUNTS], int64_t) == t->n_words &&
           COUNT(b[STEMS], uint64_t) == t->n_words && COUNT(b[LEVELS], uint8_t) == t->n_levelled &&
           COUNT(b[RUNS], int64_t) == 2 * t->n_near + 1 && t->size > 2;
}

KERNEL(key_words) {
    Py_buffer b[N_BUFFERS];
    PyObject *words, *told, *found = NULL;
    unsigned long long inverse, factor;
    Tables t;
    if (!PyArg_ParseTuple(args, "O!Oy*y*y*y*y*y*y*y*y*y*y*KKi", &PyList_Type, &words, &told, &b[HASHES], &b[FIRSTS], &b[COUNTS],
                          &b[VALUES], &b[STEMS], &b[LEVELLED], &b[LEVELS], &b[COURTESIES], &b[NEAR], &b[RUNS],
                          &b[RELATED], &inverse, &factor, &t.size))
        return NULL;
    t.hashes = b[HASHES].buf, t.firsts = b[FIRSTS].buf, t.counts = b[COUNTS].buf, t.values = b[VALUES].buf;
    t.stems = b[STEMS].buf, t.levelled = b[LEVELLED].buf, t.levels = b[LEVELS].buf, t.courtesies = b[COURTESIES].buf;
    t.near = b[NEAR].buf, t.runs = b[RUNS].buf, t.related = b[RELATED].buf, t.inverse = inverse, t.factor = factor;
    t.n_words = COUNT(b[HASHES], uint64_t), t.n_values = COUNT(b[VALUES], uint64_t);
    t.n_levelled = COUNT(b[LEVELLED], uint64_t), t.n_courtesies = COUNT(b[COURTESIES], uint64_t);
    t.n_near = COUNT(b[NEAR], uint64_t), t.n_related = COUNT(b[RELATED], uint64_t);
    if (!fitting(b, &t)) refused();
    else found = PyList_New(PyList_GET_SIZE(words));
    for (Py_ssize_t i = 0; found && i < PyList_GET_SIZE(found); i++) {
        PyObject *word = PyList_GetItem(words, i), *of_word = NULL; /* NULL and IndexError where another thread took it */
        PyObject *keys = word && told != Py_None ? PyList_GetItem(told, i) : NULL;
        if (word && !PyUnicode_Check(word)) PyErr_SetString(PyExc_TypeError, "Words are strings.");
        else if (word && (keys || told == Py_None)) of_word = look_up(&t, word, keys);
        if (of_word) PyList_SET_ITEM(found, i, of_word);
        else Py_CLEAR(found);
    }
    release(b, N_BUFFERS);
    return found;
}
