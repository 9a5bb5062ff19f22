-- nabla inside LuaTeX: finds the modules and answers requests. LuaTeX is Lua 5.3; it loads the engine, a C module, only
-- under --shell-escape, and that engine must be built for Lua 5.3.

-- luacheck: read_globals status

local M = { why = "" }

-- Where the modules may be: those of a checkout or an installed tree, and those of Lua 5.3.
local function places(root)
  local lua, c = {}, {}
  local function add(folder, engine)
    lua[#lua + 1] = folder .. "/?.lua;" .. folder .. "/?/init.lua"
    c[#c + 1] = engine .. "/?.so"
  end
  if root ~= "" then
    add(root .. "/lua", root .. "/build/lua53")
    add(root .. "/share/lua/5.3", root .. "/lib/lua/5.3")
  end
  for _, prefix in ipairs { (os.getenv "HOME" or "") .. "/.luarocks", "/usr/local", "/usr" } do
    add(prefix .. "/share/lua/5.3", prefix .. "/lib/lua/5.3")
  end
  return table.concat(lua, ";"), table.concat(c, ";")
end

-- TeX looks for modules in its own folders; after them, here.
local function add_searchers(lua, c)
  table.insert(package.searchers, function(name)
    local path = package.searchpath(name, lua)
    if path then
      return assert(loadfile(path)), path
    end
  end)
  table.insert(package.searchers, function(name)
    local path = package.searchpath(name, c)
    if path then
      local open, why = package.loadlib(path, "luaopen_" .. name:gsub("%.", "_"))
      return open or "\n\t" .. tostring(why), path
    end
  end)
  package.path, package.cpath = package.path .. ";" .. lua, package.cpath .. ";" .. c
end

--- Load the engine; `why` says afterwards why that failed, and is empty if it did not.
-- @tparam string root the folder where nabla is; the environment variable NABLA_PATH where it is empty
function M.start(root)
  root = root ~= "" and root or os.getenv "NABLA_PATH" or ""
  add_searchers(places(root))
  local found, latex = pcall(require, "nabla.command.latex")
  if not found then
    M.why = tostring(latex):match "^[^\n]*"
    if status.shell_escape ~= 1 then
      M.why = "LuaTeX loads it only under --shell-escape"
    end
    return
  end
  local cache = { count = 0 }
  function M.answer(request)
    return latex.answer(cache, request)
  end
end

return M
