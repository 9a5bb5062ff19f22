--- Work that is done by several processes at once: copies of this one, each with a share of it.
--
-- Each copy begins as what this process is, does its share, and writes what it found. Where a copy cannot be made, or ends before it
-- has written, its share is done here: the result never depends on how many there are.
--
-- @module nabla.command.workers

local process = require "nabla.core".process
local serialise = require "nabla.session.serialise"

local M = {}

local MOST = 8

local function none() end -- no value stands for another one

--- How many processes are worth while.
-- @treturn integer
function M.count()
  return math.min(process.processors(), MOST)
end

-- In a copy: do a share, write what was found, and end.
local function serve(pipe, work, share)
  local ok, bytes = pcall(function()
    return serialise.pack(work(share), none)
  end)
  local written = ok and pipe:write(bytes) and pipe:close()
  process.leave(written and 0 or 1)
end

--- Do all shares.
-- @tparam integer count
-- @tparam function work called with the number of a share, 1 to `count`; gives a table of plain values
-- @treturn {table,...} what it gives for each
function M.share(count, work)
  local copies = {}
  for share = 2, count do
    local pid, pipe = process.fork()
    if pid == 0 then
      serve(pipe, work, share)
    end
    copies[share] = pid and { pid = pid, pipe = pipe } or {}
  end
  local results = { work(1) }
  for share = 2, count do
    local copy = copies[share]
    local bytes = copy.pid and copy.pipe:read "a"
    local done = copy.pid and copy.pipe:close() and process.wait(copy.pid)
    results[share] = done and bytes and serialise.unpack(bytes, none) or work(share)
  end
  return results
end

return M
