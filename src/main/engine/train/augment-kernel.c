/*
 * The loops of augment-pixels.ts for WebAssembly with SIMD: what they read and write are addresses, `count` counts pixels of three values. They
 * compute in float64 and round to float32 where something is kept, in the order that is written here: the same bits on every machine. Pixels go
 * in twos, so that what is read and written wants room for one more behind it. augment-kernel.ts holds it compiled by scripts/make-kernels.sh.
 */
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))

typedef unsigned char byte;
typedef unsigned int word __attribute__((aligned(1), may_alias));

/** Luma weights of torchvision's rgb_to_grayscale. */
static const double RED = 0.2989, GREEN = 0.587, BLUE = 0.114;

INLINE v128_t splat(double value) { return wasm_f64x2_splat(value); }
INLINE v128_t plus(v128_t a, v128_t b) { return wasm_f64x2_add(a, b); }
INLINE v128_t minus(v128_t a, v128_t b) { return wasm_f64x2_sub(a, b); }
INLINE v128_t times(v128_t a, v128_t b) { return wasm_f64x2_mul(a, b); }
INLINE v128_t size(v128_t a) { return wasm_f64x2_abs(a); }
INLINE v128_t rounded(v128_t doubles) { return wasm_f32x4_demote_f64x2_zero(doubles); }
/** x held to 0…1, from half of x: 0.5 (|x| − |x − 1| + 1). */
INLINE v128_t held(v128_t half) { return plus(minus(size(half), size(minus(half, splat(0.5)))), splat(0.5)); }

/** Red, green and blue of two pixels, float64. */
typedef struct {
  v128_t red, green, blue;
} Pair;

INLINE Pair lookedUp(const byte *from, const double *levels) {
  const Pair pair = {
    wasm_v128_load64_lane(levels + from[3], wasm_v128_load64_zero(levels + from[0]), 1),
    wasm_v128_load64_lane(levels + from[4], wasm_v128_load64_zero(levels + from[1]), 1),
    wasm_v128_load64_lane(levels + from[5], wasm_v128_load64_zero(levels + from[2]), 1),
  };
  return pair;
}

INLINE Pair loaded(const float *from) {
  const v128_t first = wasm_v128_load(from);
  const v128_t last = wasm_v128_load64_zero(from + 4);
  const Pair pair = {
    wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(first, first, 0, 3, 0, 3)),
    wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(first, last, 1, 4, 1, 4)),
    wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(first, last, 2, 5, 2, 5)),
  };
  return pair;
}

INLINE void store(Pair pair, float *to) {
  const v128_t blue = rounded(pair.blue);
  const v128_t others = wasm_i32x4_shuffle(rounded(pair.red), rounded(pair.green), 0, 4, 1, 5);
  wasm_v128_store64_lane(to, others, 0);
  wasm_v128_store32_lane(to + 2, blue, 0);
  wasm_v128_store64_lane(to + 3, others, 1);
  wasm_v128_store32_lane(to + 5, blue, 1);
}

/**
 * Moves a picture: nearest pixel and black outside, by ImageProjectiveTransformV3's own float32 arithmetic, which rounds half away from 0.
 * The pixel after the picture's last has to be black. `across`, `down`: room for side + 3 floats.
 */
EXPORT(move) void move(const byte *source, int side, const float *transform, float *across, float *down, byte *target) {
  const float a = transform[0], b = transform[1], c = transform[2], d = transform[3], e = transform[4], f = transform[5];
  for (int x = 0; x < side; x++) {
    across[x] = a * x;
    down[x] = d * x;
  }
  const v128_t half = wasm_f32x4_splat(0.5f), first = wasm_f32x4_splat(-0.5f), end = wasm_f32x4_splat(side - 0.5f);
  const v128_t sides = wasm_i32x4_splat(side), outside = wasm_i32x4_splat(side * side);
  for (int y = 0; y < side; y++) {
    const v128_t acrossRow = wasm_f32x4_splat(b * y), downRow = wasm_f32x4_splat(e * y);
    for (int x = 0; x < side; x += 4) {
      const v128_t fromX = wasm_f32x4_add(wasm_f32x4_add(wasm_v128_load(across + x), acrossRow), wasm_f32x4_splat(c));
      const v128_t fromY = wasm_f32x4_add(wasm_f32x4_add(wasm_v128_load(down + x), downRow), wasm_f32x4_splat(f));
      const v128_t within = wasm_v128_and(
        wasm_v128_and(wasm_f32x4_gt(fromX, first), wasm_f32x4_lt(fromX, end)),
        wasm_v128_and(wasm_f32x4_gt(fromY, first), wasm_f32x4_lt(fromY, end))
      );
      // What float32 makes of x + 0.5 may lie a pixel on; what is left of x beside its whole part is exact.
      v128_t column = wasm_i32x4_trunc_sat_f32x4(fromX), row = wasm_i32x4_trunc_sat_f32x4(fromY);
      column = wasm_i32x4_sub(column, wasm_f32x4_ge(wasm_f32x4_sub(fromX, wasm_f32x4_convert_i32x4(column)), half));
      row = wasm_i32x4_sub(row, wasm_f32x4_ge(wasm_f32x4_sub(fromY, wasm_f32x4_convert_i32x4(row)), half));
      const v128_t pixel = wasm_v128_bitselect(wasm_i32x4_add(wasm_i32x4_mul(row, sides), column), outside, within);
      const v128_t from = wasm_i32x4_add(wasm_i32x4_add(pixel, pixel), pixel);
      // Each is over by one byte, which the next one writes; behind a row's last, the row after it.
      *(word *)target = *(const word *)(source + wasm_i32x4_extract_lane(from, 0));
      *(word *)(target + 3) = *(const word *)(source + wasm_i32x4_extract_lane(from, 1));
      *(word *)(target + 6) = *(const word *)(source + wasm_i32x4_extract_lane(from, 2));
      *(word *)(target + 9) = *(const word *)(source + wasm_i32x4_extract_lane(from, 3));
      target += 12;
    }
    target -= 3 * (-side & 3);
  }
}

