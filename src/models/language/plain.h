/* plain: the words that people see in a text that may carry HTML.
 *
 * Entities become the characters they stand for: named and numeric ones that end in `;`, also
 * escaped more than once; numbers 128 … 159 as Windows-1252 means them. Comments, <script>, <style>
 * and what they hold, and tags go; a tag that ends a line or a cell (br, p, div, li, td, …) leaves
 * one space. What only looks like a tag stays: `<3`, `a < b`, `size <M and >S`. A tag is `</name>`
 * or `<name …>` with a name that HTML knows (or one like `o:p`), where a name of one letter is
 * followed by `>`, `/>` or an attribute with a value; inside a tag stands no `<`. A comment or
 * script that never ends is kept as text, so nothing can hide in it. Text that was escaped
 * (`&lt;b&gt;`) is taken for a tag of a text escaped once too often.
 *
 *     char *out = take(&s.keep, char, from.n);
 *     slice words = {out, plain_text(from, out)};
 *
 * Bytes that are no UTF-8 pass as they are. Time O(n): at most 8 rounds, and 2 where one removal
 * does not lay bare another tag; then the result is a fixed point. */
#ifndef MODELS_LANGUAGE_PLAIN_H
#define MODELS_LANGUAGE_PLAIN_H

#include "base/text.h"

/* Writes the plain text to out (from.n bytes, not overlapping); returns its bytes. */
size_t plain_text(slice from, char *out);

#endif
