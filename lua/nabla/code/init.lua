--- Export of code: an expression, its derivative and its second derivatives as functions in a programming language.
--
-- Each part that is shared is computed once, an inverse in a product is a solution of a linear system, and the shapes are checked at
-- entry. A target (nabla.code.targets.NAME) is a table of templates and a function that writes a module.
--
-- @module nabla.code

local complex = require "nabla.language.complex"
local lower = require "nabla.code.lower"
local naming = require "nabla.code.naming"
local spelling = require "nabla.text.spelling"
local terms = require "nabla.code.terms"

local M = {}

--- The languages: name -> module, title.
M.targets = {
  numpy = "nabla.code.targets.numpy",
  torch = "nabla.code.targets.torch",
  jax = "nabla.code.targets.jax",
  cpp = "nabla.code.targets.cpp",
  julia = "nabla.code.targets.julia",
  octave = "nabla.code.targets.octave",
  r = "nabla.code.targets.r",
  c = "nabla.code.targets.c",
  fortran = "nabla.code.targets.fortran",
  typst = "nabla.code.targets.typst",
  mathml = "nabla.code.targets.mathml",
  lua = "nabla.code.targets.lua",
  matlab = "nabla.code.targets.octave",
}

--- What is wrong with the name of a language that there is not.
function M.unknown(name)
  local names = spelling.names(M.targets)
  local nearest = type(name) == "string" and spelling.nearest(name, names)
  return ("unknown language '%s'%s; known: %s"):format(
    tostring(name),
    nearest and ", did you mean " .. nearest .. "?" or "",
    table.concat(names, ", ")
  )
end

-- What the operators of the functions need: does a target write one?
local function knows(target)
  return function(name)
    return target.operators[name] and true or false
  end
end

-- How the sizes follow from the inputs: each from the first input whose size it is; all other places are checked.
local function find_sizes(f, needed)
  f.sizes, f.checks, f.given_sizes = {}, {}, {}
  local known = {}
  for _, input in ipairs(f.inputs) do
    for axis, size in ipairs(input.kind == "scalar" and {} or { input.rows, input.cols }) do
      local plain = size:find "^[%a_\128-\255][%w_\128-\255]*$"
      if plain and not known[size] then
        known[size] = true
        table.insert(f.sizes, { name = size, input = input, axis = axis - 1 })
      elseif size ~= "1" or input.kind == "matrix" then
        table.insert(f.checks, { input = input, axis = axis - 1, size = size })
      end
    end
  end
  for size in pairs(needed) do
    if not known[size] then
      table.insert(f.given_sizes, size)
    end
  end
  table.sort(f.given_sizes)
end

