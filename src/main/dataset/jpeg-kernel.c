/*
 * libjpeg-turbo's decoder for WebAssembly with SIMD: what is wanted of it, and its slowest loops (inverse DCT, colours, doubling of the chroma), which it
 * has in assembly for real processors alone. plain-jpeg.ts calls it; jpeg-kernel.ts holds it compiled, with libjpeg-turbo, by scripts/make-kernels.sh.
 *
 * The inverse DCT computes what jidctint-avx2.asm does, operation by operation, and so overflows as that does where a file is made to. This software is
 * based in part on the work of the Independent JPEG Group.
 */
#define JPEG_INTERNALS
#include "jinclude.h"
#include "jpeglib.h"
#include "jerror.h"
#include "jsimd.h"
#include "jdct.h"
#include "jsimddct.h"
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))
/** Throws, in JavaScript. Nothing of this instance is used again. */
__attribute__((import_module("env"), import_name("refuse"), noreturn)) void refuse(void);

enum { MOST_SCANS = 50 };

// What libjpeg warns of is decoded, but not by all of its versions alike.
static void onError(j_common_ptr common) { refuse(); }
static void onMessage(j_common_ptr common, int level) { if (level < 0) refuse(); }
static void onProgress(j_common_ptr common) { if (((j_decompress_ptr)common)->input_scan_number > MOST_SCANS) refuse(); }
static void reset(j_common_ptr common) {}

/** Writes (height, width, 3) to `pixels`. Refuses what is damaged in any way, not as large as said, or not YCbCr or grey. */
EXPORT(decode) void decode(unsigned char *file, unsigned long bytes, unsigned char *pixels, int width, int height) {
  static struct jpeg_error_mgr errors;
  static struct jpeg_progress_mgr progress;
  struct jpeg_decompress_struct picture;
  errors.error_exit = onError;
  errors.emit_message = onMessage;
  errors.reset_error_mgr = reset;
  progress.progress_monitor = onProgress;
  picture.err = &errors;
  jpeg_create_decompress(&picture);
  picture.progress = &progress;
  jpeg_mem_src(&picture, file, bytes);
  jpeg_read_header(&picture, TRUE);
  if (picture.image_width != width || picture.image_height != height) refuse();
  if (picture.jpeg_color_space != JCS_YCbCr && picture.jpeg_color_space != JCS_GRAYSCALE) refuse();
  picture.out_color_space = JCS_RGB;
  jpeg_start_decompress(&picture);
  // Where a progressive file leaves out details, versions differ in how they smooth.
  if (picture.progressive_mode)
    for (int component = 0; component < picture.num_components; component++)
      for (int i = 0; i < DCTSIZE2; i++)
        if (picture.coef_bits[component][i] != 0) refuse();
  while (picture.output_scanline < height) {
    JSAMPROW rows[8];
    int count = 0;
    for (int y = picture.output_scanline; y < height && count < 8; y++) rows[count++] = pixels + y * width * 3;
    jpeg_read_scanlines(&picture, rows, count);
  }
  jpeg_finish_decompress(&picture);
  jpeg_destroy_decompress(&picture);
}


#undef INLINE
#define INLINE static inline __attribute__((always_inline))
#define PAIR(first, second) wasm_i16x8_const(first, second, first, second, first, second, first, second)
#define LOW(a, b) wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH(a, b) wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)

enum { F_0_298 = 2446, F_0_390 = 3196, F_0_541 = 4433, F_0_765 = 6270, F_0_899 = 7373, F_1_175 = 9633, F_1_501 = 12299, F_1_847 = 15137, F_1_961 = 16069, F_2_053 = 16819, F_2_562 = 20995, F_3_072 = 25172 };
enum { CONSTANT_BITS = 13, FIRST_PASS_BITS = 2 };

INLINE v128_t descaled(v128_t low, v128_t high, const int bits) {
  const v128_t half = wasm_i32x4_splat(1 << (bits - 1));
  return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_add(low, half), bits), wasm_i32x4_shr(wasm_i32x4_add(high, half), bits));
}

