--- Reader of spec/data/readings.cases and field.cases: formulas as they are on public pages, each with a mathematician's reading.
--
--     = https://example.org/a/page                    the page of the formulas below, or `owner/repository file`
--
--     page   \frac12 \|Ax-b\|_2^2 + \lambda \|x\|_1   the formula as it is, with its dollars, labels and ampersands
--     text   plain                                    it is no LaTeX: plain text, a program's, or `unicode`
--     by     \mathbf{x}                               the variable of the page, as it is, or a sensible one
--     as     x                                        its name in the language, where that is another
--     means  norm2(A*x - b)^2/2 + lambda*norm1(x)     the reading in the language, with the declarations below
--     in     matrix A(m,n), vector b(m), vector x(n), scalar lambda
--     let    vector x(n) random                       what a user declares before the page is read, and holds for the reading
--     gives  denominator  2*A'*(A*x - b)              the derivative of the reading in a layout
--     or     TEXT  in  DECLARATIONS                   another reading, where the formula leaves both open
--     note   lambda is a scalar                       what a reader of the formula alone assumes, and should be told
--     kind   habit, equation                          what makes it hard; `ordinary` for nothing
--
-- In `or` two spaces are at each side of `in`. Instead of `means`, `refused data points: x_i`: the language has no
-- expression for it; the words say what is missing. Of an equation `J(w) = ..` the reading is that of the right side,
-- of `\frac{d}{dx} f = g` that of f. Several right sides `= f = g`, and two sides that are functions of their own, are
-- readings of which any will do.
--
--     { line, source, page, text = "latex"|"unicode"|"plain", by, as, readings = { { expr, decl } }, note, refused,
--       let, gives = { layout, text }, kinds = { name } }
--
-- The kinds:
--     function      a letter before a bracket: an unknown function, a customary one, or a factor after all
--     depends       a matrix or a vector that depends on a scalar or a vector, A(t)
--     name          superscripts in brackets and subscripts that belong to a name, W^{(1)}, S_W
--     entry         subscripts that are entries, x_i, A_{12}
--     mark          hats, dots, bars, stars: other letters, or operations
--     inverse       -1 on the name of a function, or on a bracket after one
--     optional      \sqrt[3]{..}
--     slash         a slash in a line
--     matrixfn      exp, log, sqrt of a matrix
--     points        data points, a family of letters
--     unknown       a command or a function that is not known, or that is no part of the function
--     applied       an operator that is applied, \nabla f, d/dt
--     taken         letters that are operators or numbers elsewhere: K, E, D, I, d, e, 1
--     habit         a letter whose kind is not the customary one, or that the sizes decide
--     spread        a scalar that goes with each entry of a vector
--     equation      an equation, of which a side is the function
--     expectation, integral
--     block         a matrix of matrices
--     arguments     a function of several arguments
--     special       a function that is no elementary one, or of several entries: max, \\Phi, \\Gamma, softmax
--     program       the notation of NumPy, Julia or MATLAB
--     time          indices that are shifted, or do not begin with 1
--     ordinary

local M = {}

M.kinds = {
  "function",
  "depends",
  "name",
  "entry",
  "mark",
  "inverse",
  "optional",
  "slash",
  "matrixfn",
  "points",
  "unknown",
  "applied",
  "taken",
  "habit",
  "spread",
  "equation",
  "expectation",
  "integral",
  "ordinary",
}

--- Those of field.cases besides.
M.field_kinds = { "block", "arguments", "special", "program", "time" }

local known_kind = {}
for _, list in ipairs { M.kinds, M.field_kinds } do
  for _, kind in ipairs(list) do
    known_kind[kind] = true
  end
end

