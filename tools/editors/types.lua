-- Types of the Lua API for editors (LuaCATS, which lua-language-server reads), made from the doc comments:
--
--     lua5.4 tools/editors/types.lua > nabla.lua

local M = {}

-- Where the public functions are: file, the table that a function is put into, its class. `drop`: parameters that a caller does not
-- write; `lead`: a parameter before the others.
local NODE, SESSION, EXPRESSION = "nabla.Node", "nabla.Session", "nabla.Node|string|number"
local SOURCES = {
  { "init", "M", "nabla" },
  { "session/init", "Session", SESSION },
  { "session/differentiate", "M", SESSION },
  { "session/evaluate", "M", SESSION },
  { "session/print", "M", SESSION },
  { "session/derive", "M", SESSION },
  { "session/taylor", "M", SESSION },
  { "session/convexity", "M", SESSION },
  { "session/code", "M", SESSION },
  { "session/equations", "M", SESSION },
  { "session/naming", "M.of_sessions", SESSION },
  { "session/rewriting", "M.of_sessions", SESSION },
  { "session/node", "methods", NODE, drop = 1 },
  { "session/picture", "of_nodes", NODE, drop = 1 },
  { "session/expressions", "operations", NODE, drop = 3 },
  { "session/naming", "operations", NODE, drop = 3 },
  { "session/rewriting", "operations", NODE, drop = 3 },
  { "session/expressions", "operations", SESSION, drop = 3, lead = "f" },
  { "session/rewriting", "operations", SESSION, drop = 3, lead = "f" },
  { "session/equation", "methods", "nabla.Equation" },
  { "session/solutions", "Solutions", "nabla.Solutions" },
  { "derive/lines", "Derivation", "nabla.Derivation" },
}

-- What the doc comments do not state.
local CLASSES = {
  { "nabla.Node", { "op string", "name string?", "T nabla.Node", "rows string", "cols string", "shape string[]" },
    operators = true },
  { "nabla.Session", { "layout string", "convention string", "notation string" } },
  { "nabla.Equation", { "left nabla.Node", "right nabla.Node", "T nabla.Equation", "needs any[]" } },
  { "nabla.Solutions", { "[integer] nabla.Equation", "values table<string, nabla.Node>", "conditions any[]" } },
  { "nabla.Derivation", { "[integer] nabla.Line", "answer nabla.Node" } },
  { "nabla.Line", { "kind string", "rule string", "cite string?", "zh string?" } },
  { "nabla.Error", { "message string", "line integer?", "column integer?", "hint string?", "file string?" } },
  { "nabla", { "version string", "_VERSION string" } },
}

local NAMED = { f = EXPRESSION, x = EXPRESSION, y = EXPRESSION } -- parameters whose type the comment leaves open

-- A type of LDoc as one of LuaCATS.
local function type_of(text)
  local element = text:match "^{%s*([%w_.|]+)%s*,%s*%.%.%.%s*}$"
  if element then
    return type_of(element) .. "[]"
  elseif text:match "^[%a][%w_.|]*$" then
    local whole = text:gsub("%f[%w]int%f[^%w]", "integer"):gsub("%f[%w]bool%f[^%w]", "boolean")
    return whole
  end
  return "table"
end

