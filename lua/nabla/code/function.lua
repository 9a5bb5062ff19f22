--- Functions in languages whose text is built from lines: signature, comment, checks, statements, results, and the helper functions
-- that they need.
--
-- A target adds to what nabla.code.statements asks for: `comment` (what begins a line of comment), `open(f, parameters)` and
-- `close(f, w)` (lists of lines), `entry(f)` (the lines that convert and check the inputs), `helpers` (name -> source text).
--
-- @module nabla.code.function

local statements = require "nabla.code.statements"

local M = {}

--- The text of functions, and of the helpers that they need.
-- @tparam table target
-- @tparam {table,...} functions as nabla.code makes them
-- @treturn string the functions
-- @treturn string the helpers, each preceded by an empty line
function M.write(target, functions)
  local texts, helpers, known = {}, {}, {}
  for _, f in ipairs(functions) do
    local out = {}
    local comments = {}
    for i, line in ipairs(statements.description(f)) do
      comments[i] = target.indent_comment .. (line == "" and target.comment:gsub("%s+$", "") or target.comment .. line)
    end
    local opening = target.open(f, statements.parameters(f))
    if not target.comment_inside then
      table.move(comments, 1, #comments, 1, out)
    end
    table.move(opening, 1, #opening, #out + 1, out)
    if target.comment_inside then
      table.move(comments, 1, #comments, #out + 1, out)
    end
    local entry = target.entry(f)
    table.move(entry, 1, #entry, #out + 1, out)
    local w = statements.write(target, f, f.scope, out)
    local closing = target.close(f, w)
    table.move(closing, 1, #closing, #out + 1, out)
    texts[#texts + 1] = table.concat(out, "\n") .. "\n"
    for _, name in ipairs(w.helpers) do
      if not known[name] then
        known[name] = true
        helpers[#helpers + 1] = "\n" .. target.helpers[name]
      end
    end
  end
  return table.concat(texts, "\n"), table.concat(helpers)
end

return M
