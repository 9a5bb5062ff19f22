/* lua_store.c: the binding, module "nabla.core": stores and handles. A store is a userdata; within
** one call to the Lua layer nodes are plain integers (ids), and between calls they are held as
** handles (userdata that count as roots of collection; one handle per node, so that equal nodes are
** equal keys). store:begin() is the only place where a collection can happen. A failure of the
** engine is raised as a table {status =, message =}. The tables at the ends of the files of this
** folder are its index. */
#include <stdint.h>
#include <string.h>

#include "whole/store_life.h"
#include "core/budget.h"
#include "whole/image.h"
#include "lua/bind.h"
#include "lua/lua_bytes.h"
#include "lua/lua_definite.h"
#include "lua/lua_file.h"
#include "lua/lua_process.h"
#include "lua/lua_residue.h"
#include "lua/lua_room.h"
#include "lua/lua_pack.h"
#include "lua/lua_plain.h"
#include "lua/lua_serialise.h"
#include "lua/lua_write.h"
#include "rules/ruleset.h"

/* The program lua, and others, answer a signal by a debug hook of the main thread, which stops what
   runs there in Lua. One that was not there when a piece of work began stops the engine as well,
   also when it came while a coroutine ran Lua. */
static bool is_interrupted(Store *s) {
  const StoreBox *b = s->owner;
  lua_Hook hook = lua_gethook(b->main);
  return hook && hook != b->debug_hook;
}

static void note_debug_hook(StoreBox *b) { b->debug_hook = lua_gethook(b->main); }

typedef struct {
  int function; /* registry reference */
  const char *name;
  const NodeId *args;
  uint32_t n;
} Question;

/* How the error ends that the program lua raises after a signal. */
static const char BY_SIGNAL[] = "interrupted!";

/* Called in protected mode: each step may fail. */
static int ask(lua_State *L) {
  const Question *q = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, q->function);
  lua_pushstring(L, q->name);
  for (uint32_t i = 0; i < q->n; i++) lua_pushinteger(L, q->args[i]);
  lua_call(L, (int)q->n + 1, 1);
  return 1;
}

/* An error value that prints, such as an error of nabla, as its text. */
static int error_text(lua_State *L) {
  if (!lua_isstring(L, 1) && luaL_getmetafield(L, 1, "__tostring")) luaL_tolstring(L, 1, NULL);
  return 1;
}

/* The function may use the store, also from a coroutine that is no more when it returns. */
static int hook_predicate(Store *s, const char *name, const NodeId *args, uint32_t n) {
  StoreBox *b = s->owner;
  lua_State *L = b->L;
  if (b->hook == LUA_NOREF) return -1;
  int top = lua_gettop(L), answer = -1;
  if (!lua_checkstack(L, 4)) {
    store_fail(s, STORE_MEMORY, "the predicate %s failed: no room on the stack", name);
    return -1;
  }
  Question q = {b->hook, name, args, n};
  lua_pushcfunction(L, error_text);
  lua_pushcfunction(L, ask);
  lua_pushlightuserdata(L, &q);
  if (lua_pcall(L, 1, 1, top + 1) == LUA_OK) {
    if (lua_isstring(L, -1)) answer = HOOK_UNDECIDED;
    else if (!lua_isnil(L, -1)) answer = lua_toboolean(L, -1);
  } else {
    const char *why = lua_isstring(L, -1) ? lua_tostring(L, -1) : "error";
    size_t n = strlen(why), k = strlen(BY_SIGNAL);
    if (n >= k && strcmp(why + n - k, BY_SIGNAL) == 0) budget_interrupt(s);
    else store_fail(s, STORE_RULE, "the predicate %s failed: %s", name, why);
  }
  lua_settop(L, top);
  b->L = L;
  note_debug_hook(b);
  return answer;
}

/* [image [, fail_after [, first, last [, as_saved]]]] -> a store: a new one, or what the image was
   made of; for tests, the allocation that fails while it is read; the places in the text between
   which the image is; whether it is known to be one that was saved (image.h) */
