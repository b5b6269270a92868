#!/usr/bin/env bash
# break: flips one sign at a time in the kernels of tools/break.list and expects tests to go red.
#
#   tools/break.sh             every kernel; survivors are listed and the exit status is 1
#   tools/break.sh als         only files whose path matches "als"
#   tools/break.sh als 120     and of these only line 120 (to watch a new test notice)
#
# Flips += and -= and, in files marked `every sign` in the list, each + and - between two operands.
# Works on a copy in build/break (or $BREAK_COPY); the tree itself is never touched. A survivor is a missing test,
# or a line that does not matter: then say so behind it with the comment `break: why`.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -le 2 ] || { sed -n '2,10p' "$0"; exit 2; }
only=${1:-} only_line=${2:-}

# FILE | substrings of the names of the tests that must notice | `every sign`, or nothing
kernels() { sed 's/#.*//' tools/break.list | grep '|'; }

# Every model with a sum in it stands in the list.
for file in $(grep -lE ' [+-]= ' src/models/*.c src/models/*/*.c); do
  grep -qE "^$file +\|" tools/break.list || { echo "break: $file is not in tools/break.list"; exit 2; }
done

# The copy is refreshed where it differs, so that its objects stay good.
work=${BREAK_COPY:-build/break} tests=build/release/tests/atelier-tests
mkdir -p $work/build
for part in src tests tools sql share; do
  for file in $(cd $work && find $part -type f 2>/dev/null); do [ -e "$file" ] || rm "$work/$file"; done
  find $part -type f ! -path '*/node_modules/*' | while read -r file; do
    cmp -s "$file" "$work/$file" || install -D "$file" "$work/$file"
  done
done
cp -p Makefile $work/
ln -sfn "$PWD/build/deps" $work/build/deps
echo "break: building the copy"
make -s -C $work -j"$(nproc)" EXTRA_CFLAGS=-g0 $tests build/release/atelier >/dev/null

# The n-th sign of a line, in code only: comments and texts are left alone.
flip() { # FILE LINE NTH EVERY: prints the flipped file; exit status 1 when there is no such sign
  awk -v line="$2" -v nth="$3" -v every="$4" '
    NR != line { print; next }
    { code = $0; rest = ""; if ((at = match(code, / *\/[*\/]/))) { rest = substr(code, at); code = substr(code, 1, at - 1) }
      signs = every ? "[A-Za-z0-9_)\\]] [+-]=?( |$)" : " [+-]=( |$)"
      done = ""; n = 0
      while (match(code, signs)) {
        sign = RSTART + (every ? 2 : 1)
        done = done substr(code, 1, sign - 1); c = substr(code, sign, 1); code = substr(code, sign + 1)
        quotes = done; inside = gsub(/"/, "", quotes) % 2
        if (!inside && ++n == nth) { c = c == "+" ? "-" : "+"; found = 1 }
        done = done c
      }
      print done code rest }
    END { exit !found }' "$1"
}

# Runs the commands of a build of one file, then its tests; true when a test went red.
noticed() { # TESTS SECONDS
  if ! (cd $work && bash -e build/flip.sh) >$work/build/flip.log 2>&1; then unbuilt=$((unbuilt + 1)); return 0; fi
  ! (cd $work && FAIL_FAST=1 timeout "$2" $tests $1 >build/flip.log 2>&1) 2>/dev/null
}

tried=0 survivors=0 unbuilt=0
while IFS='|' read -r file names mode; do
  file=$(echo $file) every=$([[ "$mode" == *"every sign"* ]] && echo 1 || true)
  [[ "$file" =~ $only ]] || continue
  [ -f "$work/$file" ] || { echo "break: no file $file"; exit 2; }
  # Only the objects of this file are compiled, and the tests linked again.
  make -n -C $work V=1 EXTRA_CFLAGS=-g0 -o build/gen/embed.c -W "$file" $tests |
    sed ':a; /\\$/ { N; s/\\\n//; ba }' | grep -E -- " -o $tests |$file\$" >$work/build/flip.sh
  cp -p "$work/$file" $work/build/whole # the tree may be edited meanwhile
  started=$(date +%s)
  if noticed "$names" 300; then
    echo "break: the tests \"$(echo $names)\" of $file are red before any flip"; cat $work/build/flip.log; exit 2
  fi
  limit=$((($(date +%s) - started) * 5 + 10)) before=$survivors tried_before=$tried
  for line in $(grep -nE ' [+-]=?( |$)' $work/build/whole | grep -v 'break: ' | grep -vE '^[0-9]+: *(/?\*|//)' | cut -d: -f1); do
    [ -z "$only_line" ] || [ "$line" = "$only_line" ] || continue
    for nth in 1 2 3 4 5 6 7 8 9; do
      flip $work/build/whole "$line" $nth "$every" >$work/build/flipped || break
      cp $work/build/flipped "$work/$file"
      tried=$((tried + 1))
      noticed "$names" $limit && continue
      survivors=$((survivors + 1))
      echo "survived $file:$line (sign $nth): $(sed -n "${line}p" $work/build/flipped | sed 's/^ *//')"
    done
  done
  cp -p $work/build/whole "$work/$file"
  (cd $work && bash -e build/flip.sh) >/dev/null
  echo "break: $file: $((tried - tried_before)) flipped, $((survivors - before)) survived, $(($(date +%s) - started)) s"
done < <(kernels)
echo "break: $tried signs flipped, $survivors survived, $unbuilt did not compile"
[ "$survivors" -eq 0 ] && [ "$tried" -gt 0 ]
