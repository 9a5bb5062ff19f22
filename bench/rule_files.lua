-- Rule files of a user: 1,000 and 10,000 statements, read for the first time and from their image, and how the time grows; rules on one
-- operator applied; a table printed; functions proved. The floor of reading is Lua reading a table of as many rows.

local measure = require "bench.measure"

local FEW, MANY = 1000, 10000

-- Kinds of files: a head, and a statement for each number.
local KINDS = {
  {
    "identities",
    'table "big"\nlet matrix A(n,n), vector x(n)\n',
    'identity "number %d"\n  D(x\'*A*x + %d*x\'*x, x)\n    denominator  (A + A\')*x + 2*%d*x\n',
  },
  { "functions", "", "function f%d(s) elementwise = exp(%d*s) + s^2\n  derivative %d*exp(%d*s) + 2*s\n" },
  {
    "rules on one operator",
    "operator it(s, t): scalar\nlet scalar s, scalar t\n",
    'rule "number %d"  it(%d, s) -> s + %d\n',
  },
  {
    "rules on products",
    "operator mark(s): scalar\nlet scalar s, scalar t\n",
    'rule "number %d"  sin(s)^(%d+2)*cos(t)^(%d+2)*mark(s) -> mark(%d*t)\n',
  },
}

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function rule_file(path, kind, count)
  local parts = { kind[2] }
  for i = 1, count do
    parts[i + 1] = kind[3]:gsub("%%d", tostring(i))
  end
  write(path, table.concat(parts))
end

-- A file of Lua that makes a table with a row for each statement.
local function floor_file(path, count)
  local parts = { "return {" }
  for i = 1, count do
    local form = '{ name = "number %d", left = { "product", { "sin", "s" }, %d }, right = { "mark", %d } },'
    parts[i + 1] = form:format(i, i, i)
  end
  write(path, table.concat(parts, "\n") .. "}")
end

-- Seconds that a program prints, in a process that has just begun; `cache` is the user's cache.
local function seconds(cache, program)
  local pipe = assert(io.popen(("XDG_CACHE_HOME='%s' lua5.4 -e '%s'"):format(cache, program)))
  local value = pipe:read "n"
  pipe:close()
  return value
end

local NEW = 'local nabla = require "nabla" local t = os.clock() local s = assert(nabla.new { rules = "%s" }) '
local PRINT = "print(os.clock() - t)"

return function(report)
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute(("mkdir -p '%s/cache'"):format(folder)))
  local path, cache = folder .. "/user.rules", folder .. "/cache"
  seconds(cache, 'require("nabla").new {} print(0)')
  for _, kind in ipairs(KINDS) do
    local last
    for _, count in ipairs { FEW, MANY } do
      rule_file(path, kind, count)
      floor_file(folder .. "/floor.lua", count)
      local floor = seconds(cache, ('local t = os.clock() dofile "%s/floor.lua" '):format(folder) .. PRINT)
      local first = seconds(cache, NEW:format(path) .. PRINT)
      local again = seconds(cache, NEW:format(path) .. PRINT)
      local peers = { { "floor: Lua, a table of as many rows", floor } }
      local growth = last and math.log(first / last, MANY / FEW)
      report {
        what = ("%d %s, the first time"):format(count, kind[1]),
        value = first,
        target = count == MANY and 3 or nil,
        peers = peers,
      }
      report {
        what = ("%d %s, from their image"):format(count, kind[1]),
        value = again,
        target = count == MANY and 0.3 or 30e-3,
        peers = peers,
      }
      if growth then
        report { what = kind[1] .. ": exponent of the first time", value = growth, unit = "exponent", target = 1.2 }
      end
      last = first
    end
  end
  rule_file(path, KINDS[1], FEW)
  report {
    what = "a table of 1000 rows as text",
    value = seconds(cache, NEW:format(path) .. 't = os.clock() assert(s:table("big")) ' .. PRINT),
    target = 2,
  }
  rule_file(path, KINDS[2], FEW)
  local function process(line)
    return measure.process(("XDG_CACHE_HOME='%s' %s"):format(cache, line), 1, 1)
  end
  report {
    what = "nabla check of 1000 functions, whole process",
    value = process("bin/nabla check " .. path),
    target = 5,
    peers = { { "floor: Lua, nothing to do", process "lua5.4 -e ''" } },
  }
  report { what = "nabla check rules/, whole process", value = process "bin/nabla check rules/", target = 8 }
  os.execute(("rm -r '%s'"):format(folder))
end
