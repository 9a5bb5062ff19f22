-- Work that several processes share.

local process = require("nabla.core").process
local workers = require "nabla.command.workers"

local function squares(processes, count)
  local results = workers.each(processes, count, function(i)
    return { i * i }
  end)
  local sum = 0
  for i = 1, count do
    assert.equal(i * i, results[i][1])
    sum = sum + 1
  end
  return sum, #results
end

describe("pieces of work", function()
  it("are all done, by one process or by several", function()
    for _, processes in ipairs { 1, 2, 3, 8 } do
      for _, count in ipairs { 0, 1, 5, 300 } do
        local done, there = squares(processes, count)
        assert.equal(count, done)
        assert.equal(count, there)
      end
    end
  end)

  it("are done by this process where there are more than a queue holds", function()
    assert.equal(workers.MOST_PIECES, (squares(2, workers.MOST_PIECES)))
    assert.is_nil((process.queue(1000000)))
    assert.equal(100000, (squares(2, 100000)))
  end)

  it("are done here where a copy ends before it has written", function()
    local fork, in_copy = process.fork, false
    process.fork = function()
      local pid, pipe = fork()
      in_copy = pid == 0
      return pid, pipe
    end
    local results = workers.each(3, 40, function(i)
      if in_copy then
        process.leave(1)
      end
      process.sleep(0.001)
      return { i }
    end)
    process.fork = fork
    for i = 1, 40 do
      assert.equal(i, results[i][1])
    end
  end)

  it("are told of where they are done in this process", function()
    local begun = {}
    workers.each(1, 3, function()
      return {}
    end, function(i)
      begun[#begun + 1] = i
    end)
    assert.same({ 1, 2, 3 }, begun)
  end)
end)

describe("a queue", function()
  it("hands out each number once", function()
    local take = process.queue(3)
    assert.same({ 1, 2, 3 }, { take(), take(), take() })
    assert.is_nil((take()))
  end)
end)
