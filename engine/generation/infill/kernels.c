/* How does the infilling model's next row of logits come out of its weights, on one core?
 *
 * Plain C with the vector extension of GCC and Clang, no intrinsics, no library but libm's sqrtf. Every sum is
 * taken in one fixed order that depends on the row alone, never on how many rows go together: a row's
 * result is the same bit for bit in any batch.
 *
 * A vector is as long as the processor's registers, LANES numbers. Weights are bfloat16 in panels of 2 LANES outputs:
 * word j of a panel's line i holds the weight of input i for output j (low half) and output j + LANES (high
 * half); on processors with tiles they lie as tiles.h says. Keys lie in blocks of LANES places, [place / LANES][d][LANES]; values [place][d]; one such plane a layer.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#include "tiles.h"

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif

/* Rows and panels that go together, by the number of registers. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define ROWS 8
#define WITH_FOUR 2
#define WITH_TWO 4
#else
#define ROWS 4
#define WITH_FOUR 1
#define WITH_TWO 2
#endif
#define WITH_ONE 4
#define CHUNK 128
#define TILE 4
#define LINE 16

typedef float vf __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint32_t vu __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint16_t vh __attribute__((vector_size(LANES * 2), aligned(2), may_alias));

typedef struct {
  const void *qkv, *out, *gate_up, *down;
  const float *norm1, *norm2;
} layer;

typedef struct {
  int64_t d, layers, heads, ff, vocabulary, shared_places, own_places, is_tiled;
  const layer *layer;
  const uint16_t *table;
  const void *head;
  const float *norm, *cosines, *sines;
  float *shared_keys, *shared_values, *own_keys, *own_values;
} model;

/* The rows of one call: row r sums table rows ids[starts[r] .. starts[r+1]); place[r] is its place in its
 * plane; slot[r] the candidate's plane, or -1 for the shared one; shared[r] how many shared places it sees. */
typedef struct {
  const int32_t *ids, *starts, *slot, *place, *shared, *wanted;
  float *logits, *scratch;
} batch;

INLINE vf splat(float x) { return x - (vf){0}; }
INLINE vf shift_up(vu w) { return (vf)(w << 16); }
INLINE vf upper(vu w) { return (vf)(w & 0xffff0000u); }
INLINE vf choose(vi where, vf a, vf b) { return (vf)((where & (vi)a) | (~where & (vi)b)); }

INLINE float total(vf v) {
  float s[LANES];
  memcpy(s, &v, sizeof s);
  for (int step = LANES / 2; step; step /= 2)
    for (int j = 0; j < step; j++) s[j] += s[j + step];
  return s[0];
}

/* e^x to about one unit in the last place (Cody-Waite reduction, the Cephes polynomial). */
INLINE vf exponential(vf x) {
  vi vanishes = x < -87.f;
  x = choose(vanishes, splat(-87.f), x);
  x = choose(x > 88.f, splat(88.f), x);
  vf k = x * 1.44269504f;
  vi whole = __builtin_convertvector(k + choose(k < 0.f, splat(-.5f), splat(.5f)), vi);
  k = __builtin_convertvector(whole, vf);
  vf r = x - k * 0.693359375f;
  r = r + k * 2.12194440e-4f;
  vf p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.f;
  return choose(vanishes, splat(0), p * (vf)((whole + 127) << 23));
}

INLINE void tile(const uint32_t *w, const float *x, float *y, int in, int out, int rows, int panels) {
  vf low[8][4], high[8][4];
  for (int r = 0; r < rows; r++)
    for (int p = 0; p < panels; p++) low[r][p] = high[r][p] = splat(0);
  for (int i = 0; i < in; i++) {
    vf a[4], b[4];
    for (int p = 0; p < panels; p++) {
      vu words = *(const vu *)(w + ((size_t)p * in + i) * LANES);
      a[p] = shift_up(words);
      b[p] = upper(words);
    }
    for (int r = 0; r < rows; r++) {
      vf value = splat(x[(size_t)r * in + i]);
      for (int p = 0; p < panels; p++) {
        low[r][p] += a[p] * value;
        high[r][p] += b[p] * value;
      }
    }
  }
  for (int r = 0; r < rows; r++)
    for (int p = 0; p < panels; p++) {
      *(vf *)(y + (size_t)r * out + p * 2 * LANES) = low[r][p];
      *(vf *)(y + (size_t)r * out + (p * 2 + 1) * LANES) = high[r][p];
    }
}

