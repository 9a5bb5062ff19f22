--- The statements of a function: names for its terms, a line for each that has one, loops for counted sums.
--
-- A target says how a statement is written: `assign(name, text, term)`, `zero(writer, term)` (what a counted sum begins with),
-- `loop(counter, first, last)` and `loop_end`, `indent`.
--
-- @module nabla.code.statements

local plan = require "nabla.code.plan"
local writer = require "nabla.code.writer"

local M = {}

local COUNTERS = { "i", "j", "k", "l" }

local function temporary(number)
  return "t" .. number
end

-- Names for the terms of a block: t1, t2, .., which are no letters.
local function name_terms(block, names, taken, state)
  for _, s in ipairs(block) do
    if s.loop then
      local counter = state.graph.list[s[1].counter]
      local name = "counter" .. counter.number
      for _, letter in ipairs(COUNTERS) do
        if taken:is_free(letter) then
          name = letter
          break
        end
      end
      taken:take(name)
      names[counter] = name
      name_terms(s.loop, names, taken, state)
      taken:release(name)
    end
    if not names[s[1]] then
      local name
      repeat
        state.number = state.number + 1
        name = state.temporary(state.number)
      until taken:is_free(name)
      names[s[1]] = name
    end
  end
end

local function write_block(w, block, names, indent, out)
  local target = w.target
  for _, s in ipairs(block) do
    local t = s[1]
    if s.loop then
      local counter = names[w.graph.list[t.counter]]
      out[#out + 1] = indent .. target.assign(names[t], target.zero(w, t), t, true)
      out[#out + 1] = indent .. target.loop(counter, w:at(t.args[1]), w:at(t.args[2], writer.SUM), w, t)
      local inner = indent .. target.indent
      write_block(w, s.loop, names, inner, out)
      out[#out + 1] = inner .. target.add(names[t], w:at(s.body, writer.SUM + 1), t)
      if target.loop_end then
        out[#out + 1] = indent .. target.loop_end
      end
    else
      out[#out + 1] = indent .. target.assign(names[t], (w:expression(t)), t)
    end
  end
end

--- The statements that compute the results of a function.
-- @tparam table target
-- @tparam table f a function (nabla.code)
-- @tparam table taken the names that are not free (nabla.code.naming)
-- @tparam {string,...} out the lines, to which these are added
-- @treturn table the writer that knows the names
function M.write(target, f, taken, out)
  local names = {}
  for _, input in ipairs(f.inputs) do
    names[input.term] = input.text
  end
  local block = plan.block(f.roots, target.is_named)
  local wanted = target.writes_outputs and f.outputs or f.results
  for i, t in ipairs(f.roots) do -- a result that is computed for itself has its own name
    local name = wanted[i]
    if not target.unnamed_results and not plan.is_cheap(t) and not names[t] and taken:is_free(name) then
      names[t] = taken:take(name)
    end
  end
  name_terms(block, names, taken, { number = 0, graph = f.graph, temporary = target.temporary or temporary })
  local w = writer.new(target, names)
  w.graph = f.graph
  w.order, w.term_of = {}, {} -- the names of what is computed, in the order of the statements
  for t, name in pairs(names) do
    if t.op ~= "input" then
      w.order[#w.order + 1], w.term_of[name] = name, t
    end
  end
  table.sort(w.order)
  write_block(w, block, names, target.indent, out)
  local written = {}
  for _, s in ipairs(block) do
    written[s[1]] = true
  end
  for i, t in ipairs(f.roots) do
    if names[t] == wanted[i] and not written[t] then
      written[t] = true
      out[#out + 1] = target.indent .. target.assign(names[t], (w:expression(t)), t)
    end
  end
  return w
end

--- The names of the parameters, in order.
function M.parameters(f)
  local list = {}
  for _, input in ipairs(f.inputs) do
    list[#list + 1] = input.text
  end
  for _, names in ipairs { f.functions, f.given_sizes } do
    table.move(names, 1, #names, #list + 1, list)
  end
  return list
end

--- What an input is, in words.
function M.described(input)
  if input.kind == "scalar" then
    return "scalar"
  elseif input.kind == "matrix" then
    return ("matrix, %s x %s"):format(input.rows, input.cols)
  end
  return "vector of length " .. (input.kind == "row" and input.cols or input.rows)
end

--- The lines of a function's description: what it computes and its parameters.
function M.description(f)
  local lines = table.move(f.doc, 1, #f.doc, 1, {})
  lines[#lines + 1] = ""
  for _, input in ipairs(f.inputs) do
    local letter = input.text ~= input.name and (" (the letter %s)"):format(input.name) or ""
    lines[#lines + 1] = input.text .. ": " .. M.described(input) .. letter
  end
  for _, name in ipairs(f.functions) do
    local of = name:match "^D_(.*)$"
    lines[#lines + 1] = name .. ": function" .. (of and (", the derivative of %s in this layout"):format(of) or "")
  end
  for _, name in ipairs(f.given_sizes) do
    lines[#lines + 1] = name .. ": size"
  end
  return lines
end

return M
