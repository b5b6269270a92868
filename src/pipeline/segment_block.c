/* segment_block: the customers as known on one day, scored by RFM and put into clusters. */
#include "pipeline/segment_block.h"

#include <math.h>
#include <string.h>

#include "base/order.h"
#include "base/random.h"

enum { DEFAULT_K = 5, TRAITS = 3 };

static bool is_feature(const column *c) { return strncmp(c->name, "f_", 2) == 0; }

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
    b->n = c.rows;
    b->customer = columns_i32(&c, "customer");
    b->rfm = (rfm_data){columns_real(&c, "recency_days"), columns_real(&c, "orders"),
                        columns_real(&c, "money"), c.rows};
    for (int i = 0; i < c.n; i++) b->cols += is_feature(&c.at[i]);
    b->names = take(&s->keep, const char *, b->cols);
    b->features = take(&s->keep, double, b->n * b->cols);
    int to = 0;
    for (int i = 0; i < c.n; i++) {
        if (!is_feature(&c.at[i])) continue;
        const double *value = columns_real(&c, c.at[i].name);
        b->names[to] = c.at[i].name + 2;
        for (int64_t r = 0; r < b->n; r++)
            b->features[r * b->cols + to] = column_has(&c.at[i], r) ? value[r] : (double)NAN;
        to++;
    }
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

bool segmentation_fit(segmentation *m, const work *w, const segment_block *b, int k, bool judge,
                      scope *s, err *e) {
    m->cuts = rfm_cuts_of(&b->rfm, s->scratch);
    m->scale = scale_fit(b->features, b->n, b->cols, SCALE_DEFAULTS, &s->keep, s->scratch);
    if (m->scale.d == 0) return fail(e, "customer_features: no feature differs among customers");
    arena scratch = s->scratch;
    kmeans_data data = {.n = b->n, .d = m->scale.d};
    data.x = scale_apply(&m->scale, b->features, b->n, &scratch);
    kmeans_params p = KMEANS_DEFAULTS;
    choose_k_params judging = CHOOSE_K_DEFAULTS;
    p.k = k;
    p.seed = judging.seed = seed_for(w->seed, "segment");
    if (!kmeans_fit(&m->clusters, &data, p, w->threads, &s->keep, scratch, e)) return false;
    number_by_money(&m->clusters, b, scratch);
    if (judge)
        m->quality = choose_k_judge(&m->clusters, &data, judging, w->threads, &s->keep, scratch);
    return true;
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
    kmeans_data data = {.n = b->n, .d = m->scale.d};
    data.x = scale_apply(&m->scale, b->features, b->n, &scratch);
    kmeans_assign(&m->clusters, &data, w->threads, label, scratch);
    return label;
}

int segmentation_traits(const segmentation *m, const segment_block *b, int cluster,
                        segment_trait traits[3]) {
    int n = 0;
    memset(traits, 0, TRAITS * sizeof *traits);
    const double *centre = m->clusters.centres + (int64_t)cluster * m->clusters.d;
    for (int j = 0; j < m->clusters.d; j++) {
        if (fabs(centre[j]) < 0.25) continue;
        int at = n < TRAITS ? n++ : TRAITS - 1;
        if (at == TRAITS - 1 && n == TRAITS && traits[at].feature &&
            fabs(centre[j]) <= fabs(traits[at].z))
            continue;
        for (; at > 0 && fabs(centre[j]) > fabs(traits[at - 1].z); at--)
            traits[at] = traits[at - 1];
        traits[at] = (segment_trait){b->names[m->scale.from[j]], centre[j]};
    }
    return n;
}

/* How a high and a low value of a feature sound. */
static const char *sound(const char *feature, bool high) {
    static const struct {
        const char *feature, *high, *low;
    } words[] = {{"recency", "long away", "recent"},
                 {"frequency", "frequent", "rare"},
                 {"monetary", "big spending", "small spending"},
                 {"units", "many units", "few units"},
                 {"tenure", "long-standing", "new"},
                 {"gap", "slow rhythm", "quick rhythm"},
                 {"price", "high-priced", "low-priced"},
                 {"discount", "bargain hunting", "full price"},
                 {"online", "online", "in store"},
                 {"weekend", "weekend", "weekday"},
                 {"return", "returning much", "returning little"},
                 {"view_to_cart", "filling carts", "browsing"},
                 {"cart_to_buy", "buying carts", "leaving carts"},
                 {"entropy", "varied", "focused"},
                 {"categories", "many categories", "few categories"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].feature, feature) == 0) return high ? words[i].high : words[i].low;
    return NULL;
}

static const char *part_of_name(const segment_trait *t, arena *keep) {
    const char *word = sound(t->feature, t->z > 0);
    return word ? word : arena_text(keep, "%s %s", t->z > 0 ? "high" : "low", t->feature);
}

slice *segmentation_names(const segmentation *m, const segment_block *b, scope *s) {
    int k = m->clusters.k;
    slice *names = take(&s->keep, slice, k);
    for (int c = 0; c < k; c++) {
        segment_trait t[TRAITS];
        int n = segmentation_traits(m, b, c, t);
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