/* y[row][0 .. out) = w x[row] for `rows` rows. */
INLINE void rows_of(const uint32_t *w, const float *x, float *y, int in, int out, int rows, int panels) {
  int p = 0, all = out / (2 * LANES);
  for (; p + panels <= all; p += panels)
    tile(w + (size_t)p * in * LANES, x, y + p * 2 * LANES, in, out, rows, panels);
  for (; p < all; p++) tile(w + (size_t)p * in * LANES, x, y + p * 2 * LANES, in, out, rows, 1);
}

/* The same for any number of rows, as many at once as fill the registers. */
static void multiply_panels(const uint32_t *w, const float *x, float *y, int in, int out, int rows) {
  while (rows) {
    int now = rows >= ROWS ? ROWS : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
    if (now == 8) rows_of(w, x, y, in, out, 8, 1);
    else if (now == 4) rows_of(w, x, y, in, out, 4, WITH_FOUR);
    else if (now == 2) rows_of(w, x, y, in, out, 2, WITH_TWO);
    else rows_of(w, x, y, in, out, 1, WITH_ONE);
    x += (size_t)now * in;
    y += (size_t)now * out;
    rows -= now;
  }
}

static void multiply(const model *m, const void *w, const float *x, float *y, int in, int out, int rows,
                     uint16_t *parts) {
  if (m->is_tiled) multiply_tiles(w, x, y, in, out, rows, parts);
  else multiply_panels(w, x, y, in, out, rows);
}

static void normalise(const float *x, const float *weight, float *y, int d, int rows) {
  for (int r = 0; r < rows; r++, x += d, y += d) {
    vf sum = splat(0);
    for (int i = 0; i < d; i += LANES) sum += *(const vf *)(x + i) * *(const vf *)(x + i);
    float scale = 1.f / sqrtf(total(sum) / d + 1e-5f);
    for (int i = 0; i < d; i += LANES) *(vf *)(y + i) = *(const vf *)(x + i) * scale * *(const vf *)(weight + i);
  }
}

/* Dot products of the queries of one head in `rows` rows with the keys of `together` blocks. */
INLINE void compare_blocks(const float *keys, const float *query, int query_step, float *scores, int score_step,
                           int d, int width, int rows, int together) {
  vf sum[TILE][4];
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < together; j++) sum[r][j] = splat(0);
  for (int i = 0; i < width; i++)
    for (int j = 0; j < together; j++) {
      vf key = *(const vf *)(keys + ((size_t)j * d + i) * LANES);
      for (int r = 0; r < rows; r++) sum[r][j] += key * query[r * query_step + i];
    }
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < together; j++) *(vf *)(scores + r * score_step + j * LANES) = sum[r][j];
}

INLINE void compare(const float *keys, const float *query, int query_step, float *scores, int score_step,
                    int places, int d, int width, int rows, int together) {
  int block = 0, blocks = (places + LANES - 1) / LANES;
  for (; block + together <= blocks; block += together)
    compare_blocks(keys + (size_t)block * d * LANES, query, query_step, scores + block * LANES, score_step, d,
                   width, rows, together);
  for (; block < blocks; block++)
    compare_blocks(keys + (size_t)block * d * LANES, query, query_step, scores + block * LANES, score_step, d,
                   width, rows, 1);
}

/* Adds the values, weighted, to the sums of `rows` rows. */
INLINE void gather(const float *values, const float *weights, int weight_step, vf sum[][128 / LANES], int places,
                   int d, int vectors, int rows) {
  for (int p = 0; p < places; p++)
    for (int j = 0; j < vectors; j++) {
      vf value = *(const vf *)(values + (size_t)p * d + j * LANES);
      for (int r = 0; r < rows; r++) sum[r][j] += value * weights[r * weight_step + p];
    }
}

/* Scores become weights that are not yet divided by their sum, which is returned. */
static float weigh(float *scores, int places) {
  vf top = splat(-1e30f), sum = splat(0);
  for (int p = 0; p < places; p += LANES) top = choose(*(vf *)(scores + p) > top, *(vf *)(scores + p), top);
  float most = top[0];
  for (int j = 1; j < LANES; j++) most = top[j] > most ? top[j] : most;
  for (int p = 0; p < places; p += LANES) sum += *(vf *)(scores + p) = exponential(*(vf *)(scores + p) - most);
  return total(sum);
}

/* One row's keys and values of its own, and how many places it hears of the shared plane and of its own. */
typedef struct {
  const float *keys, *values;
  int shared, own;
} hearing;

