/* What lies between the matrix products of a learning step, forward and backward, in one pass each.
 *
 * The stream, its gradient, sums and statistics are float32; everything that enters or leaves a matrix product is
 * bfloat16 (`half`, rounded to nearest even). A position is a row of `d` numbers. What dropout forgets is told by
 * a byte a number, forgotten when less than `least`; no bytes, nothing forgotten. Loops are plain so that the
 * compiler can make them as wide as the processor; sums are taken in an order that depends on the sizes alone.
 */
#include "numbers.h"

typedef struct {
  const uint8_t *bytes;
  int32_t least;
  float scale;
} dropout;

/* What a number is multiplied by. */
INLINE float kept(uint8_t byte, int32_t least, float scale) { return (float)((int32_t)byte >= least) * scale; }

INLINE void forget_row(float *restrict x, const dropout *forget, count position, count d) {
  int32_t least = forget->least;
  float scale = forget->scale;
  const uint8_t *bytes = forget->bytes + position * d;
  if (forget->bytes) EACH(i, d) x[i] *= kept(bytes[i], least, scale);
}

/* stream[p] = the sum of the table's rows features[offsets[p] .. offsets[p + 1]), partly forgotten. */
void embed(const int32_t *features, const int32_t *offsets, const float *table, const dropout *forget,
           float *restrict stream, count positions, count all, count d) {
  EACH(p, positions) {
    float *restrict x = stream + p * d;
    count end = p + 1 < positions ? offsets[p + 1] : all;
    memset(x, 0, d * sizeof(float));
    for (count f = offsets[p]; f < end; f++) {
      const float *row = table + (count)features[f] * d;
      EACH(i, d) x[i] += row[i];
    }
    forget_row(x, forget, p, d);
  }
}

/* Adds the stream's gradient to those of the rows that were summed; the gradient is used up. */
void embed_back(const int32_t *features, const int32_t *offsets, float *table_gradient, const dropout *forget,
                float *gradient, count positions, count all, count d) {
  EACH(p, positions) {
    float *restrict x = gradient + p * d;
    count end = p + 1 < positions ? offsets[p + 1] : all;
    forget_row(x, forget, p, d);
    for (count f = offsets[p]; f < end; f++) {
      float *restrict row = table_gradient + (count)features[f] * d;
      EACH(i, d) row[i] += x[i];
    }
  }
}

/* after = before + what dropout leaves of `added`. */
void add(const float *before, const half *added, const dropout *forget, float *restrict after, count positions,
         count d) {
  const uint8_t *bytes = forget->bytes;
  int32_t least = forget->least;
  float scale = forget->scale;
  if (bytes) EACH(i, positions * d) after[i] = before[i] + up(added[i]) * kept(bytes[i], least, scale);
  else EACH(i, positions * d) after[i] = before[i] + up(added[i]);
}

/* RMSNorm of the rows of the stream, or of those that `chosen` names; `inverse` is one over each row's size. */
void normalise(const float *stream, const count *chosen, const float *gain, half *restrict read,
               float *restrict inverse, count rows, count d, float epsilon) {
  EACH(r, rows) {
    const float *x = stream + (chosen ? chosen[r] : r) * d;
    float sum = 0;
    EACH(i, d) sum += x[i] * x[i];
    float scale = inverse[r] = 1.f / sqrtf(sum / d + epsilon);
    EACH(i, d) read[r * d + i] = down(x[i] * scale * gain[i]);
  }
}

/* Adds to the stream's gradient what comes through the norm, and to the gain's. */
void normalise_back(const half *read_gradient, const float *stream, const count *chosen, const float *gain,
                    const float *inverse, float *gradient, float *restrict gain_gradient, count rows, count d) {
  EACH(r, rows) {
    count row = chosen ? chosen[r] : r;
    const float *x = stream + row * d;
    const half *g = read_gradient + r * d;
    float *restrict into = gradient + row * d;
    float scale = inverse[r], sum = 0;
    EACH(i, d) {
      float through = up(g[i]) * x[i] * scale;
      gain_gradient[i] += through;
      sum += through * gain[i];
    }
    float common = sum / d * scale * scale;
    EACH(i, d) into[i] += up(g[i]) * gain[i] * scale - x[i] * common;
  }
}

/* The gradient as it reaches what was added with dropout. */
void forget_back(const float *gradient, const dropout *forget, half *restrict into, count positions, count d) {
  const uint8_t *bytes = forget->bytes;
  int32_t least = forget->least;
  float scale = forget->scale;
  if (bytes) EACH(i, positions * d) into[i] = down(gradient[i] * kept(bytes[i], least, scale));
  else EACH(i, positions * d) into[i] = down(gradient[i]);
}

/* silu(gate) * up; a row of `both` is gate, then up. */
void gate(const half *both, half *restrict out, count positions, count ff) {
  EACH(p, positions) {
    const half *g = both + p * 2 * ff, *u = g + ff;
    half *restrict o = out + p * ff;
    EACH(i, ff) o[i] = down(up(g[i]) / (1.f + exponential(-up(g[i]))) * up(u[i]));
  }
}

void gate_back(const half *both, const half *out_gradient, half *restrict gradient, count positions, count ff) {
  EACH(p, positions) {
    const half *g = both + p * 2 * ff, *u = g + ff, *o = out_gradient + p * ff;
    half *restrict into = gradient + p * 2 * ff;
    EACH(i, ff) {
      float x = up(g[i]), open = 1.f / (1.f + exponential(-x)), back = up(o[i]);
      into[i] = down(back * up(u[i]) * open * (1.f + x * (1.f - open)));
      into[ff + i] = down(back * x * open);
    }
  }
}

