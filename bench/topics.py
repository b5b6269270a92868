#!/usr/bin/env python3
"""topics: Atelier's topics beside scikit-learn's NMF and K-Means on the same texts, K = 20.

Usage: bench/topics.py [CSV COLUMN]     (default: the real reviews beside the project)
Topics are learnt on a random half of the distinct texts and judged on all of them and on the other
half, which neither side has seen: NPMI of the ten words of each topic over texts (Bouma, 2009; -1 for
two words that are never together), by the same code here for all, and diversity = different words /
all words. Ours is `atelier topics --k 20` as a user would call it, without an encoder and, where its
weights are there, with gte-small (vectors are kept in CACHE; minutes on a first run). NMF has tf-idf
of the same kind of words (English stop words out, in 10 texts or more, at most half of them); so has
K-Means, on 50 directions of truncated SVD. Theirs are the largest weights of each topic, as their
users list them. Peers: bench/requirements.txt. Seconds are of the processor, vectors apart.
"""
import csv
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import time

try:
    import numpy as np
    import scipy.sparse as sparse
    from sklearn.cluster import KMeans
    from sklearn.decomposition import NMF, TruncatedSVD
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
except ImportError:
    print("skipped: scikit-learn is not installed (bench/requirements.txt)")
    sys.exit(0)

REVIEWS = os.environ.get("REVIEWS", "../shared/data/reviews/Womens Clothing E-Commerce Reviews.csv")
ATELIER = os.environ.get("ATELIER", "build/release/atelier")
WORK, K, WORDS = pathlib.Path("build/bench-topics"), 20, 10
CACHE = os.environ.get("CACHE", str(WORK / ".vectors"))
TOKEN = r"(?u)\b[^\W\d_][^\W\d_']+\b"


def read_texts(path, column):
    with open(path, encoding="utf8", errors="replace", newline="") as file:
        return sorted({row[column].strip() for row in csv.DictReader(file)} - {""})


def judge(topics, texts):
    """Mean NPMI of the pairs of each topic's words; diversity. A plural counts as its singular."""
    names = sorted({word for topic in topics for word in topic})
    form = {word: i for i, word in enumerate(names)}
    for i, word in enumerate(names):
        form.setdefault(word[:-1] if word.endswith("s") else word + "s", i)
    counts = CountVectorizer(vocabulary=sorted(form), token_pattern=TOKEN, binary=True)
    x = counts.fit_transform(texts)
    place = [form[word] for word in sorted(form)]
    fold = sparse.csr_matrix((np.ones(len(place)), (range(len(place)), place)))
    x = ((x @ fold) > 0).astype(np.float64)
    both = np.asarray((x.T @ x).todense()) / len(texts)
    means = []
    for topic in topics:
        pairs = []
        for i, a in enumerate(topic):
            for b in topic[:i]:
                p, alone = both[form[a], form[b]], both[form[a], form[a]] * both[form[b], form[b]]
                pairs.append(-1 if p == 0 else np.log(p / alone) / -np.log(p))
        if pairs:
            means.append(np.mean(pairs))
    return np.mean(means), len(names) / sum(map(len, topics))


def ours(texts, encoder):
    WORK.mkdir(parents=True, exist_ok=True)
    with open(WORK / "in.csv", "w", encoding="utf8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["text"])
        out.writerows([text] for text in texts)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = subprocess.run(
        [ATELIER, "topics", "--in", WORK / "in.csv", "--text", "text", "--k", str(K), "--encoder", encoder,
         "--precision", "int8", "--cache", CACHE, "--out", WORK / "o.csv", "--json", "--threads", "1"],
        capture_output=True, text=True)
    if told.returncode:
        return None, told.stderr.strip()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    topics = json.loads(told.stdout)["topics"]
    return [[one["word"] for one in topic["words"]] for topic in topics], after.ru_utime - before.ru_utime


def best_words(weights, names):
    return [[names[i] for i in np.argsort(-row, kind="stable")[:WORDS] if row[i] > 0] for row in weights]


def peers(texts):
    start = time.process_time()
    tfidf = TfidfVectorizer(stop_words="english", min_df=10, max_df=0.5, token_pattern=TOKEN)
    x = tfidf.fit_transform(texts)
    names, prepared = tfidf.get_feature_names_out(), time.process_time() - start
    start = time.process_time()
    nmf = NMF(K, init="nndsvd", random_state=1, max_iter=300).fit(x)
    yield "scikit-learn NMF", best_words(nmf.components_, names), prepared + time.process_time() - start
    start = time.process_time()
    y = TruncatedSVD(50, random_state=1).fit_transform(x)
    y /= np.maximum(np.linalg.norm(y, axis=1, keepdims=True), 1e-12)
    label = KMeans(K, n_init=4, random_state=1).fit(y).labels_
    mean = np.stack([np.asarray(x[label == t].mean(axis=0))[0] for t in range(K)])
    yield "scikit-learn K-Means", best_words(mean, names), prepared + time.process_time() - start


def main():
    path, column = sys.argv[1:3] if len(sys.argv) > 2 else (REVIEWS, "Review Text")
    if not os.path.exists(path):
        print(f"skipped: {path} is not there")
        return
    texts = read_texts(path, column)
    random.Random(42).shuffle(texts)
    half, other = texts[: len(texts) // 2], texts[len(texts) // 2:]
    rows = []
    for name, encoder in (("atelier, words alone", "none"), ("atelier, gte-small", "gte-small")):
        topics, took = ours(half, encoder)
        if topics:
            rows.append((name, topics, took))
        else:
            print(f"{name}: left out ({took})")
    rows += list(peers(half))
    print(f"{len(half)} texts to learn from, {len(other)} others; K = {K}, {WORDS} words each")
    print(f"{'':24}{'NPMI all':>10}{'others':>10}{'diversity':>11}{'seconds':>9}")
    for name, topics, took in rows:
        (whole, diversity), (unseen, _) = judge(topics, texts), judge(topics, other)
        print(f"{name:24}{whole:10.3f}{unseen:10.3f}{diversity:11.2f}{took:9.1f}")


main()