static int l_new(lua_State *L) {
  size_t size = 0;
  lua_settop(L, 5);
  const char *image = lua_isnil(L, 1) ? NULL : bind_part(L, 1, 3, &size);
  long fail_after = (long)luaL_optinteger(L, 2, -1);
  StoreBox *b = lua_newuserdata(L, sizeof *b);
  b->s = NULL;
  b->hook = LUA_NOREF;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  b->main = lua_tothread(L, -1);
  note_debug_hook(b);
  lua_pop(L, 1);
  luaL_setmetatable(L, BIND_STORE);
  b->s = store_new();
  if (!b->s) return luaL_error(L, "out of memory");
  if (image) {
    const void *words = image;
    bool aligned = (uintptr_t)image % sizeof(uint32_t) == 0;
    if (!aligned) words = memcpy(lua_newuserdata(L, size + 1), image, size);
    b->s->fail_after = fail_after;
    bool as_saved = lua_toboolean(L, 5);
    if (!image_load(b->s, words, size / sizeof(uint32_t), as_saved)) return bind_raise(L, b->s);
    b->s->fail_after = -1;
    if (!aligned) lua_pop(L, 1);
  }
  b->s->owner = b;
  b->s->is_interrupted = is_interrupted;
  ruleset_hook(b->s, hook_predicate);
  lua_newtable(L); /* handles by id, weak */
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_setuservalue(L, -2);
  return 1;
}

/* -> the store as a string, for `new` */
static int l_image(lua_State *L) {
  Store *s = bind_store(L);
  Vec words;
  vec_init(&words);
  bool ok = image_save(s, &words);
  if (ok) lua_pushlstring(L, (const char *)words.v, words.n * sizeof *words.v);
  vec_done(s, &words);
  return ok ? 1 : bind_raise(L, s);
}

/* text or bytes [, from] -> an integer that changes when the text does */
static int l_digest(lua_State *L) {
  size_t size;
  const char *text = lua_bytes_at(L, 1, &size);
  lua_Integer from = luaL_optinteger(L, 2, 1); /* where to begin: no copy of the rest is made */
  if (from < 1 || (size_t)from > size + 1) return luaL_argerror(L, 2, "not a place in the text");
  lua_pushinteger(L, (lua_Integer)image_digest(text + from - 1, size + 1 - (size_t)from));
  return 1;
}

static int store_gc(lua_State *L) {
  StoreBox *b = luaL_checkudata(L, 1, BIND_STORE);
  store_free(b->s);
  b->s = NULL;
  if (b->hook != LUA_NOREF) luaL_unref(L, LUA_REGISTRYINDEX, b->hook);
  b->hook = LUA_NOREF;
  return 0;
}

static int l_close(lua_State *L) {
  const StoreBox *b = luaL_checkudata(L, 1, BIND_STORE);
  if (b->s && b->s->hooks)
    return luaL_error(L, "a store cannot be closed while a predicate is asked");
  return store_gc(L);
}

/* what, a plural -> true; a failure while a predicate is asked */
static int l_may_change(lua_State *L) {
  Store *s = bind_store(L);
  lua_pushboolean(L, 1);
  return store_may_change(s, luaL_checkstring(L, 2)) ? 1 : bind_raise(L, s);
}

static int l_handle(lua_State *L) {
  StoreBox *b = bind_box(L);
  bind_push_handle(L, b, bind_node(L, b->s, 2));
  return 1;
}

static int node_gc(lua_State *L) {
  NodeBox *n = luaL_checkudata(L, 1, BIND_NODE);
  if (n->box->s) node_unref(n->box->s, n->id);
  n->box = NULL;
  return 0;
}

/* handle -> store, id; nothing if it is no handle */
static int l_unwrap(lua_State *L) {
  NodeBox *n = bind_is_own(L) ? lua_touserdata(L, 1) : NULL;
  if (!n || !n->box) return 0;
  lua_getuservalue(L, 1);
  lua_pushinteger(L, n->id);
  return 2;
}

