/* How does the infilling model's next row of logits come out of its weights, on one core?
 *
 * Plain C with the vector extension of GCC and Clang, no intrinsics, no library but libm's sqrtf. Every sum is
 * taken in one fixed order that depends on the row alone, never on how many rows go together: a row's
 * result is the same bit for bit in any batch.
 *
 * A vector is as long as the processor's registers, LANES numbers. Weights are bfloat16 in panels of 2 LANES outputs:
 * word j of a panel's line i holds the weight of input i for output j (low half) and output j + LANES (high
 * half). Keys lie in blocks of LANES places, [place / LANES][d][LANES]; values [place][d]; one such plane a layer.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

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
#define INLINE static inline __attribute__((always_inline))
#define CHUNK 32

typedef float vf __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint32_t vu __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint16_t vh __attribute__((vector_size(LANES * 2), aligned(2), may_alias));

typedef struct {
  const uint32_t *qkv, *out, *gate_up, *down;
  const float *norm1, *norm2;
} layer;

typedef struct {
  int64_t d, layers, heads, ff, vocabulary, shared_places, own_places;
  const layer *layer;
  const uint16_t *table;
  const uint32_t *head;
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
  x = choose(x < -87.f, splat(-87.f), x);
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
  return p * (vf)((whole + 127) << 23);
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

/* The same for any number of rows, in tiles that fill the registers. */
static void multiply(const uint32_t *w, const float *x, float *y, int in, int out, int rows) {
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

static void normalise(const float *x, const float *weight, float *y, int d, int rows) {
  for (int r = 0; r < rows; r++, x += d, y += d) {
    vf sum = splat(0);
    for (int i = 0; i < d; i += LANES) sum += *(const vf *)(x + i) * *(const vf *)(x + i);
    float scale = 1.f / sqrtf(total(sum) / d + 1e-5f);
    for (int i = 0; i < d; i += LANES) *(vf *)(y + i) = *(const vf *)(x + i) * scale * *(const vf *)(weight + i);
  }
}

/* Dot products of one head's query with `places` keys; what lies past them counts for nothing. */
INLINE void compare(const float *keys, const float *query, float *scores, int places, int d, int width) {
  int blocks = (places + LANES - 1) / LANES;
  for (int b = 0; b < blocks; b += 4) {
    vf sum[4] = {splat(0), splat(0), splat(0), splat(0)};
    int many = blocks - b < 4 ? blocks - b : 4;
    const float *from = keys + (size_t)b * d * LANES;
    if (many == 4)
      for (int i = 0; i < width; i++)
        for (int j = 0; j < 4; j++) sum[j] += *(const vf *)(from + (size_t)j * d * LANES + i * LANES) * query[i];
    else
      for (int j = 0; j < many; j++)
        for (int i = 0; i < width; i++) sum[j] += *(const vf *)(from + (size_t)j * d * LANES + i * LANES) * query[i];
    for (int j = 0; j < many; j++) *(vf *)(scores + (b + j) * LANES) = sum[j];
  }
  for (int p = places; p < blocks * LANES; p++) scores[p] = -1e30f;
}

INLINE void gather(const float *values, const float *weights, vf *sum, int places, int d, int vectors) {
  for (int p = 0; p < places; p++)
    for (int j = 0; j < vectors; j++) sum[j] += *(const vf *)(values + (size_t)p * d + j * LANES) * weights[p];
}

INLINE void attend_head(const model *m, const float *query, float *out, const float *const plane[4],
                        int shared, int own, float *scores, int width) {
  int d = m->d, first = (shared + LANES - 1) / LANES * LANES, all = first + (own + LANES - 1) / LANES * LANES;
  compare(plane[0], query, scores, shared, d, width);
  compare(plane[2], query, scores + first, own, d, width);
  vf top = splat(-1e30f), sum = splat(0), mixed[128 / LANES];
  for (int p = 0; p < all; p += LANES) top = choose(*(vf *)(scores + p) > top, *(vf *)(scores + p), top);
  float most = top[0];
  for (int j = 1; j < LANES; j++) most = top[j] > most ? top[j] : most;
  for (int p = 0; p < all; p += LANES) sum += *(vf *)(scores + p) = exponential(*(vf *)(scores + p) - most);
  for (int j = 0; j < width / LANES; j++) mixed[j] = splat(0);
  gather(plane[1], scores, mixed, shared, d, width / LANES);
  gather(plane[3], scores + first, mixed, own, d, width / LANES);
  float scale = 1.f / total(sum);
  for (int j = 0; j < width / LANES; j++) *(vf *)(out + j * LANES) = mixed[j] * scale;
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

static void attend(const model *m, const batch *b, int l, int row, float *qkv, float *out, float *scores) {
  size_t shared_plane = (size_t)l * m->shared_places * m->d;
  float *shared_keys = m->shared_keys + shared_plane, *shared_values = m->shared_values + shared_plane;
  int slot = b->slot[row], place = b->place[row], is_own = slot >= 0, d = m->d, width = d / m->heads;
  size_t own_plane = is_own ? ((size_t)slot * m->layers + l) * m->own_places * d : 0;
  float *own_keys = m->own_keys + own_plane, *own_values = m->own_values + own_plane;
  int shared = b->shared[row], position = is_own ? shared + place : place;
  place_row(m, qkv, position, place, is_own ? own_keys : shared_keys, is_own ? own_values : shared_values);
  for (int h = 0; h < m->heads; h++) {
    size_t at = (size_t)h * width;
    const float *plane[4] = {shared_keys + at * LANES, shared_values + at, own_keys + at * LANES, own_values + at};
    int own = is_own ? place + 1 : 0;
    if (width == 64) attend_head(m, qkv + at, out + at, plane, shared, own, scores, 64);
    else if (width == 32) attend_head(m, qkv + at, out + at, plane, shared, own, scores, 32);
    else attend_head(m, qkv + at, out + at, plane, shared, own, scores, width);
  }
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

static void answer(const model *m, const batch *b, int first, int rows, const float *x, float *n) {
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
    multiply(m->head, n + r * d, b->logits + (size_t)places[r] * padded, d, padded, next - r);
  }
}

int64_t lanes(void) { return LANES; }

int64_t scratch_floats(const model *m) {
  int64_t d = m->d, wide = 2 * m->ff > 3 * d ? 2 * m->ff : 3 * d, mid = m->ff > d ? m->ff : d;
  return CHUNK * (2 * d + wide + mid) + m->shared_places + m->own_places + 64;
}

void forward(const model *m, const batch *b, int64_t first, int64_t last) {
  int d = m->d, ff = m->ff, wide = 2 * ff > 3 * d ? 2 * ff : 3 * d, mid = ff > d ? ff : d;
  float *x = b->scratch, *n = x + CHUNK * d, *t = n + CHUNK * d, *a = t + CHUNK * wide, *scores = a + CHUNK * mid;
  for (; first < last; first += CHUNK) {
    int rows = last - first < CHUNK ? last - first : CHUNK;
    for (int r = 0; r < rows; r++) embed(m, b, first + r, x + r * d);
    for (int l = 0; l < m->layers; l++) {
      const layer *y = m->layer + l;
      normalise(x, y->norm1, n, d, rows);
      multiply(y->qkv, n, t, d, 3 * d, rows);
      for (int r = 0; r < rows; r++) attend(m, b, l, first + r, t + (size_t)r * 3 * d, a + (size_t)r * d, scores);
      multiply(y->out, a, n, d, d, rows);
      add(x, n, rows * d);
      normalise(x, y->norm2, n, d, rows);
      multiply(y->gate_up, n, t, d, 2 * ff, rows);
      gate(t, a, ff, rows);
      multiply(y->down, a, n, ff, d, rows);
      add(x, n, rows * d);
    }
    answer(m, b, first, rows, x, n);
  }
}
