#!/usr/bin/env python3
"""sst2: fine-tuning on SST-2, judged on its official development set.

Usage: bench/sst2.py TRAIN.csv DEV.csv [ENCODER [EPOCHS]]      (default: minilm, 2)
Both files have the columns sentence,label (0 and 1): the 67,349 phrases and the 872 sentences of
GLUE's SST-2. Fits by `atelier sentiment --fit --fine-tune` on the train file alone, from which the
program itself holds 2,000 phrases out to choose the epoch and the threshold; a run that was killed
goes on where its last checkpoint was. Then reads the dev file by `atelier sentiment --model`.
Prints accuracy at the model's threshold and at 1/2, AUC, and processor seconds. Sentences that the
program does not read as English count as wrong. Needs tools/setup.sh --weights and minutes
of processor time: about 25 for minilm, 50 for gte-small.
"""
import csv
import os
import resource
import subprocess
import sys

WORK, ATELIER = "build/bench-sst2", os.environ.get("ATELIER", "build/release/atelier")


def atelier(*words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([ATELIER, *words], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def auc(label, p):
    order = sorted(range(len(p)), key=lambda i: p[i])
    rank, i = [0.0] * len(p), 0
    while i < len(order):  # ties share their ranks
        j = i
        while j < len(order) and p[order[j]] == p[order[i]]:
            j += 1
        for k in range(i, j):
            rank[order[k]] = (i + j + 1) / 2
        i = j
    ones = sum(label)
    above = sum(r for r, y in zip(rank, label) if y) - ones * (ones + 1) / 2
    return above / (ones * (len(p) - ones))


def main():
    train, dev = sys.argv[1:3]
    encoder = sys.argv[3] if len(sys.argv) > 3 else "minilm"
    epochs = sys.argv[4] if len(sys.argv) > 4 else "2"
    model, out = os.path.join(WORK, encoder), os.path.join(WORK, encoder + ".csv")
    os.makedirs(WORK, exist_ok=True)
    columns = ["--text", "sentence", "--label", "label", "--cache", "none"]
    fit = atelier("sentiment", "--fit", "--fine-tune", "--resume", "--in", train, *columns,
                  "--encoder", encoder, "--epochs", epochs, "--holdout", "0", "--model", model)
    atelier("sentiment", "--in", dev, *columns, "--model", model, "--out", out)
    with open(out, encoding="utf8", newline="") as file:
        rows = list(csv.DictReader(file))
    label = [int(r["label"]) for r in rows]
    p = [float(r["probability"]) if r["probability"] else -1.0 for r in rows]
    said = sum(r["predicted"] == r["label"] for r in rows) / len(rows)
    half = sum(q >= 0 and (q > 0.5) == (y == 1) for q, y in zip(p, label)) / len(rows)
    unread = sum(q < 0 for q in p)
    print(f"{encoder}: {len(rows)} sentences ({unread} not read), accuracy {said:.4f}, at 1/2 "
          f"{half:.4f}, AUC {auc(label, p):.4f}, fit {fit:.0f} processor seconds")


main()
