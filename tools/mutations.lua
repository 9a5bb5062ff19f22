-- How many mistakes does `nabla check` catch? Makes mutations of nabla's own rule files (a sign, a transpose, a factor, an operand or a
-- condition each; the same ones in each run), checks each, and lists those that are not caught.
--
--     lua5.4 tools/mutations.lua [HOW MANY] [SEED] [FOLDER]
--
-- FOLDER is rules, or one of users' files such as examples/courses. There a mutation is caught as well if an answer of the page
-- beside the file changes.
--
-- A mutation is caught if the file is refused when it is read, or if a statement fails. The mutated statement is checked
-- first; if it passes, all of the rule files are.

package.path = "./lua/?.lua;./lua/?/init.lua;./?.lua;" .. package.path
package.cpath = "./build/?.so;" .. package.cpath

local check = require "nabla.check"
local courses = require "spec.support.courses"
local disk = require "spec.support.files"
local instances = require "nabla.compare.random_matrix"
local nabla = require "nabla"
local paths = require "nabla.rules.paths"
local statements = require "nabla.rules.statements"

local many, seed, folder = tonumber(arg[1]) or 200, arg[2] or "mutations", arg[3] or "rules"
local are_own = folder == "rules"
local random = instances.random(seed)

local read, write = disk.read, disk.write

-- The text with strings and comments blanked.
local function masked(text)
  local function blank(s)
    return (s:gsub("[^\n]", "\1"))
  end
  return (text:gsub('"[^"\n]*"', blank):gsub("#[^\n]*", blank))
end

-- ---------------------------------------------------------------------------------------------- the statements

local copies = os.tmpname()
os.remove(copies)
os.execute(string.format("mkdir -p '%s' && cp -r '%s/.' '%s'", copies, folder, copies))
if are_own then
  paths.is_own = function() -- the copies have the evaluators of the originals
    return true
  end
end

