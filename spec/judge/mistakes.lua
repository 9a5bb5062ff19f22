--- Mistakes in a text that is judged, told apart from errors of the judge itself.
--
-- A mistake is raised as plain text, without a position. An error of the program has one in front of its text
-- (`numeric.lua:12:`), and `guarded` lets it pass: a judge that took its own errors for a wrong answer, or for a
-- right refusal, would hide them.

local M = {}

--- Raises a mistake; the arguments are those of string.format.
function M.raise(...)
  error(string.format(...), 0)
end

--- What f(...) gives; nil and the message if it raises a mistake.
function M.guarded(f, ...)
  local results = table.pack(pcall(f, ...))
  if results[1] then
    return table.unpack(results, 2, results.n)
  end
  local message = results[2]
  if type(message) ~= "string" or message:find "%.lua:%d+:" then
    error(message, 0)
  end
  return nil, message
end

return M
