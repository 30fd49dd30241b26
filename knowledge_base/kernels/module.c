#include "shared.h"

#define METHOD(name) {#name, name, METH_VARARGS, NULL}

static PyMethodDef methods[] = {
    METHOD(near),
    METHOD(nearest),
    METHOD(add_terms),
    METHOD(add_groups),
    METHOD(cover),
    METHOD(hash_terms),
    METHOD(hash_grams),
    METHOD(key_words),
    METHOD(find_words),
    METHOD(log_odds),
    METHOD(rank),
    METHOD(fill_slots),
    METHOD(cut_pieces),
    METHOD(sum_rows),
    METHOD(cut),
    METHOD(cut_sentences),
    METHOD(quote),
    METHOD(hold),
    METHOD(judge),
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_compiled", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__compiled(void) {
    PyObject *made = PyModule_Create(&module);
    if (made && PyModule_AddStringConstant(made, "SOURCE", SOURCE) < 0) Py_CLEAR(made);
    return made;
}
