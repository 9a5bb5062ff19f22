--- All that the judge computes with numbers: the arithmetic of matrices, and the functions of the language as functions of
-- this module.

local arithmetic = require "spec.judge.arithmetic"
local functions = require "spec.judge.functions"
local matrix_functions = require "spec.judge.matrix_functions"

local M = {
  --- The functions of the language, by name.
  functions = functions,
  --- Those whose first argument is the name of a function.
  functionals = {
    frechet = matrix_functions.frechet,
    frechetn = matrix_functions.frechetn,
    frechetmixed = matrix_functions.frechetmixed,
    frechetmatrix = matrix_functions.frechetmatrix,
  },
  --- a^p for a square matrix and a scalar p.
  power = matrix_functions.power,
}

for name, entry in pairs(functions) do
  M[name] = entry[1]
end
for name, f in pairs(arithmetic) do
  M[name] = f
end

return M
