#!/usr/bin/env python3
"""sentiment: Atelier's heads beside scikit-learn's on the same texts, terms and vectors.

Usage: bench/sentiment.py [SEED ...]     (default: 42; several seeds show how far a split matters)
Texts: REVIEWS (a CSV with Title, Review Text and Recommended IND; default: the real reviews beside
the project), every distinct text once, split 80 : 20 by scikit-learn's train_test_split with the
seed. Ours fits by `atelier sentiment --fit` on the train part alone, as a user would, and is judged
on what `atelier sentiment --model` writes for the test part. The peer gets tf-idf of the same terms
(1 and 2 words, in 2 texts or more, sublinear) beside the same vectors (`atelier embed`); its C and
the vectors' weight are chosen on a fifth of the train part, its threshold is 1/2.
Vectors are encoded once (CACHE, build/bench-sentiment/.vectors; minutes on a first run).
Peers: bench/requirements.txt. Prints accuracy, F1 of the negative class, AUC, calibration error
(15 bins) and processor seconds of the fit, vectors apart.
"""
import csv
import os
import resource
import subprocess
import sys
import time

import numpy as np
import scipy.sparse as sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

REVIEWS = os.environ.get("REVIEWS", "../shared/data/reviews/Womens Clothing E-Commerce Reviews.csv")
WORK, ATELIER = "build/bench-sentiment", os.environ.get("ATELIER", "build/release/atelier")
CACHE = os.environ.get("CACHE", os.path.join(WORK, ".vectors"))
PRECISION = os.environ.get("PRECISION", "int8")


def read_reviews():
    rows, seen = [], set()
    with open(REVIEWS, encoding="utf8", newline="") as file:
        for r in csv.DictReader(file):
            text = r["Review Text"].strip()
            if text and text not in seen:
                seen.add(text)
                rows.append((r["Title"], r["Review Text"], r["Recommended IND"]))
    return rows


def write(name, rows):
    path = os.path.join(WORK, name)
    with open(path, "w", encoding="utf8", newline="") as file:
        csv.writer(file).writerows([("title", "body", "liked"), *rows])
    return path


def atelier(*words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([ATELIER, *words], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def calibration(y, p):
    bin_of = np.minimum((p * 15).astype(int), 14)
    return sum(abs(p[bin_of == b].sum() - y[bin_of == b].sum()) for b in range(15)) / len(y)


def report(name, y, p, said, seconds):
    print(f"| {name} | {accuracy_score(y, said):.4f} | {f1_score(1 - y, 1 - said):.4f} | "
          f"{roc_auc_score(y, p):.4f} | {calibration(y, p):.4f} | {seconds:.1f} |", flush=True)


def ours(name, train, test, y, title, encoder):
    columns = ["--text", "body"] + (["--title", "title"] if title else [])
    model, out = os.path.join(WORK, "model"), os.path.join(WORK, "said.csv")
    vectors = ["--cache", CACHE]
    if encoder != "none":  # so that the seconds are of the fit alone
        atelier("embed", "--in", joined(train, title), "--text", "text", "--encoder", encoder,
                "--precision", PRECISION, *vectors, "--out", os.path.join(WORK, "e.npy"))
    used = atelier("sentiment", "--fit", "--in", train, *columns, "--label", "liked", "--model",
                   model, "--encoder", encoder, "--precision", PRECISION, *vectors)
    atelier("sentiment", "--in", test, *columns, "--model", model, *vectors, "--out", out)
    with open(out, encoding="utf8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(y)
    p = np.array([float(r["probability"]) for r in rows])
    said = np.array([int(r["predicted"]) for r in rows])
    report(name, y, p, said, used)


def texts_of(path, title):
    with open(path, encoding="utf8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [r["title"] + "\n" + r["body"] if title and r["title"] else r["body"] for r in rows]


def joined(path, title):
    to = path.replace(".csv", "-joined.csv")
    with open(to, "w", encoding="utf8", newline="") as file:
        csv.writer(file).writerows([("text",), *((t,) for t in texts_of(path, title))])
    return to


def peer(name, train, test, y_train, y, title, encoder):
    parts = [texts_of(train, title), texts_of(test, title)]
    dense = [None, None]
    if encoder != "none":
        for i, path in enumerate((train, test)):
            to = os.path.join(WORK, "e.npy")
            atelier("embed", "--in", joined(path, title), "--text", "text", "--encoder", encoder,
                    "--precision", PRECISION, "--cache", CACHE, "--out", to)
            dense[i] = np.load(to)
    start = time.process_time()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    words = [vectorizer.fit_transform(parts[0]), vectorizer.transform(parts[1])]

    def rows(part, weight):
        if encoder == "none":
            return words[part].tocsr()
        return sparse.hstack([words[part], sparse.csr_matrix(weight * dense[part])]).tocsr()

    fit, hold = train_test_split(np.arange(len(y_train)), test_size=0.2, random_state=1)
    grid = [(c, w) for w in ((1.5, 3, 6) if encoder != "none" else (0,))
            for c in ((0.3, 1, 3) if encoder != "none" else (1, 3, 10, 30))]
    losses = []
    for c, w in grid:
        x = rows(0, w)
        m = LogisticRegression(C=c, max_iter=500).fit(x[fit], y_train[fit])
        losses.append(log_loss(y_train[hold], m.predict_proba(x[hold])))
    c, w = grid[int(np.argmin(losses))]
    m = LogisticRegression(C=c, max_iter=500).fit(rows(0, w), y_train)
    p = m.predict_proba(rows(1, w))[:, 1]
    report(name, y, p, (p > 0.5).astype(int), time.process_time() - start)


def main():
    os.makedirs(WORK, exist_ok=True)
    reviews = read_reviews()
    y = np.array([int(r[2]) for r in reviews])
    for seed in map(int, sys.argv[1:] or ["42"]):
        train, test = train_test_split(np.arange(len(reviews)), test_size=0.2, random_state=seed)
        paths = [write("train.csv", [reviews[i] for i in train]),
                 write("test.csv", [reviews[i] for i in test])]
        print(f"\nseed {seed}: {len(train)} and {len(test)} texts, {y[test].mean():.4f} liked\n\n"
              "| model | accuracy | F1 negative | AUC | ECE | fit, cpu s |\n|---|---|---|---|---|---|")
        for title in (False, True):
            for encoder in ("none", "gte-small"):
                what = ("title and text" if title else "text") + \
                       (", words" if encoder == "none" else ", words and " + encoder)
                peer(f"scikit-learn: {what}", *paths, y[train], y[test], title, encoder)
                ours(f"**ours**: {what}", *paths, y[test], title, encoder)


if __name__ == "__main__":
    main()
