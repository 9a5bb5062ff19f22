#!/usr/bin/env bash
# nabla in LuaTeX: as a script of texlua, and in a page that luatex typesets. LuaTeX is Lua 5.3 with an LPeg of its own; it loads a C
# module only under --shell-escape. Needs texlive-luatex and liblua5.3-dev; without them nothing is tried.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v texlua >/dev/null || [ ! -f /usr/include/lua5.3/lua.h ]; then
  echo "LuaTeX is not tried: it needs texlive-luatex and liblua5.3-dev"
  exit 0
fi
make --quiet engine BUILD=build/lua53 LUA=lua5.3 LUA_INCDIR=/usr/include/lua5.3 NUMERIC=

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/script.lua" <<END
package.path = "$PWD/lua/?.lua;$PWD/lua/?/init.lua;" .. package.path
package.cpath = "$PWD/build/lua53/?.so;" .. package.cpath
print(require "nabla".new():diff("norm2(A*x - b)^2", "x"))
END
[ "$(texlua "$folder/script.lua")" = "2*A'*(A*x - b)" ] || { echo "texlua: another answer" >&2; exit 1; }

# LuaTeX looks for modules in TeX's folders only: two searchers for those of nabla.
cat >"$folder/page.tex" <<END
\\def\\mathbf#1{{\\bf #1}} % as in LaTeX
\\directlua{
  local function search(pattern, load)
    table.insert(package.searchers, 2, function(name)
      local path = package.searchpath(name, pattern)
      if path then return load(path, name), path end
    end)
  end
  search("$PWD/build/lua53/?.so", function(path, name) return package.loadlib(path, "luaopen_" .. name:gsub("[.]", "_")) end)
  search("$PWD/lua/?.lua;$PWD/lua/?/init.lua", function(path) return loadfile(path) end)
  local s = assert(require "nabla".new())
  tex.print("\$" .. s:diff("norm2(A*x - b)^2", "x"):latex() .. "\$")
}
\\bye
END
(cd "$folder" && luatex --shell-escape --halt-on-error --interaction=batchmode page.tex >/dev/null) ||
  { cat "$folder/page.log" >&2; exit 1; }
[ -s "$folder/page.pdf" ] || { echo "luatex: no page" >&2; exit 1; }
echo "nabla works in texlua and in luatex"
