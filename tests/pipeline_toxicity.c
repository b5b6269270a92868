/* toxicity in files and on the command line: the ready head, one that is fitted, texts that cannot
 * be read, and what step 09 says of a shop. */
#include "check_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "data/folder.h"
#include "demo_shop.h"
#include "pipeline/toxicity_file.h"

#define PATH(...) arena_text(&s.keep, __VA_ARGS__)

static void write_lines(const char *path, const char *header, const char *const *lines, int n) {
    FILE *out = fopen(path, "wb");
    check(out != NULL);
    fprintf(out, "%s\n", header);
    for (int i = 0; i < n; i++) fprintf(out, "\"%s\"\n", lines[i]);
    fclose(out);
}

/* ---- the ready head ---- */

CHECK(toxicity_ready_head_opens_with_what_was_measured) {
    scope s;
    err e = {0};
    toxicity_file f;
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    check_ok(toxicity_file_ready(&f, &s, &e), &e);
    check(f.has_vectors && f.words.line.wide == 0 && f.vectors.line.wide == 384);
    check_text(f.encoder, "gte-small");
    for (int k = 0; k < 2; k++) {
        const toxicity_model *m = toxicity_file_pick(&f, k == 1);
        const toxicity_held *h = &m->held;
        check(m->words.terms > 3000 && m->review >= 0.5 && m->block > m->review && m->block < 1);
        check(h->auc >= (k == 1 ? 0.985 : 0.982));
        check(h->clean > 10000 && h->clean_review * 1000 <= h->clean); /* .1 % */
        check(h->toxic_review * 100 >= h->toxic * 95 && h->toxic_block < h->toxic_review);
        check(toxicity_level_of(m, m->review) == TOXICITY_NONE);
        check(toxicity_level_of(m, m->block) == TOXICITY_REVIEW);
        check(toxicity_level_of(m, 1) == TOXICITY_BLOCK);
    }
    scope_close(&s);
}

/* Things said of clothes with words that insults have too, in other frames than the head learnt. */
static const char *const harmless[] = {
    "These are killer heels and I danced all night", "Such a sick fit, wow",
    "The hem was a hot mess after one wash", "This dress is the bomb",
    "A drop dead gorgeous coat", "Damn, these jeans are good", "I am dying to wear this again",
    "The zipper is crap and the lining is stupid", "To die for!", "A badass leather jacket",
    "Ugly colour in real life, cheap and trashy looking", "Black girl approved, looks amazing",
    "My gay best friend chose it for me", "I wore it to a Jewish wedding",
    "Too tight at the bust, and the crotch is too low", "I look so fat in this",
    "The nude pumps are sexy", "What a stupid price for a shirt", "It sucks that it shrank",
    "My monkey of a son loves the gorilla print", "The shop's staff were rude and slow",
    "I hate it, the worst dress I have ever bought", "A crazy soft, insanely warm fleece",
    "This bomber jacket kills it"};
enum { HARMLESS = sizeof harmless / sizeof harmless[0] };

/* P of the table's rows, in its order. */
static double *read_levels(scope *s, const char *table, int64_t *count, int64_t *flagged) {
    slice b;
    err e = {0};
    check_ok(file_read(table, s, 64 << 20, &b, &e), &e);
    double *p = take(&s->keep, double, (int64_t)b.n / 4 + 1);
    *count = *flagged = 0;
    for (size_t i = 0, line = 0, k; i < b.n; i = k + 1, line++) {
        for (k = i; k < b.n && b.p[k] != '\n';) k++;
        if (line == 0) continue;
        char *row = slice_copy(&s->keep, (slice){b.p + i, k - i}), level[16] = "";
        double value = NAN;
        sscanf(row, "%*d,%lf,%15[a-z]", &value, level);
        *flagged += strcmp(level, "review") == 0 || strcmp(level, "block") == 0;
        p[(*count)++] = value;
    }
    return p;
}

