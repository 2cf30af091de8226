#!/bin/sh
# Compresses the recordings of nock. `compress.sh OUT`; needs gzip, bzip2, xz and node.
set -e
out="$1/compressed"
mkdir -p "$out"
for form in kept broken; do
    file="$1/nock/$form.json"
    gzip -nc "$file" > "$out/$form.json.gz"
    bzip2 -c "$file" > "$out/$form.json.bz2"
    xz -c "$file" > "$out/$form.json.xz"
    node -e 'const [file, out] = process.argv.slice(1); const fs = require("fs");
        fs.writeFileSync(out, require("zlib").brotliCompressSync(fs.readFileSync(file)));' "$file" "$out/$form.json.br"
done
