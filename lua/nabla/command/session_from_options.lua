--- The session that the options of a command ask for: layout, convention, rule files, and the declarations of `--let`; and
-- what stops a command that gets no answer.
--
-- @module nabla.command.session_from_options

local errors = require "nabla.text.errors"
local notations = require "nabla.session.notation"
local program_text = require "nabla.page.program_text"
local output = require "nabla.command.output"
local paths = require "nabla.rules.paths"
local spelling = require "nabla.text.spelling"

local NO, USAGE = output.NO, output.USAGE
local describe, did_you_mean, print_out, stop = output.describe, output.did_you_mean, output.print_out, output.stop

local M = {}

local FORMATS = { "text", "unicode", "latex" }

-- A rule file that is there, or a stop.
function M.need_file(path)
  local found = paths.find(path)
  if not found then
    stop(USAGE, "there is no rule file '%s'", path)
  end
  return found
end

-- Stop at a word that is not among those that are known.
function M.need_known(what, word, known)
  for _, name in ipairs(known) do
    if word == name then
      return
    end
  end
  stop(USAGE, "unknown %s '%s'%s", what, word, did_you_mean(word, known))
end

-- A session by the options of a command.
function M.new_session(opts, formats)
  for _, path in ipairs(opts.rules or {}) do
    M.need_file(path)
  end
  if opts.format then
    M.need_known("format", opts.format, formats or FORMATS)
  end
  local nabla = require "nabla"
  local session, err = nabla.new { rules = opts.rules, check = opts.check, habits = not opts.no_habits }
  if not session then
    stop(errors.is_error(err) and NO or USAGE, "%s", describe(err))
  end
  for _, what in ipairs { "layout", "convention", "notation" } do
    if opts[what] then
      M.need_known(what, opts[what], spelling.names(session[what .. "s"]))
      session[what] = opts[what]
    end
  end
  local ok, why_not = pcall(notations.named, session, session.notation)
  if not ok then
    stop(USAGE, "%s", why_not.message)
  end
  if opts.typed then
    M.need_known("notation", opts.typed, spelling.names(session.notations))
    local program, why = pcall(program_text.named, session, opts.typed)
    if not program then
      stop(USAGE, "%s", why.message)
    end
    session.typed = opts.typed
  end
  if opts.let and #opts.let > 0 then
    local declared, why = session:declare(table.unpack(opts.let))
    if not declared and why then
      stop(NO, "%s", describe(why))
    end
  end
  return session
end

-- The answer of the library, or a stop with its error.
function M.need(value, err)
  if value == nil then
    stop(NO, "%s", describe(err))
  end
  return value
end

local PICTURES = { dot = true, svg = true }

--- Print an answer. `parts`: are names of parts asked for? Else they are given where they make it half as long.
function M.print_answer(node, format, parts)
  local text, err
  if PICTURES[format] then
    text, err = node[format](node)
  else
    text, err = node:text(format or "text", { parts = parts or "auto" })
  end
  if not text then
    stop(NO, "the answer cannot be printed: %s", err.message)
  end
  print_out(text, "\n")
end

return M
