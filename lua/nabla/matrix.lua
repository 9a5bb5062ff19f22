--- Matrices of doubles: the public name of nabla.numeric.matrix.
--
-- @module nabla.matrix

return require "nabla.numeric.matrix"
