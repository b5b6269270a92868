/* view_docs: the route table as a page to read and to try, without anything from elsewhere. */
#include "surfaces/routes.h"

#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--line:#8884;--soft:#8881;--accent:#2563eb}\n"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .5rem;"
    "text-transform:capitalize}\n"
    "code,pre,input,select,output,textarea{font:13px/1.45 ui-monospace,monospace}\n"
    "details{border:1px solid var(--line);border-radius:8px;margin:.5rem 0;padding:.6rem .9rem}\n"
    "summary{cursor:pointer}summary b{color:var(--accent);font:600 12px ui-monospace,monospace;"
    "margin-right:.6rem}\n"
    "summary span{opacity:.75;margin-left:.6rem}\n"
    "label{display:grid;grid-template-columns:8rem 16rem 1fr;gap:.8rem;align-items:center;"
    "margin:.4rem 0}\n"
    "input,select{padding:.3rem .5rem;border:1px solid var(--line);border-radius:6px;"
    "background:transparent;color:inherit}\n"
    "textarea{width:100%;height:9rem;box-sizing:border-box}\n"
    "button{padding:.35rem 1rem;border:0;border-radius:6px;background:var(--accent);color:#fff;"
    "cursor:pointer}\n"
    "pre{background:var(--soft);padding:.8rem;border-radius:6px;overflow:auto;max-height:28rem}\n"
    "@media(max-width:40rem){label{grid-template-columns:1fr}}\n";

static const char script[] =
    "// docs: fills the form's values into the path, asks, shows the answer.\n"
    "for (const form of document.querySelectorAll('form')) {\n"
    "  form.addEventListener('submit', async (event) => {\n"
    "    event.preventDefault()\n"
    "    let path = form.dataset.path\n"
    "    const query = new URLSearchParams()\n"
    "    for (const field of form.querySelectorAll('[name]')) {\n"
    "      if (field.dataset.in === 'query') {\n"
    "        if (field.value !== '') query.set(field.name, field.value)\n"
    "        continue\n"
    "      }\n"
    "      const value = encodeURIComponent(field.value)\n"
    "      path = path.replace('{' + field.name + '}',\n"
    "        field.dataset.in === 'rest' ? value.replaceAll('%2F', '/') : value)\n"
    "    }\n"
    "    const url = path + (query.size ? '?' + query : '')\n"
    "    const sent = form.querySelector('textarea')\n"
    "    const how = sent ? { method: 'POST', body: sent.value,\n"
    "      headers: { 'Content-Type': 'application/json' } } : {}\n"
    "    const said = (sent ? 'POST ' : 'GET ') + url\n"
    "    const shown = form.parentElement.querySelector('pre')\n"
    "    shown.hidden = false\n"
    "    shown.textContent = said + ' …'\n"
    "    try {\n"
    "      const answer = await fetch(url, how)\n"
    "      let body = await answer.text()\n"
    "      try { body = JSON.stringify(JSON.parse(body), null, 2) } catch { /* not JSON */ }\n"
    "      if (body.length > 20000) body = body.slice(0, 20000) + '\\n…'\n"
    "      shown.textContent = said + '\\n' + answer.status + '\\n\\n' + body\n"
    "    } catch (why) {\n"
    "      shown.textContent = said + '\\n' + why\n"
    "    }\n"
    "  })\n"
    "}\n";

static void add_escaped(text *t, slice s) {
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&': text_add(t, SLICE("&amp;")); break;
        case '<': text_add(t, SLICE("&lt;")); break;
        case '>': text_add(t, SLICE("&gt;")); break;
        case '"': text_add(t, SLICE("&quot;")); break;
        default: text_add_char(t, s.p[i]);
        }
    }
}

static void add_choices(text *t, const param *p) {
    text_addf(t, "<select name=\"%s\" data-in=\"query\"><option value=\"\">(not given)</option>",
              p->name);
    for (const char *w = p->words, *bar; *w; w = *bar ? bar + 1 : bar) {
        bar = strchrnul(w, '|');
        text_addf(t, "<option>%.*s</option>", (int)(bar - w), w);
    }
    text_add(t, SLICE("</select>"));
}

static void add_field(view *v, text *t, const param *p) {
    static const char *const places[] = {"query", "path", "rest"};
    text_addf(t, "<label><code>%s</code>", p->name);
    if (p->kind == PARAM_CHOICE) {
        add_choices(t, p);
    } else {
        text_addf(t, "<input name=\"%s\" data-in=\"%s\"", p->name, places[p->place]);
        if (p->kind == PARAM_REAL)
            text_addf(t, " type=\"number\" step=\"any\" min=\"%lld\" max=\"%lld\"",
                      (long long)p->low, (long long)p->high);
        if (p->kind == PARAM_INT)
            text_addf(t, " type=\"number\" min=\"%lld\" max=\"%lld\"", (long long)p->low,
                      (long long)p->high);
        text_addf(t, "%s value=\"", p->place == PARAM_QUERY ? "" : " required");
        if (p->place != PARAM_QUERY) add_escaped(t, routes_example(p, v->b, v->keep));
        else if (p->value) text_add(t, slice_of(p->value));
        text_add(t, SLICE("\">"));
    }
    text_addf(t, "<span>%s</span></label>\n", p->help);
}

static void add_route(view *v, text *t, const route *r) {
    text_addf(t, "<details><summary><b>%s</b><code>%s</code><span>%s</span></summary>\n"
                 "<form data-path=\"%s\">\n", r->method, r->path, r->help, r->path);
    for (const param *p = r->params; p && p->name; p++)
        if (p->place == PARAM_BODY) text_addf(t, "<p><code>%s</code> %s</p>\n", p->name, p->help);
        else add_field(v, t, p);
    const char *body = routes_example_body(r, v->b, v->keep);
    if (body) {
        text_add(t, SLICE("<textarea>"));
        add_escaped(t, slice_of(body));
        text_add(t, SLICE("</textarea>"));
    }
    text_addf(t, "<p>Answers with %s.</p><button>Try</button></form><pre hidden></pre></details>\n",
              r->answer);
}

int view_docs(view *v) {
    text *t = &v->j->out;
    text_clear(t);
    text_add(t, SLICE("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                      "<meta name=\"viewport\" content=\"width=device-width\">"
                      "<title>Atelier API</title>"
                      "<link rel=\"stylesheet\" href=\"/docs/style.css\">"
                      "<script defer src=\"/docs/script.js\"></script></head><body>\n"
                      "<h1>Atelier API</h1>\n"));
    text_addf(t, "<p>Bundle %.12s, made %s. The same as a document: "
                 "<a href=\"/openapi.json\">openapi.json</a>. Every answer has a "
                 "<code>request_id</code>; mistakes come all at once with status 422.</p>\n",
              v->b->version.hex, v->b->made);
    const char *tag = "";
    for (int i = 0; i < routes_count; i++) {
        if (strncmp(routes[i].path, "/docs", 5) == 0) continue;
        if (strcmp(tag, routes[i].tag) != 0) text_addf(t, "<h2>%s</h2>\n", routes[i].tag);
        tag = routes[i].tag;
        add_route(v, t, &routes[i]);
    }
    text_add(t, SLICE("</body></html>\n"));
    v->whole = true;
    return 200;
}

static int show_constant(view *v, const char *bytes) {
    text_clear(&v->j->out);
    text_add(&v->j->out, slice_of(bytes));
    v->whole = true;
    return 200;
}

int view_docs_script(view *v) { return show_constant(v, script); }
int view_docs_style(view *v) { return show_constant(v, style); }
