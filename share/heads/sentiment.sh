#!/bin/sh
# sentiment: fits the ready heads of sentiment on SST-2 again, by the program's own command.
#
#   share/heads/sentiment.sh SST [CACHE]
#
# SST: folder with train.tsv and dev.tsv (columns sentence and label, 0 or 1), which together are the
# official training set. Needs the weights of gte-small (tools/setup.sh --weights). CACHE: where the
# vectors are kept; encoding 67,349 phrases takes some minutes on a first run.
set -e
sst=$1 cache=${2:-build/heads/.vectors} work=build/heads atelier=${ATELIER:-build/release/atelier}
[ -f "$sst/train.tsv" ] && [ -f "$sst/dev.tsv" ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$work"
awk -F'\t' 'BEGIN { print "sentence,label" }
    FNR > 1 { gsub(/"/, "\"\"", $1); print "\"" $1 "\"," ($2 == 1 ? "positive" : "negative") }' \
    "$sst/train.tsv" "$sst/dev.tsv" >"$work/sst.csv"
fit() { # FILE OPTIONS…
    file=$1
    shift
    "$atelier" sentiment --fit --in "$work/sst.csv" --text sentence --label label --most-terms 8000 \
        --cache "$cache" --model "$work/$file" --json "$@" >"$work/$file.json"
    cp "$work/$file" "share/heads/$file"
}
fit sentiment.atm --encoder gte-small --precision int8
fit sentiment-words.atm --encoder none
ls -l share/heads/*.atm
