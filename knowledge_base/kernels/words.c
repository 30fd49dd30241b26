/* Words: where a table has them, and what their letters say of their language. */

#include <math.h>

#include "letters.h"
#include "shared.h"

KERNEL(find_words) {
    Py_buffer b[4];
    unsigned long long factor;
    if (!PyArg_ParseTuple(args, "y*y*y*w*K", &b[0], &b[1], &b[2], &b[3], &factor)) return NULL;
    const uint32_t *points = b[0].buf;
    const int64_t *lengths = b[1].buf, n_words = COUNT(b[1], int64_t);
    const uint64_t *hashes = b[2].buf;
    int64_t *rows = b[3].buf;
    int fits = COUNT(b[3], int64_t) == n_words && cut_into(lengths, n_words, COUNT(b[0], uint32_t));
    for (int64_t word = 0; fits && word < n_words; word++) {
        uint64_t hash = 0, power = 1;
        for (int64_t i = 0; i < lengths[word]; i++, power *= factor) hash += *points++ * power;
        rows[word] = place_of(hash, hashes, COUNT(b[2], uint64_t));
    }
    return done(b, 4, fits);
}

/* Of a space 0, of a to z 1 to 26. */
static int64_t letter_number(uint32_t bare) { return bare ? bare - 'a' + 1 : 0; }

/* Letters of one language alone, which outweigh several trigrams: all marked Polish ones but ó. */
static int is_telling(uint32_t point) { return point > 'z' && point != 0xF3; }

KERNEL(log_odds) {
    Py_buffer b[4];
    double of_letter;
    if (!PyArg_ParseTuple(args, "y*y*y*w*d", &b[0], &b[1], &b[2], &b[3], &of_letter)) return NULL;
    const uint32_t *points = b[0].buf;
    const int64_t *lengths = b[1].buf, n_words = COUNT(b[1], int64_t), n_letters = 27;
    const double *of_trigrams = b[2].buf;
    double *found = b[3].buf;
    int fits = COUNT(b[2], double) == n_letters * n_letters * n_letters && COUNT(b[3], double) == n_words &&
               cut_into(lengths, n_words, COUNT(b[0], uint32_t));
    for (int64_t word = 0; fits && word < n_words; points += lengths[word++]) {
        int64_t one = 0, two = 0, n_telling = 0, known = lengths[word] > 0;
        double by_trigrams = 0;
        for (int64_t i = 0; known && i <= lengths[word]; i++) {
            uint32_t bare = i < lengths[word] ? bare_letter(points[i]) : 0;
            known = i == lengths[word] || bare >= 'a';
            if (!known) break;
            int64_t three = letter_number(bare);
            if (i) by_trigrams += of_trigrams[(one * n_letters + two) * n_letters + three];
            n_telling += i < lengths[word] && is_telling(points[i]);
            one = two;
            two = three;
        }
        found[word] = known ? by_trigrams + of_letter * (double)n_telling : NAN;
    }
    return done(b, 4, fits);
}
