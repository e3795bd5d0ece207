/* What moves the time in a part of a MusicXML score, and what its notes say: see scorescan.py.
 *
 * One row for each measure and each element in it that moves the time or may change how it is counted. -1 is
 * returned for what is written unusually, which the caller then looks through by itself.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>

enum { MEASURE, NOTE, BACKUP, FORWARD, ATTRIBUTES, DIRECTION };
enum { IN_CHORD = 1, IS_TIED = 2, IS_ORNAMENT = 4, IS_SUNG = 8 };
enum { NO_PITCH = -1000, NO_NUMBER = 1 << 30, LONGEST_VOICE = 6 };

typedef struct {
  double kind, start, stop, pitch, duration, staff, voice, flags;
} Row;

static int begins(const char *at, const char *end, const char *word) {
  size_t length = strlen(word);
  return (size_t)(end - at) > length && memcmp(at, word, length) == 0;
}

/* The whole number between here and the next tag; NO_NUMBER where something else stands there. */
static int number(const char *at, const char *end) {
  int sign = *at == '-' ? -1 : 1, found = 0, digits = 0;
  for (at += sign < 0; at < end && *at >= '0' && *at <= '9' && digits < 8; at++, digits++)
    found = 10 * found + *at - '0';
  return digits && *at == '<' ? sign * found : NO_NUMBER;
}

/* The voice's name as a number, its first letter the lowest byte; 0 where it is too long or empty. */
static double voice(const char *at, const char *end) {
  double found = 0, unit = 1;
  for (int place = 0; at < end && *at > ' ' && *at != '<' && place < LONGEST_VOICE; at++, place++, unit *= 256)
    found += unit * (unsigned char)*at;
  return *at == '<' ? found : 0;
}

/* What a note, or a move, says; whether all of it is written as usual. */
static int said(const char *at, const char *end, Row *row) {
  static const int naturals[] = {9, 11, 0, 2, 4, 5, 7};
  int step = -1, alter = 0, octave = 4, duration = 0, staff = 0, flags = 0, usual = 1;
  row->voice = 0;
  while (at < end && (at = memchr(at, '<', end - at)) != NULL) {
    at++;
    if (begins(at, end, "chord")) flags |= IN_CHORD;
    else if (begins(at, end, "grace") || begins(at, end, "cue")) flags |= IS_ORNAMENT;
    else if (begins(at, end, "lyric")) flags |= IS_SUNG;
    else if (begins(at, end, "step>")) {
      step = at[5] - 'A';
      usual &= step >= 0 && step < 7 && at[6] == '<';
    } else if (begins(at, end, "alter>")) alter = number(at + 6, end);
    else if (begins(at, end, "octave>")) octave = number(at + 7, end);
    else if (begins(at, end, "duration>")) duration = number(at + 9, end);
    else if (begins(at, end, "staff>")) staff = number(at + 6, end);
    else if (begins(at, end, "voice>")) usual &= (row->voice = voice(at + 6, end)) != 0;
    else if (begins(at, end, "tie ")) {
      const char *close = memchr(at, '>', end - at);
      if (close && memmem(at, close - at, "stop", 4)) flags |= IS_TIED;
    }
  }
  if (!usual || alter == NO_NUMBER || octave == NO_NUMBER || duration == NO_NUMBER || staff == NO_NUMBER) return 0;
  row->pitch = step < 0 ? NO_PITCH : naturals[step] + alter + 12 * (octave + 1);
  row->duration = duration, row->staff = staff, row->flags = flags;
  return 1;
}

/* Which element begins at this '<': its index among the names, -1 for others. */
static int which(const char *at, const char *end, const char *const *names, int count) {
  for (int i = 0; i < count; i++) {
    size_t length = strlen(names[i]);
    if (begins(at + 1, end, names[i]) && strchr(" \t\r\n>/", at[1 + length])) return i;
  }
  return -1;
}

/* Where the content of the element ends, whose tag ends at `close`; NULL where it has no end. */
static const char *content_end(const char *close, const char *end, const char *name) {
  char closing[16] = "</";
  if (close[-1] == '/') return close + 1;
  strcat(strcat(closing, name), ">");
  return memmem(close + 1, end - close - 1, closing, strlen(closing));
}

static int64_t scan_measure(const char *text, const char *at, const char *end, Row *rows) {
  static const char *const names[] = {"note", "backup", "forward", "attributes", "direction", "sound"};
  static const int kinds[] = {NOTE, BACKUP, FORWARD, ATTRIBUTES, DIRECTION, DIRECTION};
  Row *row = rows;
  while (at < end && (at = memchr(at, '<', end - at)) != NULL) {
    int found = which(at, end, names, 6);
    if (found < 0) {
      at++;
      continue;
    }
    const char *close = memchr(at, '>', end - at), *stop = close ? content_end(close, end, names[found]) : NULL;
    if (stop == NULL) return -1;
    *row = (Row){.kind = kinds[found], .start = (found < 4 ? close + 1 : at) - text, .stop = stop - text};
    if (found < 3 && !said(close + 1, stop, row)) return -1;
    row++;
    at = stop;
  }
  return row - rows;
}

int64_t scan(const char *text, int64_t start, int64_t end, Row *rows) {
  static const char *const names[] = {"measure"};
  const char *at = text + start, *last = text + end;
  int64_t count = 0;
  while (at < last && (at = memmem(at, last - at, "<measure", 8)) != NULL) {
    if (which(at, last, names, 1) < 0) {
      at++;
      continue;
    }
    const char *close = memchr(at, '>', last - at), *stop = close ? content_end(close, last, "measure") : NULL;
    if (stop == NULL) return -1;
    rows[count++] = (Row){.kind = MEASURE, .start = close + 1 - text, .stop = stop - text};
    int64_t found = stop > close + 1 ? scan_measure(text, close + 1, stop, rows + count) : 0;
    if (found < 0) return -1;
    count += found;
    at = stop;
  }
  return count;
}
