# Atelier: bare `make` builds build/atelier and prints the menu.
#
#   MODE=release|asan|tsan   compiler flags; objects live in build/MODE
#   CC=gcc|clang             gcc >= 12 and clang >= 14, neither warns
MODE ?= release
CC   := $(if $(filter default,$(origin CC)),gcc,$(CC))
OUT  := build/$(MODE)

warnings := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wconversion -Wno-missing-field-initializers $(if $(findstring clang,$(CC)),,-Wno-format-truncation)
flags_release := -O2
flags_asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
flags_tsan    := -O1 -fsanitize=thread
libraries     := libmicrohttpd jansson openblas zlib nettle yaml-0.1 libcurl libpq
system        := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags-only-I $(libraries) 2>/dev/null))
CFLAGS        := -std=c17 -D_GNU_SOURCE -g $(flags_$(MODE)) $(warnings) -fno-omit-frame-pointer -pthread \
                 -Isrc -isystem build/deps/include $(system) $(EXTRA_CFLAGS)
LDLIBS        := $(shell pkg-config --libs $(libraries) 2>/dev/null) -Lbuild/deps/lib -lduckdb \
                 -lm -pthread
# An rpath of the old kind also holds for a dlopen that a sanitizer makes in our place.
LDFLAGS       := $(flags_$(MODE)) '-Wl,-rpath,$$ORIGIN/../deps/lib' '-Wl,-rpath,$$ORIGIN/../../deps/lib' \
                 -Wl,--disable-new-dtags