CHECK(toxicity_ready_head_passes_over_harmless_words_and_sees_disguised_ones) {
    static const char *const insults[] = {"you are a stupid idiot and an ugly pig",
                                          "you are a stup1d 1d10t and an ugly p1g",
                                          "you are a st*pid id*ot and an ugly pig",
                                          "you are a s t u p i d i.d.i.o.t and an uuuugly pig"};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    const char *dir = check_folder("toxicity-harmless"), *in = PATH("%s/t.csv", dir);
    const char *out = PATH("%s/o.csv", dir);
    int64_t n, flagged;
    const char *words[] = {"toxicity", "--in", in, "--out", out, "--encoder", "none", NULL};
    write_lines(in, "text", harmless, HARMLESS);
    check(check_atelier(&s, words).status == 0);
    double *p = read_levels(&s, out, &n, &flagged);
    for (int i = 0; i < n; i++)
        if (p[i] > 0.5) fprintf(stderr, "flagged at %.3f: %s\n", p[i], harmless[i]);
    check(n == HARMLESS && flagged == 0);
    write_lines(in, "text", insults, 4);
    check(check_atelier(&s, words).status == 0);
    p = read_levels(&s, out, &n, &flagged);
    check(n == 4 && flagged == 4);
    for (int i = 1; i < 4; i++) check_near(p[i], p[0], 0.15); /* a disguise hides next to nothing */
    if (!encoder_file_weights("build/weights", &s)) {
        scope_close(&s);
        skip("the part with vectors needs the weights of gte-small (tools/setup.sh --weights)");
    }
    const char *vectors[] = {"toxicity", "--in", in, "--out", out, "--weights", "build/weights",
                             NULL};
    check(check_atelier(&s, vectors).status == 0);
    read_levels(&s, out, &n, &flagged);
    check(n == 4 && flagged >= 3);
    write_lines(in, "text", harmless, HARMLESS);
    check(check_atelier(&s, vectors).status == 0);
    p = read_levels(&s, out, &n, &flagged);
    for (int i = 0; i < n; i++)
        if (p[i] > 0.5) fprintf(stderr, "flagged at %.3f: %s\n", p[i], harmless[i]);
    check(n == HARMLESS && flagged == 0);
    scope_close(&s);
}

CHECK(toxicity_ready_head_leaves_the_demo_shop_in_peace) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 512 << 20, 512 << 20, &e), &e);
    columns c = demo_shop_query(demo_shop_see(), "SELECT text FROM reviews ORDER BY review_id");
    toxicity_file f;
    check_ok(toxicity_file_ready(&f, &s, &e), &e);
    pool *threads = pool_open(2, 16 << 20, &e);
    double *p = toxicity_score(&f.words, c.at[0].text, NULL, c.rows, threads, &s.keep, s.scratch);
    int64_t flagged = 0;
    for (int64_t i = 0; i < c.rows; i++)
        flagged += toxicity_level_of(&f.words, p[i]) != TOXICITY_NONE;
    check(c.rows > 2000 && flagged * 1000 <= c.rows);
    pool_close(threads);
    scope_close(&s);
}

/* ---- a head of one's own ---- */

/* 900 texts: insults by mild words, half of the others coarse of things, and 400 clean ones. */
static const char *write_texts(const char *dir, scope *s) {
    static const char *const insult[] = {"idiot", "moron", "stupid fool"};
    const char *path = arena_text(&s->keep, "%s/texts.csv", dir);
    FILE *out = fopen(path, "wb"), *clean;
    check(out != NULL);
    fprintf(out, "Said,Verdict\n");
    for (int i = 0; i < 900; i++) {
        rng r = rng_open(21, (uint64_t)i);
        bool toxic = rng_uniform(&r) < 0.5;
        fprintf(out, "the w%lld you are is %s with @somebody%d,%s\n", (long long)rng_below(&r, 20),
                toxic ? insult[rng_below(&r, 3)] : "dear", i % 7, toxic ? "bad" : "fine");
    }
    fclose(out);
    clean = fopen(arena_text(&s->keep, "%s/clean.csv", dir), "wb");
    check(clean != NULL);
    fprintf(clean, "review\n");
    for (int i = 0; i < 400; i++) fprintf(clean, "the dress number %d is lovely and it fits\n", i);
    fclose(clean);
    return path;
}

