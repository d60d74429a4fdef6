// libedit for Swift. Its settings are variadic C, which Swift cannot call: here is one function for each of them.
// Wide characters cross as uint32_t, because what is typed need not be a Unicode scalar, as Swift's wchar_t must.
#pragma once
#include <histedit.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

_Static_assert(sizeof(wchar_t) == sizeof(uint32_t), "wide characters are UTF-32");

typedef char *(*callsheet_prompt)(EditLine *);
typedef int (*callsheet_getc)(EditLine *, wchar_t *);
typedef unsigned char (*callsheet_command)(EditLine *, wint_t);

static inline int callsheet_set_client(EditLine *editor, void *client) {
  return el_set(editor, EL_CLIENTDATA, client);
}

static inline void *callsheet_client(EditLine *editor) {
  void *client = NULL;
  el_get(editor, EL_CLIENTDATA, &client);
  return client;
}

// The text between two `escape` characters in a prompt takes no columns.
static inline int callsheet_set_prompt(EditLine *editor, callsheet_prompt prompt, char escape) {
  return el_set(editor, EL_PROMPT_ESC, prompt, escape);
}

static inline int callsheet_set_right_prompt(EditLine *editor, callsheet_prompt prompt, char escape) {
  return el_set(editor, EL_RPROMPT_ESC, prompt, escape);
}

static inline int callsheet_set_getc(EditLine *editor, callsheet_getc getc) {
  return el_wset(editor, EL_GETCFN, getc);
}

static inline int callsheet_set_editor(EditLine *editor, const char *name) {
  return el_set(editor, EL_EDITOR, name);
}

static inline int callsheet_is_vi(EditLine *editor) {
  const char *name = NULL;
  return el_get(editor, EL_EDITOR, &name) == 0 && name != NULL && strcmp(name, "vi") == 0;
}

// Whether the terminal, as far as libedit knows it, can move its cursor up.
static inline int callsheet_goes_up(EditLine *editor) {
  const char *sequence = NULL;
  return el_get(editor, EL_GETTC, "up", &sequence) == 0 && sequence != NULL && *sequence != 0;
}

// Where what is drawn is written.
static inline int callsheet_set_output(EditLine *editor, FILE *file) { return el_set(editor, EL_SETFP, 1, file); }

// Whether it goes on in the next row when it has written in the last column.
static inline int callsheet_wraps(EditLine *editor) {
  const char *answer = NULL;
  return el_get(editor, EL_GETTC, "am", &answer) == 0 && answer != NULL && strcmp(answer, "yes") == 0;
}

static inline int callsheet_set_signals(EditLine *editor, int on) { return el_set(editor, EL_SIGNAL, on); }

// In editing mode an interrupt leaves what is on its way to the screen alone: the terminal driver would throw it away, and
// with it the movements that what is written next relies on.
static inline int callsheet_keep_output(EditLine *editor) { return el_set(editor, EL_SETTY, "-d", "+noflsh", NULL); }

// Puts the terminal into editing mode (1) or back as it was (0).
static inline int callsheet_set_prepared(EditLine *editor, int on) { return el_set(editor, EL_PREP_TERM, on); }

// Forgets what is on the screen and draws prompt and line where the cursor stands.
static inline int callsheet_redraw(EditLine *editor) { return el_set(editor, EL_REFRESH); }

static inline int callsheet_add_command(
    EditLine *editor, const char *name, const char *help, callsheet_command command) {
  return el_set(editor, EL_ADDFN, name, help, command);
}

static inline int callsheet_bind(EditLine *editor, const char *key, const char *command) {
  return el_set(editor, EL_BIND, key, command, NULL);
}

// In the alternative key map: the command mode of vi.
static inline int callsheet_bind_alternative(EditLine *editor, const char *key, const char *command) {
  return el_set(editor, EL_BIND, "-a", key, command, NULL);
}

static inline int callsheet_set_history(EditLine *editor, HistoryW *history) {
  return el_wset(editor, EL_HIST, history_w, history);
}

static inline int callsheet_history_limit(HistoryW *history, int count) {
  HistEventW event;
  return history_w(history, &event, H_SETSIZE, count);
}

static inline int callsheet_history_unique(HistoryW *history, int on) {
  HistEventW event;
  return history_w(history, &event, H_SETUNIQUE, on);
}

static inline int callsheet_history_clear(HistoryW *history) {
  HistEventW event;
  return history_w(history, &event, H_CLEAR);
}

// `text` ends with 0.
static inline int callsheet_history_enter(HistoryW *history, const uint32_t *text) {
  HistEventW event;
  return history_w(history, &event, H_ENTER, (const wchar_t *)text);
}

// Reads a line; NULL at the end of input (`count` 0) or when a read was broken off (`count` -1).
static inline const uint32_t *callsheet_read(EditLine *editor, int *count) {
  return (const uint32_t *)el_wgets(editor, count);
}

static inline int callsheet_next(EditLine *editor, uint32_t *character) {
  wchar_t wide = 0;
  int count = el_wgetc(editor, &wide);
  *character = (uint32_t)wide;
  return count;
}

static inline int callsheet_insert(EditLine *editor, const uint32_t *text) {
  return el_winsertstr(editor, (const wchar_t *)text);
}

// Empties the line. Deleting through libedit would, in vi mode, put what is deleted into the place of what was yanked.
static inline void callsheet_clear(EditLine *editor) {
  LineInfoW *line = (LineInfoW *)el_wline(editor);
  line->cursor = line->buffer;
  line->lastchar = line->buffer;
}

static inline void callsheet_push(EditLine *editor, const char *keys) { el_push(editor, keys); }

typedef struct {
  const uint32_t *text;
  size_t cursor;
  size_t count;
} callsheet_line;

// What is typed so far; belongs to the editor and is valid until it goes on.
static inline callsheet_line callsheet_current(EditLine *editor) {
  LineInfoW *info = (LineInfoW *)el_wline(editor);
  // On an empty line vi's $ goes before its beginning.
  if (info->cursor < info->buffer) info->cursor = info->buffer;
  callsheet_line line = {
      (const uint32_t *)info->buffer, (size_t)(info->cursor - info->buffer), (size_t)(info->lastchar - info->buffer)};
  return line;
}

// One character from the bytes of the locale's encoding: how many bytes it took, 0 when more are needed, -1 when they
// are none.
static inline int callsheet_decode(const char *bytes, size_t count, uint32_t *character) {
  mbstate_t state;
  memset(&state, 0, sizeof state);
  wchar_t wide = 0;
  size_t used = mbrtowc(&wide, bytes, count, &state);
  if (used == (size_t)-2) return 0;
  if (used == (size_t)-1) return -1;
  *character = (uint32_t)wide;
  return used == 0 ? 1 : (int)used;
}

// Columns of one character as libedit counts them; -1 for a control character.
static inline int callsheet_width(uint32_t character) { return wcwidth((wchar_t)character); }
