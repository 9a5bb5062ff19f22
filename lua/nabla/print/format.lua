--- Display trees (nabla.print.display) as text, Unicode and LaTeX.
--
-- Text and Unicode are the language of the input: they read back to the same expression. The writers of each format are in
-- nabla.print.plain and nabla.print.latex, how they work together in nabla.print.writing.
--
-- @module nabla.print.format

local blocks = require "nabla.text.blocks"
local core = require "nabla.core"
local plain = require "nabla.print.plain"
local writing = require "nabla.print.writing"

local M = {}

local write_text = core.write_text
local text, unicode = plain.text, plain.unicode
local NONE = {}

-- The writers of a format; those of LaTeX are loaded when they are first used.
local function style_of(how)
  if how == "latex" then
    return require "nabla.print.latex"
  end
  return how == "text" and text or unicode
end

-- A tree in the notation of a program; what it cannot write is written as it always is, or raised (nabla.print.program_notation).
local function in_program(tree, style, own, opts)
  if opts.refuses then
    return writing.write(tree, style, opts)
  end
  local done, written = pcall(writing.write, tree, style, opts)
  if not done and not (type(written) == "table" and written.unwritten) then
    error(written, 0)
  end
  return done and written or writing.write(tree, own, opts)
end

--- A tree as text in the language of the input.
-- @param tree a display tree
-- @param[opt] opts as for @{unicode}
-- @return a string
function M.text(tree, opts)
  opts = opts or NONE
  if opts.program then
    return in_program(tree, opts.theme.text, text, opts)
  elseif not opts.theme or opts.theme.only_operators then -- the engine writes most trees, to the same text
    local written = write_text(tree, opts.formats, opts.on_time, blocks.names)
    if written then
      return written
    end
  end
  return writing.write(tree, opts.theme and opts.theme.text or text, opts)
end

--- A tree as text with mathematical characters, which the language of the input has too.
-- @param tree a display tree
-- @param[opt] opts `formats`: from an operator's name to `{ unicode =, infix =, latex = }`, templates with %1, %2;
-- `theme`: the styles of a notation by format (@{theme}); `program`: it is one of a program, `kind` then tells the kinds of trees,
-- and with `refuses` what it cannot write is raised
-- @return a string
function M.unicode(tree, opts)
  opts = opts or NONE
  if opts.program then
    return in_program(tree, opts.theme.unicode, unicode, opts)
  end
  return writing.write(tree, opts.theme and opts.theme.unicode or unicode, opts)
end

--- A tree as LaTeX (with amsmath and amssymb), for math mode.
-- @param tree a display tree
-- @param[opt] opts as for @{unicode}; `whole`: zeros that get their size, for nothing else tells it
-- @return a string
function M.latex(tree, opts)
  opts = opts or NONE
  return writing.write(tree, opts.theme and opts.theme.latex or style_of "latex", opts)
end

--- The styles of a notation (nabla.print.themed) by format; each is made when it is first used.
function M.theme(given)
  local only_operators = not (next(given.signs or NONE) or next(given.kinds or NONE) or next(given.names or NONE))
  return setmetatable({ only_operators = only_operators }, {
    __index = function(theme, how)
      theme[how] = require("nabla.print.themed").style(style_of(how), given, how)
      return theme[how]
    end,
  })
end

return M