/** One-dimensional inverse DCT of eight columns. */
INLINE void inverse(v128_t v[8], const int bits) {
  const v128_t even = wasm_i32x4_const_splat(0);
  const v128_t l26 = LOW(v[2], v[6]), h26 = HIGH(v[2], v[6]);
  const v128_t sum = wasm_i16x8_add(v[0], v[4]), difference = wasm_i16x8_sub(v[0], v[4]);
  const v128_t l0 = wasm_i32x4_shr(LOW(even, sum), 16 - CONSTANT_BITS), h0 = wasm_i32x4_shr(HIGH(even, sum), 16 - CONSTANT_BITS);
  const v128_t l1 = wasm_i32x4_shr(LOW(even, difference), 16 - CONSTANT_BITS), h1 = wasm_i32x4_shr(HIGH(even, difference), 16 - CONSTANT_BITS);
  const v128_t c3 = PAIR(F_0_541 + F_0_765, F_0_541), c2 = PAIR(F_0_541, F_0_541 - F_1_847);
  const v128_t l3 = wasm_i32x4_dot_i16x8(l26, c3), h3 = wasm_i32x4_dot_i16x8(h26, c3);
  const v128_t l2 = wasm_i32x4_dot_i16x8(l26, c2), h2 = wasm_i32x4_dot_i16x8(h26, c2);
  const v128_t l10 = wasm_i32x4_add(l0, l3), h10 = wasm_i32x4_add(h0, h3), l13 = wasm_i32x4_sub(l0, l3), h13 = wasm_i32x4_sub(h0, h3);
  const v128_t l11 = wasm_i32x4_add(l1, l2), h11 = wasm_i32x4_add(h1, h2), l12 = wasm_i32x4_sub(l1, l2), h12 = wasm_i32x4_sub(h1, h2);

  const v128_t z3 = wasm_i16x8_add(v[7], v[3]), z4 = wasm_i16x8_add(v[5], v[1]);
  const v128_t lz = LOW(z3, z4), hz = HIGH(z3, z4);
  const v128_t cz3 = PAIR(F_1_175 - F_1_961, F_1_175), cz4 = PAIR(F_1_175, F_1_175 - F_0_390);
  const v128_t lz3 = wasm_i32x4_dot_i16x8(lz, cz3), hz3 = wasm_i32x4_dot_i16x8(hz, cz3);
  const v128_t lz4 = wasm_i32x4_dot_i16x8(lz, cz4), hz4 = wasm_i32x4_dot_i16x8(hz, cz4);
  const v128_t l71 = LOW(v[7], v[1]), h71 = HIGH(v[7], v[1]), l53 = LOW(v[5], v[3]), h53 = HIGH(v[5], v[3]);
  const v128_t c70 = PAIR(F_0_298 - F_0_899, -F_0_899), c71 = PAIR(-F_0_899, F_1_501 - F_0_899);
  const v128_t c51 = PAIR(F_2_053 - F_2_562, -F_2_562), c52 = PAIR(-F_2_562, F_3_072 - F_2_562);
  const v128_t lo0 = wasm_i32x4_add(wasm_i32x4_dot_i16x8(l71, c70), lz3), ho0 = wasm_i32x4_add(wasm_i32x4_dot_i16x8(h71, c70), hz3);
  const v128_t lo3 = wasm_i32x4_add(wasm_i32x4_dot_i16x8(l71, c71), lz4), ho3 = wasm_i32x4_add(wasm_i32x4_dot_i16x8(h71, c71), hz4);
  const v128_t lo1 = wasm_i32x4_add(wasm_i32x4_dot_i16x8(l53, c51), lz4), ho1 = wasm_i32x4_add(wasm_i32x4_dot_i16x8(h53, c51), hz4);
  const v128_t lo2 = wasm_i32x4_add(wasm_i32x4_dot_i16x8(l53, c52), lz3), ho2 = wasm_i32x4_add(wasm_i32x4_dot_i16x8(h53, c52), hz3);

  v[0] = descaled(wasm_i32x4_add(l10, lo3), wasm_i32x4_add(h10, ho3), bits);
  v[7] = descaled(wasm_i32x4_sub(l10, lo3), wasm_i32x4_sub(h10, ho3), bits);
  v[1] = descaled(wasm_i32x4_add(l11, lo2), wasm_i32x4_add(h11, ho2), bits);
  v[6] = descaled(wasm_i32x4_sub(l11, lo2), wasm_i32x4_sub(h11, ho2), bits);
  v[2] = descaled(wasm_i32x4_add(l12, lo1), wasm_i32x4_add(h12, ho1), bits);
  v[5] = descaled(wasm_i32x4_sub(l12, lo1), wasm_i32x4_sub(h12, ho1), bits);
  v[3] = descaled(wasm_i32x4_add(l13, lo0), wasm_i32x4_add(h13, ho0), bits);
  v[4] = descaled(wasm_i32x4_sub(l13, lo0), wasm_i32x4_sub(h13, ho0), bits);
}

