/* bfloat16 (`half`, rounded to nearest even) and the exponential, in loops the compiler can widen. */
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef uint16_t half;
typedef int64_t count;
#define EACH(i, n) for (count i = 0; i < (n); i++)
#define INLINE static inline __attribute__((always_inline))

INLINE float up(half h) {
  uint32_t bits = (uint32_t)h << 16;
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

INLINE half down(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return (half)((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

/* e^x to about one unit in the last place (Cody-Waite reduction, the Cephes polynomial), from e^-87 on. */
INLINE float exponential(float x) {
  float bounded = fminf(fmaxf(x, -87.f), 88.f);
  float whole = rintf(bounded * 1.44269504f), r = bounded - whole * 0.69314718f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.f;
  uint32_t bits = (uint32_t)((int32_t)whole + 127) << 23;
  float power;
  memcpy(&power, &bits, 4);
  return p * power;
}
