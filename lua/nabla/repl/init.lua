--- `nabla repl`: lines from a terminal. The lines are carried out by nabla.repl.line.
--
-- With lua-readline (GNU readline) there are editing, a history and completion; without it lines are read as they come.
--
-- @module nabla.repl

local lines = require "nabla.repl.line"
local process = require("nabla.core").process

local M = {}

local SECONDS = 20 -- that a line may take

local function history_path()
  local home = os.getenv "HOME"
  return home and home .. "/.nabla_history"
end

-- The names that begin as a word does: commands, operators, declared letters.
local function completions(state, word)
  local found, seen = {}, {}
  local function take(name)
    if name:sub(1, #word) == word and not seen[name] then
      seen[name] = true
      found[#found + 1] = name
    end
  end
  for _, name in ipairs(lines.words()) do
    take(name)
  end
  for name, op in pairs(state.session.ops) do
    if not op.gone then
      take(name .. "(")
    end
  end
  for name in pairs(state.session.scope.vars) do
    take(name)
  end
  return found
end
M.completions = completions

-- A function that reads a line after a prompt; one that forgets what is half typed; one to call at the end. An interrupt is an
-- error of the first.
local function reader(state, is_terminal)
  local function nothing() end
  local there, readline = pcall(require, "readline")
  if not there or not is_terminal then
    return function(prompt)
      if is_terminal then
        io.write(prompt)
        io.flush()
      end
      return io.read "l"
    end, nothing, nothing
  end
  local path = history_path()
  readline.set_options { keeplines = 1000, histfile = path, completion = true }
  readline.set_readline_name "nabla"
  readline.set_complete_function(function(text, from, to)
    readline.set_completion_append_character "" -- a name may be a call: its bracket is in the name
    return completions(state, text:sub(from, to))
  end)
  local function drop()
    if readline.sigcleanup then -- before it, what is removed would be freed twice
      readline.sigcleanup()
      readline.handler_remove()
    end
  end
  local before
  -- One character after another: so an interrupt ends the line at once, not behind the next one.
  return function(prompt)
    local line, done
    readline.handler_install(prompt, function(text)
      line, done = text, true
      readline.handler_remove()
    end)
    while not done do
      if process.input() then
        readline.read_char()
      end
    end
    if line and line:find "%S" and line ~= before then
      readline.add_history(line)
      before = line
    end
    return line
  end, drop, path and readline.save_history or nothing
end

--- Carry out a line; what stops it is an answer that failed.
function M.carry_out(state, line)
  local done, result = pcall(lines.run, state, line)
  if done then
    return result
  end
  local message = tostring(type(result) == "table" and result.message or result)
  return { text = message:find "interrupted" and "interrupted" or message, failed = true }
end

--- Is an error an interrupt?
function M.is_interrupt(err)
  return type(err) == "string" and err:find "interrupted!$" ~= nil
end

--- Read lines and answer them, until the input ends or a line says quit. An interrupt stops a line, or drops what is half typed.
-- @param session the session
-- @tparam[opt] table opts `terminal` (true: prompts and colours), `write` (where answers go; io.write if it is absent)
function M.run(session, opts)
  opts = opts or {}
  local state = lines.state(session)
  local write = opts.write or io.write
  local read, drop, finish = reader(state, opts.terminal)
  session:limits { seconds = SECONDS }
  if opts.terminal then
    process.interrupts()
  end
  -- True until the end.
  local function round()
    local line = read "nabla> "
    while line and lines.goes_on(line) do
      local more = read "   ..> "
      if not more then
        break
      end
      line = line .. " " .. more
    end
    local result = line and M.carry_out(state, line) or { quit = true }
    if not result.quit and result.text ~= "" then
      local red = result.failed and opts.terminal
      write(red and "\27[31m" or "", result.text, red and "\27[0m" or "", "\n")
    end
    return not result.quit
  end
  local ok, going
  repeat
    ok, going = pcall(round)
    if not ok and not (opts.terminal and M.is_interrupt(going)) then
      finish()
      error(going, 0)
    elseif not ok then
      drop()
      write "\n"
    end
  until not going
  finish()
end

return M
