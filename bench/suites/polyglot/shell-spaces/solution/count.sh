#!/usr/bin/env bash
# Prints how many lines each .txt file of a folder has, and the sum.
shopt -s nullglob
total=0
for file in "$1"/*.txt; do
  lines=$(($(wc -l < "$file")))
  echo "$(basename "$file"): $lines"
  total=$((total + lines))
done
echo "total: $total"
