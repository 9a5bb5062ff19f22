--- Graphs as text for Graphviz, and as SVG where Graphviz is installed.
--
-- @module nabla.print.graph

local M = {}

local FONTS = '  %s [fontname="DejaVu Sans, Helvetica, sans-serif"]' -- with superscripts

local ESCAPED = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "" }

local function quoted(text)
  return '"' .. text:gsub('["\\\r\n]', ESCAPED) .. '"'
end

-- Attributes in the order of their names, so that equal graphs have equal texts.
local function attributes(list)
  local names, parts = {}, {}
  for name in pairs(list) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = name .. "=" .. quoted(list[name])
  end
  return #parts > 0 and " [" .. table.concat(parts, ", ") .. "]" or ""
end

--- A graph in the language DOT.
-- @tparam table graph `vertices`, a list of tables of attributes (label, shape, tooltip); `edges`, a list of tables with the
-- numbers of two vertices and attributes by name; `settings`, lines of DOT
-- @treturn string
function M.dot(graph)
  local lines = { "digraph {", FONTS:format "node", FONTS:format "edge" }
  for _, line in ipairs(graph.settings or {}) do
    lines[#lines + 1] = "  " .. line
  end
  for i, vertex in ipairs(graph.vertices) do
    lines[#lines + 1] = ("  v%d%s"):format(i, attributes(vertex))
  end
  for _, edge in ipairs(graph.edges) do
    local named = {}
    for key, value in pairs(edge) do
      named[key] = type(key) == "string" and value or nil
    end
    lines[#lines + 1] = ("  v%d -> v%d%s"):format(edge[1], edge[2], attributes(named))
  end
  lines[#lines + 1] = "}"
  return table.concat(lines, "\n")
end

-- What Graphviz makes of a file.
local function drawn(path)
  if not io.popen then
    return nil
  end
  local started, pipe = pcall(io.popen, ("dot -Tsvg '%s' 2>/dev/null"):format(path:gsub("'", "'\\''")))
  if not started or not pipe then
    return nil
  end
  local svg = pipe:read "a"
  return pipe:close() and svg:find "<svg" and svg or nil
end

--- A text in DOT as SVG.
-- @treturn string|nil SVG, or nil and a table with `message`
function M.svg(dot)
  local path = os.tmpname()
  local file, why = io.open(path, "w")
  if not file then
    return nil, { message = "cannot write a file for Graphviz: " .. tostring(why) }
  end
  file:write(dot, "\n")
  file:close()
  local svg = drawn(path)
  os.remove(path)
  if not svg then
    return nil, { message = "no picture: Graphviz (the program dot) does not run here; install it, or ask for DOT" }
  end
  return (svg:gsub("%s+$", ""))
end

return M
