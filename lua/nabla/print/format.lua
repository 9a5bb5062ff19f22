--- Display trees (nabla.print.display) as text, Unicode and LaTeX.
--
-- Text and Unicode are the language of the input: they read back to the same expression. The writers of each format are in
-- nabla.print.plain and nabla.print.latex, how they work together in nabla.print.writing.
--
-- @module nabla.print.format

local latex = require "nabla.print.latex"
local plain = require "nabla.print.plain"
local writing = require "nabla.print.writing"

local M = {}

local text, unicode, write = plain.text, plain.unicode, writing.write
local NONE = {}

--- A tree as text in the language of the input.
-- @param tree a display tree
-- @return a string
function M.text(tree, opts)
  return write(tree, text, opts or NONE)
end

--- A tree as text with mathematical characters, which the language of the input has too.
-- @param tree a display tree
-- @param[opt] opts `formats`: from an operator's name to `{ unicode =, infix =, latex = }`, templates with %1, %2
-- @return a string
function M.unicode(tree, opts)
  return write(tree, unicode, opts or NONE)
end

--- A tree as LaTeX (with amsmath and amssymb), for math mode.
-- @param tree a display tree
-- @param[opt] opts as for @{unicode}
-- @return a string
function M.latex(tree, opts)
  return write(tree, latex, opts or NONE)
end

return M