INLINE double grey(double red, double green, double blue) { return RED * red + GREEN * green + BLUE * blue; }

/** The grey of all pixels' sum, of what the table makes of their levels. */
EXPORT(greyOfLevels) double greyOfLevels(const byte *source, const double *levels, int count) {
  double red = 0, green = 0, blue = 0;
  for (const byte *end = source + 3 * count; source < end; source += 3) {
    red += levels[source[0]];
    green += levels[source[1]];
    blue += levels[source[2]];
  }
  return grey(red, green, blue);
}

EXPORT(greyOf) double greyOf(const float *pixels, int count) {
  double red = 0, green = 0, blue = 0;
  for (const float *end = pixels + 3 * count; pixels < end; pixels += 3) {
    red += pixels[0];
    green += pixels[1];
    blue += pixels[2];
  }
  return grey(red, green, blue);
}

/** Every level by the table. */
EXPORT(look) void look(const byte *source, const double *levels, int count, float *out) {
  for (const float *end = out + 3 * count; out < end; source += 6, out += 6) {
    for (int i = 0; i < 6; i++) out[i] = (float)levels[source[i]];
  }
}

/** clamp(factor · value + offset). */
EXPORT(scale) void scale(float *pixels, int count, double factor, double offset) {
  const v128_t factors = splat(factor / 2), offsets = splat(offset / 2);
  for (const float *end = pixels + 3 * count; pixels < end; pixels += 4) {
    const v128_t four = wasm_v128_load(pixels);
    const v128_t low = held(plus(times(factors, wasm_f64x2_promote_low_f32x4(four)), offsets));
    const v128_t high = held(plus(times(factors, wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(four, four, 2, 3, 2, 3))), offsets));
    wasm_v128_store(pixels, wasm_i32x4_shuffle(rounded(low), rounded(high), 0, 1, 4, 5));
  }
}

INLINE void saturatePair(Pair old, double factor, float *out) {
  const v128_t grey = plus(plus(times(splat(RED), old.red), times(splat(GREEN), old.green)), times(splat(BLUE), old.blue));
  const v128_t factors = splat(factor / 2), offset = times(splat((1 - factor) / 2), grey);
  const Pair pair = {held(plus(times(factors, old.red), offset)), held(plus(times(factors, old.green), offset)), held(plus(times(factors, old.blue), offset))};
  store(pair, out);
}

/** Each pixel blended with its grey. */
EXPORT(saturate) void saturate(float *pixels, int count, double factor) {
  for (const float *end = pixels + 3 * count; pixels < end; pixels += 6) saturatePair(loaded(pixels), factor, pixels);
}

/** The same of what the table makes of levels. */
EXPORT(saturateLevels) void saturateLevels(const byte *source, const double *levels, int count, float *out, double factor) {
  for (const float *end = out + 3 * count; out < end; source += 6, out += 6) saturatePair(lookedUp(source, levels), factor, out);
}

/** TensorFlow's RGBToHSV and HSVToRGB with the colour circle turned in between. */
EXPORT(turnHue) void turnHue(float *pixels, int count, double shift) {
  for (const float *end = pixels + 3 * count; pixels < end; pixels += 6) {
    const Pair old = loaded(pixels);
    const v128_t value = wasm_f64x2_pmax(wasm_f64x2_pmax(old.red, old.green), old.blue);
    const v128_t range = minus(value, wasm_f64x2_pmin(wasm_f64x2_pmin(old.red, old.green), old.blue));
    const v128_t isRed = wasm_f64x2_eq(old.red, value), isGreen = wasm_f64x2_eq(old.green, value);
    const v128_t ahead = wasm_v128_bitselect(old.green, wasm_v128_bitselect(old.blue, old.red, isGreen), isRed);
    const v128_t behind = wasm_v128_bitselect(old.blue, wasm_v128_bitselect(old.red, old.green, isGreen), isRed);
    const v128_t start = wasm_v128_andnot(wasm_v128_bitselect(splat(1.0 / 3), splat(2.0 / 3), isGreen), isRed);
    const v128_t hue = plus(plus(wasm_f64x2_div(minus(ahead, behind), times(range, splat(6))), start), splat(shift));
    // Halves of sixths of the circle. Grey has no hue, which is then no number.
    const v128_t at = wasm_v128_and(times(splat(3), minus(hue, wasm_f64x2_floor(hue))), wasm_f64x2_gt(range, splat(0)));
    const v128_t low = minus(value, range);
    const Pair turned = {
      plus(low, times(range, held(minus(size(minus(at, splat(1.5))), splat(0.5))))),
      plus(low, times(range, held(minus(splat(1), size(minus(at, splat(1))))))),
      plus(low, times(range, held(minus(splat(1), size(minus(at, splat(2))))))),
    };
    store(turned, pixels);
  }
}
