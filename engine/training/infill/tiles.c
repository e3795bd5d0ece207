/* Causal attention, and the gradient of a matrix, each in one pass, on processors with tiles (Intel AMX).
 *
 * A tile is 16 rows of 64 bytes: sums are 16 x 16 float32; the left factor is 16 rows of 16 pairs of bfloat16, the
 * right one 16 pairs, one below the other, of 16 columns. Four tiles of sums, 32 x 32, are made at once. Without
 * tiles `has_tiles` says no, and torch multiplies.
 */
#include "numbers.h"

#if defined(__AMX_BF16__) && defined(__AVX512BW__) && defined(__linux__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIDE 16
#define BLOCK 32
#define TILE (SIDE * BLOCK)
#define STRETCH 512

/* The kernel of the system gives tiles to who asks for them. */
count has_tiles(void) { return syscall(SYS_arch_prctl, 0x1023, 18) == 0; }

static void tiles_on(void) {
  struct {
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } __attribute__((aligned(64))) shape = {.palette = 1};
  EACH(i, 8) {
    shape.bytes[i] = 64;
    shape.rows[i] = SIDE;
  }
  _tile_loadconfig(&shape);
}

/* 32 rows of 16 numbers (`rows` and `columns` of them are there) as 16 rows of pairs. */
INLINE void paired(const half *from, count step, count rows, count columns, __m512i pairs[SIDE]) {
  __mmask16 there = columns >= SIDE ? 0xffff : (1u << columns) - 1;
  EACH(j, SIDE) {
    __mmask16 first = 2 * j < rows ? there : 0, next = 2 * j + 1 < rows ? there : 0;
    __m256i a = _mm256_maskz_loadu_epi16(first, from + 2 * j * step);
    __m256i b = _mm256_maskz_loadu_epi16(next, from + (2 * j + 1) * step);
    pairs[j] = _mm512_or_si512(_mm512_cvtepu16_epi32(a), _mm512_slli_epi32(_mm512_cvtepu16_epi32(b), 16));
  }
}

/* Rows become columns. */
INLINE void flipped(__m512i x[SIDE]) {
  __m512i y[SIDE];
  EACH(i, 8) {
    y[2 * i] = _mm512_unpacklo_epi32(x[2 * i], x[2 * i + 1]);
    y[2 * i + 1] = _mm512_unpackhi_epi32(x[2 * i], x[2 * i + 1]);
  }
  EACH(i, 4) EACH(j, 2) {
    x[4 * i + 2 * j] = _mm512_unpacklo_epi64(y[4 * i + j], y[4 * i + 2 + j]);
    x[4 * i + 2 * j + 1] = _mm512_unpackhi_epi64(y[4 * i + j], y[4 * i + 2 + j]);
  }
  EACH(i, 2) EACH(j, 4) {
    y[8 * i + j] = _mm512_shuffle_i32x4(x[8 * i + j], x[8 * i + 4 + j], 0x88);
    y[8 * i + 4 + j] = _mm512_shuffle_i32x4(x[8 * i + j], x[8 * i + 4 + j], 0xdd);
  }
  EACH(j, 8) {
    x[j] = _mm512_shuffle_i32x4(y[j], y[8 + j], 0x88);
    x[8 + j] = _mm512_shuffle_i32x4(y[j], y[8 + j], 0xdd);
  }
}

/* Of `columns` columns of a matrix whose rows are `step` apart: for every 16 columns, `deep` tiles, one for every 32
 * rows; as the right factor of a product over rows, or as the left one. Rows and columns are filled up with zeros. */
static void pack_rows(const half *from, count step, count rows, count columns, int is_left, half *tiles) {
  count deep = (rows + BLOCK - 1) / BLOCK;
  EACH(t, deep) for (count c = 0; c < columns; c += SIDE) {
    __m512i pairs[SIDE];
    paired(from + t * BLOCK * step + c, step, rows - t * BLOCK, columns - c, pairs);
    if (is_left) flipped(pairs);
    EACH(j, SIDE) _mm512_store_si512(tiles + (c / SIDE * deep + t) * TILE + j * BLOCK, pairs[j]);
  }
}

/* Tiles of a right factor whose columns are the rows of a matrix (rows, width): for every 16 rows, one for every 32
 * numbers. */