CHECK(toxicity_verb_learns_keeps_and_reads_with_any_threads) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    const char *dir = check_folder("toxicity-verb"), *in = write_texts(dir, &s);
    const char *clean = PATH("%s/clean.csv", dir);
    for (int t = 0; t < 3; t++) {
        const char *threads = (const char *[]){"1", "2", "8"}[t];
        const char *fit[] = {"toxicity", "--fit", "--in", in, "--text", "Said", "--label",
                             "Verdict", "--toxic", "bad", "--clean", clean, "--encoder", "none",
                             "--model", PATH("%s/m%d", dir, t), "--threads", threads, "--json",
                             NULL};
        const js_node *words = js_get(run_json(&s, fit), "words");
        check(real_of(words, "held_out_auc") == 1); /* the insults say it all */
        check(real_of(js_get(words, "toxic_to_review"), "value") == 1);
        check(real_of(js_get(words, "clean_to_review_per_10000"), "n") > 150);
        check(real_of(js_get(words, "clean_to_review_per_10000"), "value") == 0);
        const char *read[] = {"toxicity", "--in", in, "--text", "Said", "--model",
                              PATH("%s/m%d", dir, t), "--threads", threads, "--out",
                              PATH("%s/o%d.csv", dir, t), NULL};
        check(check_atelier(&s, read).status == 0);
    }
    for (int t = 1; t < 3; t++) {
        const char *model[] = {"cmp", PATH("%s/m0/toxicity.atm", dir),
                               PATH("%s/m%d/toxicity.atm", dir, t), NULL};
        const char *result[] = {"cmp", PATH("%s/o0.csv", dir), PATH("%s/o%d.csv", dir, t), NULL};
        check(check_command(&s, model).status == 0 && check_command(&s, result).status == 0);
    }
    /* a second save of what was opened is the same file, and it knows nobody's name */
    toxicity_file f;
    check_ok(toxicity_file_open(&f, PATH("%s/m0", dir), &s, &e), &e);
    check_ok(toxicity_file_save(&f, PATH("%s/again.atm", dir), &s, &e), &e);
    const char *same[] = {"cmp", PATH("%s/again.atm", dir), PATH("%s/m0/toxicity.atm", dir), NULL};
    check(check_command(&s, same).status == 0);
    check(tfidf_find(&f.words.words, SLICE("moron")) >= 0);
    check(tfidf_find(&f.words.words, SLICE("somebody1")) == -1);
    scope_close(&s);
}

CHECK(toxicity_verb_answers_for_texts_it_cannot_read) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    const char *dir = check_folder("toxicity-odd"), *odd = PATH("%s/odd.csv", dir);
    const char *result = PATH("%s/o.csv", dir);
    FILE *out = fopen(odd, "wb");
    fprintf(out, "text\n<p>you are a <b>stupid</b> &#105;diot and an ugly pig</p>\n\"\"\n"
                 "\xF0\x9F\x98\x8D\xF0\x9F\x98\x8D!!\n"
                 "das Kleid ist sehr sch\xC3\xB6n und die Farbe gef\xC3\xA4llt mir auch\n"
                 "broken \xFF\xFE bytes\nthe dress is fine\n"
                 "\xD1\x83\xD0\xBEu \xD0\xB0r\xD0\xB5 \xD0\xB0 \xD1\x95tu\xD1\x80\xD1\x96" "d "
                 "\xD1\x96" "d\xD1\x96\xD0\xBEt\n\"");
    for (int i = 0; i < 100000; i++) fprintf(out, "nice dress ");
    fprintf(out, "\"\n\"");
    for (int i = 0; i < 90000; i++) fprintf(out, "nice dress ");
    fprintf(out, "\"\n");
    fclose(out);
    const char *read[] = {"toxicity", "--in", odd, "--encoder", "none", "--out", result, "--json",
                          NULL};
    const js_node *all = run_json(&s, read);
    check_text(text_of(all, "model"), "ready");
    check_text(text_of(all, "reads"), "words");
    check(real_of(js_get(all, "rows"), "quarantined") == 2); /* broken; above 1 MiB */
    check(real_of(all, "reviews") == 7 && real_of(all, "unread") == 3);
    check(real_of(js_get(all, "false_alarms_per_10000"), "value") <= 10);
    slice table;
    check_ok(file_read(result, &s, 1 << 20, &table, &e), &e);
    check_has(table, "line,probability,level,why,note\n2,0.");
    check_has(table, "\n3,,,\"\",empty\n");
    check_has(table, "\n4,,,\"\",no word\n");
    check_has(table, "\n5,,,\"\",other language\n");
    check_has(table, "\n8,0."); /* Cyrillic letters of an English sentence */
    check(real_of(all, "to_review") + real_of(all, "to_block") == 2);
    scope_close(&s);
}

