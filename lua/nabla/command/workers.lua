--- Work that is done by several processes at once: copies of this one, which take one piece after the other.
--
-- Each copy begins as what this process is, takes pieces until none is left, and writes what it found. Where a copy cannot be made, or
-- ends before it has written, its pieces are done here: the result never depends on how many there are.
--
-- @module nabla.command.workers

local process = require "nabla.core".process
local serialise = require "nabla.session.serialise"

local M = {}

local MOST = 8

--- The most pieces that a queue is certain to hold.
M.MOST_PIECES = 4000

local function none() end -- no value stands for another one

--- How many processes are worth while.
-- @treturn integer
function M.count()
  return math.min(process.processors(), MOST)
end

-- The numbers 1 to `count`, one at each call, for this process alone.
local function numbers(count)
  local i = 0
  return function()
    i = i + 1
    return i <= count and i or nil
  end
end

-- In a copy: do pieces, write what was found, and end.
local function serve(pipe, do_pieces)
  local ok, bytes = pcall(function()
    return serialise.pack(do_pieces(), none)
  end)
  local written = ok and pipe:write(bytes) and pipe:close()
  process.leave(written and 0 or 1)
end

--- Do all pieces of some work.
-- @tparam integer processes
-- @tparam integer count how many pieces there are, at most MOST_PIECES; the long ones come first
-- @tparam function work called with the number of a piece, 1 to `count`; gives a table of plain values
-- @tparam[opt] function begun called in this process with the number of a piece before it is done
-- @treturn {table,...} what it gives for each
function M.each(processes, count, work, begun)
  local take = processes > 1 and process.queue(count)
  local function do_pieces(tell)
    local results = {}
    for i in take or numbers(count) do
      if tell then
        tell(i)
      end
      results[i] = work(i)
    end
    return results
  end
  local copies = {}
  for k = 1, take and processes - 1 or 0 do
    local pid, pipe = process.fork()
    if pid == 0 then
      serve(pipe, do_pieces)
    end
    copies[k] = pid and { pid = pid, pipe = pipe } or nil
  end
  local results = do_pieces(begun)
  for _, copy in pairs(copies) do
    local bytes = copy.pipe:read "a"
    local done = copy.pipe:close() and process.wait(copy.pid)
    for i, result in pairs(done and bytes and serialise.unpack(bytes, none) or {}) do
      results[i] = result
    end
  end
  for i = 1, count do
    results[i] = results[i] or work(i)
  end
  return results
end

return M