INLINE void transpose(v128_t v[8]) {
  const v128_t a0 = LOW(v[0], v[4]), a1 = HIGH(v[0], v[4]), a2 = LOW(v[1], v[5]), a3 = HIGH(v[1], v[5]);
  const v128_t a4 = LOW(v[2], v[6]), a5 = HIGH(v[2], v[6]), a6 = LOW(v[3], v[7]), a7 = HIGH(v[3], v[7]);
  const v128_t b0 = LOW(a0, a4), b1 = HIGH(a0, a4), b2 = LOW(a1, a5), b3 = HIGH(a1, a5);
  const v128_t b4 = LOW(a2, a6), b5 = HIGH(a2, a6), b6 = LOW(a3, a7), b7 = HIGH(a3, a7);
  v[0] = LOW(b0, b4), v[1] = HIGH(b0, b4), v[2] = LOW(b1, b5), v[3] = HIGH(b1, b5);
  v[4] = LOW(b2, b6), v[5] = HIGH(b2, b6), v[6] = LOW(b3, b7), v[7] = HIGH(b3, b7);
}

GLOBAL(int) jsimd_can_idct_islow(void) { return 1; }

/** Dequantised and transformed, 8 x 8. */
GLOBAL(void) jsimd_idct_islow(j_decompress_ptr cinfo, jpeg_component_info *component, JCOEFPTR coefficients, JSAMPARRAY out, JDIMENSION column) {
  const short *quantisation = component->dct_table;
  v128_t v[8];
#define READ(i) v[i] = wasm_v128_load(coefficients + 8 * i);
  READ(0) READ(1) READ(2) READ(3) READ(4) READ(5) READ(6) READ(7)
  const v128_t rest = wasm_v128_or(wasm_v128_or(wasm_v128_or(v[1], v[2]), wasm_v128_or(v[3], v[4])), wasm_v128_or(wasm_v128_or(v[5], v[6]), v[7]));
#define SCALE(i) v[i] = wasm_i16x8_mul(v[i], wasm_v128_load(quantisation + 8 * i));
  SCALE(0)
  if (!wasm_v128_any_true(rest)) {
    const v128_t row = wasm_i16x8_shl(v[0], FIRST_PASS_BITS);
#define SPREAD(i) v[i] = wasm_i16x8_shuffle(row, row, i, i, i, i, i, i, i, i);
    SPREAD(0) SPREAD(1) SPREAD(2) SPREAD(3) SPREAD(4) SPREAD(5) SPREAD(6) SPREAD(7)
  } else {
    SCALE(1) SCALE(2) SCALE(3) SCALE(4) SCALE(5) SCALE(6) SCALE(7)
    inverse(v, CONSTANT_BITS - FIRST_PASS_BITS);
    transpose(v);
  }
  inverse(v, CONSTANT_BITS + FIRST_PASS_BITS + 3);
  transpose(v);
  const v128_t centre = wasm_i8x16_const_splat(CENTERJSAMPLE - 256);
#define WRITE(i) { \
    const v128_t two = wasm_i8x16_add(wasm_i8x16_narrow_i16x8(v[i], v[i + 1]), centre); \
    wasm_v128_store64_lane(out[i] + column, two, 0); \
    wasm_v128_store64_lane(out[i + 1] + column, two, 1); \
  }
  WRITE(0) WRITE(2) WRITE(4) WRITE(6)
}

GLOBAL(int) jsimd_can_ycc_rgb(void) { return 1; }

typedef struct { v128_t r, g, b; } Rgb;

/** Eight pixels, 16 bits each; 1.40200, 0.34414, 0.71414 and 1.77200 as multiples of 2^-14 and 2^-15, which rounds as libjpeg does for all values. */
INLINE Rgb toRgb(v128_t y, v128_t cb, v128_t cr) {
  const v128_t middle = wasm_i16x8_const_splat(128);
  cb = wasm_i16x8_sub(cb, middle);
  cr = wasm_i16x8_sub(cr, middle);
  const v128_t green = PAIR(-11277, -23401), half = wasm_i32x4_const_splat(1 << 14);
  const v128_t low = wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_dot_i16x8(LOW(cb, cr), green), half), 15);
  const v128_t high = wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_dot_i16x8(HIGH(cb, cr), green), half), 15);
  const v128_t r = wasm_i16x8_q15mulr_sat(wasm_i16x8_shl(cr, 1), wasm_i16x8_const_splat(22971));
  const v128_t b = wasm_i16x8_q15mulr_sat(wasm_i16x8_shl(cb, 1), wasm_i16x8_const_splat(29033));
  return (Rgb){wasm_i16x8_add(y, r), wasm_i16x8_add(y, wasm_i16x8_narrow_i32x4(low, high)), wasm_i16x8_add(y, b)};
}

