/* view_openapi: the route table as an OpenAPI 3.1 document. */
#include "surfaces/routes.h"

#include <string.h>

static void put_choices(js *j, const char *words) {
    js_array(j, "enum");
    for (const char *p = words, *bar; *p; p = *bar ? bar + 1 : bar) {
        bar = strchrnul(p, '|');
        js_put_text(j, NULL, (slice){p, (size_t)(bar - p)});
    }
    js_end(j);
}

/* What one event of a session is. */
static const char event_schema[] =
    "{\"type\":\"object\",\"required\":[\"article\",\"event\"],\"properties\":{"
    "\"article\":{\"type\":\"string\"},\"event\":{\"type\":\"string\",\"enum\":[\"view\","
    "\"click\",\"cart_add\",\"purchase\"]},\"time\":{\"type\":\"string\"}}}";

static void put_schema(js *j, const char *key, const param *p) {
    static const char *const types[] = {"string", "integer", "number", "string", "string", "array",
                                        "array"};
    bool is_number = p->kind == PARAM_INT || p->kind == PARAM_REAL;
    js_object(j, key);
    js_put_word(j, "type", types[p->kind]);
    if (p->place == PARAM_BODY) js_put_word(j, "description", p->help);
    if (p->kind == PARAM_EVENTS) {
        js_put_raw(j, "items", slice_of(event_schema));
        js_put_int(j, "maxItems", p->high);
    } else if (p->kind == PARAM_TEXTS) {
        js_put_raw(j, "items", SLICE("{\"type\":\"string\"}"));
        js_put_int(j, "maxItems", p->high);
    } else if (p->kind == PARAM_CHOICE) {
        put_choices(j, p->words);
    } else {
        js_put_int(j, is_number ? "minimum" : "minLength", p->low);
        js_put_int(j, is_number ? "maximum" : "maxLength", p->high);
    }
    if (p->value && is_number) js_put_raw(j, "default", slice_of(p->value));
    else if (p->value) js_put_word(j, "default", p->value);
    js_end(j);
}

static void put_params(view *v, const route *r) {
    js *j = v->j;
    js_array(j, "parameters");
    for (const param *p = r->params; p && p->name; p++) {
        slice example = routes_example(p, v->b, v->keep);
        if (p->place == PARAM_BODY) continue;
        js_object(j, NULL);
        js_put_word(j, "name", p->name);
        js_put_word(j, "in", p->place == PARAM_QUERY ? "query" : "path");
        js_put_bool(j, "required", p->place != PARAM_QUERY);
        js_put_word(j, "description", p->help);
        put_schema(j, "schema", p);
        if (example.n > 0 && (p->kind == PARAM_INT || p->kind == PARAM_REAL))
            js_put_raw(j, "example", example);
        else if (example.n > 0) js_put_text(j, "example", example);
        js_end(j);
    }
    js_end(j);
}

/* The object that a POST takes, and an example of it. */
static void put_body(view *v, const route *r) {
    js *j = v->j;
    js_object(j, "requestBody");
    js_put_bool(j, "required", true);
    js_object(j, "content");
    js_object(j, "application/json");
    js_object(j, "schema");
    js_put_word(j, "type", "object");
    js_array(j, "required");
    for (const param *p = r->params; p && p->name; p++)
        if (p->kind == PARAM_EVENTS) js_put_word(j, NULL, p->name);
    js_end(j);
    js_object(j, "properties");
    for (const param *p = r->params; p && p->name; p++)
        if (p->place == PARAM_BODY) put_schema(j, p->name, p);
    js_end(j);
    js_end(j);
    js_put_raw(j, "example", slice_of(routes_example_body(r, v->b, v->keep)));
    js_end(j);
    js_end(j);
    js_end(j);
}

static void put_reference(js *j, const char *status, const char *said, const char *schema) {
    js_object(j, status);
    js_put_word(j, "description", said);
    js_object(j, "content");
    js_object(j, "application/json");
    js_object(j, "schema");
    js_putf(j, "$ref", "#/components/schemas/%s", schema);
    js_end(j);
    js_end(j);
    js_end(j);
    js_end(j);
}

