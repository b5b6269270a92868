/* models_plain: HTML taken off texts, by hand-made cases. */
#include "check.h"

#include <string.h>

#include "base/utf8.h"
#include "models/language/plain.h"

static slice plain_of(const char *from, char *out) {
    return (slice){out, plain_text(slice_of(from), out)};
}

CHECK(plain_takes_html_off) {
    static const char *const cases[][2] = {
        {"", ""},
        {"soft & warm", "soft & warm"},
        {"I <3 it", "I <3 it"},
        {"hem < knee > ankle", "hem < knee > ankle"},
        {"size <M and >S", "size <M and >S"},
        {"if a<b and b>c", "if a<b and b>c"},
        {"<good>", "<good>"},
        {"soft<br>warm", "soft warm"},
        {"soft <br/> warm", "soft  warm"},
        {"soft<BR />warm", "soft warm"},
        {"<p>soft</p><p>warm</p>", "soft warm "},
        {"so <b>very</b> soft", "so very soft"},
        {"un<i>believ</i>able", "unbelievable"},
        {"<a href=\"x.html?a=1>2\">link</a>", "link"},
        {"<a href='it>", ""},                       /* a quote that never ends: the first angle */
        {"<span class=big data-x>soft</span>", "soft"},
        {"<o:p></o:p>soft", "soft"},
        {"<h1>Dress</h1>soft", "Dress soft"},
        {"a<script type=x>var b = '<p>';</script>c", "a c"},
        {"a<SCRIPT>x</Script >c", "a c"},
        {"a<script>never ends", "a never ends"},
        {"a<style>p{color:red}</style>c", "a c"},
        {"<scripture>", "<scripture>"},
        {"a<!-- note -- > -->c", "a c"},
        {"a<!-- never ends", "a<!-- never ends"},
        {"<!DOCTYPE html><html><body>soft</body></html>", "soft "},
        {"<?xml version=\"1.0\"?>soft", "soft"},
        {"soft &amp; warm", "soft & warm"},
        {"soft &amp;amp;amp; warm", "soft & warm"},
        {"it&#39;s &quot;soft&quot;", "it's \"soft\""},
        {"it&#x27;s&nbsp;soft&#160;&#xA0;", "it's soft  "},
        {"it&#146;s", "it\xE2\x80\x99s"},           /* as Windows-1252 has it */
        {"caf&eacute; &Uuml;ber &szlig;", "caf\xC3\xA9 \xC3\x9C" "ber \xC3\x9F"},
        {"&#128525;", "\xF0\x9F\x98\x8D"},
        {"&#0; &#xD800; &#1114112; &unknown; &; &#; &#x; &amp", "&#0; &#xD800; &#1114112; "
                                                              "&unknown; &; &#; &#x; &amp"},
        {"H&M; A&F", "H&M; A&F"},
        {"I &lt;3 it", "I <3 it"},
        {"&lt;br&gt;soft", "soft"},                 /* escaped once too often */
        {"&amp;lt;p&amp;gt;soft", "soft"},
        {"<<b>b>soft", "soft"},                     /* a tag laid bare by another's removal */
        {"\xFF<b>\xC3</b>", "\xFF\xC3"},
    };
    char out[256], twice[256];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice got = plain_of(cases[i][0], out);
        check_text(got, cases[i][1]);
        check(slice_compare(got, (slice){twice, plain_text(got, twice)}) == 0);
    }
}

/* Each of these would take a minute if a removal looked at the whole rest of the text. */
CHECK(plain_stays_fast_on_a_megabyte) {
    static const char *const parts[] = {"<!--", "<script>", "<style>x", "<a b=\"", "<<b>", "&amp;",
                                        "&#", "<p ", "</", "<b><", "&lt;b"};
    enum { N = 1 << 20 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 4 * N, 0, &e), &e);
    char *from = take(&s.keep, char, N), *out = take(&s.keep, char, N);
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        size_t length = strlen(parts[k]);
        for (size_t i = 0; i < N; i++) from[i] = parts[k][i % length];
        check(plain_text((slice){from, N}, out) <= N);
    }
    scope_close(&s);
}

CHECK(utf8_reads_and_writes_every_character) {
    char bytes[4];
    size_t length;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        size_t n = utf8_put(c, bytes);
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        check(n == (c < 0x80 ? 1u : c < 0x800 ? 2u : c < 0x10000 ? 3u : 4u));
        check(utf8_next(bytes, n, &length) == c && length == n);
        check(slice_utf8_prefix((slice){bytes, n}) == n);
        if (n > 1) check(utf8_next(bytes, n - 1, &length) == UTF8_BROKEN && length == 1);
    }
    check(utf8_next("\xC0\x80", 2, &length) == UTF8_BROKEN && length == 1); /* overlong */
    check(utf8_next("\xED\xA0\x80", 3, &length) == UTF8_BROKEN);            /* a surrogate */
    check(utf8_next("\xF4\x90\x80\x80", 4, &length) == UTF8_BROKEN);        /* above the last */
    check(utf8_next("\x80", 1, &length) == UTF8_BROKEN);
}
