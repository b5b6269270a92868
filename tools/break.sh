#!/usr/bin/env bash
# break: flips one sign at a time in the kernels below and expects their tests to go red.
#
#   tools/break.sh             every kernel; survivors are listed and the exit status is 1
#   tools/break.sh als         only files whose path contains "als"
#
# Works on a copy in build/break; the tree itself is never touched. A survivor is a missing test,
# or a line that does not matter: then say so behind it with the comment `break: why`.
set -euo pipefail
cd "$(dirname "$0")/.."

# FILE | the tests that must notice (a substring of their names; several by spaces)
kernels() { sed 's/#.*//' tools/break.list | grep -v '^ *$'; }

only=${1:-}
work=build/break
mkdir -p $work/build
for part in src tests tools sql Makefile; do
  rm -rf "${work:?}/$part"
  [ ! -e $part ] || cp -a $part $work/
done
ln -sfn ../../deps $work/build/deps
make -s -C $work -j"$(nproc)" build/release/tests/atelier-tests build/release/atelier

tried=0 survivors=0
flip() { # FILE LINE COLUMN-INDEX: the n-th sign of that line
  awk -v line="$2" -v nth="$3" '
    NR != line { print; next }
    { rest = $0; out = ""; n = 0
      while (match(rest, / [+-]= /)) {
        n++; sign = substr(rest, RSTART + 1, 1); if (n == nth) sign = sign == "+" ? "-" : "+"
        out = out substr(rest, 1, RSTART) sign "= "; rest = substr(rest, RSTART + RLENGTH)
      }
      print out rest }' "$1"
}
while IFS='|' read -r file tests; do
  file=$(echo $file)
  case "$file" in *"$only"*) ;; *) continue ;; esac
  [ -f "$file" ] || { echo "break: no file $file"; exit 2; }
  while IFS=: read -r line text; do
    [[ "$text" == *"break: "* ]] && continue
    signs=$(grep -oE ' [+-]= ' <<<"$text" | wc -l)
    for nth in $(seq "$signs"); do
      flip "$file" "$line" "$nth" >$work/$file
      tried=$((tried + 1))
      if make -s -C $work -j2 build/release/tests/atelier-tests 2>$work/make.log; then
        if (cd $work && ATELIER=build/release/atelier timeout 120 build/release/tests/atelier-tests $tests >break.log 2>&1); then
          echo "survived $file:$line: $text"
          survivors=$((survivors + 1))
        fi
      fi
    done
  done < <(grep -nE ' [+-]= ' "$file")
  cp "$file" $work/$file
done < <(kernels)
echo "break: $tried signs flipped, $survivors survived"
[ "$survivors" -eq 0 ] && [ "$tried" -gt 0 ]
