--- What the command writes, and how it fails.
--
-- @module nabla.command.output

local errors = require "nabla.text.errors"
local spelling = require "nabla.text.spelling"

local M = {}

--- Exit status.
M.DONE, M.NO, M.USAGE, M.BUG, M.INTERRUPTED = 0, 1, 2, 70, 130

-- Failures are raised as tables with a status, and printed in one place: `main`.
function M.stop(status, message, ...)
  error({ status = status, text = string.format(message, ...) }, 0)
end

-- Standard output, whole lines; a closed pipe is not reported.
function M.print_out(...)
  local ok, why, code = io.stdout:write(...)
  if ok then
    ok, why, code = io.stdout:flush()
  end
  if not ok then
    local gone = code == 32 -- EPIPE
    error({ status = M.NO, text = not gone and "cannot write the output: " .. tostring(why) or nil }, 0)
  end
end

-- An error of the library as text: with its line and a caret when there is a place to show.
function M.describe(err)
  if errors.is_error(err) and err.text_line == "" then -- a file that cannot be read, an empty expression
    local where = err.file and err.file .. ": " or ""
    return where .. err.message .. (err.hint and "\nhint: " .. err.hint or "")
  end
  return tostring(err)
end

function M.did_you_mean(word, known)
  local nearest = spelling.nearest(word, known)
  return nearest and "; did you mean " .. nearest .. "?" or "; known: " .. table.concat(known, ", ")
end

return M
