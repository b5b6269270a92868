/* segment_block: the customers as known on one day, scored by RFM and put into clusters. */
#include "pipeline/segment_block.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"
#include "models/segment/weigh.h"
#include "pipeline/segment_words.h"

enum { DEFAULT_K = 7, TRAITS = 3, WEIGH_ROUNDS = 3, WEIGH_K = 10, WEIGH_ROWS = 20000 };

/* 1 = a feature that forms segments, 2 = another one, 0 = no feature. */
static int kind_of(const column *c) {
    if (strncmp(c->name, "f_", 2) != 0) return 0;
    const segment_word *word = segment_word_of(c->name + 2);
    return word && word->group != SEGMENT_DESCRIBES ? 1 : 2;
}

static void take_customers(const columns *c, segment_block *b) {
    b->n = c->rows;
    b->customer = columns_i32(c, "customer");
    b->rfm = (rfm_data){columns_real(c, "recency_days"), columns_real(c, "orders"),
                        columns_real(c, "money"), c->rows};
}

/* The bases first. Without a base, all features form segments. */
static void take_features(const columns *c, scope *s, segment_block *b) {
    int to = 0;
    for (int i = 0; i < c->n; i++) b->cols += kind_of(&c->at[i]) > 0;
    b->names = take(&s->keep, const char *, b->cols);
    b->features = take(&s->keep, double, b->n * b->cols);
    for (int kind = 1; kind <= 2; kind++) {
        for (int i = 0; i < c->n; i++) {
            if (kind_of(&c->at[i]) != kind) continue;
            const double *value = columns_real(c, c->at[i].name);
            b->names[to] = c->at[i].name + 2;
            for (int64_t r = 0; r < b->n; r++)
                b->features[r * b->cols + to] = column_has(&c->at[i], r) ? value[r] : (double)NAN;
            to++;
        }
        if (kind == 1) b->bases = to;
    }
    if (b->bases == 0) b->bases = b->cols;
}

bool segment_block_read(const work *w, int32_t as_of, scope *s, segment_block *b, err *e) {
    columns c;
    const char *day = day_text(&s->keep, as_of);
    *b = (segment_block){0};
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT f.*, CAST(c.recency_days AS DOUBLE) AS recency_days, "
                  "CAST(c.frequency AS DOUBLE) AS orders, CAST(c.monetary AS DOUBLE) AS money "
                  "FROM customer_features f JOIN c_customers c "
                  "ON c.customer = f.customer AND c.as_of = f.as_of "
                  "WHERE f.as_of = DATE '%s' ORDER BY f.customer", day))
        return false;
    take_customers(&c, b);
    take_features(&c, s, b);
    return true;
}

bool segment_block_read_bases(const work *w, int32_t as_of, int64_t stride,
                              const segment_block *like, scope *s, segment_block *b, err *e) {
    columns c;
    text list = {0};
    const char *day = day_text(&s->keep, as_of);
    *b = (segment_block){0};
    for (int i = 0; i < like->bases; i++) text_addf(&list, ", f_%s", like->names[i]);
    const char *sql = arena_text(&s->keep, "%.*s", (int)list.n, list.p);
    text_free(&list);
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT customer, CAST(recency_days AS DOUBLE) AS recency_days, "
                  "CAST(frequency AS DOUBLE) AS orders, CAST(monetary AS DOUBLE) AS money%s "
                  "FROM customer_bases WHERE as_of = DATE '%s' AND customer %% %lld = 0 "
                  "ORDER BY customer", sql, day, (long long)stride))
        return false;
    take_customers(&c, b);
    take_features(&c, s, b);
    return true;
}

/* Renumbers clusters by the mean money of their rows, large first. */
static void number_by_money(kmeans_model *m, const segment_block *b, arena scratch) {
    double *mean = take(&scratch, double, m->k);
    int32_t *order = order_count(m->k, &scratch), *to = take(&scratch, int32_t, m->k);
    for (int64_t i = 0; i < b->n; i++) mean[m->label[i]] += b->rfm.money[i];
    for (int c = 0; c < m->k; c++) mean[c] = m->mass[c] > 0 ? mean[c] / m->mass[c] : -INFINITY;
    order_down(order, m->k, mean, scratch);
    double *centres = take_copy(&scratch, double, m->centres, (int64_t)m->k * m->d);
    double *mass = take_copy(&scratch, double, m->mass, m->k);
    for (int c = 0; c < m->k; c++) {
        to[order[c]] = c;
        memcpy(m->centres + (int64_t)c * m->d, centres + (int64_t)order[c] * m->d,
               (size_t)m->d * sizeof *centres);
        m->mass[c] = mass[order[c]];
    }
    for (int64_t i = 0; i < b->n; i++) m->label[i] = to[m->label[i]];
}

