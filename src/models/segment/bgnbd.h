/* bgnbd: how often a customer buys and when he stops for good: BG/NBD and MBG/NBD.
 *
 * While alive a customer buys at a rate drawn from Gamma(r, alpha); after each purchase (MBG: also
 * right at the start) he stops with a chance drawn from Beta(a, b). Log-likelihood of a history
 * (x, t, T), see patterns.h, with k = 0 and m = [x > 0] for BG, k = 1 and m = 1 for MBG:
 *
 *     lnG(r+x) - lnG(r) + r ln alpha + lnG(a+b) + lnG(b+x+k) - lnG(b) - lnG(a+b+x+k)
 *     + ln( (alpha+T)^-(r+x)  +  m a / (b+x+k-1) (alpha+t)^-(r+x) )
 *
 * Given the history, with B = b + x + k and z = time / (alpha + T + time):
 *
 *     P(alive)         = 1 / (1 + m a / (B-1) ((alpha+T) / (alpha+t))^(r+x))
 *     E[Y(time)|alive] = sum_{j>=1} P(N = j) sum_{i<j} (B)_i / (a+B)_i,  N ~ NegBin(r+x, z)
 *
 * The sum has positive terms only and no trouble at a = 1; it equals the usual expression
 * (a+B-1) / (a-1) (1 - (1-z)^(r+x) 2F1(r+x, B; a+B-1; z)). p = (r, alpha, a, b) everywhere.
 *
 * Sources: Fader, Hardie, Lee, "Counting your customers the easy way" (2005); Batislam, Denizel,
 * Filiztekin (2007); Wagner, Hoppe, "Erratum on the MBG/NBD model" (2008). */
#ifndef MODELS_SEGMENT_BGNBD_H
#define MODELS_SEGMENT_BGNBD_H

#include "base/pool.h"
#include "models/segment/patterns.h"

/* Sum over all customers; derivatives by p into g[4]. The same bits for any number of threads. */
double bgnbd_likelihood(const patterns *c, bool modified, const double p[4], double g[4],
                        pool *threads, arena scratch);

/* P(alive) at T. */
double bgnbd_alive(bool modified, const double p[4], double x, double t, double T);

/* Expected purchases in `time` after T of a customer who is alive at T. */
double bgnbd_ahead(bool modified, const double p[4], double x, double T, double time);

/* Expected repeat purchases in `time` of someone new. */
double bgnbd_expected(bool modified, const double p[4], double time);

/* P(n repeat purchases in `time`) of someone new; n >= 0. */
double bgnbd_chance(bool modified, const double p[4], int n, double time);

#endif
