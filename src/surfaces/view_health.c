/* view_health: is it alive, is it ready, what has it done. */
#include "surfaces/view.h"

int view_live(view *v) {
    js_put_word(v->j, "status", "alive");
    return 200;
}

int view_ready(view *v) {
    js_put_word(v->j, "status", v->now->ready ? "ready" : "stopping");
    js_put_text(v->j, "version", (slice){v->b->version.hex, 12});
    return v->now->ready ? 200 : 503;
}

int view_metrics(view *v) {
    text_clear(&v->j->out);
    metrics_write(v->counts, v->now, &v->j->out);
    v->whole = true;
    return 200;
}