sources := $(sort $(wildcard src/*/*.c src/models/*/*.c))
simd    := $(filter %_simd.c,$(sources))
plain   := $(filter-out $(simd),$(sources))
tests   := $(sort $(wildcard tests/*.c))
arch    := $(shell uname -m)

objects := $(plain:%.c=$(OUT)/%.o) $(simd:%.c=$(OUT)/%.plain.o)
ifeq ($(arch),x86_64)
objects += $(simd:%.c=$(OUT)/%.avx2.o) $(simd:%.c=$(OUT)/%.avx512.o)
endif
library := $(filter-out $(OUT)/src/surfaces/main.o,$(objects)) $(OUT)/embed.o

sql_files := $(sort $(shell find sql -name '*.sql' 2>/dev/null))
head_files := $(sort $(wildcard share/heads/*.atm))
web_inputs := $(sort $(shell find web -name node_modules -prune -o -name .vite -prune -o -type f -print 2>/dev/null))

# One short line a command; V=1 shows it whole.
show = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2); )

.DEFAULT_GOAL := all
.PHONY: all help web check test asan tsan tidy fuzz faults bench clean

all: build/atelier ## build the program: build/atelier
	@$(MAKE) -s help

build/atelier: $(OUT)/atelier
	@ln -sf $(MODE)/atelier $@

$(OUT)/atelier: $(OUT)/src/surfaces/main.o $(library)
	$(call show,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(OUT)/tests/atelier-tests: $(tests:%.c=$(OUT)/%.o) $(library)
	$(call show,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

# Benchmarks and fuzzers in C: a program each, over the library.
$(OUT)/tests/fuzz/%: $(OUT)/tests/fuzz/%.o $(library)
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)
$(OUT)/bench/%: $(OUT)/bench/%.o $(library)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(OUT)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call show,CC,$@)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# Hot kernels: one source, three instruction sets (see src/base/simd.h).
$(OUT)/%.plain.o: %.c Makefile
	@mkdir -p $(@D)
	$(call show,CC,$@)$(CC) $(CFLAGS) -O3 -fno-math-errno -DSIMD_LEVEL=plain -DSIMD_WIDTH=4 -MMD -MP -c -o $@ $<
$(OUT)/%.avx2.o: %.c Makefile
	@mkdir -p $(@D)
	$(call show,CC,$@)$(CC) $(CFLAGS) -O3 -fno-math-errno -ffp-contract=fast -mavx2 -mfma -DSIMD_LEVEL=avx2 -DSIMD_WIDTH=8 -MMD -MP -c -o $@ $<
$(OUT)/%.avx512.o: %.c Makefile
	@mkdir -p $(@D)
	$(call show,CC,$@)$(CC) $(CFLAGS) -O3 -fno-math-errno -ffp-contract=fast -mavx2 -mfma -mavx512f -mavx512dq -mavx512bw -mavx512vl \
	  -DSIMD_LEVEL=avx512 -DSIMD_WIDTH=16 -MMD -MP -c -o $@ $<

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

# What the binary carries: sql/, the heads of share/ and the built dashboard.
build/tools/embed: tools/embed.c
	@mkdir -p $(@D)
	$(call show,CC,$@)$(CC) -O2 -std=c17 -o $@ $<

build/gen/embed.c: build/tools/embed $(sql_files) $(head_files) $(if $(web_inputs),build/web/.built) $(sources)
	@mkdir -p $(@D)
	@build/tools/embed $@.tmp "$$(cat $(sources) $(sql_files) $(head_files) | sha256sum | cut -c1-64)" \
	  -C sql sql $(sql_files) -C share share $(head_files) $$(test -d build/web && echo -C build/web web $$(find build/web -type f ! -name '.*'))
	@mv $@.tmp $@

$(OUT)/embed.o: build/gen/embed.c
	@mkdir -p $(@D)
	$(call show,CC,$@)$(CC) -std=c17 -O0 -Isrc -c -o $@ $<

web: build/web/.built ## build the dashboard into build/web
build/web/.built: $(web_inputs)
	@if [ ! -x web/node_modules/.bin/vite ]; then echo "run tools/setup.sh first" >&2; exit 1; fi
	cd web && npx --no-install vite build --outDir ../build/web --emptyOutDir --logLevel warn
	@cd build/web && first="index.html $$(grep -o 'assets/[^"]*' index.html) $$(ls assets/echarts-*.js)" && \
	  size=$$(cat $$first | gzip -9 | wc -c) && if [ $$size -gt 256000 ]; then echo "the first page has $$size bytes, at most 256000" >&2; exit 1; fi
	@touch $@

test: $(OUT)/tests/atelier-tests $(OUT)/atelier ## all tests of MODE; ONLY=substring runs a part
	@ln -sf $(MODE)/atelier build/atelier
	@rm -f $(OUT)/report.*
	ASAN_OPTIONS=abort_on_error=1:log_path=$(OUT)/report \
	UBSAN_OPTIONS=abort_on_error=1:log_path=$(OUT)/report \
	TSAN_OPTIONS=log_path=$(OUT)/report:suppressions=tools/tsan.supp ATELIER=$(OUT)/atelier \
	$(OUT)/tests/atelier-tests $(ONLY) || { cat $(OUT)/report.* 2>/dev/null | head -60; exit 1; }

check: tidy test ## tidy and all tests

asan: ## all tests under the address and undefined sanitizers
	$(MAKE) MODE=asan test

tsan: ## tests of threads and server under the thread sanitizer
	$(MAKE) MODE=tsan test ONLY=thread

tidy: ## the house rules, refused by a script
	@tools/tidy.sh

fuzz: ## a minute of coverage-guided fuzzing per parser (needs tools/setup.sh --dev)
	@tools/fuzz.sh

faults: build/atelier ## every fault of docs/reliability.md: kills, full disks, no memory (half an hour); ROWS="P01 P23"
	@tests/faults/faults.sh build/atelier build/faults $(ROWS)

bench: build/atelier ## ratios against real alternatives (needs tools/setup.sh --dev)
	@bench/run.sh

clean: ## remove objects; keeps the fetched libraries
	rm -rf build/release build/asan build/tsan build/gen build/web build/tools build/atelier

help: ## this menu
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | \
	  awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'