static int l_node_metatable(lua_State *L) {
  luaL_getmetatable(L, BIND_NODE);
  return 1;
}

static int l_failure_metatable(lua_State *L) {
  luaL_getmetatable(L, BIND_FAILURE);
  return 1;
}

static int l_begin(lua_State *L) {
  StoreBox *b = bind_box(L);
  note_debug_hook(b);
  store_begin(b->s);
  return 0;
}

/* A new piece of work that makes no nodes, such as printing; inside a predicate the outer one goes
** on. */
static int l_restart(lua_State *L) {
  StoreBox *b = bind_box(L);
  note_debug_hook(b);
  if (!b->s->hooks) budget_restart(b->s);
  return 0;
}

/* held: the pieces of work that begin from now on are parts of this one, and use its budgets */
static int l_hold(lua_State *L) {
  bind_store(L)->held = lua_toboolean(L, 2);
  return 0;
}

/* pinned: the pieces of work that begin from now on collect nothing: ids stay */
static int l_pin(lua_State *L) {
  bind_store(L)->pinned = lua_toboolean(L, 2);
  return 0;
}

/* Raises the failure when the time is used up, or the work is interrupted. */
static int l_on_time(lua_State *L) {
  Store *s = bind_store(L);
  return budget_on_time(s) ? 0 : bind_raise(L, s);
}

static int l_interrupt(lua_State *L) {
  budget_interrupt(bind_store(L));
  return 0;
}

static int l_collect(lua_State *L) {
  store_collect(bind_store(L));
  return 0;
}

/* The names and dimensions that are there now stay for good. */
static int l_keep(lua_State *L) {
  store_keep(bind_store(L));
  return 0;
}

static int l_check(lua_State *L) {
  const char *wrong = store_check(bind_store(L));
  if (wrong) lua_pushstring(L, wrong);
  else lua_pushnil(L);
  return 1;
}

static void field(lua_State *L, const char *name, double v) {
  lua_pushnumber(L, v);
  lua_setfield(L, -2, name);
}

static int l_stats(lua_State *L) {
  Store *s = bind_store(L);
  lua_newtable(L);
  field(L, "nodes", s->live);
  field(L, "words", (double)s->words);
  field(L, "slots", s->slot_mask + 1.0);
  field(L, "bytes", (double)s->bytes);
  field(L, "steps", (double)s->steps);
  field(L, "rules", ruleset_count(s));
  field(L, "names", s->names.live);
  field(L, "rewrites", (double)ruleset_rewrites(s));
  double used = (s->next - 1.0) * sizeof(Node) + (double)s->words * 4 + (s->slot_mask + 1.0) * 4;
  field(L, "bytes_per_node", s->live ? used / s->live : 0);
  return 1;
}

static uint64_t limit(lua_State *L, const char *name, uint64_t old) {
  lua_getfield(L, 2, name);
  uint64_t v = lua_isnil(L, -1) ? old : (uint64_t)luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return v;
}

static double time_limit(lua_State *L, const char *name, double old) {
  lua_getfield(L, 2, name);
  double v = lua_isnil(L, -1) ? old : luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return v;
}

