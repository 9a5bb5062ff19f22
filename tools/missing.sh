#!/bin/sh
# What a build needs and this system lacks, in one message with the Debian packages that bring it.
#
#     tools/missing.sh engine    a C compiler and GMP, for the engine alone
#     tools/missing.sh           for all: Lua, its headers, its modules as well
#
# The exit status is 1 if the build cannot do without. Environment: CC, CPPFLAGS, LUA, LUA_CPPFLAGS.
: "${CC:=cc}" "${LUA:=lua5.4}" "${LUA_CPPFLAGS:=-I/usr/include/lua5.4}"
missing=
packages=
fatal=0

# DESCRIPTION PACKAGE ...: of something that is not here
lack() {
  missing="$missing
  $1"
  shift
  packages="$packages $*"
}

# Does an empty program compile and link?
compiles=no
if echo 'int main(void) { return 0; }' | $CC -x c -o /dev/null - >/dev/null 2>&1; then compiles=yes; fi

exists() {
  for file; do
    [ -f "$file" ] && return 0
  done
  return 1
}

# Is the header there? Without a compiler that can be asked, look where Debian puts it.
header() {
  if [ "$compiles" = yes ]; then
    # shellcheck disable=SC2086
    echo "#include <$1>" | $CC $LUA_CPPFLAGS $CPPFLAGS -x c -E -o /dev/null - >/dev/null 2>&1
  else
    exists /usr/include/lua5.4/"$1" /usr/include/"$1" /usr/include/*-*/"$1"
  fi
}

has_lua=no
if $LUA -e 'os.exit(math.type and true or false)' >/dev/null 2>&1; then has_lua=yes; fi

# Is the Lua module NAME there? Without Lua, look where Debian puts modules.
module() {
  if [ "$has_lua" = yes ]; then
    $LUA -e "require '$1'" >/dev/null 2>&1
  else
    exists /usr/share/lua/5.4/"$1".lua /usr/lib/*/lua/5.4/"$1".so
  fi
}

[ "$compiles" = yes ] || { lack "a C compiler that makes programs ($CC)" gcc libc6-dev; fatal=1; }
header gmp.h || { lack "the header of GMP (gmp.h)" libgmp-dev; fatal=1; }
if [ "$1" != engine ]; then
  [ "$has_lua" = yes ] || { lack "Lua 5.3 or 5.4 ($LUA)" lua5.4; fatal=1; }
  header lua.h || { lack "the headers of Lua (lua.h)" liblua5.4-dev; fatal=1; }
  module lpeg || { lack "the Lua module lpeg" lua-lpeg; fatal=1; }
  module argparse || lack "the Lua module argparse, for the command only" lua-argparse
  module dkjson || lack "the Lua module dkjson, for nabla batch only" lua-dkjson
fi

if [ -n "$missing" ]; then
  printf 'nabla needs what is not here:%s\nOn Debian and Ubuntu: apt-get install%s\n' "$missing" "$packages" >&2
fi
exit $fatal
