--- `nabla repl`: lines from a terminal. The lines are carried out by nabla.repl.line.
--
-- With lua-readline (GNU readline) there are editing, a history and completion; without it lines are read as they come.
--
-- @module nabla.repl

local lines = require "nabla.repl.line"

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

-- A function that reads a line after a prompt; and one to call at the end.
local function reader(state, is_terminal)
  local there, readline = pcall(require, "readline")
  if not there or not is_terminal then
    return function(prompt)
      if is_terminal then
        io.write(prompt)
        io.flush()
      end
      return io.read "l"
    end, function() end
  end
  local path = history_path()
  readline.set_options { keeplines = 1000, histfile = path, completion = true, auto_add = true }
  readline.set_readline_name "nabla"
  readline.set_complete_function(function(text, from, to)
    return completions(state, text:sub(from, to))
  end)
  return readline.readline, path and readline.save_history or function() end
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

--- Read lines and answer them, until the input ends or a line says quit.
-- @param session the session
-- @tparam[opt] table opts `terminal` (true: prompts and colours), `write` (where answers go; io.write if it is absent)
function M.run(session, opts)
  opts = opts or {}
  local state = lines.state(session)
  local write = opts.write or io.write
  local read, finish = reader(state, opts.terminal)
  session:limits { seconds = SECONDS }
  while true do
    local line = read "nabla> "
    while line and lines.goes_on(line) do
      local more = read "   ..> "
      if not more then
        break
      end
      line = line .. " " .. more
    end
    if not line then
      break
    end
    local result = M.carry_out(state, line)
    if result.quit then
      break
    elseif result.text ~= "" then
      local red = result.failed and opts.terminal
      write(red and "\27[31m" or "", result.text, red and "\27[0m" or "", "\n")
    end
  end
  finish()
end

return M
