--- Expressions with complex letters as functions of numbers: what nabla.Session:compile gives for them.
--
-- @module nabla.numeric.complex_program

local complex = require "nabla.numeric.complex_matrix"
local core = require "nabla.core"
local errors = require "nabla.text.errors"
local evaluate = require "nabla.numeric.complex_evaluate"
local sizes = require "nabla.evaluate.size_values"

local M = {}

local Program = {}
Program.__index = Program
Program.__name = "nabla.complex program"

-- The letters of nodes, by name; the names of sizes that have a value of their own.
local function needs(session, ids)
  local S, letters, dims = session.S, {}, {}
  for _, root in ipairs(ids) do
    for _, id in ipairs(S:postorder(root)) do
      local op, own = S:op(id)
      if own and op == "symbol" and S:kind(id) == "dimension" then
        dims[S:name(id)] = true
      elseif own and op == "symbol" and S:kind(id) ~= "counter" then
        letters[S:name(id)] = id
      elseif own and (op == "call" or op == "D") then
        errors.refuse("%s has no value where letters are complex: it holds an unknown function", session:text(id))
      end
    end
  end
  return letters, dims
end

-- The value of a letter as a complex matrix of its shape, whose sizes are added to the equations.
local function taken(self, name, id, given, equations)
  local S = self.session.S
  if given == nil then
    errors.refuse("%s has no value", name)
  end
  local ok, value = pcall(complex.new, given)
  if not ok then
    errors.refuse("%s: a number, a matrix or a complex matrix was expected", name)
  elseif not self.complex[name] and not value:is_real() then
    errors.refuse("%s is declared real, and its value has an imaginary part", name)
  end
  for _, pair in ipairs { { S:rows(id), value.rows }, { S:cols(id), value.cols } } do
    equations[#equations + 1] = { pair[1], pair[2], name }
  end
  return value
end

--- The values at numbers, matrices or complex matrices, by the names of the letters; or nil and the error.
function Program:__call(values)
  local ok, results = errors.attempt(function()
    local given, dims, equations = {}, {}, {}
    for name, id in pairs(self.letters) do
      given[name] = taken(self, name, id, values[name], equations)
    end
    for name in pairs(self.dims) do
      dims[name] = math.tointeger(values[name])
    end
    local solved, e = sizes.solve(self.session.S, equations, dims)
    if not solved then
      local text = self.session.S:dimtext(e[1])
      errors.refuse("%s: a size is %d where %s was expected", e[3] or "a letter", e[2], text)
    end
    return evaluate.values(self.session, self.ids, given, dims)
  end)
  if ok then
    return table.unpack(results)
  elseif type(results) == "table" and results.message then
    return nil, results.message
  end
  error(results, 0)
end

function Program:__tostring()
  return ("nabla.complex program of %d expressions"):format(#self.ids)
end

--- Compile nodes (handles) of a session.
-- @tparam table session
-- @tparam table nodes
-- @tparam function is_complex (id of a letter) is it declared complex?
function M.compile(session, nodes, is_complex)
  local ids = {}
  for i, node in ipairs(nodes) do
    ids[i] = select(2, core.unwrap(node))
  end
  local self = setmetatable({ session = session, nodes = nodes, ids = ids, complex = {} }, Program)
  self.letters, self.dims = needs(session, ids)
  for name, id in pairs(self.letters) do
    self.complex[name] = is_complex(id)
  end
  return self
end

return M
