/* fuzz_served: a thousand inputs of what a server opens and of what is sent to it. */
#include "check.h"
#include "replay.h"

#define LLVMFuzzerTestOneInput fuzz_bundle
#include "fuzz/bundle.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_http
#include "fuzz/http.c"
#undef LLVMFuzzerTestOneInput

CHECK(bundle_fuzz_corpus_holds) { replay("bundle", fuzz_bundle, 1000, 5); }
CHECK(http_fuzz_corpus_holds) { replay("http", fuzz_http, 1000, 5); }
