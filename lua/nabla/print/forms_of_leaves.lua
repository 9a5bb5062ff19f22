--- The forms of what has no parts: numbers, names, matrices of ones and zeros.
--
-- @module nabla.print.forms_of_leaves

local display = require "nabla.print.display"
local ways = require "nabla.print.signs_and_transposes"

local one, transpose, call = display.one, display.transpose, display.call
local rational, is_one, is_scalar, keep, keep_scalar =
  ways.rational, ways.is_one, ways.is_scalar, ways.keep, ways.keep_scalar
local keep_leaf, keep_symbol, scaled = ways.keep_leaf, ways.keep_symbol, ways.scaled

local M = {}

local KINDS = { vector = "vector", matrix = "matrix" }

local build = {}
M.build = build

function build.number(c, id)
  local r = rational(c, id)
  local tree = scaled(one, r.num, r.den)
  if r.sign > 0 then
    keep_scalar(c, id, tree, false)
  else
    keep_scalar(c, id, false, tree)
  end
end

-- The kind of a node by its shape: a row counts as a matrix.
function M.kind(c, id)
  return is_scalar(c, id) and "scalar" or is_one(c, c.S:cols(id)) and "vector" or "matrix"
end

-- The name of a symbol; that of a function has the kind of its values.
function M.name(c, id)
  local tree = c.names[id]
  if not tree then
    local kind = c.S:kind(id)
    tree = display.name(c.S:name(id), KINDS[kind] or kind == "function" and M.kind(c, id) or nil)
    tree.id = id
    tree.complex = next(c.conjugates) ~= nil and c.S:property("complex", id) or nil
    c.names[id] = tree
    local counter = kind == "counter" and tree.text:match "^#(%d+)$"
    if counter then
      c.counters[tonumber(counter)] = tree
      c.counter_numbers[tree] = tonumber(counter)
    else
      c.used[tree.text] = true
    end
  end
  return tree
end

function build.symbol(c, id)
  keep_symbol(c, id, M.name(c, id))
end

build["function"] = build.symbol

-- A matrix of ones, zeros or I by its shape; a row is the transpose of a column.
function M.matrix(c, id, name)
  local dims = c.dims
  local rows, cols = c.S:rows(id), c.S:cols(id)
  for _, dim in ipairs { rows, cols } do
    dims[dim] = dims[dim] or display.dimension(c.S:dimtext(dim))
  end
  if name == "I" or is_one(c, cols) then
    return call(name, { dims[rows] })
  elseif is_one(c, rows) then
    return transpose(call(name, { dims[cols] }))
  end
  return call(name, { dims[rows], dims[cols] }), call(name, { dims[cols], dims[rows] })
end

function build.ones(c, id)
  local plain, turned = M.matrix(c, id, "ones")
  keep(c, id, plain, false, turned or transpose(plain), false, 2)
end

function build.zeros(c, id)
  local plain, turned = M.matrix(c, id, "zeros")
  keep(c, id, plain, false, turned or transpose(plain), false, 2)
end

function build.I(c, id)
  local tree = M.matrix(c, id, "I")
  keep(c, id, tree, false, tree, false, 2)
end

build["operator name"] = function(c, id)
  keep_leaf(c, id, display.operator(c.S:name(id)))
end

function build.hole(c, id)
  c.used[c.S:name(id)] = true
  keep_leaf(c, id, call("d", { display.name(c.S:name(id), M.kind(c, id)) }))
end

local LETTERS = { "i", "j", "l", "r", "s", "p", "q", "u", "v", "w" }

-- The counters in a tree, by number.
local function counters_in(c, tree)
  local numbers, seen = {}, {}
  local function go(t)
    if seen[t] then
      return
    end
    seen[t] = true
    local number = c.counter_numbers[t.tag == "counted" and t.counter or t]
    if number then
      numbers[number] = true
    end
    for i = 1, #t do
      go(t[i])
    end
  end
  go(tree)
  local list = {}
  for number in pairs(numbers) do
    list[#list + 1] = number
  end
  table.sort(list, function(a, b)
    return a > b
  end)
  return list
end

-- A letter for each of these counters.
local function letters_for(c, numbers)
  local used, letters, tried = c.used, {}, 0
  for _, tree in pairs(c.dims) do
    for name in tree.text:gmatch "[%a_][%w_]*" do
      used[name] = true
    end
  end
  for _, number in ipairs(numbers) do
    local letter
    repeat
      tried = tried + 1
      letter = LETTERS[tried] or "i" .. tried - #LETTERS
    until not used[letter]
    letters[number] = display.name(letter)
  end
  return letters
end

--- A tree with letters for its counters. The store numbers counters from the inside; they get letters from the outside that stand
-- for nothing else. The tree itself is as it was: other trees share it.
function M.with_letters(c, tree)
  local numbers = counters_in(c, tree)
  if #numbers == 0 then
    return tree
  end
  local letters, done = letters_for(c, numbers), {}
  local function go(t)
    if done[t] then
      return done[t]
    end
    local copy = letters[c.counter_numbers[t]]
    if not copy then
      copy = t
      local counter = t.tag == "counted" and letters[c.counter_numbers[t.counter]] or t.counter
      local items, changed = {}, counter ~= t.counter
      for i = 1, #t do
        items[i] = go(t[i])
        changed = changed or items[i] ~= t[i]
      end
      if changed then
        copy = {}
        for key, value in pairs(t) do
          copy[key] = value
        end
        table.move(items, 1, #items, 1, copy)
        copy.counter = counter
      end
    end
    done[t] = copy
    return copy
  end
  return go(tree)
end

return M