local words = {
  text = function(case, rest)
    assert(rest == "plain" or rest == "unicode", "plain or unicode expected")
    case.text = rest
  end,
  by = function(case, rest)
    case.by, case.as = rest, rest
  end,
  as = function(case, rest)
    case.as = rest
  end,
  means = function(case, rest)
    table.insert(case.readings, 1, { expr = rest })
  end,
  ["in"] = function(case, rest)
    assert(case.readings[1], "in without means").decl = rest
  end,
  ["or"] = function(case, rest)
    local expr, decl = rest:match "^(.-)%s%s+in%s%s+(.+)$"
    assert(expr, "or TEXT  in  DECLARATIONS expected")
    table.insert(case.readings, { expr = expr, decl = decl })
  end,
  let = function(case, rest)
    case.let = rest
  end,
  gives = function(case, rest)
    local layout, text = rest:match "^(%l+)%s%s+(.+)$"
    assert(layout, "gives LAYOUT  TEXT expected")
    case.gives = { layout = layout, text = text }
  end,
  note = function(case, rest)
    case.note = rest
  end,
  refused = function(case, rest)
    case.refused = rest
  end,
  kind = function(case, rest)
    for kind in rest:gmatch "[^,%s]+" do
      assert(known_kind[kind], "unknown kind " .. kind)
      table.insert(case.kinds, kind)
    end
  end,
}

local function complete(case)
  assert(case.by, "no variable")
  assert(case.kinds[1], "no kind")
  assert((case.refused == nil) ~= (case.readings[1] == nil), "either means or refused expected")
  for _, reading in ipairs(case.readings) do
    assert(reading.decl or case.let, "no declarations")
    reading.let = case.let
  end
end

