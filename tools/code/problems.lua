-- Writes problems for the functions that nabla exports, with values and the answers that nabla.numeric gives: one JSON object a line.
--
--     lua5.4 tools/code/problems.lua LANGUAGE [EACH]
--
-- Takes every EACH-th case (default 7) of spec/data/corpus. Cases that the language cannot write are counted on standard error.
-- LANGUAGE may be numpy-printed or matlab-printed: the function then returns what is printed in that notation.

local cases = require "spec.support.cases"
local size_values = require "nabla.evaluate.size_values"
local handles = require "nabla.session.handles"
local json = require "dkjson"
local lfs = require "lfs"
local nabla = require "nabla"

local target, each = arg[1], tonumber(arg[2] or 7)
math.randomseed(7)

local function random_matrix(S, node, rows, cols)
  local m = {}
  for i = 1, rows do
    m[i] = {}
    for j = 1, cols do
      m[i][j] = math.random() * 0.9 + (i == j and 0.9 or 0)
    end
  end
  if rows == cols and (S:property("symmetric", node) or S:property("spd", node)) then
    for i = 1, rows do
      m[i][i] = m[i][i] + 4
      for j = 1, i do
        m[j][i] = m[i][j]
      end
    end
  end
  return m
end

-- Values for the letters of two expressions and for their sizes; nil where one is an unknown function.
local function random_values(session, nodes)
  local S = session.S
  local values, sizes = {}, {}
  local function size(dim)
    for _, name in ipairs(S:dimnames(dim)) do
      sizes[name] = sizes[name] or 3
    end
    return size_values.of(S, dim)(sizes)
  end
  for _, node in ipairs(nodes) do
    local _, id = handles.of(node)
    for _, x in ipairs(S:postorder(id)) do
      local op, own = S:op(x)
      if op == "function" then
        return nil
      end
      size(S:rows(x))
      size(S:cols(x))
      local kind = own and op == "symbol" and S:kind(x)
      if kind == "dimension" then
        sizes[S:name(x)] = sizes[S:name(x)] or 3
      elseif kind and kind ~= "counter" and not values[S:name(x)] then
        local m = random_matrix(S, x, size(S:rows(x)), size(S:cols(x)))
        values[S:name(x)] = #m == 1 and #m[1] == 1 and m[1][1] or m
      end
    end
  end
  return values, sizes
end

local function rows_of(m)
  if type(m) == "number" then
    return { { m } }
  end
  local list = {}
  for i = 1, m.rows do
    list[i] = {}
    for j = 1, m.cols do
      list[i][j] = m(i, j)
    end
  end
  return list
end

