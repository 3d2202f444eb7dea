#!/bin/sh
# Compiles what runs as WebAssembly, and writes it as TypeScript: resize-kernel.ts and jpeg-kernel.ts in src/main/dataset, augment-kernel.ts in
# src/main/engine/train.
#
#   scripts/make-kernels.sh ZIG LIBJPEG_TURBO
#
# ZIG: Zig 0.17.0, for the compiler in it (`pip install ziglang==0.17.0`; then the file ziglang/zig). LIBJPEG_TURBO: the sources of release 2.1.5.1.
set -eu
zig=$(realpath "$1")
jpeg=$(realpath "$2")
dataset=$(realpath "$(dirname "$0")/../src/main/dataset")
train=$(realpath "$dataset/../engine/train")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# make NAME C_FILE WORDS: the TypeScript beside the C file.
make() {
  "$zig" cc -target wasm32-freestanding -O3 -msimd128 -nostdlib -Wl,--no-entry -Wl,--import-memory -Wl,--strip-all "$2" -o "$work/$1.wasm"
  cat >"${2%.c}.ts" <<END
/** $1-kernel.c, compiled (WebAssembly with SIMD): $3. Written by scripts/make-kernels.sh. */
export const $(echo "$1" | tr a-z A-Z)_KERNEL = Buffer.from(
  '$(base64 -w0 "$work/$1.wasm")',
  'base64',
)
END
}
make resize "$dataset/resize-kernel.c" 'the two passes of a resize and the weights of a side'
make augment "$train/augment-kernel.c" 'the loops over the pixels of a picture'

cat >"$work/jconfig.h" <<END
#define JPEG_LIB_VERSION 62
#define LIBJPEG_TURBO_VERSION 2.1.5.1
#define LIBJPEG_TURBO_VERSION_NUMBER 2001005
#define MEM_SRCDST_SUPPORTED 1
#define WITH_SIMD 1
#define BITS_IN_JSAMPLE 8
#define HAVE_STDDEF_H 1
#define HAVE_STDLIB_H 1
END
cat >"$work/jconfigint.h" <<END
#define BUILD ""
#define INLINE __inline__ __attribute__((always_inline))
#define THREAD_LOCAL
#define PACKAGE_NAME "libjpeg-turbo"
#define VERSION "2.1.5.1"
#define SIZEOF_SIZE_T 4
#define FALLTHROUGH __attribute__((fallthrough));
#define HAVE_BUILTIN_CTZL 1
#define NO_GETENV 1
#define NO_PUTENV 1
END
compile() {
  "$zig" cc -target wasm32-wasi -Os -msimd128 -fno-strict-aliasing -I"$work" -I"$jpeg" -include stddef.h -include stdlib.h -include stdio.h -include string.h -include errno.h "$@"
}
# Reading bits 64 at a time wants what only these two names ask for where addresses have 32.
for part in jdhuff jdphuff; do compile -Wno-macro-redefined -D__x86_64__ -D__ILP32__ -c "$jpeg/$part.c" -o "$work/$part.o"; done
parts=
for part in jcomapi jdapimin jdapistd jdatasrc jdcoefct jdcolor jddctmgr jdinput jdmainct jdmarker jdmaster jdpostct jdsample jmemmgr jmemnobs jutils; do parts="$parts $jpeg/$part.c"; done
# shellcheck disable=SC2086
compile -mexec-model=reactor -Wl,--export=malloc -Wl,--export=free -Wl,--strip-all "$dataset/jpeg-kernel.c" $parts "$work/jdhuff.o" "$work/jdphuff.o" -o "$work/jpeg.wasm"
cat >"$dataset/jpeg-kernel.ts" <<END
/** jpeg-kernel.c with libjpeg-turbo 2.1.5.1, compiled (WebAssembly with SIMD) and packed by gzip. Written by scripts/make-kernels.sh. */
export const PACKED_JPEG_KERNEL = Buffer.from(
  '$(gzip -9n <"$work/jpeg.wasm" | base64 -w0)',
  'base64',
)
END
