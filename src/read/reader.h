/* reader.h: a place in a text that is read to tables of Lua, and what is read at it.

   What reads here changes the place, and leaves what it made on the stack of Lua. A function that
   gives false has read something that it does not know: the text is not plain, and the place and
   the stack are of no more use. */
#ifndef NABLA_READ_READER_H
#define NABLA_READ_READER_H

#include <stdbool.h>

#include <lauxlib.h>
#include <lua.h>

enum { READER_ROOM = 64 };

/* What waits for its right operand or its end; those that bind more tightly have larger numbers. */
typedef enum {
  WAIT_BRACKET,
  WAIT_CALL,
  WAIT_ENTRY,
  WAIT_COUNTED,
  WAIT_SUM,
  WAIT_PRODUCT,
  WAIT_SIGN,
  WAIT_POWER,
  WAIT_EXPONENT_SIGN
} Waits;

typedef struct {
  Waits what;
  lua_Integer place; /* of its sign */
  const char *sign;  /* of a sum or product */
  int count; /* of a call or entry: its arguments; of a counted sum: its parts; of a sum or product:
                operands before this sign */
} Waiting;

typedef struct {
  lua_State *L;
  const char *text, *at, *end;
  int brackets;
  bool skim; /* are expressions only read over? Then false is in the place of each tree */
  /* what waits in the expression that is read: room, or a userdata at index `kept` */
  Waiting room[READER_ROOM], *waiting;
  int n, most, kept;
  /* of a rule file: the margin of its statements, and the index of the set of words that are no
     names, each of more than one letter; NULL: of another text */
  const char *margin;
  size_t margin_bytes;
  int reserved;
} Reader;

/* Begin to read the text at an index of the stack; a nil is pushed, at `kept`. */
void reader_start(Reader *r, lua_State *L, int text);

static inline lua_Integer reader_place(const Reader *r, const char *at) { return at - r->text + 1; }

/* The character some bytes ahead; 0 behind the end. */
static inline char reader_peek(const Reader *r, int ahead) {
  return r->end - r->at > ahead ? r->at[ahead] : '\0';
}

static inline bool reader_is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
static inline bool reader_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool reader_is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The next byte that is no blank and not in a comment. */
const char *reader_behind_blanks(const Reader *r, const char *p);
/* Go on to the next token. In a rule file the end of a line is space if the next line that is not
   empty is indented more than statements are. */
void reader_skip_space(Reader *r);

/* Bytes of the letter at p; 0: there is none. In a rule file letters may be those of Unicode. */
size_t reader_letter(const Reader *r, const char *p);
/* Bytes of the name at the place; 0: there is none, or it has other characters than plain ones, as
   a sign of Unicode close behind it. */
size_t reader_name(const Reader *r);
/* Bytes of the number at the place, 0: there is none. In 1.*x and 1.' the point is part of the
   sign. */
size_t reader_number(const Reader *r);
/* Is the name of some bytes a word of rule files? */
bool reader_is_reserved(const Reader *r, size_t bytes);
/* Are the next bytes, a name, this word? */
bool reader_is_word(const Reader *r, size_t bytes, const char *word);

/* Set a field of the table on top. */
void reader_set_text(lua_State *L, const char *key, const char *text);
void reader_set_place(lua_State *L, const char *key, lua_Integer at);
void reader_set_true(lua_State *L, const char *key);
/* Take the next bytes, to a field of the table on top. */
void reader_take(Reader *r, const char *key, size_t bytes);
/* Append the value on top to the list `key` of the table below it, as its i-th. */
void reader_append(lua_State *L, const char *key, int i);

/* ---- each of these finds a table on top of the stack, may set a field of it, and goes on to the
   next token */

/* The next word, if it is this one. */
bool reader_word(Reader *r, const char *word);
/* The next signs, if they are these. */
bool reader_sign(Reader *r, const char *sign);
/* A name that is no reserved word. */
bool reader_take_name(Reader *r, const char *key);
/* A string, and one that is pushed. */
bool reader_take_text(Reader *r, const char *key);
bool reader_push_text(Reader *r);
/* The place, as `pos`. */
void reader_pos(Reader *r);
/* Is the value on top a key of the table at an index? It is popped. */
bool reader_is_in(lua_State *L, int table);

#endif