static void pack_across(const half *from, count rows, count width, half *tiles) {
  for (count row = 0; row < rows; row += SIDE)
    for (count i = 0; i < width; i += BLOCK, tiles += TILE) {
      __m512i pairs[SIDE];
      EACH(j, SIDE) pairs[j] = _mm512_loadu_si512(from + (row + j) * width + i);
      flipped(pairs);
      EACH(j, SIDE) _mm512_store_si512(tiles + j * BLOCK, pairs[j]);
    }
}

/* A left factor: where its tiles are, how far apart, the numbers from row to row, and from the upper to the lower. */
typedef struct {
  const half *at;
  count next, row, lower;
} left;

INLINE left packed_left(const half *tiles, count deep) {
  return (left){tiles, TILE, BLOCK, deep * TILE};
}

INLINE left plain_left(const half *rows, count step) { return (left){rows, BLOCK, step, SIDE * step}; }

/* sums (32 rows, `step` apart, of 32) = left * right over `deep` tiles; the right half's tiles begin `beside` later. */
INLINE void product(left l, const half *right, count beside, count deep, float *sums, count step) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  EACH(t, deep) {
    const half *upper = l.at + t * l.next;
    _tile_loadd(4, upper, l.row * sizeof(half));
    _tile_loadd(6, right + t * TILE, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, right + beside + t * TILE, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, upper + l.lower, l.row * sizeof(half));
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, sums, step * sizeof(float));
  _tile_stored(1, sums + SIDE, step * sizeof(float));
  _tile_stored(2, sums + SIDE * step, step * sizeof(float));
  _tile_stored(3, sums + SIDE * step + SIDE, step * sizeof(float));
}

INLINE void round_block(const float *sums, half *into, count step) {
  EACH(r, BLOCK) EACH(c, BLOCK) into[r * step + c] = down(sums[r * BLOCK + c]);
}

/* sums[outputs][inputs] += back[positions][outputs] transposed * read[positions][inputs]; `inputs` is a multiple of
 * 32, `tiles` room for (inputs + 512) x 512, aligned to 64 bytes. Stretches of positions and outputs that stay near. */
void matrix_back(const half *back, const half *read, float *sums, half *tiles, count positions, count outputs,
                 count inputs) {
  float found[BLOCK * BLOCK] __attribute__((aligned(64)));
  half *strips = tiles, *right = tiles + STRETCH * STRETCH;
  tiles_on();
  for (count first = 0; first < positions; first += STRETCH) {
    count rows = positions - first < STRETCH ? positions - first : STRETCH, deep = (rows + BLOCK - 1) / BLOCK;
    pack_rows(read + first * inputs, inputs, rows, inputs, 0, right);
    for (count n = 0; n < outputs; n += BLOCK) {
      count now = n % STRETCH, left_over = outputs - n < BLOCK ? outputs - n : BLOCK;
      if (!now) {
        count most = outputs - n < STRETCH ? outputs - n : STRETCH;
        pack_rows(back + first * outputs + n, outputs, rows, most, 1, strips);
      }
      for (count c = 0; c < inputs; c += BLOCK) {
        product(packed_left(strips + now / SIDE * deep * TILE, deep), right + c / SIDE * deep * TILE, deep * TILE, deep, found, BLOCK);
        EACH(r, left_over) EACH(i, BLOCK) sums[(n + r) * inputs + c + i] += found[r * BLOCK + i];
      }
    }
  }
  _tile_release();
}

/* Scores of 32 queries from `first` on over the keys up to the last of them become shares. */
INLINE void share_out(float *scores, half *shares, count first, count length, float scale) {
  EACH(r, BLOCK) {
    float *restrict s = scores + r * length, top = -3e38f, sum = 0;
    half *restrict into = shares + r * length;
    count seen = first + r + 1;
    EACH(i, seen) top = s[i] > top ? s[i] : top;
    EACH(i, seen) {
      s[i] = exponential((s[i] - top) * scale);
      sum += s[i];
    }
    float part = 1.f / sum;
    EACH(i, seen) into[i] = down(s[i] * part);
    memset(into + seen, 0, (first + BLOCK - seen) * sizeof(half));
  }
}