static int whole_blocks(int places) { return (places + LANES - 1) / LANES * LANES; }

/* One head of `rows` rows, which share the work on the shared plane. */
INLINE void attend_head(const float *keys, const float *values, const hearing *heard, size_t at, const float *qkv,
                        float *out, float *scores, int score_step, int d, int width, int rows) {
  int most = heard[rows - 1].shared, first = whole_blocks(most);
  vf mixed[TILE][128 / LANES];
  float sums[TILE];
  compare(keys + at * LANES, qkv + at, 3 * d, scores, score_step, most, d, width, rows, rows > 1 ? 2 : 4);
  for (int r = 0; r < rows; r++) {
    float *own = scores + r * score_step + first;
    int all = first + whole_blocks(heard[r].own);
    compare(heard[r].keys + at * LANES, qkv + (size_t)r * 3 * d + at, 0, own, 0, heard[r].own, d, width, 1, 4);
    for (int p = heard[r].shared; p < first; p++) scores[r * score_step + p] = -1e30f;
    for (int p = first + heard[r].own; p < all; p++) scores[r * score_step + p] = -1e30f;
    sums[r] = weigh(scores + r * score_step, all);
    for (int j = 0; j < width / LANES; j++) mixed[r][j] = splat(0);
  }
  gather(values + at, scores, score_step, mixed, most, d, width / LANES, rows);
  for (int r = 0; r < rows; r++) {
    gather(heard[r].values + at, scores + r * score_step + first, 0, mixed + r, heard[r].own, d, width / LANES, 1);
    for (int j = 0; j < width / LANES; j++)
      *(vf *)(out + (size_t)r * d + at + j * LANES) = mixed[r][j] * (1.f / sums[r]);
  }
}

/* Turns the row's query and key by its position (RoPE, halves) and puts key and value in their place. */
static void place_row(const model *m, float *row, int position, int place, float *keys, float *values) {
  int d = m->d, width = d / m->heads, half = width / 2;
  const float *c = m->cosines + (size_t)position * half, *s = m->sines + (size_t)position * half;
  float scale = 1.f / sqrtf(width);
  float *to = keys + (size_t)(place / LANES) * d * LANES + place % LANES;
  for (int h = 0; h < m->heads; h++)
    for (int i = 0; i < half; i++) {
      int a = h * width + i, b = a + half;
      float q = row[a], k = row[d + a];
      row[a] = (q * c[i] - row[b] * s[i]) * scale;
      row[b] = (q * s[i] + row[b] * c[i]) * scale;
      to[a * LANES] = k * c[i] - row[d + b] * s[i];
      to[b * LANES] = k * s[i] + row[d + b] * c[i];
    }
  memcpy(values + (size_t)place * d, row + 2 * d, d * sizeof(float));
}

/* Places a row's key and value; what it will hear. */
static hearing settle(const model *m, const batch *b, int l, int row, float *qkv) {
  size_t shared = (size_t)l * m->shared_places * m->d;
  int slot = b->slot[row], place = b->place[row];
  if (slot < 0) {
    place_row(m, qkv, place, place, m->shared_keys + shared, m->shared_values + shared);
    return (hearing){m->own_keys, m->own_values, b->shared[row], 0};
  }
  size_t own = ((size_t)slot * m->layers + l) * m->own_places * m->d;
  place_row(m, qkv, b->shared[row] + place, place, m->own_keys + own, m->own_values + own);
  return (hearing){m->own_keys + own, m->own_values + own, b->shared[row], place + 1};
}

/* Head by head, so that the shared plane's part stays near while all rows hear it. */
INLINE void attend_rows(const model *m, int l, const hearing *heard, const float *qkv, float *out, float *scores,
                        int width, int rows) {
  size_t shared = (size_t)l * m->shared_places * m->d;
  const float *keys = m->shared_keys + shared, *values = m->shared_values + shared;
  int d = m->d, step = m->shared_places + m->own_places + 2 * LANES;
  for (int h = 0; h < m->heads; h++) {
    size_t at = (size_t)h * width;
    int r = 0;
    for (; r + TILE <= rows; r += TILE)
      attend_head(keys, values, heard + r, at, qkv + (size_t)r * 3 * d, out + (size_t)r * d, scores, step, d, width, TILE);
    for (; r < rows; r++)
      attend_head(keys, values, heard + r, at, qkv + (size_t)r * 3 * d, out + (size_t)r * d, scores, step, d, width, 1);
  }
}

