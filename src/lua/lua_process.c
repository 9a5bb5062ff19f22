/* lua_process.c: the table nabla.core.process: copies of this process that do a part of its work
** and write what they found into a pipe; numbers that are handed out among them; sleeping;
** interrupts. Where the system makes no copies, `fork` says so: then one process does all. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "lua/lua_process.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lualib.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static int close_file(lua_State *L) {
  luaL_Stream *p = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  return luaL_fileresult(L, fclose(p->f) == 0, NULL);
}

/* In the parent: the child's number, and the end of a pipe that reads what the child writes. In the
   child: 0 and the end that writes. Nil and the reason where there is no child. */
static int l_fork(lua_State *L) {
  int ends[2];
  luaL_Stream *p = lua_newuserdata(L, sizeof *p);
  p->f = NULL;
  p->closef = NULL; /* closed, until there is a file */
  luaL_setmetatable(L, LUA_FILEHANDLE);
  if (pipe(ends)) return luaL_fileresult(L, 0, NULL);
  fflush(NULL); /* what is in the buffers is to be written once */
  pid_t pid = fork();
  if (pid < 0) {
    int why = errno;
    close(ends[0]);
    close(ends[1]);
    errno = why;
    return luaL_fileresult(L, 0, NULL);
  }
  int mine = pid == 0;
  close(ends[!mine]);
  p->f = fdopen(ends[mine], mine ? "w" : "r");
  if (!p->f) {
    int why = errno;
    if (mine) _exit(1);
    close(ends[0]); /* the child ends when it writes */
    errno = why;
    return luaL_fileresult(L, 0, NULL);
  }
  p->closef = close_file;
  lua_pushinteger(L, (lua_Integer)pid);
  lua_insert(L, -2);
  return 2;
}

/* ---------------------------------------- a queue */

#define QUEUE "nabla.queue"

/* The numbers are in a pipe, which all copies of the process read. */
typedef struct { int end; } Queue;

static int close_queue(lua_State *L) {
  Queue *q = luaL_checkudata(L, 1, QUEUE);
  if (q->end >= 0) close(q->end);
  q->end = -1;
  return 0;
}

/* -> the next number, which no other process gets; nil when there is none left */
static int take_number(lua_State *L) {
  Queue *q = luaL_checkudata(L, 1, QUEUE);
  int32_t number;
  ssize_t got;
  do got = q->end >= 0 ? read(q->end, &number, sizeof number) : 0;
  while (got < 0 && errno == EINTR);
  if (got != (ssize_t)sizeof number) return 0;
  lua_pushinteger(L, number);
  return 1;
}

/* count -> a function that hands out the numbers 1 to count, each once, in this process and those
   that are copied from it later. Nil and the reason where a pipe has no room for so many. */
static int l_queue(lua_State *L) {
  int32_t count = (int32_t)luaL_checkinteger(L, 1), number = 1;
  int ends[2];
  Queue *q = lua_newuserdata(L, sizeof *q);
  q->end = -1;
  if (luaL_newmetatable(L, QUEUE)) {
    lua_pushcfunction(L, close_queue);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, take_number);
    lua_setfield(L, -2, "__call");
  }
  lua_setmetatable(L, -2);
  if (pipe(ends)) return luaL_fileresult(L, 0, NULL);
  q->end = ends[0];
  bool written = fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0;
  for (; written && number <= count; number++)
    written = write(ends[1], &number, sizeof number) == (ssize_t)sizeof number;
  int why = errno;
  close(ends[1]);
  errno = why;
  if (!written) return luaL_fileresult(L, 0, NULL);
  return 1;
}

/* status: this process ends at once, with nothing of its parent's closed or written */
static int l_leave(lua_State *L) { _exit((int)luaL_checkinteger(L, 1)); }

/* number of a child -> has it ended well? Waits for its end. */
static int l_wait(lua_State *L) {
  int status = 0;
  pid_t pid = (pid_t)luaL_checkinteger(L, 1), got;
  do got = waitpid(pid, &status, 0);
  while (got < 0 && errno == EINTR);
  lua_pushboolean(L, got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return 1;
}

/* -> how many processors there are */
static int l_processors(lua_State *L) {
#ifdef _SC_NPROCESSORS_ONLN
  long n = sysconf(_SC_NPROCESSORS_ONLN);
#else
  long n = 1;
#endif
  lua_pushinteger(L, n > 0 ? n : 1);
  return 1;
}

/* From now on no small block that is freed waits in a fast bin. glibc empties these bins for each
   block above 1 kB, which takes an eighth of the time of a program that makes and drops many small
   ones. Other libraries have no such bins. */
static int l_without_fast_bins(lua_State *L) {
  (void)L;
#if defined(__GLIBC__) && defined(M_MXFAST)
  mallopt(M_MXFAST, 0);
#endif
  return 0;
}

/* seconds -> true, or false where a signal has ended the sleep */
static int l_sleep(lua_State *L) {
  lua_Number seconds = luaL_checknumber(L, 1);
  struct timespec t = {0, 0};
  if (seconds > 0 && seconds < 1e6) {
    t.tv_sec = (time_t)seconds;
    t.tv_nsec = (long)((seconds - (lua_Number)t.tv_sec) * 1e9);
  }
  lua_pushboolean(L, nanosleep(&t, NULL) == 0);
  return 1;
}

/* ---------------------------------------- interrupts */

static lua_State *interrupted; /* the main thread of the program that asked for them */

static void raise_interrupt(lua_State *L, lua_Debug *unused) {
  (void)unused;
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "interrupted!");
}

static void on_interrupt(int unused) {
  (void)unused;
  const int any = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT;
  lua_sethook(interrupted, raise_interrupt, any, 1);
}

/* From now on each SIGINT raises the error "interrupted!". That of the interpreter lua does so
   once: a second one ends the process. */
static int l_interrupts(lua_State *L) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_interrupt; /* without SA_RESTART: reading ends as well */
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  interrupted = lua_tothread(L, -1);
  lua_pushboolean(L, sigaction(SIGINT, &action, NULL) == 0);
  return 1;
}

/* Waits for the standard input; false where a signal has ended that. */
static int l_input(lua_State *L) {
  struct pollfd input = {STDIN_FILENO, POLLIN, 0};
  lua_pushboolean(L, poll(&input, 1, -1) > 0);
  return 1;
}

static const luaL_Reg functions[] = {{"fork", l_fork},
                                     {"queue", l_queue},
                                     {"leave", l_leave},
                                     {"wait", l_wait},
                                     {"processors", l_processors},
                                     {"without_fast_bins", l_without_fast_bins},
                                     {"sleep", l_sleep},
                                     {"interrupts", l_interrupts},
                                     {"input", l_input},
                                     {NULL, NULL}};

int lua_process_open(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
