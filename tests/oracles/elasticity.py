"""Reference numbers of tests/models_elasticity.c: least squares with dummy columns, solved densely.

A small unbalanced panel is made by integer arithmetic that the C test repeats: article a, week w,
price step (7a + 5w + a*w) mod 11. Two-way effects become dummy columns (the first week dropped);
the normal equations are solved by Gauss-Jordan in exact fractions of the doubles. Standard
errors: iid, and clustered by article with the article effects not counted (nested).
Run: python3 tests/oracles/elasticity.py
"""
from fractions import Fraction
import math


def panel():
    rows = []
    for a in range(9):
        for w in range(12):
            if (3 * a + 2 * w) % 5 == 0:
                continue
            x = math.log(10 + (7 * a + 5 * w + a * w) % 11)
            promo = float((a + w) % 4 == 0)
            noise = ((a * 37 + w * 101) % 23 - 11) / 40
            y = -2 * x + 0.5 * promo + 0.3 * a + math.sin(w) + noise
            rows.append((a, w, x, promo, y))
    return rows


def invert(m):
    n = len(m)
    a = [row[:] + [Fraction(i == j) for j in range(n)] for i, row in enumerate(m)]
    for c in range(n):
        p = next(r for r in range(c, n) if a[r][c] != 0)
        a[c], a[p] = a[p], a[c]
        d = a[c][c]
        a[c] = [v / d for v in a[c]]
        for r in range(n):
            if r != c and a[r][c] != 0:
                f = a[r][c]
                a[r] = [v - f * u for v, u in zip(a[r], a[c])]
    return [row[n:] for row in a]


rows = panel()
n = len(rows)
X, y = [], []
for a, w, x, promo, v in rows:
    X.append([Fraction(x), Fraction(promo)] + [Fraction(a == i) for i in range(9)]
             + [Fraction(w == i) for i in range(1, 12)])
    y.append(Fraction(v))
k = len(X[0])
XX = [[sum(r[i] * r[j] for r in X) for j in range(k)] for i in range(k)]
inverse = invert(XX)
Xy = [sum(r[i] * v for r, v in zip(X, y)) for i in range(k)]
beta = [sum(inverse[i][j] * Xy[j] for j in range(k)) for i in range(k)]
residual = [v - sum(b * c for b, c in zip(beta, r)) for r, v in zip(X, y)]
sigma2 = sum(u * u for u in residual) / (n - k)
meat = [[Fraction(0)] * k for _ in range(k)]
for g in range(9):
    s = [sum(r[i] * u for r, u, row in zip(X, residual, rows) if row[0] == g) for i in range(k)]
    for i in range(k):
        for j in range(k):
            meat[i][j] += s[i] * s[j]
counted = 2 + 12  # prices, promotion and weeks: 12 levels; articles are nested
adjust = Fraction(9, 8) * Fraction(n - 1, n - counted)
for i, name in enumerate(("price", "promo")):
    sandwich = sum(inverse[i][a] * meat[a][b] * inverse[b][i] for a in range(k) for b in range(k))
    print(f"{name}: beta {float(beta[i]):.12f} iid {math.sqrt(sigma2 * inverse[i][i]):.12f} "
          f"cluster {math.sqrt(adjust * sandwich):.12f}")
print("rows", n, "columns", k)