-- Types of the parameters by name, results, and the description, of the lines of a doc comment.
local function parsed(comment)
  local doc = { params = {}, returns = {}, text = {} }
  local last
  for _, line in ipairs(comment) do
    local tag, rest = line:match "^@(%w+)(.*)$"
    if tag == "tparam" then
      local flags, typ, name, about = rest:match "^(%[?[%w=_.]*%]?)%s+(%b{})%s+([%w_.]+)%s*(.*)$"
      if not typ then
        flags, typ, name, about = rest:match "^(%[?[^%]%s]*%]?)%s+(%S+)%s+([%w_.]+)%s*(.*)$"
      end
      if name then
        last = { type = type_of(typ), optional = flags:find "opt" ~= nil, text = about }
        doc.params[name] = last
      end
    elseif tag == "param" then
      local flags, name, about = rest:match "^(%[?[^%]%s]*%]?)%s+([%w_.]+)%s*(.*)$"
      if name then
        last = { optional = flags:find "opt" ~= nil, text = about }
        doc.params[name] = last
      end
    elseif tag == "treturn" or tag == "return" then
      local typ, about = rest:match "^%s+(%b{})%s*(.*)$"
      if tag == "return" then
        about = rest:match "^%s*(.*)$"
      elseif not typ then
        typ, about = rest:gsub("^%[opt%]", ""):match "^%s+(%S+)%s*(.*)$"
      end
      last = { type = tag == "treturn" and typ and type_of(typ:gsub("[;,]$", "")) or "any", text = about or "" }
      doc.returns[#doc.returns + 1] = last
    elseif tag then
      last = nil
    elseif last then
      last.text = last.text .. " " .. line
    else
      doc.text[#doc.text + 1] = line
    end
  end
  return doc
end

-- The documented functions of a file that are put into a table: { name, params, doc }.
local function functions(path, owner)
  local list, comment = {}, nil
  local escaped = owner:gsub("%p", "%%%0")
  for line in io.lines(path) do
    local first = line:match "^%-%-%-%s?(.*)$"
    local more = line:match "^%-%-%s?(.*)$"
    if first then
      comment = { first }
    elseif more and comment then
      comment[#comment + 1] = more
    elseif comment then
      local sign, name, args = line:match("^function " .. escaped .. "([:.])([%a_][%w_]*)%((.-)%)")
      if not name then
        name, args = line:match("^" .. escaped .. "%.([%a_][%w_]*) = function%((.-)%)")
      end
      local hidden = table.concat(comment, " "):find "For modules of nabla"
      if name and not name:find "^__" and not hidden then
        local params = {}
        for param in args:gmatch "[%w_.]+" do
          params[#params + 1] = param
        end
        list[#list + 1] = { name = name, params = params, doc = parsed(comment), is_method = sign == ":" }
      end
      comment = nil
    end
  end
  return list
end

local function described(list)
  local out = {}
  for _, line in ipairs(list) do
    out[#out + 1] = line == "" and "---" or "--- " .. line
  end
  return out
end

-- The lines of a function.
local function written(f, class, source)
  local out = described(f.doc.text)
  local params = table.move(f.params, 1 + (source.drop or 0), #f.params, 1, {})
  if source.lead then
    table.insert(params, 1, source.lead)
  end
  for _, name in ipairs(params) do
    local known = f.doc.params[name] or { text = "" }
    local optional = (known.optional or name == "opts") and name ~= "..." and "?" or ""
    local typ = known.type or NAMED[name] or "any"
    out[#out + 1] = (("---@param %s%s %s %s"):format(name, optional, typ, known.text):gsub("%s+$", ""))
  end
  for _, result in ipairs(f.doc.returns) do
    out[#out + 1] = (("---@return %s # %s"):format(result.type, result.text):gsub("[%s#]+$", ""))
  end
  local is_method = class ~= "nabla" and (f.is_method or source.drop)
  local name = class:gsub("%.", "_")
  out[#out + 1] = ("function %s%s%s(%s) end"):format(name, is_method and ":" or ".", f.name, table.concat(params, ", "))
  return table.concat(out, "\n")
end

--- The functions of each class, in the order of the sources: { class, name, params, text }.
function M.list()
  local list, seen = {}, {}
  for _, source in ipairs(SOURCES) do
    local path, owner, class = table.unpack(source)
    for _, f in ipairs(functions("lua/nabla/" .. path .. ".lua", owner)) do
      local key = class .. " " .. f.name
      if not seen[key] then
        seen[key] = true
        list[#list + 1] = { class = class, name = f.name, text = written(f, class, source) }
      end
    end
  end
  return list
end

--- The file of types.
function M.text()
  local parts = { "---@meta nabla", "-- Made from the doc comments by tools/editors/types.lua." }
  for _, class in ipairs(CLASSES) do
    local lines = { "---@class " .. class[1] }
    for _, field in ipairs(class[2]) do
      lines[#lines + 1] = "---@field " .. field
    end
    for _, operator in ipairs(class.operators and { "add", "sub", "mul", "div", "pow" } or {}) do
      lines[#lines + 1] = ("---@operator %s(%s): nabla.Node"):format(operator, EXPRESSION)
    end
    lines[#lines + 1] = class.operators and "---@operator unm: nabla.Node" or nil
    lines[#lines + 1] = ("local %s = {}"):format((class[1]:gsub("%.", "_")))
    parts[#parts + 1] = table.concat(lines, "\n")
  end
  for _, f in ipairs(M.list()) do
    parts[#parts + 1] = f.text
  end
  parts[#parts + 1] = "--- A new session; an error gives nil and what is wrong.\n---@param opts? table\n"
    .. "---@return nabla.Session|nil\n---@return nabla.Error|nil\nfunction nabla.new(opts) end"
  parts[#parts + 1] = "return nabla"
  return table.concat(parts, "\n\n") .. "\n"
end

if arg and arg[0] and arg[0]:find "types%.lua$" then
  io.write(M.text())
end

return M
