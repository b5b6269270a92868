#!/usr/bin/env bash
# tidy: the house rules that a script can hold; prints file:line: rule for each breach.
#
# Includes fall (base <- data | models <- pipeline <- surfaces), a library's header stands in one
# file, files have at most 500 lines and functions 70, lines 100 columns, and every file opens with
# one sentence saying what it is. models do no input or output. Runs in make check.
set -u
cd "$(dirname "$0")/.."
breaches=$(mktemp)
trap 'rm -f "$breaches"' EXIT
say() { echo "$*" >>"$breaches"; }

mapfile -t c_files < <(git ls-files --cached --others --exclude-standard 'src/*.c' 'src/*.h' 'tests/*.c' 'tests/*.h' 'tools/*.c' 'bench/*.c' | sort -u | while read -r f; do [ -f "$f" ] && echo "$f"; done)
mapfile -t texts < <(git ls-files --cached --others --exclude-standard 'sql/*.sql' '*.sh' 'web/src/*' 'tests/*.mjs' 'run' 'check' | sort -u | while read -r f; do [ -f "$f" ] && echo "$f"; done)

# 1. Includes fall; families of models do not know each other.
awk '
  function layer(p) { return match(p, /^(base|data|models|pipeline|surfaces)\//) ? substr(p, 1, RLENGTH - 1) : "" }
  BEGIN { rank["base"] = 0; rank["data"] = rank["models"] = 1; rank["pipeline"] = 2; rank["surfaces"] = 3 }
  FILENAME ~ /^src\// && /^#include "/ {
    split($0, part, "\""); me = FILENAME; sub(/^src\//, "", me)
    a = layer(me); b = layer(part[2])
    if (b == "") { print FILENAME ":" FNR ": include by the path from src/: " part[2]; next }
    if (rank[b] > rank[a] || (rank[a] == 1 && rank[b] == 1 && a != b))
      print FILENAME ":" FNR ": " a " must not import " b
    if (a == "models" && b == "models") {
      n = split(me, x, "/"); m = split(part[2], y, "/")
      if (n > 2 && m > 2 && x[2] != y[2]) print FILENAME ":" FNR ": models/" x[2] " must not import models/" y[2]
    }
  }' "${c_files[@]}" >>"$breaches"

# 2. One library, one file.
while read -r header owner; do
  grep -nE "#include <$header>" "${c_files[@]}" 2>/dev/null | grep -vE "^($owner):" |
    sed -E "s~^([^:]+:[0-9]+):.*~\1: <$header> belongs to $owner alone~" >>"$breaches"
done <<'LIST'
duckdb.h src/data/db.c|src/data/db_stream.c
LightGBM/[a-z_]+.h src/models/boost.c
cblas.h src/base/kernels.c
jansson.h src/base/json.c
microhttpd.h src/surfaces/http.c
curl/curl.h src/surfaces/rest.c
libpq-fe.h src/data/pg.c
nettle/[a-z0-9]+.h src/base/hash.c
zlib.h src/data/gz.c
yaml.h src/data/yml.c
cmocka.h tests/check.h
LIST

# 3. Models do no input or output and read no clock.
grep -nE '#include <(stdio|stdlib|time|unistd|fcntl|pthread)\.h>' $(printf '%s\n' "${c_files[@]}" | grep '^src/models/') /dev/null |
  sed -E 's/^([^:]+:[0-9]+):#include (.*)/\1: models must not include \2/' >>"$breaches"

# 4. Sizes: lines of a file, columns of a line, lines of a function.
awk '
  FNR == 1 { if (NR > 1 && last > 500) print file ":1: " last " lines, at most 500"; depth = 0; start = 0; seen = 0 }
  { file = FILENAME; last = FNR }
  { width = $0; gsub(/[\200-\277]/, "", width) } # continuation bytes have no column
  length(width) > 100 && $0 !~ /https?:/ { print FILENAME ":" FNR ": " length(width) " columns, at most 100" }
  /[ \t]+$/ { print FILENAME ":" FNR ": space at the end of the line" }
  FILENAME ~ /\.c$/ && /^[a-zA-Z_].*\{$/ && !/^(typedef|struct|enum|union|static const|const|extern)/ { start = FNR }
  FILENAME ~ /\.c$/ && /^\}/ { if (start && FNR - start + 1 > 70) print FILENAME ":" start ": function of " FNR - start + 1 " lines, at most 70"; start = 0 }
  END { if (last > 500) print file ":1: " last " lines, at most 500" }' "${c_files[@]}" >>"$breaches"

# 5. Every file opens with one sentence saying what it is.
for f in "${c_files[@]}"; do
  head -1 "$f" | grep -qE '^/\* .{8,}' || say "$f:1: the first line must say what the file is"
done
for f in "${texts[@]}"; do
  case "$f" in *.json|*.svg|*.png|*.ico) continue ;; esac
  head -2 "$f" | grep -qE '^(#|--|//|/\*|<!--) ?.{8,}' || say "$f:1: the first lines must say what the file is"
done
for f in $(printf '%s\n' "${texts[@]}" | grep -E '^(web/src|tests/.*\.mjs)'); do
  n=$(wc -l <"$f"); [ "$n" -le 500 ] || say "$f:1: $n lines, at most 500"
done

# 6. Nothing third-party or built, no umbrella, no address of one machine.
git ls-files | grep -E '(^|/)(node_modules/|duckdb\.h$|LightGBM/|.*\.(so|a|o|onnx|whl|tgz)$)' | sed 's/$/:1: built or third-party file/' >>"$breaches"
git grep -nE '"resolved":' -- '*package-lock.json' | head -3 | sed -E 's/^([^:]+:[0-9]+):.*/\1: a lockfile holds no registry address/' >>"$breaches"

if [ -s "$breaches" ]; then
  cat "$breaches"
  echo "tidy: $(wc -l <"$breaches") breaches"
  exit 1
fi
echo "tidy: ${#c_files[@]} C files and ${#texts[@]} others in order"
