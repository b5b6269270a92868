/* rest: calls to another program's HTTP interface, through libcurl. */
#include "surfaces/rest.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "surfaces/args.h"

struct rest {
    scope *s;
    CURL *curl;
    char *url;
    rest_login login;
    double until; /* of args_clock */
};

static void close_rest(void *what) { curl_easy_cleanup(((rest *)what)->curl); }

rest *rest_open(scope *s, const char *url, rest_login login, double seconds, err *e) {
    size_t n = strlen(url);
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return refuse(e, "a tracking server's address begins with http:// or https://, got '%s'",
                      url), NULL;
    if (strchr(url, '@'))
        return refuse(e, "credentials do not belong in the address; set MLFLOW_TRACKING_USERNAME "
                         "and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"), NULL;
    rest *r = take(&s->keep, rest, 1);
    while (n > 0 && url[n - 1] == '/') n--;
    *r = (rest){s, NULL, arena_text(&s->keep, "%.*s", (int)n, url), login,
                args_clock() + seconds};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !(r->curl = curl_easy_init()))
        return fail(e, "libcurl could not be started"), NULL;
    scope_defer(s, close_rest, r);
    return r;
}

char *rest_escaped(rest *r, slice part) {
    char *escaped = curl_easy_escape(r->curl, part.p, (int)part.n);
    char *copy = arena_text(&r->s->keep, "%s", escaped ? escaped : "");
    curl_free(escaped);
    return copy;
}

static size_t receive(char *bytes, size_t size, size_t count, void *to) {
    text_add(to, (slice){bytes, size * count});
    return size * count;
}

static void set_login(CURL *c, rest_login login) {
    if (login.token) {
        curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, login.token);
    } else if (login.user) {
        curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(c, CURLOPT_USERNAME, login.user);
        curl_easy_setopt(c, CURLOPT_PASSWORD, login.password ? login.password : "");
    }
}

static CURLcode call_once(rest *r, const char *method, const char *path, const char *type,
                          slice body, text *to, long *status) {
    CURL *c = r->curl;
    double left = r->until - args_clock();
    struct curl_slist *headers =
        curl_slist_append(NULL, arena_text(&r->s->keep, "Content-Type: %s", type));
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_reset(c); /* the connection stays */
    curl_easy_setopt(c, CURLOPT_URL, arena_text(&r->s->keep, "%s%s", r->url, path));
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, left > 0.001 ? (long)(left * 1000) : 1L);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, to);
    if (strcmp(method, "GET") != 0) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.n ? body.p : "");
        curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
    }
    set_login(c, r->login);
    CURLcode code = curl_easy_perform(c);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, status);
    curl_slist_free_all(headers);
    return code;
}

bool rest_call(rest *r, const char *method, const char *path, const char *type, slice body,
               rest_answer *out, err *e) {
    enum { TRIES = 4 };
    text *to = take(&r->s->keep, text, 1);
    CURLcode code = CURLE_OK;
    text_open(to, r->s);
    for (int i = 0; i < TRIES; i++) {
        if (i > 0) usleep(100000u << i);
        text_clear(to);
        code = call_once(r, method, path, type, body, to, &out->status);
        bool undone = code == CURLE_COULDNT_CONNECT ||
                      (code == CURLE_OK && (out->status == 429 || out->status == 503));
        if (!undone || args_clock() > r->until) break;
    }
    out->body = text_slice(to);
    if (code == CURLE_OK) return true;
    fail(e, "%s did not answer: %s", r->url, curl_easy_strerror(code));
    return fail_cause(e, "no_server");
}