/* Where row, place and head of (rows, length, heads, width) stand in (rows, heads, length, width). */
#define BY_HEAD(row, place, h) ((((row) * heads + (h)) * length + (place)) * width)

/* Queries and keys turned by their place, and values, head by head, from rows of `parts` (query, key, value). */
void split_heads(const half *parts, const float *cosines, const float *sines, half *restrict query,
                 half *restrict key, half *restrict value, count rows, count length, count heads, count width) {
  count d = heads * width, mid = width / 2;
  EACH(row, rows) EACH(place, length) EACH(h, heads) {
    const half *from = parts + (row * length + place) * 3 * d + h * width;
    const float *c = cosines + place * mid, *s = sines + place * mid;
    count to = BY_HEAD(row, place, h);
    half *turned[2] = {query + to, key + to};
    EACH(which, 2) {
      const half *x = from + which * d;
      half *restrict y = turned[which];
      EACH(i, mid) {
        float a = up(x[i]), b = up(x[mid + i]);
        y[i] = down(a * c[i] - b * s[i]);
        y[mid + i] = down(a * s[i] + b * c[i]);
      }
    }
    memcpy(value + to, from + 2 * d, width * sizeof(half));
  }
}

void split_heads_back(const half *query, const half *key, const half *value, const float *cosines,
                      const float *sines, half *restrict parts, count rows, count length, count heads,
                      count width) {
  count d = heads * width, mid = width / 2;
  EACH(row, rows) EACH(place, length) EACH(h, heads) {
    half *into = parts + (row * length + place) * 3 * d + h * width;
    const float *c = cosines + place * mid, *s = sines + place * mid;
    count from = BY_HEAD(row, place, h);
    const half *turned[2] = {query + from, key + from};
    EACH(which, 2) {
      const half *y = turned[which];
      half *restrict x = into + which * d;
      EACH(i, mid) {
        float a = up(y[i]), b = up(y[mid + i]);
        x[i] = down(a * c[i] + b * s[i]);
        x[mid + i] = down(b * c[i] - a * s[i]);
      }
    }
    memcpy(into + 2 * d, value + from, width * sizeof(half));
  }
}

/* (rows, heads, length, width) to (rows, length, heads, width), and back. */
void join_heads(const half *from, half *into, count rows, count length, count heads, count width) {
  EACH(row, rows) EACH(place, length) EACH(h, heads)
    memcpy(into + ((row * length + place) * heads + h) * width, from + BY_HEAD(row, place, h), width * sizeof(half));
}

void part_heads(const half *from, half *into, count rows, count length, count heads, count width) {
  EACH(row, rows) EACH(place, length) EACH(h, heads)
    memcpy(into + BY_HEAD(row, place, h), from + ((row * length + place) * heads + h) * width, width * sizeof(half));
}

/* Scores of `queries` places from `first` on over `places` keys become shares; what lies ahead gets none. */
void weigh(half *scores, count blocks, count queries, count places, count first, float scale) {
  float shares[4096];
  EACH(row, blocks * queries) {
    half *restrict s = scores + row * places;
    count seen = first + row % queries + 1;
    float top = -3e38f, sum = 0;
    EACH(i, seen) {
      shares[i] = up(s[i]) * scale;
      top = shares[i] > top ? shares[i] : top;
    }
    EACH(i, seen) {
      shares[i] = exponential(shares[i] - top);
      sum += shares[i];
    }
    float part = 1.f / sum;
    EACH(i, seen) s[i] = down(shares[i] * part);
    memset(s + seen, 0, (places - seen) * sizeof(half));
  }
}

/* The gradient of shares becomes that of scores. */
void weigh_back(const half *shares, half *gradient, count blocks, count queries, count places, count first,
                float scale) {
  EACH(row, blocks * queries) {
    const half *s = shares + row * places;
    half *restrict g = gradient + row * places;
    count seen = first + row % queries + 1;
    float sum = 0;
    EACH(i, seen) sum += up(s[i]) * up(g[i]);
    EACH(i, seen) g[i] = down(up(s[i]) * (up(g[i]) - sum) * scale);
    memset(g + seen, 0, (places - seen) * sizeof(half));
  }
}

/* Natural-log loss of every wanted token; logits become the gradient of sum(weight * (loss + pull * normaliser^2)). */
void surprise(half *logits, const count *wanted, const float *weights, float *restrict losses, count targets,
              count vocabulary, float pull) {
  float shares[1 << 16];
  EACH(t, targets) {
    half *restrict row = logits + t * vocabulary;
    float top = -3e38f, sum = 0, score = up(row[wanted[t]]);
    EACH(i, vocabulary) {
      shares[i] = up(row[i]);
      top = shares[i] > top ? shares[i] : top;
    }
    EACH(i, vocabulary) {
      shares[i] = exponential(shares[i] - top);
      sum += shares[i];
    }
    float normaliser = top + logf(sum), part = weights[t] * (1.f + 2.f * pull * normaliser) / sum;
    losses[t] = normaliser - score;
    float own = shares[wanted[t]] * part - weights[t];
    EACH(i, vocabulary) row[i] = down(shares[i] * part);
    row[wanted[t]] = down(own);
  }
}

/* sums += what a matrix product says. */
void gather(const half *from, float *restrict sums, count all) {
  EACH(i, all) sums[i] += up(from[i]);
}
