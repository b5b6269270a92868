#!/bin/sh
# toxicity: fits the ready head of toxicity again, by the program's own command; prints its figures.
#
#   share/heads/toxicity.sh TWEETS REVIEWS [CACHE]
#
# TWEETS: labeled_data.csv of Davidson et al.; REVIEWS: Women's Clothing E-Commerce Reviews, of which
# half is learnt as clean texts and half judges. Needs the weights of gte-small (tools/setup.sh
# --weights). CACHE: where the vectors are kept; a first run encodes 47,000 texts, minutes.
set -e
[ -f "$1" ] && [ -f "$2" ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
work=build/heads atelier=${ATELIER:-build/release/atelier}
mkdir -p "$work"
python3 share/heads/harmless.py >"$work/harmless.csv"
"$atelier" toxicity --fit --in "$1" --text tweet --label class --toxic 0,1 --clean "$2" \
    --clean-text "Review Text" --harmless "$work/harmless.csv" --cache "${3:-build/heads/.vectors}" \
    --encoder gte-small --precision int8 --model "$work/toxicity.atm" --json >"$work/toxicity.json"
cp "$work/toxicity.atm" share/heads/toxicity.atm
ls -l share/heads/toxicity.atm
