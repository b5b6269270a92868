/* aspects: mentions of hand-made clauses, hand-labelled sentences, any number of threads. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "models/language/aspects.h"

typedef struct fixture {
    scope s;
    pool *threads;
    const aspects_lexicon *l;
    err e;
} fixture;

static void open_fixture(fixture *f, int threads) {
    memset(f, 0, sizeof *f);
    check_ok(scope_open(&f->s, 256 << 20, 64 << 20, &f->e), &f->e);
    f->threads = pool_open(threads, 8 << 20, &f->e);
    check(f->threads != NULL);
    f->l = aspects_open(&f->s.keep);
}

static void close_fixture(fixture *f) {
    pool_close(f->threads);
    scope_close(&f->s);
}

/* The mentions of one text as words: "fit:- size:-small"; the direction of sizes is added. */
static const char *mentions(fixture *f, const char *from) {
    slice one = slice_of(from);
    aspects_found found = aspects_read(f->l, &one, 1, f->threads, &f->s.keep, f->s.scratch);
    const char *all = "";
    for (int64_t k = 0; k < found.n; k++)
        all = arena_text(&f->s.keep, "%s%s%s:%c%s", all, k ? " " : "",
                         aspects_names[found.at[k].aspect], "-0+"[found.at[k].polarity + 1],
                         aspects_ways[found.at[k].way]);
    return all;
}

CHECK(aspects_of_hand_made_clauses) {
    static const char *const cases[][2] = {
        {"The fabric is soft.", "fabric:+"},
        {"The fabric is not soft.", "fabric:-"},
        {"The sleeves are too long", "length:-large"},
        {"The sleeves are not too long", "length:+"},
        {"The sleeves are long enough", "length:+"},
        {"It runs small, order a size up.", "size:-small"},
        {"Runs a whole size large", "size:-large"},
        {"True to size", "size:+true"},
        {"Lovely colour but terrible zip", "colour:+ quality:-"},
        {"I wish it were softer", "fabric:-"},
        {"No complaints about the quality", "quality:+"},
        {"Great fit, fabric and colour", "fit:+ fabric:+ colour:+"},
        {"The cut and the colour are lovely", "fit:+ colour:+"},
        {"I was worried it would be itchy but it isn't", "fabric:+"},
        {"SOOOO ITCHY!!!", "fabric:-"},
        {"It shrank in the wash", "care:-"},
        {"The green is hideous", "colour:-"},
        {"Fun pattern!", "colour:+"},
        {"Flimsy zip", "quality:-"},
        {"The beads fall off", "quality:-"},
        {"It falls off my shoulders", "fit:-"},
        {"The material clings", "fabric:-"},
        {"The shoulders fit but the zip broke", "fit:+ quality:-"},
        {"The shoulder fit is odd", "fit:-"},
        {"A size smaller than my old pair", "size:-small"},
        {"Not for me, the fabric itches or scratches", "fabric:-"},
        {"Nothing pinches, rubs or rides up", "comfort:+"},
        {"It is smooth or not soft", "fabric:+ fabric:-"},
        {"Great fit, and the fabric too", "fit:+ fabric:+"},
        {"Great fit, and the fabric was made somewhere in Portugal", "fit:+ fabric:0"},
        {"The colour is still bright after a wash", "colour:+ care:+"},
        {"Dull after a wash", "colour:- care:-"},
        {"This one runs small; the other one came up big", "size:- size:-"},
        {"In the long run I am happy", ""},
        {"I like the print", "colour:+"},
        {"It looks like a dress", ""},
        {"", ""},
        {"\xF0\x9F\x98\x8D\xF0\x9F\x98\x8D", ""},
    };
    fixture f;
    open_fixture(&f, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_text(slice_of(arena_text(&f.s.keep, "%s = %s", cases[i][0],
                                       mentions(&f, cases[i][0]))),
                   arena_text(&f.s.keep, "%s = %s", cases[i][0], cases[i][1]));
    close_fixture(&f);
}

CHECK(aspects_quote_the_clause) {
    fixture f;
    open_fixture(&f, 1);
    slice one = SLICE("Bought in May. The fabric is soft; the zip broke.  ");
    aspects_found found = aspects_read(f.l, &one, 1, f.threads, &f.s.keep, f.s.scratch);
    check(found.n == 2 && found.clauses == 3);
    const aspects_mention *m = found.at;
    check_text(((slice){one.p + m[0].from, (size_t)(m[0].to - m[0].from)}), "The fabric is soft");
    check_text(((slice){one.p + m[1].from, (size_t)(m[1].to - m[1].from)}), "the zip broke");
    close_fixture(&f);
}

/* ---- the hand-labelled sentences (tests/aspects/guide.md) ---- */

typedef struct tally {
    int64_t hit[ASPECTS][2], false_alarm[ASPECTS][2], missed[ASPECTS][2], sentences, ways_right;
} tally;

/* The next piece of a line up to a mark. */
static slice piece(slice *rest, char mark) {
    slice p = *rest;
    const char *end = memchr(p.p, mark, p.n);
    p.n = end ? (size_t)(end - p.p) : p.n;
    size_t used = p.n + (end != NULL);
    *rest = (slice){rest->p + used, rest->n - used};
    return p;
}

static void judge_line(fixture *f, slice line, tally *t) {
    bool wanted[ASPECTS][2] = {{0}}, got[ASPECTS][2] = {{0}};
    int way = ASPECTS_NO_WAY;
    slice sentence = piece(&line, '\t'), labels = piece(&line, '\t');
    aspects_found found = aspects_read(f->l, &sentence, 1, f->threads, &f->s.keep, f->s.scratch);
    while (labels.n > 0 && !slice_is(labels, "none")) {
        slice one = piece(&labels, ';'), name = piece(&one, ':');
        int a = aspects_find(name);
        check(a >= 0 && one.n == 1);
        if (*one.p != '0') wanted[a][*one.p == '+'] = true;
    }
    for (int64_t k = 0; k < found.n; k++) {
        const aspects_mention *m = &found.at[k];
        if (m->polarity != 0) got[m->aspect][m->polarity > 0] = true;
        if (m->aspect == ASPECT_SIZE && m->way) way = m->way;
    }
    for (int a = 0; a < ASPECTS; a++)
        for (int sign = 0; sign < 2; sign++) {
            t->hit[a][sign] += got[a][sign] && wanted[a][sign];
            t->false_alarm[a][sign] += got[a][sign] && !wanted[a][sign];
            t->missed[a][sign] += !got[a][sign] && wanted[a][sign];
        }
    t->sentences++;
    t->ways_right += slice_is(line, way ? aspects_ways[way] : "none");
}

/* Macro F1 over the pairs of an aspect with good or bad. */
static double judge_file(fixture *f, const char *path, tally *t) {
    char line[1024];
    double sum = 0;
    memset(t, 0, sizeof *t);
    FILE *in = fopen(path, "r");
    check(in != NULL);
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        judge_line(f, slice_of(line), t);
    }
    fclose(in);
    for (int a = 0; a < ASPECTS; a++)
        for (int sign = 0; sign < 2; sign++) {
            double hit = 2 * (double)t->hit[a][sign];
            double all = hit + (double)(t->false_alarm[a][sign] + t->missed[a][sign]);
            sum += all > 0 ? hit / all : 1;
        }
    return sum / (2 * ASPECTS);
}