CHECK(toxicity_verb_refuses_in_words) {
    static const struct {
        const char *argv[14], *says;
    } cases[] = {
        {{"toxicity", "--fit", "--in", "IN"}, "--fit needs --label COLUMN"},
        {{"toxicity", "--in", "IN", "--text", "Nobody"}, "Nobody"},
        {{"toxicity", "--in", "IN", "--text", "Said", "--map", "text=Said"}, "give one"},
        {{"toxicity", "--in", "IN", "--text", "Said", "--model", "none-such"}, "none-such"},
        {{"toxicity", "--fit", "--in", "IN", "--text", "Said", "--label", "Verdict", "--toxic",
          "vile", "--encoder", "none"}, "no text has one of the labels that mean toxic: vile"},
        {{"toxicity", "--fit", "--in", "IN", "--text", "Said", "--label", "Verdict", "--toxic",
          "bad", "--encoder", "no-such-folder"}, "no-such-folder"},
    };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *in = write_texts(check_folder("toxicity-refused"), &s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *argv[15] = {0};
        memcpy(argv, cases[i].argv, sizeof cases[i].argv);
        for (int k = 0; argv[k]; k++)
            if (strcmp(argv[k], "IN") == 0) argv[k] = in;
        check_run r = check_atelier(&s, argv);
        check(r.status == 2 || (r.status == 1 && (i == 3 || i == 5)));
        check_has(r.err, cases[i].says);
    }
    scope_close(&s);
}

CHECK(toxicity_file_names_damage) {
    scope s;
    err e = {0};
    slice b;
    toxicity_file f;
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    const char *path = PATH("%s/t.atm", check_folder("toxicity-file"));
    check_ok(file_read("share/heads/toxicity.atm", &s, 1 << 20, &b, &e), &e);
    check(b.n <= 500000);
    char *bytes = take_copy(&s.keep, char, b.p, b.n);
    for (int k = 0; k < 3; k++) {
        FILE *out = fopen(path, "wb");
        check(out != NULL);
        bytes[b.n / 2] ^= k == 0;
        fwrite(bytes, 1, k == 1 ? b.n / 2 : b.n, out);
        fclose(out);
        bytes[b.n / 2] ^= k == 0;
        bool opened = toxicity_file_open(&f, path, &s, &e);
        check(opened == (k == 2));
        if (k == 2) break;
        check_has(slice_of(e.text), path);
        check_has(slice_of(e.text), k == 0 ? "its checksum does not match" : "is truncated");
        e = (err){0};
    }
    check(!toxicity_file_open(&f, "share/heads/sentiment.atm", &s, &e));
    check_has(slice_of(e.text), "share/heads/sentiment.atm");
    scope_close(&s);
}

/* ---- real texts ---- */

/* Fits words on four fifths of the tweets, without clean reviews; measured: .9837 on the fifth. */
CHECK(toxicity_words_alone_order_real_tweets) {
    const char *tweets = check_data("toxicity/labeled_data.csv");
    if (!tweets) skip("needs the tweets (ATELIER_DATA)");
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    const char *fit[] = {"toxicity", "--fit", "--in", tweets, "--text", "tweet", "--label", "class",
                         "--toxic", "0,1", "--encoder", "none", "--json", NULL};
    const js_node *words = js_get(run_json(&s, fit), "words");
    check(real_of(words, "held_out_auc") >= 0.982);
    check(real_of(js_get(words, "toxic_to_review"), "value") >= 0.95);
    scope_close(&s);
}
