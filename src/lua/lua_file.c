/* lua_file.c: the table nabla.core.file: files that a program keeps between its runs, in folders
** that others may reach. What Lua's io lacks for that: who owns a file and who may write it; a new
** file that no link can lead elsewhere; a file that appears whole or not at all. Nothing here
** raises an error for what the file system answers. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "lua/lua_file.h"

#include "lua/lua_bytes.h"
#include "whole/image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PATH = 4096 };

static int fail(lua_State *L, const char *why) {
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

/* Could only this user, or the administrator, have written it? */
static bool is_trusted(const struct stat *st) {
  return (st->st_uid == geteuid() || st->st_uid == 0) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

#ifdef __APPLE__
#define NANOSECONDS(st, time) ((long long)(st).st_##time##timensec)
#else
#define NANOSECONDS(st, time) ((long long)(st).st_##time##tim.tv_nsec)
#endif

enum { STAMP = 160 };

/* The stamp of a file, and what the system says of it; false where there is no file. */
static bool stamp_of(const char *path, char text[STAMP], struct stat *st) {
  if (stat(path, st) || !S_ISREG(st->st_mode)) return false;
  const unsigned long long parts[] = {
      (unsigned long long)st->st_dev,           (unsigned long long)st->st_ino,
      (unsigned long long)st->st_size,          (unsigned long long)st->st_mtime,
      (unsigned long long)NANOSECONDS(*st, m),  (unsigned long long)st->st_ctime,
      (unsigned long long)NANOSECONDS(*st, c)};
  char *p = text;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) { /* hexadecimal, points between them */
    int bits = 60;
    while (bits > 0 && parts[i] >> bits == 0) bits -= 4;
    if (i > 0) *p++ = '.';
    for (; bits >= 0; bits -= 4) *p++ = "0123456789abcdef"[parts[i] >> bits & 15];
  }
  *p = '\0';
  return true;
}

/* Would another writing of the file give it another stamp from now on? Some file systems count in
   seconds, two at once; the others in the ticks of the system's clock. */
static bool is_settled(const struct stat *st) {
  enum { COARSE = 2, FINE_NANOSECONDS = 100000000 };
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now)) return false;
  double changed = (double)(st->st_ctime > st->st_mtime ? st->st_ctime : st->st_mtime);
  long long nanoseconds =
      NANOSECONDS(*st, c) > NANOSECONDS(*st, m) ? NANOSECONDS(*st, c) : NANOSECONDS(*st, m);
  double age = (double)now.tv_sec - changed + 1e-9 * (double)(now.tv_nsec - nanoseconds);
  return age > (nanoseconds ? 1e-9 * FINE_NANOSECONDS : COARSE);
}

/* path -> a text that changes whenever the file is written or another takes its place, and whether
   that holds from now on: of a file that was written a moment before it may not; nil where there
   is no file. It costs less than the digest. */
static int l_stamp(lua_State *L) {
  struct stat st;
  char text[STAMP];
  if (!stamp_of(luaL_checkstring(L, 1), text, &st)) return 0;
  lua_pushstring(L, text);
  lua_pushboolean(L, is_settled(&st));
  return 2;
}

/* The next word of a line, and its size; the place behind the blank that follows it. */
static const char *next_word(const char *p, const char *end, size_t *size) {
  const char *blank = memchr(p, ' ', (size_t)(end - p));
  *size = (size_t)((blank ? blank : end) - p);
  return blank ? blank + 1 : end;
}

/* lines `DIGEST STAMP KIND NAME`, { KIND = FOLDER } -> the lines but those of a file NAME in the
   folder of its kind that has the stamp still */
static int l_restamped(lua_State *L) {
  size_t size;
  const char *p = luaL_checklstring(L, 1, &size), *end = p + size;
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_Buffer others;
  luaL_buffinit(L, &others);
  for (const char *line = p; line < end; line = p) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    stop = stop ? stop : end;
    p = stop < end ? stop + 1 : end;
    size_t digest, stamp, kind;
    const char *stamp_at = next_word(line, stop, &digest);
    const char *kind_at = next_word(stamp_at, stop, &stamp);
    const char *name = next_word(kind_at, stop, &kind);
    char path[MAX_PATH], text[STAMP];
    struct stat st;
    lua_pushlstring(L, kind_at, kind);
    lua_rawget(L, 2);
    const char *folder = lua_tostring(L, -1);
    int n = folder ? snprintf(path, sizeof path, "%s/%.*s", folder, (int)(stop - name), name) : -1;
    lua_pop(L, 1);
    bool same = n > 0 && n < MAX_PATH && stamp_of(path, text, &st) && strlen(text) == stamp &&
                !memcmp(text, stamp_at, stamp);
    if (!same) luaL_addlstring(&others, line, (size_t)(p - line));
  }
  luaL_pushresult(&others);
  return 1;
}