CHECK(aspects_of_hand_labelled_sentences) {
    fixture f;
    tally t;
    open_fixture(&f, 1);
    double dev = judge_file(&f, "tests/aspects/dev.tsv", &t);
    check(t.sentences >= 250);
    check((double)t.ways_right >= 0.9 * (double)t.sentences);
    check(dev >= 0.80); /* what is asked of both halves; what they reach: docs/aspects.md */
    double held = judge_file(&f, "tests/aspects/held.tsv", &t);
    check(t.sentences >= 250);
    check(held >= 0.80);
    double second = judge_file(&f, "tests/aspects/second.tsv", &t);
    check(t.sentences >= 100);
    double third = judge_file(&f, "tests/aspects/third.tsv", &t);
    check(t.sentences >= 150);
    printf("    macro F1: dev %.3f, held %.3f, second %.3f, third %.3f\n", dev, held, second,
           third);
    check(second >= 0.85); /* .902; as first read, before it was used to build, .766 */
    check(third >= 0.73);  /* .751: a stranger's sentences, never used to build */
    close_fixture(&f);
}

CHECK(aspects_are_the_same_on_any_number_of_threads) {
    enum { TEXTS = 1000 };
    aspects_mention *first = NULL;
    fixture f[3];
    for (int i = 0; i < 3; i++) {
        open_fixture(&f[i], 1 << i);
        slice *texts = take(&f[i].s.keep, slice, TEXTS);
        for (int t = 0; t < TEXTS; t++)
            texts[t] = slice_of(arena_text(&f[i].s.keep, "Number %d: soft, but%s too long!", t,
                                           t % 3 ? " the zip broke and" : ""));
        aspects_found found = aspects_read(f[i].l, texts, TEXTS, f[i].threads, &f[i].s.keep,
                                           f[i].s.scratch);
        check(found.n >= 2 * TEXTS);
        if (!first) first = found.at;
        check(memcmp(first, found.at, (size_t)found.n * sizeof *first) == 0);
    }
    for (int i = 0; i < 3; i++) close_fixture(&f[i]);
}
