/* verb_plan: prints the ten steps: what each reads and writes. */
#include <stdio.h>

#include "pipeline/plan.h"
#include "surfaces/verbs.h"

static void print_wrapped(const char *label, const char *words) {
    int at_column = printf("     %s ", label);
    for (const char *at = words; *at;) {
        const char *end = at;
        while (*end && *end != ' ') end++;
        if (at_column + (int)(end - at) > 98) at_column = printf("\n            ") - 1;
        at_column += printf(" %.*s", (int)(end - at), at);
        at = *end ? end + 1 : end;
    }
    printf("\n");
}

static bool run(const args *a, scope *s, js *out, err *e) {
    (void)s, (void)e;
    js_array(out, "steps");
    for (int i = 0; i < 10; i++) {
        const stage *g = plan[i];
        js_object(out, NULL);
        js_put_word(out, "number", g->number);
        js_put_word(out, "word", g->word);
        js_put_word(out, "title", g->title);
        js_put_word(out, "reads", g->reads);
        js_put_word(out, "writes", g->writes);
        js_end(out);
        if (args_json(a)) continue;
        printf("%s_%-9s %s\n", g->number, g->word, g->title);
        print_wrapped("reads", g->reads);
        print_wrapped("writes", g->writes);
    }
    js_end(out);
    return true;
}

static const option options[] = {{0}};

const verb verb_plan = {"plan",
                        "",
                        "shop",
                        "Show the ten steps, what each reads and what it writes.",
                        "atelier plan",
                        0,
                        0,
                        options,
                        run};