static void attend(const model *m, const batch *b, int l, int first, int rows, float *qkv, float *out,
                   float *scores) {
  hearing heard[CHUNK];
  int width = m->d / m->heads;
  for (int r = 0; r < rows; r++) heard[r] = settle(m, b, l, first + r, qkv + (size_t)r * 3 * m->d);
  if (width == 64) attend_rows(m, l, heard, qkv, out, scores, 64, rows);
  else if (width == 32) attend_rows(m, l, heard, qkv, out, scores, 32, rows);
  else attend_rows(m, l, heard, qkv, out, scores, width, rows);
}

static void embed(const model *m, const batch *b, int row, float *x) {
  int d = m->d;
  memset(x, 0, d * sizeof(float));
  for (int f = b->starts[row]; f < b->starts[row + 1]; f++) {
    const uint16_t *from = m->table + (size_t)b->ids[f] * d;
    for (int i = 0; i < d; i += LANES)
      *(vf *)(x + i) += shift_up(__builtin_convertvector(*(const vh *)(from + i), vu));
  }
}

static void gate(const float *both, float *out, int ff, int rows) {
  for (int r = 0; r < rows; r++, both += 2 * ff, out += ff)
    for (int i = 0; i < ff; i += LANES) {
      vf g = *(const vf *)(both + i);
      *(vf *)(out + i) = g / (exponential(-g) + 1.f) * *(const vf *)(both + ff + i);
    }
}

static void add(float *x, const float *y, int count) {
  for (int i = 0; i < count; i += LANES) *(vf *)(x + i) += *(const vf *)(y + i);
}

static void answer(const model *m, const batch *b, int first, int rows, const float *x, float *n, uint16_t *parts) {
  int padded = (m->vocabulary + 31) / 32 * 32, d = m->d;
  float *packed = n + CHUNK * d;
  int places[CHUNK], many = 0;
  for (int r = 0; r < rows; r++)
    if (b->wanted[first + r] >= 0) {
      memcpy(packed + many * d, x + r * d, d * sizeof(float));
      places[many++] = b->wanted[first + r];
    }
  normalise(packed, m->norm, n, d, many);
  for (int r = 0, next; r < many; r = next) {
    for (next = r + 1; next < many && places[next] == places[next - 1] + 1;) next++;
    multiply(m, m->head, n + r * d, b->logits + (size_t)places[r] * padded, d, padded, next - r, parts);
  }
}

int64_t lanes(void) { return LANES; }

int64_t scratch_floats(const model *m) {
  int64_t d = m->d, wide = 2 * m->ff > 3 * d ? 2 * m->ff : 3 * d, mid = m->ff > d ? m->ff : d;
  int64_t scores = TILE * (m->shared_places + m->own_places + 2 * LANES);
  return LINE + CHUNK * (2 * d + wide + mid + (m->is_tiled ? 2 * mid : 0)) + scores;
}

void forward(const model *m, const batch *b, int64_t first, int64_t last) {
  int d = m->d, ff = m->ff, wide = 2 * ff > 3 * d ? 2 * ff : 3 * d, mid = ff > d ? ff : d;
  float *x = (float *)(((uintptr_t)b->scratch / 64 + 1) * 64), *n = x + CHUNK * d, *t = n + CHUNK * d;
  float *a = t + CHUNK * wide;
  uint16_t *parts = (uint16_t *)(a + CHUNK * mid);
  float *scores = a + CHUNK * (m->is_tiled ? 3 * mid : mid);
  for (; first < last; first += CHUNK) {
    int rows = last - first < CHUNK ? last - first : CHUNK;
    for (int r = 0; r < rows; r++) embed(m, b, first + r, x + r * d);
    for (int l = 0; l < m->layers; l++) {
      const layer *y = m->layer + l;
      normalise(x, y->norm1, n, d, rows);
      multiply(m, y->qkv, n, t, d, 3 * d, rows, parts);
      attend(m, b, l, first, rows, t, a, scores);
      multiply(m, y->out, a, n, d, d, rows, parts);
      add(x, n, rows * d);
      normalise(x, y->norm2, n, d, rows);
      multiply(m, y->gate_up, n, t, d, 2 * ff, rows, parts);
      gate(t, a, ff, rows);
      multiply(m, y->down, a, n, ff, d, rows, parts);
      add(x, n, rows * d);
    }
    answer(m, b, first, rows, x, n, parts);
  }
}
