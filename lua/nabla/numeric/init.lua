--- The numbers behind expressions: matrices, and what a script may say about evaluation. It needs OpenBLAS and LAPACKE; the
-- rest of nabla does not.
--
--     local numeric = require "nabla.numeric"
--     local F = session:compile(g)                       -- see nabla.numeric.compile
--     print(F { A = numeric.matrix { {2, 1}, {1, 3} } })
--     numeric.define("foo", function(A) return A*A end)          -- an operator of a rule file of one's own
--     numeric.define("foo", function(A) return A*A end, session)  -- in this session only
--
-- @module nabla.numeric

local scripts = require "nabla.evaluate.scripts"

local M = {}

--- Matrices: see nabla.numeric.matrix.
M.matrix = require "nabla.numeric.matrix"

--- Matrices of complex numbers: see nabla.numeric.complex_matrix.
M.complex = require "nabla.numeric.complex_matrix"

--- Define the value of an operator of a rule file: f is called with the values of its arguments (a matrix, or a Lua number
-- for what is 1 x 1) and gives a matrix, a number or a table of rows. A function that a rule file defines by an expression
-- needs none. Expressions that are compiled later use it, in all sessions of the process, or in the session that is given.
-- @tparam string name
-- @tparam function|nil f nil: take it back
-- @tparam[opt] nabla.Session session
function M.define(name, f, session)
  if type(name) ~= "string" or (f ~= nil and type(f) ~= "function") then
    error("define takes the name of an operator and a function", 2)
  elseif session ~= nil and not (type(session) == "table" and session.S) then
    error("the third argument of define is a session", 2)
  end
  scripts.define(name, f, session)
end

return M
