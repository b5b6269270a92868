#!/usr/bin/env python3
"""uncased: writes src/models/language/uncased_tables.c, what uncased BERT makes of each character.

Usage: build/peers/bin/python tools/uncased.py    (needs tokenizers of bench/requirements.txt)

Asks the reference (the normaliser and the word splitter of Hugging Face `tokenizers`) for every code
point from U+0080 on and keeps what differs from "stays as it is": runs of equal treatment, single
letters with another form, the CJK compatibility ideographs, and characters that become several.
Python's own unicodedata would not do: the reference mixes tables of several Unicode versions.
"""
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

OUT = "src/models/language/uncased_tables.c"
NORMALIZER = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=True,
                            lowercase=True)
SPLITTER = BertPreTokenizer()
COMPAT = [(0xF900, 0xFAD9), (0x2F800, 0x2FA1D)]


def treatment(c):
    """(kind, characters) of code point c between two letters; kind D, S, A or L."""
    if 0xD800 <= c < 0xE000:
        return "D", ""
    became = NORMALIZER.normalize_str("a" + chr(c) + "a")[1:-1]
    if became == "":
        return "D", ""
    words = [w for w, _ in SPLITTER.pre_tokenize_str("a" + became + "a")]
    if words == ["a", "a"]:
        return "S", ""
    if words == ["a" + became + "a"]:
        return "L", became
    assert words == ["a", became.strip(), "a"] and len(became.strip()) == 1, (c, words)
    return "A", became.strip()


def runs_of(points):
    """Maximal runs of step 1 or 2 with one kind and one difference: (first, last, step, key)."""
    codes = {c: key for c, key in points}
    done, runs = set(), []
    for c, key in points:
        if c in done:
            continue
        best = (c, 1)
        for step in (1, 2):
            last = c
            while codes.get(last + step) == key and (step == 1 or last + 1 not in codes):
                last += step
            if last > best[0]:
                best = (last, step)
        done.update(range(c, best[0] + 1, best[1]))
        runs.append((c, best[0], best[1], key))
    return runs


def rows(items):
    """Items joined into lines of at most 96 columns."""
    lines, line = [], "   "
    for item in items:
        if len(line) + 1 + len(item) > 96:
            lines.append(line)
            line = "   "
        line += " " + item
    return "\n".join(lines + [line])


def main():
    points, several, compat = [], [], {}
    for c in range(0x80, 0x110000):
        kind, became = treatment(c)
        if 0xAC00 <= c <= 0xD7A3:  # Hangul syllables: by arithmetic
            continue
        if any(a <= c <= b for a, b in COMPAT) and len(became) == 1:
            assert kind == "A"
            compat[c] = ord(became)
        elif kind == "L" and len(became) > 1:
            assert len(became) <= 3
            several.append((c, [ord(x) for x in became]))
        elif (kind, became) != ("L", chr(c)):
            points.append((c, (kind, ord(became) - c if became else 0)))
    runs = runs_of(points)
    singles = [(a, a + key[1]) for a, b, _, key in runs if a == b and key[0] == "L"]
    runs = [r for r in runs if r[0] != r[1] or r[3][0] != "L"]
    kinds = {"D": "DROP", "S": "SPACE", "A": "ALONE", "L": "LETTER"}
    with open(OUT, "w", encoding="ascii") as out:
        put = out.write
        put("/* uncased_tables: what uncased BERT makes of characters; written by tools/uncased.py. */\n"
            '#include "models/language/uncased.h"\n\n'
            "enum { D = UNCASED_DROP, S = UNCASED_SPACE, A = UNCASED_ALONE, L = UNCASED_LETTER };\n\n")
        put("/* first, last, step, kind, what is added to the code */\n"
            "const uncased_run uncased_runs[] = {\n")
        put(rows("{0x%X,0x%X,%d,%s,%d}," % (a, b, step, key[0], key[1])
                 for a, b, step, key in runs))
        put("\n};\nconst int uncased_n_runs = sizeof uncased_runs / sizeof *uncased_runs;\n\n")
        put("const uncased_single uncased_singles[] = {\n")
        put(rows("{0x%X,0x%X}," % pair for pair in singles))
        put("\n};\nconst int uncased_n_singles = sizeof uncased_singles / sizeof *uncased_singles;"
            "\n\n")
        put("const uncased_several uncased_severals[] = {\n")
        put(rows("{0x%X, {%s}}," % (c, ", ".join("0x%X" % x for x in to)) for c, to in several))
        put("\n};\nconst int uncased_n_severals = sizeof uncased_severals / sizeof *uncased_severals;"
            "\n\n")
        put("/* CJK compatibility ideographs from U+F900 and from U+2F800: words of their own;\n"
            " * 0 = as the runs say. */\n")
        for name, (a, b) in zip("bs", COMPAT):
            put("const uint32_t uncased_compat_%s[%d] = {\n" % (
                {"b": "basic", "s": "supplement"}[name], b - a + 1))
            put(rows("0x%X," % compat[c] if c in compat else "0," for c in range(a, b + 1)))
            put("\n};\n")
    print(len(runs), "runs,", len(singles), "singles,", len(several), "several")


main()
