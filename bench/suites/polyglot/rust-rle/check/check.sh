set -e
rustc --edition 2021 --test check.rs -o check_bin
./check_bin
