--- Display trees (nabla.print.display) as text, Unicode and LaTeX.
--
-- Text and Unicode are the language of the input: they read back to the same expression. The writers of each format are in
-- nabla.print.plain and nabla.print.latex, how they work together in nabla.print.writing.
--
-- @module nabla.print.format

local latex = require "nabla.print.latex"
local plain = require "nabla.print.plain"
local themed = require "nabla.print.themed"
local writing = require "nabla.print.writing"

local M = {}

local text, unicode, write = plain.text, plain.unicode, writing.write
local NONE = {}
local STYLES = { text = text, unicode = unicode, latex = latex }

--- A tree as text in the language of the input.
-- @param tree a display tree
-- @param[opt] opts as for @{unicode}
-- @return a string
function M.text(tree, opts)
  opts = opts or NONE
  return write(tree, opts.theme and opts.theme.text or text, opts)
end

--- A tree as text with mathematical characters, which the language of the input has too.
-- @param tree a display tree
-- @param[opt] opts `formats`: from an operator's name to `{ unicode =, infix =, latex = }`, templates with %1, %2;
-- `theme`: the styles of a notation by format (@{theme})
-- @return a string
function M.unicode(tree, opts)
  opts = opts or NONE
  return write(tree, opts.theme and opts.theme.unicode or unicode, opts)
end

--- A tree as LaTeX (with amsmath and amssymb), for math mode.
-- @param tree a display tree
-- @param[opt] opts as for @{unicode}
-- @return a string
function M.latex(tree, opts)
  opts = opts or NONE
  return write(tree, opts.theme and opts.theme.latex or latex, opts)
end

--- The styles of a notation (nabla.print.themed) by format; each is made when it is first used.
function M.theme(given)
  return setmetatable({}, {
    __index = function(theme, how)
      theme[how] = themed.style(STYLES[how], given, how)
      return theme[how]
    end,
  })
end

return M