-- The nodes of a part: each function has the parameters of the first.
local function nodes_of(part, first)
  local nodes = table.move(part.nodes, 1, #part.nodes, 1, {})
  return first == part and nodes or table.move(first.nodes, 1, #first.nodes, #nodes + 1, nodes)
end

-- The names of letters, sizes and unknown functions in the target, the same in all functions of a module: the scope, and tables.
local function name_all(session, target, language, parts, place)
  local lists = { letters = {}, functions = {}, sizes = {} }
  local known = { letters = {}, functions = {}, sizes = {} }
  local function add(kind, name)
    if not known[kind][name] then
      known[kind][name] = true
      table.insert(lists[kind], name)
    end
  end
  for _, part in ipairs(parts) do
    local found = lower.lower(session, nodes_of(part, parts[1]), #part.nodes, language)
    for _, letter in ipairs(found.inputs) do
      add("letters", letter)
    end
    for _, name in ipairs(found.functions) do
      add("functions", name)
    end
    for name in pairs(found.sizes) do
      add("sizes", name)
    end
  end
  table.sort(lists.letters, function(a, b)
    local p, q = place(a), place(b)
    return p < q or p == q and a < b
  end)
  table.sort(lists.sizes)
  local scope = naming.scope(target)
  local texts = { scope = scope }
  texts.letters, texts.functions, texts.sizes = naming.assign(scope, lists.letters, lists.functions, lists.sizes)
  return texts
end

-- A function as its target writes it: `name`, `doc`, `results`, `roots` (terms), `graph`, `inputs` (in order, each with `name`, `text`,
-- `term`, `kind`, `rows`, `cols`), `sizes` (each with the input and the axis that it is read from), `checks` (places that must have a
-- size), `functions` and `given_sizes` (names that are parameters as well), `scope` (the names that are taken), `outputs` (free names
-- for the results).
local function lowered(session, target, language, part, first, place, texts)
  local found = lower.lower(session, nodes_of(part, first), #part.nodes, language, texts)
  if #found.functions > 0 and not target.ops.call then
    error({ message = ("unknown functions are not exported in %s: %s"):format(target.title, found.functions[1]) }, 0)
  end
  for i, id in ipairs(texts.complex and part.nodes or {}) do
    local t = found.roots[i]
    local scalar = t.rows == "1" and t.cols == "1"
    if scalar and complex.occurs(session, { session:wrap(id) }) and session:is_own_conjugate(id) then
      found.roots[i] = found.graph:make("operator", "1", "1", { t }, { name = "realpart" })
    end
  end
  local f = {
    name = part.name,
    doc = part.doc,
    results = part.results,
    outputs = {},
    roots = found.roots,
    graph = found.graph,
    functions = {},
    inputs = {},
    scope = texts.scope:copy(),
  }
  for i, letter in ipairs(found.inputs) do
    local t = found.inputs[letter]
    f.inputs[i] =
      { name = letter, text = texts.letters[letter], term = t, kind = terms.kind(t), rows = t.rows, cols = t.cols }
  end
  for i, name in ipairs(found.functions) do
    f.functions[i] = texts.functions[name]
  end
  local outputs = texts.scope:copy()
  for i, name in ipairs(part.results) do
    f.outputs[i] = outputs:fresh(name)
  end
  table.sort(f.inputs, function(a, b)
    return place(a.name) < place(b.name)
  end)
  find_sizes(f, found.sizes)
  return f
end

-- Do complex letters or the imaginary unit occur in the parts?
local function are_complex(session, parts)
  for _, part in ipairs(session.complex_letters and parts or {}) do
    for _, id in ipairs(part.nodes) do
      if complex.occurs(session, { session:wrap(id) }) then
        return true
      end
    end
  end
  return false
end

-- The formulas of a value and of its derivatives, each with what it is as a comment.
local function formulas(session, target, parts, check)
  if check then
    error({ message = "no check by finite differences is exported in " .. target.title }, 0)
  end
  local lines = {}
  for _, part in ipairs(parts) do
    lines[#lines + 1] = target.comment(part.doc[1])
    for i, node in ipairs(part.nodes) do
      local latex, why = session:text(session:wrap(node, part.hint), "latex")
      if not latex then
        error(why, 0)
      end
      lines[#lines + 1] = target.formula(part.left[i] .. " = " .. latex)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

--- Write functions.
-- @tparam Session session
-- @tparam string name the target language
-- @tparam {table,...} parts functions, each { name, nodes (list of ids), results (their names), doc (lines), left (their signs in
-- LaTeX, for formulas), hint (how letters are written) }
-- @tparam function place (letter) -> where it stands in the order of the parameters
-- @tparam[opt] table check a comparison with finite differences is written as well: { variable (its letter), turned (is the gradient
-- arranged as its transpose?), symmetric (set of letters) }
-- @treturn string the module; an error is one of nabla.text.errors
function M.write(session, name, parts, place, check)
  local target = require(M.targets[name])
  if target.is_formula then
    return formulas(session, target, parts, check)
  end
  local functions = {}
  local is_complex = are_complex(session, parts)
  if is_complex and check then
    error({ message = "no check by finite differences is exported with complex letters" }, 0)
  end
  target = is_complex and require("nabla.code.complex_targets").of(name, target) or target
  local language = { has = knows(target), title = target.title }
  local texts = name_all(session, target, language, parts, place)
  texts.complex = is_complex
  for i, part in ipairs(parts) do
    functions[i] = lowered(session, target, language, part, parts[1], place, texts)
  end
  if check and #functions[1].functions > 0 then
    error({
      message = "no check by finite differences is exported of unknown functions: " .. functions[1].functions[1],
    }, 0)
  elseif check and not texts.letters[check.variable] then
    error({ message = "no check by finite differences: the expression does not depend on " .. check.variable }, 0)
  elseif check and not (target.checks or target.check) then
    error({ message = "no check by finite differences is exported in " .. target.title }, 0)
  end
  return target.write(functions, check)
end

return M
