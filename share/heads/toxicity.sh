#!/usr/bin/env bash
# toxicity.sh: fits the ready head of toxicity again and prints its figures.
#
# Usage: share/heads/toxicity.sh TWEETS.csv REVIEWS.csv [CACHE]    writes share/heads/toxicity.atm
# TWEETS: Davidson et al., labeled_data.csv; REVIEWS: Women's Clothing E-Commerce Reviews. Needs the
# weights of gte-small; CACHE keeps the vectors of texts.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
harmless=$(mktemp --suffix=.csv)
trap 'rm -f "$harmless"' EXIT
python3 "$here/harmless.py" >"$harmless"
"$here/../../build/atelier" toxicity --fit --in "$1" --text tweet --label class --toxic 0,1 \
  --clean "$2" --clean-text "Review Text" --harmless "$harmless" --cache "${3:-none}" \
  --model "$here/toxicity.atm" --json