local files, pool = {}, {}
for path in io.popen("cd '" .. copies .. "' && find . -name '*.rules' | sort"):lines() do
  files[#files + 1] = path:gsub("^%./", "")
end

local taken = { use = true, default = true, table = true, let = true, without = true }
for _, file in ipairs(files) do
  local text = read(folder .. "/" .. file)
  local list = assert(statements.parse(text, { file = file }))
  local known = {}
  for i, st in ipairs(list) do
    if st.kind == "let" then
      for _, d in ipairs(st.decls) do
        known[#known + 1] = d.name
      end
    end
    if not taken[st.kind] then
      local stop = list[i + 1] and list[i + 1].pos - 1 or #text
      pool[#pool + 1] =
        { file = file, st = st, from = st.pos, to = stop, text = text, names = { table.unpack(known) } }
    end
  end
end

-- ---------------------------------------------------------------------------------------------- mutations

-- All places of a pattern in a masked text.
local function places(mask, pattern)
  local list, at = {}, 1
  while true do
    local s, e, capture = mask:find(pattern, at)
    if not s then
      return list
    end
    list[#list + 1] = { s, e, capture }
    at = s + 1
  end
end

local function replaced(text, s, e, new)
  return text:sub(1, s - 1) .. new .. text:sub(e + 1)
end

local mutate = {}

function mutate.sign(text, mask)
  local found = {}
  for _, p in ipairs(places(mask, "[+-]")) do
    if mask:sub(p[1], p[1] + 1) ~= "->" then
      found[#found + 1] = p
    end
  end
  local p = #found > 0 and random:pick(found)
  return p and replaced(text, p[1], p[1], mask:sub(p[1], p[1]) == "+" and "-" or "+")
end

function mutate.transpose(text, mask)
  local marks = places(mask, "'")
  if #marks > 0 and random:unit() < 0.6 then
    local p = random:pick(marks)
    return replaced(text, p[1], p[1], "")
  end
  local ends = {}
  for _, p in ipairs(places(mask, "%f[%a]%u%f[^%w_]")) do
    if mask:sub(p[2] + 1, p[2] + 1) ~= "(" and mask:sub(p[2] + 1, p[2] + 1) ~= "'" then
      ends[#ends + 1] = p
    end
  end
  local p = #ends > 0 and random:pick(ends)
  return p and replaced(text, p[2] + 1, p[2], "'")
end

function mutate.factor(text, mask)
  local numbers = places(mask, "%f[%w_]%d+%f[^%w_]")
  if #numbers > 0 and random:unit() < 0.5 then
    local p = random:pick(numbers)
    return replaced(text, p[1], p[2], tostring(math.tointeger(tonumber(mask:sub(p[1], p[2]))) + 1))
  end
  local starts = places(mask, "%->%s*()")
  for _, pattern in ipairs { "derivative%s+()", "gives%s+()", "==%s*()", "nominator%s+()", "numerator%s+()" } do
    for _, p in ipairs(places(mask, pattern)) do
      starts[#starts + 1] = p
    end
  end
  local p = #starts > 0 and random:pick(starts)
  return p and replaced(text, p[3], p[3] - 1, "2*")
end

function mutate.operand(text, mask, entry)
  local known = {}
  for _, name in ipairs(entry.names) do
    known[name] = true
  end
  local found = {}
  for _, p in ipairs(places(mask, "%f[%w_][%a_][%w_]*%f[^%w_]")) do
    if known[mask:sub(p[1], p[2])] then
      found[#found + 1] = p
    end
  end
  if #found == 0 then
    return nil
  end
  local p = random:pick(found)
  local old = mask:sub(p[1], p[2])
  local others = {}
  for name in pairs(known) do
    if name ~= old then
      others[#others + 1] = name
    end
  end
  table.sort(others)
  return #others > 0 and replaced(text, p[1], p[2], random:pick(others))
end

function mutate.condition(text, mask)
  local s, e = mask:find "%f[%w]if%f[%W]%s*"
  if not s then
    return nil
  end
  local stop = #mask
  for _, word in ipairs { "\n", "priority", "terminating", "cite", "note" } do
    local at = mask:find(word, e + 1, true)
    stop = at and math.min(stop, at - 1) or stop
  end
  local conditions, depth, from = {}, 0, e + 1
  for i = e + 1, stop + 1 do
    local c = mask:sub(i, i)
    depth = depth + (c == "(" and 1 or c == ")" and -1 or 0)
    if i == stop + 1 or c == "," and depth == 0 then
      conditions[#conditions + 1] = text:sub(from, i - 1)
      from = i + 1
    end
  end
  table.remove(conditions, random:integer(1, #conditions))
  local rest = #conditions > 0 and "if " .. table.concat(conditions, ",") or ""
  return replaced(text, s, stop, rest)
end

local KINDS = { "sign", "transpose", "factor", "operand", "condition" }

-- ---------------------------------------------------------------------------------------------- checking one

local original = are_own and assert(check.new(copies .. "/default.rules"))

-- A session that has read the mutated file, or nil and why it is refused.
local function reader(file)
  local rules = { copies .. "/default.rules" }
  if file:find "^identities/" then
    rules[2] = copies .. "/" .. file
  end
  local session, err = nabla.new { default_rules = false, rules = rules }
  return session, not session and tostring(err):match "[^\n]*" or nil
end

local function failure(session, results, err)
  if not results then
    return tostring(err)
  end
  for _, r in ipairs(results) do
    check.settle(session, r)
    if r.verdict == "failed" then
      return string.format("%s:%d: %s", r.file, r.line, r.detail)
    end
  end
end

-- Why a mutation of a user's file is caught, or nil: by the command, or by the page of a course.
local function caught_in_course(entry)
  local path = copies .. "/" .. entry.file
  local pipe = assert(io.popen(("bin/nabla check '%s' 2>&1"):format(path)))
  local report = pipe:read "a"
  if not pipe:close() or report:find "warning:" then
    return report:find "%d proved" and "failed" or "refused", report:match "[^\n]*"
  end
  local name = entry.file:gsub("%.rules$", "")
  for _, request in ipairs(disk.exists(courses.path_of_page(name)) and courses.page(name) or {}) do
    local session = assert(nabla.new { rules = path })
    local found, answer = pcall(courses.answer, session, request)
    if not found or courses.written(request, answer) ~= request.answer then
      return "failed elsewhere", request.text
    end
  end
end

-- Why a mutation is caught, or nil.
local function caught(entry, text)
  if not are_own then
    return caught_in_course(entry)
  end
  local session, why = reader(entry.file)
  if not session then
    return "refused", why
  end
  why = failure(session, original:text(text, entry.file, { [entry.st.line] = true }))
  if why then
    return "failed", why
  end
  local checker, err = check.new(copies .. "/default.rules")
  if not checker then
    return "refused", tostring(err)
  end
  for _, file in ipairs(files) do
    why = failure(session, checker:text(read(copies .. "/" .. file), file))
    if why then
      return "failed elsewhere", why
    end
  end
end

local counts, missed, done, seen = {}, {}, 0, {}
while done < many do
  local entry = random:pick(pool)
  local kind = random:pick(KINDS)
  local own = entry.text:sub(entry.from, entry.to)
  local new = mutate[kind](own, masked(own), entry)
  if new and new ~= own and not seen[new] then
    seen[new] = true
    done = done + 1
    local text = entry.text:sub(1, entry.from - 1) .. new .. entry.text:sub(entry.to + 1)
    write(copies .. "/" .. entry.file, text)
    local how, why = caught(entry, text)
    write(copies .. "/" .. entry.file, entry.text)
    counts[how or "missed"] = (counts[how or "missed"] or 0) + 1
    if not how then
      missed[#missed + 1] = string.format(
        "%s:%d %s\n    %s\n    %s",
        entry.file,
        entry.st.line,
        kind,
        own:gsub("%s*$", ""),
        new:gsub("%s*$", "")
      )
    end
    if os.getenv "NABLA_VERBOSE" then
      print(how, kind, entry.file, entry.st.line, why)
    end
  end
end
os.execute("rm -r '" .. copies .. "'")

for _, text in ipairs(missed) do
  print("not caught: " .. text)
end
print(
  string.format(
    "%d mutations: %d refused when read, %d caught by the statement itself, %d by another one, %d not caught",
    many,
    counts.refused or 0,
    counts.failed or 0,
    counts["failed elsewhere"] or 0,
    counts.missed or 0
  )
)
