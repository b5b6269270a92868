/* rest: calls to another program's HTTP interface, through libcurl. */
#include "surfaces/rest.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

struct rest {
    CURL *curl;
    char *url;
    rest_login login;
    double seconds;
    const atomic_bool *stop;
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
    *r = (rest){NULL, arena_text(&s->keep, "%.*s", (int)n, url), login, seconds, NULL};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !(r->curl = curl_easy_init()))
        return fail(e, "libcurl could not be started"), NULL;
    scope_defer(s, close_rest, r);
    return r;
}

void rest_stop_when(rest *r, const atomic_bool *stop) { r->stop = stop; }

char *rest_escaped(slice part, arena *keep) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-._~";
    char *out = take(keep, char, 3 * part.n + 1), *to = out;
    for (size_t i = 0; i < part.n; i++) {
        unsigned char c = (unsigned char)part.p[i];
        if (c && strchr(plain, c)) *to++ = (char)c;
        else to += snprintf(to, 4, "%%%02X", c);
    }
    return out;
}

static int look_up(void *what, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const rest *r = what;
    (void)a, (void)b, (void)c, (void)d;
    return r->stop && atomic_load(r->stop);
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

/* The library sends a request again by itself when a kept connection breaks before an answer: what
 * is no question might then be done twice. */
static int begin_once(void *what, char *ip, char *own, int port, int own_port) {
    int *begun = what;
    (void)ip, (void)own, (void)port, (void)own_port;
    return ++*begun > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static void set_request(rest *r, scope *s, const char *method, const char *path, slice body,
                        text *to, int *begun) {
    CURL *c = r->curl;
    curl_easy_reset(c); /* the connection stays */
    curl_easy_setopt(c, CURLOPT_URL, arena_text(&s->keep, "%s%s", r->url, path));
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(r->seconds * 1000));
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, to);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, look_up);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, r);
    if (strcmp(method, "GET") != 0) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.n ? body.p : "");
        curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
        curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, begin_once);
        curl_easy_setopt(c, CURLOPT_PREREQDATA, begun);
    }
    set_login(c, r->login);
}

bool rest_call(rest *r, scope *s, const char *method, const char *path, const char *type,
               slice body, rest_answer *out, err *e) {
    int begun = 0;
    text *to = take(&s->keep, text, 1);
    struct curl_slist *headers =
        curl_slist_append(NULL, arena_text(&s->keep, "Content-Type: %s", type));
    headers = curl_slist_append(headers, "Expect:");
    text_open(to, s);
    set_request(r, s, method, path, body, to, &begun);
    curl_easy_setopt(r->curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(r->curl);
    *out = (rest_answer){0, text_slice(to), code == CURLE_COULDNT_CONNECT ||
                                                code == CURLE_COULDNT_RESOLVE_HOST};
    curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &out->status);
    curl_easy_setopt(r->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    if (code == CURLE_OK) return true;
    fail(e, "%s did not answer: %s", r->url, curl_easy_strerror(code));
    return fail_cause(e, "no_server");
}
