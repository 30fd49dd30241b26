/* Letters without their marks, as fold.py has them. */

#ifndef LETTERS_H
#define LETTERS_H

#include <stdint.h>

/* A lower-case Latin or Polish letter as one of a to z, a digit as it is; 0 for any other character. */
static inline uint32_t bare_letter(uint32_t point) {
    if ((point >= 'a' && point <= 'z') || (point >= '0' && point <= '9')) return point;
    switch (point) {
    case 0x105: return 'a'; /* ą */
    case 0x107: return 'c'; /* ć */
    case 0x119: return 'e'; /* ę */
    case 0x142: return 'l'; /* ł */
    case 0x144: return 'n'; /* ń */
    case 0xF3: return 'o';  /* ó */
    case 0x15B: return 's'; /* ś */
    case 0x17A: return 'z'; /* ź */
    case 0x17C: return 'z'; /* ż */
    default: return 0;
    }
}

#endif