-- A table with names as keys as a list of pairs: dkjson takes a table with a key n for a list.
local function pairs_of(t)
  local list = {}
  for name, v in pairs(t) do
    list[#list + 1] = { name, v }
  end
  return list
end

-- Can the random values be all that is declared? Differences of a value at other ones say nothing about the gradient.
local function is_free(case)
  for _, text in ipairs(case.decl or {}) do
    for word in text:gmatch "%)%s+(%a+)" do
      if word ~= "symmetric" and word ~= "spd" and word ~= "of" then
        return false
      end
    end
  end
  return true
end

-- A function that returns what is printed of a value and of its gradient in a notation; nil where one is not written.
local function printed(notation, f, g, names)
  local value = f:text("text", { notation = notation })
  local gradient = value and g:text("text", { notation = notation })
  if not gradient then
    return nil
  end
  for i, name in ipairs(names) do
    names[i] = notation == "numpy" and name == "lambda" and "lambda_" or name
  end
  local list = table.concat(names, ", ")
  if notation == "numpy" then
    return ("import numpy as np\nimport scipy.linalg, scipy.special, scipy.stats\n"
      .. "def value_and_gradient(%s):\n    return %s, %s\n"):format(list, value, gradient)
  end
  local head = "function [the_value, the_gradient] = value_and_gradient(%s)\n"
  return (head .. "  the_value = %s;\n  the_gradient = %s;\nend\n"):format(list, value, gradient)
end

local function names_of(...)
  local names = {}
  for _, list in ipairs { ... } do
    for name in pairs(list) do
      names[#names + 1] = name
    end
  end
  return names
end

-- The Hessian by a column and the text with functions for it; nil where there is none.
local function second_derivatives(session, f, g, by)
  local text = tostring(g.shape):find "x 1$" and session:code(f, by, target, { hessian = true, direction = true })
  local hessian = text and session:hessian(f, by)
  local same = hessian and hessian.shape.rows == g.shape.rows and hessian.shape.cols == g.shape.rows
  return same and { text = text, hessian = hessian } or nil
end

-- A column v, or a number, and the rows of a matrix times it.
local function times_direction(hessian)
  local v, product = {}, {}
  for i in ipairs(hessian) do
    v[i] = { i / 2 - 1 / 3 }
  end
  for i, row in ipairs(hessian) do
    local sum = 0
    for j, x in ipairs(row) do
      sum = sum + x * v[j][1]
    end
    product[i] = { sum }
  end
  return #v == 1 and v[1][1] or v, product
end

local written, refused = 0, 0
local sessions = {}
-- The text of a case in the language, whether it checks itself, the nodes, values and sizes; nil where there is none.
local function program(case)
  local session = sessions[case.layout] or assert(nabla.new { layout = case.layout })
  sessions[case.layout] = session
  session:reset()
  if case.decl then
    assert(session:declare(table.unpack(case.decl)))
  end
  local f = session:parse(case.expr, { by = case.wrt })
  local g = f and session:diff(f, case.wrt)
  local values, sizes = nil, nil
  if g then
    values, sizes = random_values(session, { f, g })
  end
  if not values then
    return
  end
  local notation = target:match "^(%w+)%-printed$"
  if notation then
    return printed(notation, f, g, names_of(values, sizes)), false, f, g, values, sizes
  end
  local second = written % 3 == 1 and not values.v and second_derivatives(session, f, g, case.wrt)
  if second then
    return second.text, false, f, g, values, sizes, second
  end
  local text = written % 3 == 0 and is_free(case) and session:code(f, case.wrt, target, { check = true }) -- of a scalar only
  local checked = text and true or false
  return text or session:code(f, case.wrt, target), checked, f, g, values, sizes
end

local function problem(case)
  local text, checked, f, g, values, sizes, second = program(case)
  if not text then
    refused = refused + (f and 1 or 0)
    return
  end
  local session = sessions[case.layout]
  local given = {}
  for _, list in ipairs { sizes, values } do
    for name, v in pairs(list) do
      given[name] = v
    end
  end
  local compiled = session:compile(second and { f, g, second.hessian } or { f, g })
  local ok, value, gradient, hessian = pcall(compiled, given)
  if ok and value then
    written = written + 1
    local direction, product
    if second then
      hessian = rows_of(hessian)
      direction, product = times_direction(hessian)
      values.v = direction
    end
    io.write(
      json.encode {
        id = case.id,
        text = text,
        columns = not target:find "-printed",
        checked = checked,
        values = pairs_of(values),
        sizes = pairs_of(sizes),
        value = rows_of(value),
        gradient = rows_of(gradient),
        hessian = hessian, -- and its product with the letter v
        product = product,
      },
      "\n"
    )
  end
end

local count = 0
for name in lfs.dir "spec/data/corpus" do
  for _, case in ipairs(name:find "%.cases$" and cases.read("spec/data/corpus/" .. name) or {}) do
    if (case.op or "derivative") == "derivative" and not case.convention then
      count = count + 1
      if count % each == 0 then
        problem(case)
      end
    end
  end
end
io.stderr:write(("%s: %d problems, %d that the language cannot write\n"):format(target, written, refused))
