--- Functions in languages whose text is built from lines: signature, comment, checks, statements, results, and the helper functions
-- that they need.
--
-- A target adds to what nabla.code.statements asks for: `comment` (what begins a line of comment), `open(f, parameters)` and
-- `close(f, w)` (lists of lines), `entry(f, need)` (the lines that convert and check the inputs; need(name) asks for a helper),
-- `helpers` (name -> source text), and may have `needs` (name of a helper -> list of the helpers that it calls),
-- `declarations(f, w)` (lines before those of `entry`, for languages that declare variables first), and `check(f, check, need)`
-- (the lines of the comparison with finite differences).
--
-- @module nabla.code.function

local statements = require "nabla.code.statements"

local M = {}

-- Lines of a list, after those of another.
local function append(out, lines)
  table.move(lines, 1, #lines, #out + 1, out)
end

local function comments_of(target, f)
  local comments = {}
  for i, line in ipairs(statements.description(f)) do
    comments[i] = target.indent_comment .. (line == "" and target.comment:gsub("%s+$", "") or target.comment .. line)
  end
  return comments
end

-- The sizes that a text, or the check of a shape, uses outside quotes.
local function used_sizes(f, text)
  for _, c in ipairs(f.checks) do
    text = text .. "\n" .. c.size
  end
  text = text:gsub('"[^"\n]*"', ""):gsub("'[^'\n]*expected'", "")
  local words, used = {}, {}
  for word in text:gmatch "[%a_\128-\255][%w_\128-\255]*" do
    words[word] = true
  end
  for _, s in ipairs(f.sizes) do
    used[#used + 1] = words[s.name] and s or nil
  end
  return used
end

local function function_text(target, f, need)
  local out, body = {}, {}
  local w = statements.write(target, f, f.scope, body)
  append(body, target.close(f, w))
  for _, name in ipairs(w.helpers) do
    need(name)
  end
  f.sizes = used_sizes(f, table.concat(body, "\n"))
  local opening = target.open(f, statements.parameters(f))
  append(out, target.comment_inside and opening or comments_of(target, f))
  append(out, target.comment_inside and comments_of(target, f) or opening)
  append(out, target.declarations and target.declarations(f, w) or {})
  append(out, target.entry(f, need))
  append(out, body)
  return table.concat(out, "\n") .. "\n"
end

--- The text of functions, and of the helpers that they need.
-- @tparam table target
-- @tparam {table,...} functions as nabla.code makes them
-- @tparam[opt] table check see nabla.code
-- @treturn string the functions
-- @treturn string the helpers, each preceded by an empty line
function M.write(target, functions, check)
  local texts, helpers, known = {}, {}, {}
  local function need(name)
    if known[name] then
      return
    end
    known[name] = true
    for _, other in ipairs(target.needs and target.needs[name] or {}) do
      need(other)
    end
    helpers[#helpers + 1] = "\n" .. target.helpers[name]
  end
  for _, f in ipairs(functions) do
    texts[#texts + 1] = function_text(target, f, need)
  end
  if check then
    texts[#texts + 1] = table.concat(target.check(functions[1], check, need), "\n") .. "\n"
  end
  return table.concat(texts, "\n"), table.concat(helpers)
end

return M