/* Rows of z [n, d] at even distances, at most WEIGH_ROWS. */
static float *thin(const float *z, int64_t n, int d, int64_t *rows, arena *keep) {
    *rows = n < WEIGH_ROWS ? n : WEIGH_ROWS;
    float *out = take(keep, float, *rows *d);
    for (int64_t i = 0; i < *rows; i++)
        memcpy(out + i * d, z + i * n / *rows * d, (size_t)d * sizeof *z);
    return out;
}

/* x = z with column j times factor[j]; x may be z. */
static void multiply(float *x, const float *z, int64_t n, int d, const double *factor) {
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < d; j++) x[i * d + j] = (float)((double)z[i * d + j] * factor[j]);
}

/* m->factor: groups evened out, then rounds of clustering and weighing by what is separated. */
static bool weigh(segmentation *m, const work *w, const segment_block *b, scope *s, err *e) {
    arena scratch = s->scratch;
    kmeans_params p = KMEANS_DEFAULTS;
    int d = m->scale.d, *group = take(&scratch, int, d);
    int64_t n;
    float *z = thin(scale_apply(&m->scale, b->features, b->n, &scratch), b->n, d, &n, &scratch);
    float *x = take(&scratch, float, n *d);
    double *even = take(&scratch, double, d), *apart = take(&scratch, double, d);
    m->factor = take(&s->keep, double, d);
    p.k = (int)(n < WEIGH_K ? n : WEIGH_K);
    p.seed = seed_for(w->seed, "segment weights");
    for (int j = 0; j < d; j++) {
        const segment_word *word = segment_word_of(b->names[m->scale.from[j]]);
        group[j] = word ? (int)word->group : SEGMENT_DESCRIBES;
    }
    weigh_even(z, n, d, group, even, scratch);
    for (int j = 0; j < d; j++) m->factor[j] = sqrt(even[j]);
    for (int round = 0; round < WEIGH_ROUNDS; round++) {
        kmeans_model rough;
        kmeans_data data = {.x = x, .n = n, .d = d};
        multiply(x, z, n, d, m->factor);
        if (!kmeans_fit(&rough, &data, p, w->threads, &s->keep, scratch, e)) return false;
        weigh_separate(z, n, d, rough.label, rough.k, apart, scratch);
        for (int j = 0; j < d; j++) m->factor[j] = sqrt(even[j] * apart[j]);
    }
    return true;
}

float *segmentation_view(const segmentation *m, const segment_block *b, arena *keep) {
    scale_model scale = m->scale; /* the bases come first in every block */
    scale.cols = b->cols;
    float *x = scale_apply(&scale, b->features, b->n, keep);
    multiply(x, x, b->n, scale.d, m->factor);
    return x;
}

static void describe(segmentation *m, const segment_block *b, const int32_t *label, int k,
                     arena *keep, arena scratch) {
    const scale_model *every = &m->every;
    float *z = scale_apply(every, b->features, b->n, &scratch);
    double *count = take(&scratch, double, k);
    m->cols = b->cols;
    m->mean_z = take(keep, double, (int64_t)k * b->cols);
    for (int64_t i = 0; i < b->n; i++) {
        if (label[i] < 0) continue;
        count[label[i]]++;
        for (int j = 0; j < every->d; j++)
            m->mean_z[(int64_t)label[i] * b->cols + every->from[j]] += (double)z[i * every->d + j];
    }
    for (int c = 0; c < k; c++)
        for (int j = 0; j < b->cols && count[c] > 0; j++)
            m->mean_z[(int64_t)c * b->cols + j] /= count[c];
}

void segmentation_describe(segmentation *m, const segment_block *b, const int32_t *label, int k,
                           scope *s) {
    describe(m, b, label, k, &s->keep, s->scratch);
}

bool segmentation_prepare(segmentation *m, const work *w, const segment_block *b, scope *s,
                          err *e) {
    m->cuts = rfm_cuts_of(&b->rfm, s->scratch);
    scale_params how = SCALE_DEFAULTS;
    how.same = 0.9999; /* only a repeat is dropped; groups are evened out afterwards */
    m->every = scale_fit(b->features, b->n, b->cols, how, &s->keep, s->scratch);
    m->scale = m->every;
    while (m->scale.d > 0 && m->scale.from[m->scale.d - 1] >= b->bases) m->scale.d--;
    if (m->scale.d == 0) return fail(e, "customer_features: no feature differs among customers");
    return weigh(m, w, b, s, e);
}

bool segmentation_cluster(segmentation *m, const work *w, const segment_block *b, int k,
                          bool judge, scope *s, err *e) {
    arena scratch = s->scratch;
    kmeans_params p = KMEANS_DEFAULTS;
    choose_k_params judging = CHOOSE_K_DEFAULTS;
    p.k = k;
    p.seed = judging.seed = seed_for(w->seed, "segment");
    kmeans_data data = {.n = b->n, .d = m->scale.d, .x = segmentation_view(m, b, &scratch)};
    if (!kmeans_fit(&m->clusters, &data, p, w->threads, &s->keep, scratch, e)) return false;
    number_by_money(&m->clusters, b, scratch);
    describe(m, b, m->clusters.label, m->clusters.k, &s->keep, scratch);
    if (judge)
        m->quality = choose_k_judge(&m->clusters, &data, judging, w->threads, &s->keep, scratch);
    return true;
}

