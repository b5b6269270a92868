#!/usr/bin/env python3
"""encoder: vectors of 200 made-up texts by ONNX Runtime 1.32.0, for tests/pipeline_encoder.c.

Usage: build/peers/bin/python tests/oracles/encoder.py    (writes tests/oracles/encoder.tsv)
Each line: a text, then for gte-small and all-MiniLM-L6-v2 eight numbers of its unit vector, those at
places 0, 48, 96, … 336. Mean of the last hidden states, one text at a time; needs the weights.
"""
import random

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

WEIGHTS, OUT = "build/weights", "tests/oracles/encoder.tsv"
MOST = {"gte-small": 512, "all-MiniLM-L6-v2": 256}
WHAT = ["dress", "blouse", "pair of jeans", "cardigan", "swimsuit", "coat", "skirt", "t-shirt"]
SAYS = ["runs small, order a size up", "fits true to size", "is softer than it looks",
        "lost its colour in the first wash", "itches at the neck", "came late and crumpled",
        "is worth every cent", "gapes at the bust", "was sent back the same day", "drapes beautifully",
        "is see-through in the sun", "has pockets!!", "pills after two wears", "feels like velvet"]
ODD = ["", "!", "I", "Größe paßt, Stoff häßlich: naïve façade", "\U0001F60D\U0001F60D \U0001F44D",
       "<p>Nice <b>skirt</b> &amp; soft</p>", "это платье мне мало", "这条裙子很漂亮", "드레스가 작아요",
       "size 8 / 10, 5'4\", $39.99 (-20%)", "antidisestablishmentarianism " * 3, "x" * 101,
       "love " * 300, "[not a special piece]", "e\u0301le\u0301gant\u200b \u00adsoft"]


def texts():
    r = random.Random(5)
    yield from ODD
    for i in range(200 - len(ODD)):
        n = 1 + i * 12 // 185
        yield " ".join("%s %s %s." % (r.choice(["The", "This", "My new", "Her"]), r.choice(WHAT),
                                      r.choice(SAYS)) for _ in range(n))


def vectors(name, lines):
    folder = "%s/%s/" % (WEIGHTS, name)
    tok = Tokenizer.from_file(folder + "tokenizer.json")
    tok.no_padding()
    tok.enable_truncation(MOST[name])
    session = onnxruntime.InferenceSession(folder + "onnx/model.onnx")
    for line in lines:
        ids = np.array([tok.encode(line).ids])
        h = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids),
                               "token_type_ids": np.zeros_like(ids)})[0][0].astype(np.float64)
        v = h.mean(0)
        yield (v / np.linalg.norm(v))[0:384:48]


def main():
    lines = list(texts())
    columns = [vectors(name, lines) for name in MOST]
    with open(OUT, "w", encoding="utf8") as out:
        for line, *rows in zip(lines, *columns):
            out.write("\t".join([line] + ["%.8f" % x for row in rows for x in row]) + "\n")


main()
