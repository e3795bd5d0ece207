/* Which chords does a texture go through at the least cost? The search of chordreading.py, sum for sum.
 *
 * emission and prior are (count, 12, kinds); origins (count, 12) and stays (count, 12, kinds) are to be filled, and
 * the score of the last slot, (12, kinds). Of equals the first is the best.
 */
#include <stdint.h>

#define ROOTS 12

static int64_t best_of(const double *score, int64_t first, int64_t end) {
  int64_t best = first;
  for (int64_t i = first + 1; i < end; i++)
    if (score[i] > score[best]) best = i;
  return best;
}

/* From which chord each root is best reached, and what it is worth then: the best of all, or a fifth above. */
static void arrive(const double *score, double falling_fifth, int64_t kinds, int64_t *origins, double *arrivals) {
  int64_t best = best_of(score, 0, ROOTS * kinds);
  for (int64_t root = 0; root < ROOTS; root++) {
    int64_t above = (root + 7) % ROOTS, falling = best_of(score, above * kinds, (above + 1) * kinds);
    double fallen = score[falling] + falling_fifth, most = score[best];
    int is_fall = fallen > most || (fallen == most && falling < best);
    origins[root] = is_fall ? falling : best;
    arrivals[root] = is_fall ? fallen : most;
  }
}

void go_through(const double *emission, const double *prior, const double *costs, double falling_fifth, int64_t count,
                int64_t kinds, double *score, int64_t *origins, uint8_t *stays) {
  int64_t chords = ROOTS * kinds;
  for (int64_t i = 0; i < chords; i++) score[i] = emission[i] + prior[i];
  for (int64_t slot = 1; slot < count; slot++) {
    double arrivals[ROOTS];
    emission += chords, prior += chords, stays += chords, origins += ROOTS;
    arrive(score, falling_fifth, kinds, origins, arrivals);
    for (int64_t i = 0; i < chords; i++) {
      double changed = arrivals[i / kinds] - costs[slot] + prior[i];
      stays[i] = score[i] >= changed;
      score[i] = (stays[i] ? score[i] : changed) + emission[i];
    }
  }
}
