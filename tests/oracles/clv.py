"""clv: reference numbers for tests/models_clv.c, from the formulas as published (Gauss functions).

Run: python3 tests/oracles/clv.py   (numpy, scipy, mpmath)

Histories: 240 customers drawn from nothing but a linear congruential generator, so that C can make
the same ones: weeks in sevenths, T in 20 … 39, purchases thinned by hand."""
import mpmath as mp
import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, digamma, gammaln, hyp2f1

mp.mp.dps = 30


def histories():
    state, out = 12345, []

    def draw(n):
        nonlocal state
        state = (state * 1103515245 + 12345) % 2**31
        return (state >> 8) % n

    for _ in range(240):
        T = 140 + draw(134)
        x = [0, 0, 0, 0, 1, 1, 2, 3, 5, 9][draw(10)]
        early = draw(4) < {0: 0, 1: 3, 2: 1, 3: 1, 5: 0, 9: 0}[x]
        t = 0 if x == 0 else 1 + draw(T // 2) if early else T - draw(T // 8)
        m = 5 + draw(4000) / 100
        out.append((x, t / 7, T / 7, m))
    return np.array(out)


H = histories()
x, t, T, m = H.T


def bg(p, k):
    r, al, a, b = p
    A1 = gammaln(r + x) - gammaln(r) + r * np.log(al)
    A2 = betaln(a, b + x + k) - betaln(a, b)
    A3 = -(r + x) * np.log(al + T)
    safe = np.maximum(b + x + k - 1, 1e-300)
    A4 = np.log(a) - np.log(safe) - (r + x) * np.log(al + t)
    A4 = np.where((x > 0) | (k == 1), A4, -np.inf)
    return np.sum(A1 + A2 + np.logaddexp(A3, A4))


def pareto_one(p, x, t, T):
    r, al, s, be = map(mp.mpf, p)
    x, t, T = mp.mpf(x), mp.mpf(t), mp.mpf(T)
    big, second = (al, s + 1) if al >= be else (be, r + x)

    def f(u):
        return mp.hyp2f1(r + s + x, second, r + s + x + 1, abs(al - be) / (big + u)) / \
            (big + u)**(r + s + x)
    A0 = f(t) - f(T)
    L = mp.gamma(r + x) * al**r * be**s / mp.gamma(r) * (
        1 / ((al + T)**(r + x) * (be + T)**s) + s / (r + s + x) * A0)
    alive = mp.gamma(r + x) * al**r * be**s / mp.gamma(r) / (al + T)**(r + x) / (be + T)**s / L
    return L, alive


def pareto(p):
    return float(sum(mp.log(pareto_one(p, *h[:3])[0]) for h in H))


def pareto_fast(p):
    """The same in doubles, for the search."""
    r, al, s, be = p
    big, second = (al, s + 1) if al >= be else (be, r + x)

    def f(u):
        return hyp2f1(r + s + x, second, r + s + x + 1, abs(al - be) / (big + u)) / \
            (big + u)**(r + s + x)
    one = 1 / ((al + T)**(r + x) * (be + T)**s) + s / (r + s + x) * (f(t) - f(T))
    return np.sum(gammaln(r + x) - gammaln(r) + r * np.log(al) + s * np.log(be) + np.log(one))


def gg(p):
    k, q, v = p
    some = x > 0
    X, M = x[some], m[some]
    return np.sum(gammaln(k * X + q) - gammaln(k * X) - gammaln(q) + q * np.log(v) +
                  (k * X - 1) * np.log(M) + k * X * np.log(X) - (k * X + q) * np.log(X * M + v))


def slope(f, p, h=1e-6):
    out = []
    for i in range(len(p)):
        up, dn = list(p), list(p)
        up[i] += h
        dn[i] -= h
        out.append((f(up) - f(dn)) / (2 * h))
    return out


def ahead(p, x, T, time, k):
    r, al, a, b = p
    B, z = b + x + k, time / (al + T + time)
    C = a + B - 1
    return C / (a - 1) * (1 - (1 - z)**(r + x) * hyp2f1(r + x, B, C, z))


def best(f, start):
    res = minimize(lambda u: -f(np.exp(u)), np.log(start), method="Nelder-Mead",
                   options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 6000, "maxfev": 6000})
    return np.exp(res.x), -res.fun


if __name__ == "__main__":
    np.set_printoptions(precision=12)
    print("customers", len(x), "sum x", x.sum(), "sum t", t.sum() * 7, "sum T", T.sum() * 7)
    print("digamma", [digamma(v) for v in (0.05, 1, 2.5, 40)])
    print("lgamma", [gammaln(v) for v in (0.05, 1, 2.5, 40)])
    for name, k in (("bg", 0), ("mbg", 1)):
        p = (0.7, 5.0, 0.6, 1.9)
        print(name, "at", p, repr(bg(p, k)), slope(lambda v: bg(v, k), p))
        print(name, "best", *best(lambda v: bg(v, k), p))
    p = (0.9, 8.0, 0.6, 11.0)
    q = (0.9, 11.0, 0.6, 8.0)
    for v in (p, q):
        print("pareto at", v, repr(pareto(v)), slope(pareto, v, 1e-5))
    print("pareto best", *best(pareto_fast, p))
    for h in ((0, 0, 30), (2, 30.43, 38.86), (26, 30.86, 31), (60, 10, 38), (1, 38, 38)):
        print("pareto alive", h, [float(pareto_one(v, *h)[1]) for v in (p, q)])
    print("gg at", repr(gg((3.0, 4.0, 20.0))), slope(gg, (3.0, 4.0, 20.0)))
    print("gg best", *best(gg, (3.0, 4.0, 20.0)))
    for a in (0.4, 0.792885, 1.7):
        v = (0.243, 4.414, a, 2.426)
        print("ahead a =", a, [float(ahead(v, X, 30, tm, k)) for X, tm, k in
                               ((0, 10, 0), (2, 39, 0), (40, 52, 0), (2, 39, 1), (3, 4000, 0))])