--- All cases of a file.
function M.read(path)
  local list, source, case, number = {}, nil, nil, 0
  local function check(ok, message)
    if not ok then
      error(("%s:%d: %s"):format(path, number, message), 0)
    end
  end
  local function close()
    if case then
      check(pcall(complete, case))
      case = nil
    end
  end
  for line in io.lines(path) do
    number = number + 1
    local word, rest = line:match "^(%l+)%s+(.-)%s*$"
    if line:find "^#" or line:find "^%s*$" then
      close()
    elseif line:find "^=" then
      close()
      source = line:match "^=%s*(.-)%s*$"
    elseif word == "page" then
      check(source and not case, "a source before it, and an empty line, expected")
      case = { line = number, source = source, page = rest, text = "latex", readings = {}, kinds = {} }
      list[#list + 1] = case
    else
      check(case and words[word], "a word expected")
      check(pcall(words[word], case, rest))
    end
  end
  close()
  return list
end

--- Does a case have this kind?
function M.is(case, kind)
  for _, each in ipairs(case.kinds) do
    if each == kind then
      return true
    end
  end
  return false
end

-- Declares one text or two.
local function declare(session, ...)
  for _, text in ipairs { ... } do
    local ok, err = session:declare(text)
    if not ok then
      return nil, err
    end
  end
  return true
end

--- The node of a reading, with its declarations, in a session that forgets all others; or nil and the error.
function M.node(session, reading)
  session:reset()
  local ok, err = declare(session, reading.let or reading.decl, reading.let and reading.decl)
  if not ok then
    return nil, err
  end
  return session:parse(reading.expr)
end

--- The node that a session reads in the formula alone, and what else it returns; or nil and the error.
function M.parse(session, case)
  return session:parse(case.page, { latex = case.text == "latex", by = case.by })
end

-- Letters of a node, by name; without those that are only the argument that an unknown function was declared with.
local function letters_of(node)
  local letters, text = {}, tostring(node)
  local function is_written(name)
    return name:find "_$" or text:find("%f[%w_]" .. name:gsub("%W", "%%%0") .. "%f[^%w_]")
  end
  for each in node:walk() do
    if each.name and not letters[each.name] and is_written(each.name) then
      letters[each.name] = each
    end
  end
  return letters
end

-- The name without what spellings differ in: `W_1`, `W1`, `y_hat`, `haty`.
local function key_of(name)
  name = name:gsub("[_^{}()%s\\]", ""):gsub("^var(%l)", "%1")
  return (name:gsub("hat", "^"):gsub("dot", "."):gsub("bar", "-"):gsub("tilde", "~"))
end

-- The same letters in any order, for marks that are before the letter or after it.
local function sorted_key(name)
  local signs = {}
  for sign in key_of(name):gmatch "." do
    signs[#signs + 1] = sign
  end
  table.sort(signs)
  return table.concat(signs)
end

-- "scalar", "row", "column" or "matrix".
local function kind_of(node)
  local rows, cols = tostring(node.rows), tostring(node.cols)
  return rows == "1" and (cols == "1" and "scalar" or "row") or cols == "1" and "column" or "matrix"
end

-- A text with whole words exchanged.
local function reworded(text, names)
  return (text:gsub("%f[%w_]%a[%w_]*", names))
end

-- Names of sizes in a size, which may be a product.
local function size_names(size)
  local names = {}
  for name in tostring(size):gmatch "%a[%w_]*" do
    names[#names + 1] = name
  end
  return names
end

-- Adds to `sizes` what a size of a letter says: each name in it that is not known yet is the one of the other size at
-- the same place.
local function match_sizes(sizes, size, other)
  local open, targets, taken = {}, {}, {}
  for _, name in ipairs(size_names(size)) do
    if sizes[name] then
      taken[sizes[name]] = true
    else
      open[#open + 1] = name
    end
  end
  for _, name in ipairs(size_names(other)) do
    if not taken[name] then
      targets[#targets + 1] = name
    end
  end
  for i, name in ipairs(open) do
    sizes[name] = targets[i]
  end
end

-- What turns the text of a node that was read without declarations into the names and sizes of a reading; nil if a
-- letter has another kind.
local function translation(found, wanted)
  local names, sizes, by_key, pairs_of_sizes = {}, {}, {}, {}
  local is_size = {}
  for _, node in pairs(found) do
    for _, side in ipairs { "rows", "cols" } do
      for _, name in ipairs(size_names(node[side])) do
        is_size[name] = true
      end
    end
  end
  for name in pairs(wanted) do
    by_key[sorted_key(name)] = name
  end
  for name, node in pairs(found) do
    local other = wanted[name] and name or by_key[sorted_key(name)]
    if other and kind_of(node) == kind_of(wanted[other]) then
      names[name] = other
      for _, side in ipairs { "rows", "cols" } do
        table.insert(pairs_of_sizes, { node[side], wanted[other][side] })
      end
    elseif other or not is_size[name] then
      return nil
    end
  end
  table.sort(pairs_of_sizes, function(x, y) -- single names first: they settle the others
    return #size_names(x[1]) < #size_names(y[1])
  end)
  for _, pair in ipairs(pairs_of_sizes) do
    match_sizes(sizes, pair[1], pair[2])
  end
  for size, to in pairs(sizes) do
    names[size] = names[size] or to
  end
  return names
end

-- Are these the same node, or equal ones, but for names and sizes?
local function same(session, found, reading)
  local text, letters = tostring(found), letters_of(found)
  local wanted = M.node(session, reading)
  if not wanted then
    return false
  end
  local names = translation(letters, letters_of(wanted))
  if not names then
    return false
  end
  local node = session:parse(reworded(text, names))
  return node ~= nil and (node == wanted or session:equal(node, wanted) == "yes")
end

--- What a session makes of the formula, with nothing declared or, if `declared`, with what the first reading declares:
--- "same" node as one of the readings, another one ("other"), "refused", or "failed" where it raises. Then the node's
--- text, or the error; and the notes.
function M.outcome(session, case, declared)
  session:reset()
  assert(declare(session, case.let))
  if declared and case.readings[1] then
    assert(declare(session, case.readings[1].decl))
  end
  local ok, node, told = pcall(M.parse, session, case)
  if not ok then
    return "failed", tostring(node)
  elseif not node then
    return "refused", tostring(told)
  end
  local text = tostring(node)
  for _, reading in ipairs(case.readings) do
    if same(session, node, reading) then
      return "same", text, told
    end
  end
  return "other", text, told
end

return M
