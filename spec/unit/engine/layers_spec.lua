-- The layers of src/, read from the sources: which folder may use which, and where a function is declared and how it is
-- named. A name in the message is the file or function to look at.

local lfs = require "lfs"

-- A folder uses itself and the folders of lower floors; folders of one floor do not use each other. "" is src/ itself:
-- nabla.h, the face for C programs.
local FLOORS = {
  core = 1,
  read = 1, -- texts to tables of Lua: it knows nothing of the engine
  algebra = 2,
  rules = 3,
  calculus = 4,
  textbook = 4,
  whole = 5,
  [""] = 6,
  lua = 6,
}
-- Libraries of their own: they use nothing but themselves. The binding uses the residues.
local APART = { residue = true, numeric = true }
local BESIDE = { lua = { residue = true } }

-- Public functions that are not declared in the header of their file, or do not carry its prefix: what they carry and
-- where they are declared instead, and why.
local FACES = {
  -- constructors call constructors: the folder has one header for them
  algebra = { prefix = "build", header = "src/algebra/build.h" },
}
local EXCEPTIONS = {
  ["src/whole/store_life.c"] = "store", -- the life of a store: its other functions are in core/store.c
}
local DECLARED_ELSEWHERE = {
  lua_constants_push = "src/lua/bind.h", -- what the files of the binding share stands in one header
}
local UNDECLARED = {
  luaopen_nabla_core = true, -- named by Lua, which calls it
  luaopen_nabla_numeric_core = true,
}

local LINES, COLUMNS = 800, 100

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