/* What a file holds, as bytes (lua_bytes.h); or nil and the reason. `trusted`: only if nobody but
   this user or the administrator can have written it. */
static int push_bytes(lua_State *L, const char *path, bool trusted) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fail(L, strerror(errno));
  struct stat st;
  const char *why = NULL;
  if (fstat(fd, &st)) why = strerror(errno);
  else if (!S_ISREG(st.st_mode)) why = "it is no file";
  else if (trusted && !is_trusted(&st)) why = "others may have written it";
  else if (!lua_bytes_push(L, fd, (size_t)st.st_size)) why = "it cannot be read";
  close(fd);
  return why ? fail(L, why) : 1;
}

static int l_read(lua_State *L) { return push_bytes(L, luaL_checkstring(L, 1), false); }
static int l_read_trusted(lua_State *L) { return push_bytes(L, luaL_checkstring(L, 1), true); }

/* path -> the digest of what a file holds, as core.digest gives it for the text; or nil and the
   reason */
static int l_digest(lua_State *L) {
  int results = push_bytes(L, luaL_checkstring(L, 1), false);
  if (results > 1) return results;
  size_t n;
  const char *text = lua_bytes_at(L, -1, &n);
  lua_pushinteger(L, (lua_Integer)image_digest(text, n));
  lua_bytes_close(L, -2);
  return 1;
}

/* A new file beside `path`, whose name goes into `name`; -1 on an error. */
static int new_file(const char *path, char *name, mode_t mode) {
  for (unsigned i = 0; i < 100; i++) {
    int n = snprintf(name, MAX_PATH, "%s.%ld.%u", path, (long)getpid(), i);
    if (n < 0 || n >= MAX_PATH) {
      errno = ENAMETOOLONG;
      return -1;
    }
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

static bool write_all(int fd, const char *text, size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, text, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text += n;
    size -= (size_t)n;
  }
  return true;
}

/* path, text, [for all] -> true; or nil and the reason. The file is written under another name and
   then renamed: whoever reads the path meanwhile finds the old file or the whole new one. Others
   may read it only if it is for all. */
static int l_write(lua_State *L) {
  size_t size;
  const char *path = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &size);
  char name[MAX_PATH];
  int fd = new_file(path, name, lua_toboolean(L, 3) ? 0644 : 0600);
  if (fd < 0) return fail(L, strerror(errno));
  bool ok = write_all(fd, text, size);
  int why = errno;
  if (close(fd) && ok) {
    ok = false;
    why = errno;
  }
  if (ok && rename(name, path)) {
    ok = false;
    why = errno;
  }
  if (!ok) {
    unlink(name);
    return fail(L, strerror(why));
  }
  lua_pushboolean(L, true);
  return 1;
}

/* Make the folder and those above it that are not there, for this user alone. */
static void make_folders(char *path) {
  for (char *p = path + 1;; p++) {
    if (*p != '/' && *p != '\0') continue;
    char end = *p;
    *p = '\0';
    mkdir(path, 0700); /* mostly it is there; what is missing at the end is seen by who looks */
    *p = end;
    if (!end) return;
  }
}

/* path -> is it now a folder of this user's that nobody else may write to? It is made if it is
   missing. */
static int l_private_folder(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  char copy[MAX_PATH];
  struct stat st;
  int n = snprintf(copy, sizeof copy, "%s", path);
  if (n > 0 && n < MAX_PATH && stat(path, &st)) make_folders(copy);
  bool ok = !stat(path, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && is_trusted(&st) &&
            !access(path, W_OK);
  lua_pushboolean(L, ok);
  return 1;
}

/* path of a folder -> a table: the name of each file in it, and when it was written */
static int l_times(lua_State *L) {
  DIR *folder = opendir(luaL_checkstring(L, 1));
  lua_newtable(L);
  if (!folder) return 1;
  const struct dirent *entry;
  while ((entry = readdir(folder))) {
    struct stat st;
    if (fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
      continue;
    lua_pushinteger(L, (lua_Integer)st.st_mtime);
    lua_setfield(L, -2, entry->d_name);
  }
  closedir(folder);
  return 1;
}

static const luaL_Reg functions[] = {{"digest", l_digest}, {"stamp", l_stamp},
                                     {"restamped", l_restamped},
                                     {"read", l_read},
                                     {"read_trusted", l_read_trusted},
                                     {"write", l_write},
                                     {"private_folder", l_private_folder},
                                     {"times", l_times},
                                     {NULL, NULL}};

int lua_file_open(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