INLINE void convert(const JSAMPLE *y, const JSAMPLE *cb, const JSAMPLE *cr, JSAMPLE *out) {
  const v128_t ys = wasm_v128_load(y), cbs = wasm_v128_load(cb), crs = wasm_v128_load(cr);
  const Rgb left = toRgb(wasm_u16x8_extend_low_u8x16(ys), wasm_u16x8_extend_low_u8x16(cbs), wasm_u16x8_extend_low_u8x16(crs));
  const Rgb right = toRgb(wasm_u16x8_extend_high_u8x16(ys), wasm_u16x8_extend_high_u8x16(cbs), wasm_u16x8_extend_high_u8x16(crs));
  const v128_t r = wasm_u8x16_narrow_i16x8(left.r, right.r), g = wasm_u8x16_narrow_i16x8(left.g, right.g), b = wasm_u8x16_narrow_i16x8(left.b, right.b);
  const v128_t rg0 = wasm_i8x16_shuffle(r, g, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
  const v128_t rg1 = wasm_i8x16_shuffle(r, g, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
  const v128_t rg2 = wasm_i8x16_shuffle(r, g, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
  wasm_v128_store(out, wasm_i8x16_shuffle(rg0, b, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
  wasm_v128_store(out + 16, wasm_i8x16_shuffle(rg1, b, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15));
  wasm_v128_store(out + 32, wasm_i8x16_shuffle(rg2, b, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31));
}

GLOBAL(void) jsimd_ycc_rgb_convert(j_decompress_ptr cinfo, JSAMPIMAGE in, JDIMENSION row, JSAMPARRAY out, int rows) {
  const JDIMENSION width = cinfo->output_width;
  for (int i = 0; i < rows; i++, row++) {
    const JSAMPLE *y = in[0][row], *cb = in[1][row], *cr = in[2][row];
    JDIMENSION x = 0;
    for (; x + 16 <= width; x += 16) convert(y + x, cb + x, cr + x, out[i] + 3 * x);
    if (x < width) {
      JSAMPLE last[48];
      convert(y + x, cb + x, cr + x, last);
      memcpy(out[i] + 3 * x, last, 3 * (width - x));
    }
  }
}

/** Twice as many samples: three quarters of the nearest and a quarter of the next, at a scale of `1 << bits`; eight of them at a time. */
INLINE void widen(v128_t before, v128_t here, v128_t after, const int even, const int odd, const int bits, JSAMPLE *out) {
  const v128_t last = wasm_i16x8_shuffle(before, here, 7, 8, 9, 10, 11, 12, 13, 14);
  const v128_t next = wasm_i16x8_shuffle(here, after, 1, 2, 3, 4, 5, 6, 7, 8);
  const v128_t three = wasm_i16x8_add(here, wasm_i16x8_add(here, here));
  const v128_t evens = wasm_u16x8_shr(wasm_i16x8_add(wasm_i16x8_add(three, last), wasm_i16x8_splat(even)), bits);
  const v128_t odds = wasm_u16x8_shr(wasm_i16x8_add(wasm_i16x8_add(three, next), wasm_i16x8_splat(odd)), bits);
  wasm_v128_store(out, wasm_v128_or(evens, wasm_i16x8_shl(odds, 8)));
}

/** Eight samples, or three of each of `near` and one of `far`. */
INLINE v128_t sums(const JSAMPLE *near, const JSAMPLE *far) {
  const v128_t one = wasm_u16x8_load8x8(near);
  return far == NULL ? one : wasm_i16x8_add(wasm_u16x8_load8x8(far), wasm_i16x8_add(one, wasm_i16x8_add(one, one)));
}

INLINE void widenRow(JSAMPLE *near, JSAMPLE *far, JDIMENSION width, const int even, const int odd, const int bits, JSAMPLE *out) {
  // Rows have room to a multiple of 64 samples.
  if (width % 8 != 0) {
    near[width] = near[width - 1];
    if (far != NULL) far[width] = far[width - 1];
  }
  v128_t here = sums(near, far);
  v128_t before = wasm_i16x8_shuffle(here, here, 0, 0, 0, 0, 0, 0, 0, 0);
  for (JDIMENSION x = 0; x < width; x += 8) {
    const v128_t after = x + 8 < width ? sums(near + x + 8, far == NULL ? NULL : far + x + 8) : wasm_i16x8_shuffle(here, here, 7, 7, 7, 7, 7, 7, 7, 7);
    widen(before, here, after, even, odd, bits, out + 2 * x);
    before = here;
    here = after;
  }
}

GLOBAL(int) jsimd_can_h2v1_fancy_upsample(void) { return 1; }
GLOBAL(int) jsimd_can_h2v2_fancy_upsample(void) { return 1; }

GLOBAL(void) jsimd_h2v1_fancy_upsample(j_decompress_ptr cinfo, jpeg_component_info *component, JSAMPARRAY in, JSAMPARRAY *out) {
  for (int row = 0; row < cinfo->max_v_samp_factor; row++) widenRow(in[row], NULL, component->downsampled_width, 1, 2, 2, (*out)[row]);
}

GLOBAL(void) jsimd_h2v2_fancy_upsample(j_decompress_ptr cinfo, jpeg_component_info *component, JSAMPARRAY in, JSAMPARRAY *out) {
  for (int row = 0; row < cinfo->max_v_samp_factor; row++) widenRow(in[row / 2], in[row / 2 + (row % 2 == 0 ? -1 : 1)], component->downsampled_width, 8, 7, 4, (*out)[row]);
}
// What decoding to RGB at full size never calls.
#define LEFT_OUT(name) \
  GLOBAL(void) name(j_decompress_ptr cinfo) { refuse(); }
#define LEFT_OUT_SIZE(name) \
  GLOBAL(void) name(j_decompress_ptr cinfo, jpeg_component_info *component, JCOEFPTR coefficients, JSAMPARRAY out, JDIMENSION column) { refuse(); }
#define NOT_HERE(name) \
  GLOBAL(int) name(void) { return 0; }

LEFT_OUT(jinit_merged_upsampler)
LEFT_OUT(jinit_1pass_quantizer)
LEFT_OUT(jinit_2pass_quantizer)
LEFT_OUT_SIZE(jpeg_idct_float)
LEFT_OUT_SIZE(jpeg_idct_ifast)
LEFT_OUT_SIZE(jpeg_idct_islow)
LEFT_OUT_SIZE(jpeg_idct_1x1)
LEFT_OUT_SIZE(jpeg_idct_2x2)
LEFT_OUT_SIZE(jpeg_idct_3x3)
LEFT_OUT_SIZE(jpeg_idct_4x4)
LEFT_OUT_SIZE(jpeg_idct_5x5)
LEFT_OUT_SIZE(jpeg_idct_6x6)
LEFT_OUT_SIZE(jpeg_idct_7x7)
LEFT_OUT_SIZE(jpeg_idct_9x9)
LEFT_OUT_SIZE(jpeg_idct_10x10)
LEFT_OUT_SIZE(jpeg_idct_11x11)
LEFT_OUT_SIZE(jpeg_idct_12x12)
LEFT_OUT_SIZE(jpeg_idct_13x13)
LEFT_OUT_SIZE(jpeg_idct_14x14)
LEFT_OUT_SIZE(jpeg_idct_15x15)
LEFT_OUT_SIZE(jpeg_idct_16x16)
LEFT_OUT_SIZE(jsimd_idct_2x2)
LEFT_OUT_SIZE(jsimd_idct_4x4)
LEFT_OUT_SIZE(jsimd_idct_float)
LEFT_OUT_SIZE(jsimd_idct_ifast)

#define LEFT_OUT_UPSAMPLE(name) \
  GLOBAL(void) name(j_decompress_ptr cinfo, jpeg_component_info *component, JSAMPARRAY in, JSAMPARRAY *out) { refuse(); }
LEFT_OUT_UPSAMPLE(jsimd_h2v1_upsample)
LEFT_OUT_UPSAMPLE(jsimd_h2v2_upsample)
GLOBAL(void) jsimd_ycc_rgb565_convert(j_decompress_ptr cinfo, JSAMPIMAGE in, JDIMENSION row, JSAMPARRAY out, int rows) { refuse(); }

NOT_HERE(jsimd_can_h2v1_upsample)
NOT_HERE(jsimd_can_h2v2_upsample)
NOT_HERE(jsimd_can_idct_2x2)
NOT_HERE(jsimd_can_idct_4x4)
NOT_HERE(jsimd_can_idct_float)
NOT_HERE(jsimd_can_idct_ifast)
NOT_HERE(jsimd_can_ycc_rgb565)