bool segmentation_fit(segmentation *m, const work *w, const segment_block *b, int k, bool judge,
                      scope *s, err *e) {
    return segmentation_prepare(m, w, b, s, e) && segmentation_cluster(m, w, b, k, judge, s, e);
}

rfm_score *segmentation_rfm(const segmentation *m, const segment_block *b, scope *s) {
    rfm_score *out = take(&s->keep, rfm_score, b->n);
    for (int64_t i = 0; i < b->n; i++)
        out[i] = rfm_score_one(&m->cuts, b->rfm.recency[i], b->rfm.frequency[i], b->rfm.money[i]);
    return out;
}

int32_t *segmentation_clusters(const segmentation *m, const work *w, const segment_block *b,
                               scope *s) {
    int32_t *label = take(&s->keep, int32_t, b->n);
    arena scratch = s->scratch;
    kmeans_data data = {.n = b->n, .d = m->scale.d, .x = segmentation_view(m, b, &scratch)};
    kmeans_assign(&m->clusters, &data, w->threads, label, scratch);
    return label;
}

int segmentation_traits(const segmentation *m, const segment_block *b, int cluster,
                        segment_trait traits[3]) {
    int n = 0;
    memset(traits, 0, TRAITS * sizeof *traits);
    const double *z = m->mean_z + (int64_t)cluster * m->cols;
    for (int j = 0; j < m->cols; j++) {
        if (fabs(z[j]) < 0.25) continue;
        int at = n < TRAITS ? n++ : TRAITS - 1;
        if (at == TRAITS - 1 && n == TRAITS && traits[at].feature &&
            fabs(z[j]) <= fabs(traits[at].z))
            continue;
        for (; at > 0 && fabs(z[j]) > fabs(traits[at - 1].z); at--) traits[at] = traits[at - 1];
        traits[at] = (segment_trait){b->names[j], z[j]};
    }
    return n;
}

static const char *part_of_name(const segment_trait *t, arena *keep) {
    const segment_word *word = segment_word_of(t->feature);
    return word ? (t->z > 0 ? word->high : word->low)
                : arena_text(keep, "%s %s", t->z > 0 ? "high" : "low", t->feature);
}

/* The strongest feature of each group that forms segments (of all where none is known), strongest
 * group first, mean z of 0.25 or more: what a name is made of. */
static int name_traits(const segmentation *m, const segment_block *b, int cluster,
                       segment_trait traits[TRAITS]) {
    int n = 0;
    bool used[SEGMENT_DESCRIBES + 1] = {false};
    const double *z = m->mean_z + (int64_t)cluster * m->cols;
    for (; n < TRAITS; n++) {
        int best = -1, group = SEGMENT_DESCRIBES;
        for (int j = 0; j < b->bases; j++) {
            const segment_word *word = segment_word_of(b->names[j]);
            int of = word ? (int)word->group : SEGMENT_DESCRIBES;
            if (used[of] || fabs(z[j]) < 0.25) continue;
            if (best >= 0 && fabs(z[j]) <= fabs(z[best])) continue;
            best = j;
            group = of;
        }
        if (best < 0) break;
        traits[n] = (segment_trait){b->names[best], z[best]};
        used[group] = true;
    }
    return n;
}

slice *segmentation_names(const segmentation *m, const segment_block *b, scope *s) {
    int k = m->clusters.k;
    slice *names = take(&s->keep, slice, k);
    for (int c = 0; c < k; c++) {
        segment_trait t[TRAITS];
        int n = name_traits(m, b, c, t);
        for (int use = 2; use <= 4; use++) { /* two traits, three, or a number at the end */
            text name = {0};
            for (int i = 0; i < n && i < use; i++)
                text_addf(&name, "%s%s", i ? ", " : "", part_of_name(&t[i], &s->keep));
            if (n == 0) text_addf(&name, "average");
            if (use == 4) text_addf(&name, " (%d)", c + 1);
            names[c] = (slice){slice_copy(&s->keep, text_slice(&name)), name.n};
            text_free(&name);
            bool taken = false;
            for (int o = 0; o < c; o++) taken = taken || slice_compare(names[o], names[c]) == 0;
            if (!taken) break;
        }
    }
    return names;
}

int segment_tuned(const work *w, scope *s) {
    int64_t k = 0;
    const js_node *best = work_tuned(w, s, "segment");
    return best && js_int(js_get(best, "k"), &k) && k >= 1 && k <= 100 ? (int)k : DEFAULT_K;
}
