#!/usr/bin/env bash
# Prints how many lines each .txt file of a folder has, and the sum.
total=0
for file in $(ls $1/*.txt); do
  lines=$(cat $file | wc -l)
  echo "$(basename $file): $lines"
  total=$((total + lines))
done
echo "total: $total"