INLINE void share_back(const half *shares, const float *back, half *scores_back, count first, count length,
                       float scale) {
  EACH(r, BLOCK) {
    const half *s = shares + r * length;
    const float *g = back + r * length;
    half *restrict into = scores_back + r * length;
    count seen = first + r + 1;
    float sum = 0;
    EACH(i, seen) sum += up(s[i]) * g[i];
    EACH(i, seen) into[i] = down(up(s[i]) * (g[i] - sum) * scale);
    memset(into + seen, 0, (first + BLOCK - seen) * sizeof(half));
  }
}

/* What a head's queries hear: query, key, value (heads, length, width), shares (heads, length, length) to be filled,
 * mixed (heads, length, width). Length and width are
 * multiples of 32; `room` is length x (length / 2 + 4 * width + 64) floats,
 * aligned to 64 bytes. */
void attend(const half *query, const half *key, const half *value, half *shares, half *mixed, float *room,
            count heads, count length, count width, float scale) {
  float found[BLOCK * BLOCK] __attribute__((aligned(64)));
  float *scores = room;
  half *across = (half *)(scores + BLOCK * length), *beside = across + length * width;
  count deep = length / BLOCK, wide = width / BLOCK;
  tiles_on();
  EACH(h, heads) {
    count at = h * length * width;
    pack_across(key + at, length, width, across);
    pack_rows(value + at, width, length, width, 0, beside);
    for (count i = 0; i < length; i += BLOCK) {
      half *own = shares + (h * length + i) * length;
      for (count k = 0; k <= i; k += BLOCK)
        product(plain_left(query + at + i * width, width), across + k * width, wide * TILE, wide, scores + k, length);
      share_out(scores, own, i, length, scale);
      for (count c = 0; c < width; c += BLOCK) {
        product(plain_left(own, length), beside + c / SIDE * deep * TILE, deep * TILE, i / BLOCK + 1, found, BLOCK);
        round_block(found, mixed + at + i * width + c, width);
      }
    }
  }
  _tile_release();
}

/* into (length, width) = what (length, length), nothing above its diagonal, transposed * the factor that is packed. */
static void lower_back(const half *what, const half *packed, half *into, half *strip, count length, count width) {
  float found[BLOCK * BLOCK] __attribute__((aligned(64)));
  count deep = length / BLOCK;
  for (count k = 0; k < length; k += BLOCK) {
    count own = deep - k / BLOCK;
    pack_rows(what + k * length + k, length, length - k, BLOCK, 1, strip);
    for (count c = 0; c < width; c += BLOCK) {
      product(packed_left(strip, own), packed + (c / SIDE * deep + k / BLOCK) * TILE, deep * TILE, own, found, BLOCK);
      round_block(found, into + k * width + c, width);
    }
  }
}

/* The gradients of query, key and value, from that of `mixed`. */
void attend_back(const half *query, const half *key, const half *value, const half *shares, const half *back,
                 half *query_back, half *key_back, half *value_back, float *room, count heads, count length,
                 count width, float scale) {
  float found[BLOCK * BLOCK] __attribute__((aligned(64)));
  float *share_gradient = room;
  half *gradient = (half *)(share_gradient + BLOCK * length), *across = gradient + length * length;
  half *beside = across + length * width, *strip = beside + length * width;
  count deep = length / BLOCK, wide = width / BLOCK;
  tiles_on();
  EACH(h, heads) {
    count at = h * length * width;
    const half *own = shares + h * length * length;
    pack_across(value + at, length, width, across);
    pack_rows(key + at, width, length, width, 0, beside);
    for (count i = 0; i < length; i += BLOCK) {
      for (count k = 0; k <= i; k += BLOCK)
        product(plain_left(back + at + i * width, width), across + k * width, wide * TILE, wide, share_gradient + k, length);
      share_back(own + i * length, share_gradient, gradient + i * length, i, length, scale);
      for (count c = 0; c < width; c += BLOCK) {
        product(plain_left(gradient + i * length, length), beside + c / SIDE * deep * TILE, deep * TILE, i / BLOCK + 1,
                found, BLOCK);
        round_block(found, query_back + at + i * width + c, width);
      }
    }
    pack_rows(query + at, width, length, width, 0, beside);
    lower_back(gradient, beside, key_back + at, strip, length, width);
    pack_rows(back + at, width, length, width, 0, beside);
    lower_back(own, beside, value_back + at, strip, length, width);
  }
  _tile_release();
}
#else
count has_tiles(void) { return 0; }
#endif