-- The C files and headers below a folder, sorted.
local function sources(folder, list)
  list = list or {}
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if name:sub(1, 1) ~= "." and lfs.attributes(path, "mode") == "directory" then
      sources(path, list)
    elseif name:find "%.[ch]$" then
      list[#list + 1] = path
    end
  end
  table.sort(list)
  return list
end

local FILES = sources "src"

local function folder_of(path)
  return path:match "^src/(.-)/?[^/]*$"
end

-- Without comments and strings.
local function code_of(text)
  return (text:gsub("/%*.-%*/", " "):gsub('\\"', ""):gsub('"[^"\n]*"', '""'))
end

local TEXT, CODE = {}, {}
for _, path in ipairs(FILES) do
  TEXT[path] = read(path)
  CODE[path] = code_of(TEXT[path])
end

local function may_use(user, used)
  if user == used or (BESIDE[user] and BESIDE[user][used]) then
    return true
  end
  return not APART[user] and not APART[used] and FLOORS[used] < FLOORS[user]
end

-- The headers of src/ that a file includes.
local function includes(path)
  local list = {}
  for name in TEXT[path]:gmatch '#include "([^"\n]+)"' do
    list[#list + 1] = "src/" .. name
  end
  return list
end

-- The functions that a C file defines and other files can call.
local function public_functions(path)
  local list = {}
  for head in ("\n" .. CODE[path]):gmatch "\n(%a[^\n;={}]*%b()) *{" do
    if not head:find "%f[%w]static%f[%W]" then
      list[#list + 1] = head:match "([%w_]+)%("
    end
  end
  return list
end

local function report(list)
  table.sort(list)
  return table.concat(list, "\n")
end

describe("the layers of src/", function()
  it("know every folder", function()
    local unknown = {}
    for _, path in ipairs(FILES) do
      local folder = folder_of(path)
      if not FLOORS[folder] and not APART[folder] then
        unknown[#unknown + 1] = path
      end
    end
    assert.equal("", report(unknown))
    assert.is_true(#FILES > 60)
  end)

  it("include headers of their own folder and of lower floors", function()
    local wrong, seen = {}, 0
    for _, path in ipairs(FILES) do
      for _, header in ipairs(includes(path)) do
        seen = seen + 1
        if not TEXT[header] then
          wrong[#wrong + 1] = path .. " includes " .. header .. ", which is not there"
        elseif not may_use(folder_of(path), folder_of(header)) then
          wrong[#wrong + 1] = path .. " includes " .. header
        end
      end
    end
    assert.equal("", report(wrong))
    assert.is_true(seen > 200)
  end)

  it("have no header that includes itself by way of others", function()
    local state, circles = {}, {}
    local function visit(path, way)
      if state[path] == "done" then
        return
      elseif state[path] then
        circles[#circles + 1] = way .. " -> " .. path
        return
      end
      state[path] = "open"
      for _, header in ipairs(includes(path)) do
        visit(header, way .. " -> " .. path)
      end
      state[path] = "done"
    end
    for _, path in ipairs(FILES) do
      if path:find "%.h$" then
        visit(path, "")
      end
    end
    assert.equal("", report(circles))
  end)

  it("declare each public function in the header of its file, with the file's name in front", function()
    local wrong, seen = {}, 0
    for _, path in ipairs(FILES) do
      for _, name in ipairs(path:find "%.c$" and public_functions(path) or {}) do
        seen = seen + 1
        local face = FACES[folder_of(path)]
        local prefix, header = path:match "([^/]+)%.c$", path:gsub("%.c$", ".h")
        if face and name:find("^" .. face.prefix .. "_") then
          prefix, header = face.prefix, face.header
        end
        prefix = EXCEPTIONS[path] or prefix
        header = DECLARED_ELSEWHERE[name] or header
        if not UNDECLARED[name] then
          if name ~= prefix and name:sub(1, #prefix + 1) ~= prefix .. "_" then
            wrong[#wrong + 1] = name .. " of " .. path .. " does not begin with " .. prefix .. "_"
          end
          if not CODE[header] or not CODE[header]:find("%f[%w_]" .. name .. "%(") then
            wrong[#wrong + 1] = name .. " of " .. path .. " is not declared in " .. header
          end
        end
      end
    end
    assert.equal("", report(wrong))
    assert.is_true(seen > 150)
  end)

  it("call functions of their own folder and of lower floors", function()
    local folder, wrong, calls = {}, {}, 0
    for _, path in ipairs(FILES) do
      for _, name in ipairs(path:find "%.c$" and public_functions(path) or {}) do
        assert.equal(folder[name] or folder_of(path), folder_of(path), name .. " is defined twice")
        folder[name] = folder_of(path)
      end
    end
    for _, path in ipairs(FILES) do
      for name in CODE[path]:gmatch "[%a_][%w_]*" do
        if folder[name] then
          calls = calls + 1
          if not may_use(folder_of(path), folder[name]) then
            wrong[#wrong + 1] = path .. " uses " .. name
          end
        end
      end
    end
    assert.equal("", report(wrong))
    assert.is_true(calls > 1000)
  end)

  it("include a header of Lua in the binding alone", function()
    local wrong, found = {}, 0
    for _, path in ipairs(FILES) do
      if TEXT[path]:find "#include <l[ua][^>]*>" and TEXT[path]:find "#include <lua[^>]*>" then
        found = found + 1
        if not path:find "^src/lua/" and not path:find "^src/read/" and not path:find "^src/numeric/lua_" then
          wrong[#wrong + 1] = path
        end
      end
    end
    assert.equal("", report(wrong))
    assert.is_true(found > 0)
  end)

  it("have files of at most " .. LINES .. " lines of at most " .. COLUMNS .. " characters", function()
    local long = {}
    for _, path in ipairs(FILES) do
      local n = 0
      for line in TEXT[path]:gmatch "[^\n]*\n" do
        n = n + 1
        if utf8.len(line) > COLUMNS + 1 then
          long[#long + 1] = string.format("%s:%d", path, n)
        end
      end
      if n > LINES then
        long[#long + 1] = path
      end
    end
    assert.equal("", report(long))
  end)
end)

describe("the engine's constants in Lua", function()
  local core = require "nabla.core"
  local constants = core.constants

  it("number the kinds of symbols as the engine does", function()
    local store = core.new()
    local one = store:dim(1)
    assert.equal(one, constants.one)
    for _, kind in ipairs { "scalar", "vector", "matrix", "dimension", "counter" } do
      assert.equal(kind, store:kind(store:symbol("x", constants.kinds[kind], 0, one, one)))
    end
    for _, kind in ipairs { "number", "constant", "variable", "function", "operator" } do
      assert.equal(kind, store:kind(store:variable("x", constants.kinds[kind], 0, one, one)))
    end
    store:close()
  end)

  it("number the flags of nodes as the engine does", function()
    local store = core.new()
    local one, flags = store:dim(1), constants.node_flags
    local x = store:symbol("x", constants.kinds.scalar, 0, one, one)
    local y = store:symbol("y", constants.kinds.scalar, 1, one, one)
    assert.equal(0, store:flags(x))
    assert.equal(flags.attribute, store:flags(y))
    assert.equal(flags.attribute + flags.sum, store:flags(store:sum { x, y }))
    assert.equal(flags.hole, store:flags(store:hole("x", one, one)))
    assert.equal(flags.diff, store:flags(store:diffnode(x)))
    assert.equal(flags.counter, store:flags(store:symbol("i", constants.kinds.counter, 0, one, one)))
    assert.equal(flags.variable, store:flags(store:variable("X", constants.kinds.matrix, 0, one, one)))
    store:close()
  end)

  it("name every status, predicate and flag of operators", function()
    local statuses = { "ok", "memory", "shape", "domain", "rule", "budget", "interrupt", "limit", "usage" }
    assert.same(statuses, constants.statuses)
    assert.equal(
      "== != < <= > >= constant zero number integer symbol scalar square commutes natural free",
      table.concat(constants.predicates, " ")
    )
    for i, name in ipairs(constants.operator_flag_names) do
      assert.equal(1 << (i - 1), constants.operator_flags[name])
    end
  end)

  it("limit rules and operators as the engine does", function()
    local store = core.new()
    local one = store:dim(1)
    assert.has_no.errors(function()
      store:variable("X", 0, constants.variables - 1, one, one)
    end)
    assert.has_error(function()
      store:variable("X", 0, constants.variables, one, one)
    end, "a rule has at most " .. constants.variables .. " variables")
    store:close()
  end)
end)
