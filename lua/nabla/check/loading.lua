--- Rule files that are proved while a session reads them: `nabla.new { check = true }`, `--check`.
--
-- A file of which a statement is found to be wrong is refused as one with a mistake is: nothing of it takes effect.
-- What numbers cannot decide is accepted.
--
-- @module nabla.check.loading

local check = require "nabla.check"
local errors = require "nabla.text.errors"
local paths = require "nabla.rules.paths"
local proof = require "nabla.check.proof"
local rule_files = require "nabla.rules.load"

local M = {}

-- The byte at which a line begins.
local function start_of_line(text, line)
  local pos = 1
  for _ = 2, line do
    pos = (text:find("\n", pos, true) or #text) + 1
  end
  return (text:find("%S", pos)) or pos
end

-- Raise the error of a statement that is wrong.
local function stop(text, result)
  local title = result.kind .. (result.name and string.format(' "%s"', result.name) or "")
  error(
    errors.at {
      text = text,
      file = result.file,
      pos = start_of_line(text, result.line),
      message = string.format("the %s is wrong: %s", title, result.detail),
      hint = "mend or take it out; without the option check the file is read as it is",
    },
    0
  )
end

--- Prove what a session has just read; raises the error of the first statement that is wrong.
-- @tparam table session
-- @tparam table what as nabla.rules.load takes it: { path = } or { text =, file =, named = }
-- @tparam table before the files that the session had read
function M.prove(session, what, before)
  local checker = assert(check.new())
  local function examine(text, results, err)
    if not results then
      error(err, 0)
    end
    for _, result in ipairs(results) do
      check.settle(session, result)
      if result.verdict == proof.FAILED then
        stop(text, result)
      end
    end
  end
  local texts = session.texts or {}
  checker.session.texts = session.texts
  if what.text then
    local ok, err = rule_files.load(checker.session, { text = what.text, file = what.file })
    examine(what.text, ok and checker:text(what.text, what.file or "text") or nil, err)
  end
  local files = {}
  for path in pairs(session.files) do
    files[#files + 1] = not before[path] and path ~= what.file and not paths.is_own(path) and path or nil
  end
  table.sort(files)
  for _, path in ipairs(files) do
    if texts[path] then -- read by `use` from memory
      examine(texts[path], checker:text(texts[path], path))
    else
      examine(paths.contents(path), checker:file(path))
    end
  end
end

return M
