#!/bin/sh
# Compiles what the dataset's code runs as WebAssembly, and writes it as TypeScript: src/main/dataset/resize-kernel.ts and jpeg-kernel.ts.
#
#   scripts/make-kernels.sh ZIG LIBJPEG_TURBO
#
# ZIG: Zig 0.17.0, for the compiler in it (`pip install ziglang==0.17.0`; then the file ziglang/zig). LIBJPEG_TURBO: the sources of release 2.1.5.1.
set -eu
zig=$(realpath "$1")
jpeg=$(realpath "$2")
dataset=$(realpath "$(dirname "$0")/../src/main/dataset")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$zig" cc -target wasm32-freestanding -O3 -msimd128 -nostdlib -Wl,--no-entry -Wl,--import-memory -Wl,--strip-all "$dataset/resize-kernel.c" -o "$work/resize.wasm"
cat >"$dataset/resize-kernel.ts" <<END
/** resize-kernel.c, compiled (WebAssembly with SIMD): the two passes of a resize and the weights of a side. Written by scripts/make-kernels.sh. */
export const RESIZE_KERNEL = Buffer.from(
  '$(base64 -w0 "$work/resize.wasm")',
  'base64',
)
END