/* limits { steps =, nodes =, bytes =, seconds =, elapsed =, nesting = }: those before. */
static int l_limits(lua_State *L) {
  Store *s = bind_store(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_createtable(L, 0, 6);
  field(L, "steps", (double)s->step_limit);
  field(L, "nodes", (double)s->node_limit);
  field(L, "bytes", (double)s->byte_limit);
  field(L, "seconds", s->time_limit);
  field(L, "elapsed", s->elapsed_limit);
  field(L, "nesting", (double)s->nesting_limit);
  lua_pushnil(L);
  if (!lua_next(L, 2)) return 1; /* they are only asked for */
  lua_pop(L, 2);
  if (!store_may_change(s, "limits")) return bind_raise(L, s);
  s->step_limit = limit(L, "steps", s->step_limit);
  s->node_limit = (uint32_t)limit(L, "nodes", s->node_limit);
  s->byte_limit = limit(L, "bytes", s->byte_limit);
  s->time_limit = time_limit(L, "seconds", s->time_limit);
  s->elapsed_limit = time_limit(L, "elapsed", s->elapsed_limit);
  s->nesting_limit = (uint32_t)limit(L, "nesting", s->nesting_limit);
  lua_getfield(L, 2, "fail_after");
  if (!lua_isnil(L, -1)) s->fail_after = (long)luaL_checkinteger(L, -1);
  lua_pop(L, 1);
  return 1;
}

static int l_hook(lua_State *L) {
  StoreBox *b = bind_box(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  if (!store_may_change(b->s, "predicates")) return bind_raise(L, b->s);
  lua_pushvalue(L, 2);
  if (b->hook != LUA_NOREF) luaL_unref(L, LUA_REGISTRYINDEX, b->hook);
  b->hook = luaL_ref(L, LUA_REGISTRYINDEX);
  ruleset_hook(b->s, hook_predicate); /* the same again: but it may answer otherwise than before */
  return 0;
}

static int l_log(lua_State *L) {
  Store *s = bind_store(L);
  if (!lua_isnone(L, 2)) {
    bool all = lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "all") == 0;
    ruleset_log(s, all ? LOG_ALL : lua_toboolean(L, 2) ? LOG_STEPS : LOG_OFF);
    return 0;
  }
  bind_push_words(L, &s->log);
  return 1;
}

const luaL_Reg lua_store_methods[] = {
    {"begin", l_begin},   {"collect", l_collect}, {"check", l_check}, {"stats", l_stats},
    {"limits", l_limits}, {"handle", l_handle},   {"hook", l_hook},   {"log", l_log},
    {"close", l_close},   {"image", l_image},     {"may_change", l_may_change},
    {"interrupt", l_interrupt}, {"restart", l_restart},  {"on_time", l_on_time},
    {"hold", l_hold},    {"keep", l_keep},        {"pin", l_pin},
    {NULL, NULL}};

static const luaL_Reg module_functions[] = {{"new", l_new},
                                            {"unwrap", l_unwrap},
                                            {"digest", l_digest},
                                            {"least_pivot", lua_definite_pivot},
                                            {"node_metatable", l_node_metatable},
                                            {"failure_metatable", l_failure_metatable},
                                            {NULL, NULL}};

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
int luaopen_nabla_core(lua_State *L);

int luaopen_nabla_core(lua_State *L) {
  luaL_newmetatable(L, BIND_STORE);
  lua_newtable(L);
  const luaL_Reg *methods[] = {lua_store_methods, lua_dim_methods, lua_node_methods,
                               lua_rule_methods, lua_tree_methods, lua_outline_methods,
                               lua_derivative_methods, lua_declare_methods,
                               lua_written_sums_methods, lua_forms_methods};
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, methods[i], 1);
  }
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, store_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, BIND_NODE);
  lua_pushcfunction(L, node_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, BIND_FAILURE);
  luaL_newlibtable(L, module_functions);
  luaL_getmetatable(L, BIND_NODE);
  luaL_setfuncs(L, module_functions, 1);
  lua_residue_open(L);
  lua_setfield(L, -2, "residue");
  lua_file_open(L);
  lua_setfield(L, -2, "file");
  lua_process_open(L);
  lua_setfield(L, -2, "process");
  lua_plain_open(L);
  lua_setfield(L, -2, "plain");
  lua_write_open(L);
  lua_setfield(L, -2, "write_text");
  lua_pushcfunction(L, lua_room);
  lua_setfield(L, -2, "room");
  lua_pushcfunction(L, lua_pack_table);
  lua_setfield(L, -2, "pack");
  lua_pushcfunction(L, lua_serialise_unpack);
  lua_setfield(L, -2, "unpack");
  lua_constants_push(L);
  lua_setfield(L, -2, "constants");
  return 1;
}
