#!/usr/bin/env python3
"""wordpiece: numbers for tests/models_wordpiece.c from Hugging Face tokenizers 0.23.3.

Usage: build/peers/bin/python tests/oracles/wordpiece.py VOCAB.txt REVIEWS.csv
Prints FNV-1a hashes (64 bits, numbers as 8 little-endian bytes): of the treatment of every code
point; of the pieces of each code point inside a word; of the pieces of all reviews.
"""
import csv
import sys

from tokenizers import BertWordPieceTokenizer
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

MASK = (1 << 64) - 1
KINDS = {"drop": 0, "space": 1, "alone": 2, "letter": 3}


def mix(h, value):
    for byte in value.to_bytes(8, "little"):
        h = ((h ^ byte) * 1099511628211) & MASK
    return h


def code_points():
    return (c for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000)


def treatments():
    normalize = BertNormalizer(True, True, True, True).normalize_str
    split = BertPreTokenizer().pre_tokenize_str
    h = 14695981039346656037
    for c in code_points():
        became = normalize("a" + chr(c) + "a")[1:-1]
        words = [w for w, _ in split("a" + became + "a")]
        kind = ("drop" if became == "" else "space" if words == ["a", "a"] else
                "letter" if len(words) == 1 else "alone")
        h = mix(mix(h, c), KINDS[kind])
        for x in "" if kind in ("drop", "space") else became.strip():
            h = mix(h, ord(x))
    return h


def main():
    print("code points   %016x" % treatments())
    tok = BertWordPieceTokenizer(sys.argv[1], lowercase=True)
    h, n, codes = 14695981039346656037, 0, list(code_points())
    for at in range(0, len(codes), 20000):
        part = codes[at:at + 20000]
        for e in tok.encode_batch(["dre" + chr(c) + "ss " + chr(c) for c in part]):
            n += len(e.ids)
            for x in e.ids:
                h = mix(h, x)
    print("in words      %016x, %d pieces" % (h, n))
    with open(sys.argv[2], encoding="utf8", newline="") as file:
        texts = [row["Review Text"] for row in csv.DictReader(file) if row["Review Text"]]
    h, n = 14695981039346656037, 0
    for e in tok.encode_batch(texts):
        n += len(e.ids)
        for x in e.ids:
            h = mix(h, x)
    print("reviews       %016x, %d pieces of %d" % (h, n, len(texts)))


main()
