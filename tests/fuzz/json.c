/* json: any bytes as a JSON document: refused with a sentence, or read the same once written. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static int json_depth(const js_node *n) {
    int most = 0;
    for (int64_t i = 0; js_is_array(n) && i < js_count(n); i++) {
        int d = json_depth(js_at(n, i));
        most = d > most ? d : most;
    }
    for (int64_t i = 0; js_is_object(n) && i < js_count(n); i++) {
        int d = json_depth(js_get(n, js_key(n, i)));
        most = d > most ? d : most;
    }
    return most + 1;
}

static slice json_written(scope *s, const js_node *n) {
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    js_put_node(j, NULL, n);
    return text_slice(&j->out);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    scope s;
    err e = {0};
    char *copy = malloc(n + 1); /* of its own, so that a read past the end is seen */
    if (!copy || !scope_open(&s, (size_t)1 << 20, 0, &e)) abort();
    memcpy(copy, bytes, n);
    const js_node *one = js_parse(&s, (slice){copy, n}, &e);
    if (!one && !e.text[0]) abort();
    if (one && json_depth(one) < 40) { /* the writer's documents are not deeper */
        const js_node *two = js_parse(&s, json_written(&s, one), &e);
        if (!two) abort();
        slice again = json_written(&s, two); /* without the sign of -0, which whole numbers lack */
        const js_node *three = js_parse(&s, again, &e);
        if (!three || slice_compare(json_written(&s, three), again) != 0) abort();
    }
    scope_close(&s);
    free(copy);
    return 0;
}
