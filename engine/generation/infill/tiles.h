/* How are many rows multiplied by a matrix at once on processors with tiles (Intel AMX), as exactly as in float32?
 *
 * A tile is 16 rows of 64 bytes: sums are 16 x 16 float32; the left factor is 16 rows of 16 pairs of bfloat16, the
 * right one 16 pairs, one below the other, of 16 outputs. A float32 is the sum of three bfloat16 numbers, its upper,
 * middle and lower bits, so that three products with a bfloat16 weight lose nothing. Weights are in pairs of right
 * tiles, 32 outputs, one pair after the other for every 32 inputs.
 */
#if defined(__AMX_BF16__) && defined(__AVX512BW__) && defined(__linux__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIDE 16
#define BLOCK 32
#define TILE_WORDS (SIDE * BLOCK)
#define PARTS 3
#define AHEAD 4096

/* The kernel of the system gives tiles to who asks for them. */
int64_t has_tiles(void) { return syscall(SYS_arch_prctl, 0x1023, 18) == 0; }

/* Sums in 0 to 3 (upper rows left and right, lower rows left and right), rows in 4 and 5, weights in 6 and 7. */
static void shape_tiles(int upper, int lower) {
  struct {
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } __attribute__((aligned(64))) shape = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    shape.bytes[i] = 64;
    shape.rows[i] = i > 5 ? SIDE : i == 2 || i == 3 || i == 5 ? lower : upper;
  }
  _tile_loadconfig(&shape);
}

/* Rows as left tiles: [32 inputs][upper, middle, lower bits][row]. */
static void split_rows(const float *x, uint16_t *parts, int in, int rows) {
  __m512i high = _mm512_set1_epi32((int)0xffff0000u);
  for (int i = 0; i < in; i += SIDE)
    for (int r = 0; r < rows; r++) {
      __m512 left = _mm512_loadu_ps(x + (size_t)r * in + i);
      uint16_t *to = parts + (size_t)(i / BLOCK * PARTS * SIDE + r) * BLOCK + i % BLOCK;
      for (int part = 0; part < PARTS; part++, to += TILE_WORDS) {
        __m512i bits = _mm512_and_si512(_mm512_castps_si512(left), high);
        _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi32_epi16(_mm512_srli_epi32(bits, 16)));
        left = _mm512_sub_ps(left, _mm512_castsi512_ps(bits));
      }
    }
}

/* The pair of right tiles after next, on its way from farther memory. */
INLINE void fetch_ahead(const uint16_t *w) {
  for (int line = 0; line < 2 * TILE_WORDS; line += 32) _mm_prefetch(w + AHEAD + line, _MM_HINT_T1);
}

/* 32 outputs of the rows `above`, and of the 16 rows after them. */
INLINE void product(const uint16_t *w, const uint16_t *above, float *y, int deep, int out, int is_double, int is_new) {
  const uint16_t *below = above + (size_t)deep * PARTS * TILE_WORDS;
  _tile_zero(0);
  _tile_zero(1);
  if (is_double) _tile_zero(2);
  if (is_double) _tile_zero(3);
  for (int t = 0; t < deep; t++, w += 2 * TILE_WORDS) {
    if (is_new) fetch_ahead(w);
    _tile_loadd(6, w, 64);
    _tile_loadd(7, w + TILE_WORDS, 64);
    for (int part = 0; part < PARTS; part++, above += TILE_WORDS, below += TILE_WORDS) {
      _tile_loadd(4, above, 64);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      if (!is_double) continue;
      _tile_loadd(5, below, 64);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, y, out * sizeof(float));
  _tile_stored(1, y + SIDE, out * sizeof(float));
  if (is_double) _tile_stored(2, y + (size_t)SIDE * out, out * sizeof(float));
  if (is_double) _tile_stored(3, y + (size_t)SIDE * out + SIDE, out * sizeof(float));
}

/* y[row][0 .. out) = w x[row]; `parts` has room for the rows, filled up to a multiple of 32, in three parts. */
static void multiply_tiles(const uint16_t *w, const float *x, float *y, int in, int out, int rows, uint16_t *parts) {
  int deep = in / BLOCK, shaped = 0;
  size_t each = (size_t)deep * PARTS * TILE_WORDS;
  for (int r = 0; r < rows; r += SIDE)
    split_rows(x + (size_t)r * in, parts + r / SIDE * each, in, rows - r < SIDE ? rows - r : SIDE);
  for (int n = 0; n < out; n += BLOCK, w += (size_t)deep * 2 * TILE_WORDS)
    for (int r = 0; r < rows; r += BLOCK) {
      int now = rows - r < BLOCK ? rows - r : BLOCK, is_double = now > SIDE;
      const uint16_t *above = parts + r / SIDE * each;
      if (now != shaped) shape_tiles(is_double ? SIDE : now, is_double ? now - SIDE : 1);
      shaped = now;
      if (is_double) product(w, above, y + (size_t)r * out + n, deep, out, 1, !r);
      else product(w, above, y + (size_t)r * out + n, deep, out, 0, !r);
    }
  _tile_release();
}
#else
int64_t has_tiles(void) { return 0; }

static void multiply_tiles(const uint16_t *w, const float *x, float *y, int in, int out, int rows, uint16_t *parts) {}
#endif
