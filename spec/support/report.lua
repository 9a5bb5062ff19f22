--- busted's plain output, closed by the line `N passed, N failed` alone.
--
-- An error outside a test (a file that does not load) counts as a failure. busted exits with the number of
-- failures, which is 0 modulo 256 for some: here a failed run always exits with 1.

return function(options)
  local busted = require "busted"
  local handler = require "busted.outputHandlers.plainTerminal"(options)

  local function failed()
    return handler.failuresCount + handler.errorsCount
  end

  busted.subscribe({ "suite", "end" }, function()
    io.write(string.format("\n%d passed, %d failed\n", handler.successesCount, failed()))
    io.flush()
    return nil, true
  end)

  busted.subscribe({ "exit" }, function()
    if failed() > 0 then
      os.exit(1, true)
    end
    return nil, true
  end)

  return handler
end