static void put_answers(js *j, const route *r) {
    const char *type = routes_type(r);
    bool is_json = type != r->answer;
    js_object(j, "responses");
    js_object(j, "200");
    js_put_word(j, "description", is_json ? r->answer : r->help);
    js_object(j, "content");
    js_object(j, type);
    js_object(j, "schema");
    js_put_word(j, "type", is_json ? "object" : "string");
    if (is_json) {
        js_array(j, "required");
        js_put_word(j, NULL, "request_id");
        js_end(j);
        js_object(j, "properties");
        js_object(j, "request_id");
        js_put_word(j, "type", "string");
        js_end(j);
        js_end(j);
    }
    js_end(j);
    js_end(j);
    js_end(j);
    js_end(j);
    if (r->params)
        put_reference(j, "422", "a parameter is wrong; all mistakes at once", "Mistakes");
    if (strncmp(r->path, "/v1/", 4) == 0)
        put_reference(j, "404", "not in this bundle; the hint says what is", "Missing");
    js_end(j);
}

/* The path in words; where it has a GET too, a POST's begins with "post". */
static void put_operation_id(js *j, const route *r) {
    text id = {0};
    if (strcmp(r->method, "POST") == 0 && routes_has(r->path, "GET")) text_addf(&id, "post_");
    for (const char *p = r->path + 1; *p; p++)
        if (*p != '{' && *p != '}') text_add_char(&id, strchr("/.", *p) ? '_' : *p);
    js_put_text(j, "operationId", text_slice(&id));
    text_free(&id);
}

/* Components are the same for every bundle. */
static const char components[] =
    "{\"schemas\":{"
    "\"Missing\":{\"type\":\"object\",\"required\":[\"request_id\",\"detail\"],\"properties\":{"
    "\"request_id\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},"
    "\"hint\":{\"type\":\"string\"}}},"
    "\"Mistakes\":{\"type\":\"object\",\"required\":[\"request_id\",\"detail\"],\"properties\":{"
    "\"request_id\":{\"type\":\"string\"},\"detail\":{\"type\":\"array\",\"items\":{"
    "\"$ref\":\"#/components/schemas/Mistake\"}}}},"
    "\"Mistake\":{\"type\":\"object\",\"required\":[\"type\",\"loc\",\"msg\"],\"properties\":{"
    "\"type\":{\"type\":\"string\"},\"loc\":{\"type\":\"array\",\"items\":{"
    "\"type\":[\"string\",\"integer\"]}},\"msg\":{\"type\":\"string\"},\"input\":{},"
    "\"ctx\":{\"type\":\"object\"}}}}}";

int view_openapi(view *v) {
    js *j = v->j;
    js_put_word(j, "openapi", "3.1.0");
    js_object(j, "info");
    js_put_word(j, "title", "Atelier");
    js_put_word(j, "version", "1");
    js_put_word(j, "description",
                "Recommendations, segments, forecasts and insight of a fashion shop.");
    js_end(j);
    js_object(j, "paths");
    for (int i = 0; i < routes_count; i++) {
        const route *r = &routes[i];
        bool posts = strcmp(r->method, "POST") == 0;
        bool first = i == 0 || strcmp(routes[i - 1].path, r->path) != 0;
        bool last = i + 1 == routes_count || strcmp(routes[i + 1].path, r->path) != 0;
        if (first) js_object(j, r->path);
        js_object(j, posts ? "post" : "get");
        put_operation_id(j, r);
        js_array(j, "tags");
        js_put_word(j, NULL, r->tag);
        js_end(j);
        js_put_word(j, "summary", r->help);
        put_params(v, r);
        if (posts) put_body(v, r);
        put_answers(j, r);
        js_end(j);
        if (last) js_end(j);
    }
    js_end(j);
    js_put_raw(j, "components", slice_of(components));
    return 200;
}
