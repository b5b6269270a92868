#!/usr/bin/env python3
"""encoder: Atelier's tokenizer and encoder beside Hugging Face tokenizers and ONNX Runtime, in turns.

Usage: bench/encoder.py [gte-small] [all-MiniLM-L6-v2]     (default: both)
Texts: REVIEWS (a CSV with the column "Review Text"; default: the real reviews beside the project),
every n-th so that TEXTS (300) remain; the tokenizer gets all. Both sides get the texts sorted by
length; ONNX Runtime in batches of 32. Prints texts a processor second and a wall second (medians
of ROUNDS, 3), their ratio (ours / peer: above 1, ours is faster), and how near the vectors are.
Weights: tools/setup.sh --weights. Peers: bench/requirements.txt.
"""
import csv
import os
import statistics
import subprocess
import sys
import time

import numpy as np
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

WEIGHTS = os.environ.get("ATELIER_WEIGHTS", "build/weights")
REVIEWS = os.environ.get("REVIEWS", "../shared/data/reviews/Womens Clothing E-Commerce Reviews.csv")
TEXTS, ROUNDS = int(os.environ.get("TEXTS", 300)), int(os.environ.get("ROUNDS", 3))
OURS, WORK = "build/release/bench/encoder", "build/bench-encoder"
MOST = {"gte-small": 512, "all-MiniLM-L6-v2": 256}


def read_texts():
    with open(REVIEWS, encoding="utf8", newline="") as file:
        texts = [r["Review Text"] for r in csv.DictReader(file) if r["Review Text"]]
    return [" ".join(t.split()) for t in texts]


def write_lines(name, texts):
    path = os.path.join(WORK, name)
    with open(path, "w", encoding="utf8") as file:
        file.write("".join(t + "\n" for t in texts))
    return path


def peer(session, ids):
    """Vectors of all texts; wall and processor seconds."""
    out = np.zeros((len(ids), 384), np.float32)
    wall, used = time.perf_counter(), time.process_time()
    for at in range(0, len(ids), 32):
        part = ids[at:at + 32]
        x = np.zeros((len(part), max(map(len, part))), np.int64)
        mask = np.zeros_like(x)
        for i, one in enumerate(part):
            x[i, :len(one)], mask[i, :len(one)] = one, 1
        h = session.run(None, {"input_ids": x, "attention_mask": mask,
                               "token_type_ids": np.zeros_like(x)})[0]
        out[at:at + 32] = (h * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
    took = time.perf_counter() - wall, time.process_time() - used
    return out / np.linalg.norm(out, axis=1)[:, None], took


def session_of(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def ours(folder, lines, threads, precision):
    out = os.path.join(WORK, "vectors.npy")
    said = subprocess.run([OURS, "vectors", folder, lines, str(threads), precision, out],
                          check=True, capture_output=True, text=True).stdout
    return np.load(out), tuple(float(x) for x in said.split())


def compare(name, texts):
    folder = os.path.join(WEIGHTS, name)
    model, small = folder + "/onnx/model.onnx", os.path.join(WORK, name + ".int8.onnx")
    tok = Tokenizer.from_file(folder + "/tokenizer.json")
    tok.no_padding()
    tok.enable_truncation(MOST[name])
    texts = sorted(texts[::max(1, len(texts) // TEXTS)][:TEXTS], key=lambda t: len(tok.encode(t)))
    ids = [e.ids for e in tok.encode_batch(texts)]
    lines = write_lines("texts.txt", texts)
    if not os.path.exists(small):
        quantize_dynamic(model, small, per_channel=True, weight_type=QuantType.QInt8)
    print("%s: %d texts, %.1f pieces each" % (name, len(ids), sum(map(len, ids)) / len(ids)))
    exact = None
    for threads in (1, 2):
        for precision, path in (("fp32", model), ("int8", small)):
            session = session_of(path, threads)
            took = {"peer": [], "ours": []}
            for _ in range(ROUNDS):
                theirs, seconds = peer(session, ids)
                took["peer"].append(seconds)
                mine, seconds = ours(folder, lines, threads, precision)
                took["ours"].append(seconds)
            if exact is None:
                exact = theirs
            rate = {k: [len(ids) / statistics.median(s[i] for s in v) for i in (0, 1)]
                    for k, v in took.items()}
            near = lambda v: (v * exact).sum(1)  # noqa: E731
            print("  %s, %d thread%s: texts a cpu second %.1f, ONNX Runtime %.1f, ratio %.2f; a "
                  "wall second %.1f, %.1f, ratio %.2f" % (
                      precision, threads, "s" * (threads > 1), rate["ours"][1], rate["peer"][1],
                      rate["ours"][1] / rate["peer"][1], rate["ours"][0], rate["peer"][0],
                      rate["ours"][0] / rate["peer"][0]))
            if threads == 1:
                print("    to ONNX Runtime fp32: ours max difference %.2g, cosine min %.6f mean "
                      "%.6f; theirs cosine min %.6f mean %.6f" % (
                          abs(mine - exact).max(), near(mine).min(), near(mine).mean(),
                          near(theirs).min(), near(theirs).mean()))


def tokens(name, texts):
    folder = os.path.join(WEIGHTS, name)
    lines = write_lines("all.txt", texts)
    said = subprocess.run([OURS, "tokens", folder, lines], check=True, capture_output=True,
                          text=True).stdout.split()
    tok = Tokenizer.from_file(folder + "/tokenizer.json")
    tok.no_padding()
    tok.no_truncation()
    best = 1e9
    for _ in range(3):
        used = time.process_time()
        pieces = sum(len(e.ids) for e in tok.encode_batch(texts))
        best = min(best, time.process_time() - used)
    assert pieces == int(said[1]), (pieces, said)
    print("tokenizer: %d pieces, million a cpu second %.2f, tokenizers %.2f, ratio %.1f" % (
        pieces, pieces / float(said[0]) / 1e6, pieces / best / 1e6, best / float(said[0])))


def main():
    if not os.path.exists(REVIEWS) or not os.path.exists(WEIGHTS):
        print("encoder: needs %s and %s" % (REVIEWS, WEIGHTS))
        return
    os.makedirs(WORK, exist_ok=True)
    subprocess.run(["make", "-s", OURS], check=True)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    texts = read_texts()
    tokens("gte-small", texts)
    for name in sys.argv[1:] or ["all-MiniLM-L6-v2", "gte-small"]:
        compare(name, texts)


main()
