/*
 * Pillow's resize of 8-bit RGB (libImaging/Resample.c) for WebAssembly with SIMD; resize.ts says how and calls it. Arguments are addresses and
 * sizes, in bytes or pixels. What is written wants 16 spare bytes behind it; what is read 16, or a row. resize-kernel.ts holds it compiled by
 * scripts/make-kernels.sh.
 *
 * Taps go in pairs, a weight of 22 bits as 2^11 high + low: four values times two weights each is then one instruction, and the sum the same to the bit.
 */
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))

typedef unsigned char byte;

#define UNROLLED _Pragma("clang loop unroll(full)")

enum { WEIGHT_BITS = 22, LOW_BITS = 11, HALF = 1 << (WEIGHT_BITS - 1) };

/** Numbers of a weight table for one side, for each output position: the first input position, how many pairs, and of each pair its high and its low weights. */
EXPORT(stride) int stride(int inSize, int outSize) {
  const double scale = (double)inSize / outSize;
  const int pairs = (int)__builtin_ceil(scale > 1 ? scale : 1) + 1;
  return 2 + 2 * pairs;
}

/** Writes outSize x stride int32 to `table`. `exact`: room for `stride` float64. */
EXPORT(weigh) void weigh(int inSize, int outSize, int *table, double *exact) {
  const double scale = (double)inSize / outSize;
  const double support = scale > 1 ? scale : 1;
  const int step = stride(inSize, outSize);
  for (int position = 0; position < outSize; position++, table += step) {
    const double centre = (position + 0.5) * scale;
    int first = (int)(centre - support + 0.5);
    if (first < 0) first = 0;
    int end = (int)(centre + support + 0.5);
    if (end > inSize) end = inSize;
    const int taps = end - first;
    double sum = 0;
    for (int tap = 0; tap < taps; tap++) {
      const double weight = 1 - __builtin_fabs((tap + first - centre + 0.5) / support);
      exact[tap] = weight > 0 ? weight : 0;
      sum += exact[tap];
    }
    table[0] = first;
    table[1] = (taps + 1) >> 1;
    short *weights = (short *)(table + 2);
    for (int tap = 0; tap < taps || (tap & 1); tap++) {
      const int weight = tap < taps ? (int)(0.5 + exact[tap] / sum * (1 << WEIGHT_BITS)) : 0;
      short *pair = weights + (tap >> 1) * 4 + (tap & 1);
      pair[0] = weight >> LOW_BITS;
      pair[2] = weight & ((1 << LOW_BITS) - 1);
    }
  }
}

/** `sum` and what a pair of taps gives of four values: 16-bit (first, second) of each. */
INLINE v128_t added(v128_t sum, v128_t values, v128_t high, v128_t low) {
  return wasm_i32x4_add(wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(values, low)), wasm_i32x4_shl(wasm_i32x4_dot_i16x8(values, high), LOW_BITS));
}

/** One row, or four at once. */
INLINE void acrossRows(const int rows, const byte *source, int rowBytes, byte *target, int outWidth, const int *table, int step) {
  const v128_t spread = wasm_i8x16_const(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  const int outBytes = outWidth * 3;
  for (int x = 0; x < outWidth; x++, table += step, target += 3) {
    v128_t sums[4];
    UNROLLED
    for (int r = 0; r < rows; r++) sums[r] = wasm_i32x4_splat(HALF);
    const byte *from = source + table[0] * 3;
    const int *weight = table + 2;
    for (int pair = table[1]; pair > 0; pair--, weight += 2, from += 6) {
      const v128_t highPair = wasm_v128_load32_splat(weight);
      const v128_t lowPair = wasm_v128_load32_splat(weight + 1);
      UNROLLED
      for (int r = 0; r < rows; r++) {
        const v128_t pixels = wasm_i8x16_swizzle(wasm_v128_load64_zero(from + r * rowBytes), spread);
        sums[r] = added(sums[r], pixels, highPair, lowPair);
      }
    }
    v128_t out[4] = {};
    UNROLLED
    for (int r = 0; r < rows; r++) out[r] = wasm_i32x4_shr(sums[r], WEIGHT_BITS);
    const v128_t words = wasm_i16x8_narrow_i32x4(out[0], out[rows > 1]);
    const v128_t bytes = wasm_u8x16_narrow_i16x8(words, rows > 2 ? wasm_i16x8_narrow_i32x4(out[2], out[3]) : words);
    // Each store but a row's last is over by one byte, which the next one writes.
    if (x + 1 < outWidth) {
      wasm_v128_store32_lane(target, bytes, 0);
      if (rows > 1) {
        wasm_v128_store32_lane(target + outBytes, bytes, 1);
        wasm_v128_store32_lane(target + 2 * outBytes, bytes, 2);
        wasm_v128_store32_lane(target + 3 * outBytes, bytes, 3);
      }
    } else {
      wasm_v128_store16_lane(target, bytes, 0);
      wasm_v128_store8_lane(target + 2, bytes, 2);
      if (rows > 1) {
        wasm_v128_store16_lane(target + outBytes, bytes, 2);
        wasm_v128_store8_lane(target + outBytes + 2, bytes, 6);
        wasm_v128_store16_lane(target + 2 * outBytes, bytes, 4);
        wasm_v128_store8_lane(target + 2 * outBytes + 2, bytes, 10);
        wasm_v128_store16_lane(target + 3 * outBytes, bytes, 6);
        wasm_v128_store8_lane(target + 3 * outBytes + 2, bytes, 14);
      }
    }
  }
}

EXPORT(across) void across(const byte *source, int width, int height, byte *target, int outWidth, const int *table) {
  const int step = stride(width, outWidth);
  int y = 0;
  for (; y + 4 <= height; y += 4) acrossRows(4, source + y * width * 3, width * 3, target + y * outWidth * 3, outWidth, table, step);
  for (; y < height; y++) acrossRows(1, source + y * width * 3, width * 3, target + y * outWidth * 3, outWidth, table, step);
}

EXPORT(down) void down(const byte *source, int rowBytes, int height, byte *target, int outHeight, const int *table) {
  const int step = stride(height, outHeight);
  for (int y = 0; y < outHeight; y++, table += step, target += rowBytes) {
    const byte *start = source + table[0] * rowBytes;
    for (int at = 0; at < rowBytes; at += 16) {
      const byte *from = start + at;
      const int *weight = table + 2;
      v128_t sums[4];
      UNROLLED
      for (int i = 0; i < 4; i++) sums[i] = wasm_i32x4_splat(HALF);
      for (int pair = table[1]; pair > 0; pair--, weight += 2, from += 2 * rowBytes) {
        const v128_t highPair = wasm_v128_load32_splat(weight);
        const v128_t lowPair = wasm_v128_load32_splat(weight + 1);
        const v128_t a = wasm_v128_load(from);
        const v128_t b = wasm_v128_load(from + rowBytes);
        const v128_t left = wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const v128_t right = wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        const v128_t four[4] = {wasm_u16x8_extend_low_u8x16(left), wasm_u16x8_extend_high_u8x16(left), wasm_u16x8_extend_low_u8x16(right), wasm_u16x8_extend_high_u8x16(right)};
        UNROLLED
        for (int i = 0; i < 4; i++) sums[i] = added(sums[i], four[i], highPair, lowPair);
      }
      v128_t out[4];
      UNROLLED
      for (int i = 0; i < 4; i++) out[i] = wasm_i32x4_shr(sums[i], WEIGHT_BITS);
      wasm_v128_store(target + at, wasm_u8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(out[0], out[1]), wasm_i16x8_narrow_i32x4(out[2], out[3])));
    }
  }
}
