-- `nabla check --watch FILE` from outside: the file is written, and what has changed is proved.

local core = require "nabla.core"
local files = require "spec.support.files"
local sample = require "spec.support.sample"

local LETS = "let vector x(n), matrix A(n,n), scalar t\n"
local SQUARE = 'identity "square"  D(x\'*x, x)  denominator 2*x\n'
local FORM = 'identity "form"  D(x\'*A*x, x)  denominator (A + A\')*x\n'
local OWN = "function f(scalar s): scalar = s^2 + 1\nidentity \"own\"  D(f(t), t)  denominator 2*t\n"

describe("nabla check --watch", function()
  local path, out = os.tmpname(), os.tmpname()
  teardown(function()
    os.remove(path)
    os.remove(out)
  end)

  -- Wait until the output holds a pattern; what it holds then.
  local function seen(pattern)
    for _ = 1, 300 do
      local text = files.read(out)
      if text:find(pattern) then
        return text
      end
      core.process.sleep(0.1)
    end
    error("the output is " .. files.read(out))
  end

  -- Write the file, and give what is printed until the next report.
  local printed = 0
  local function report(text, last)
    files.write(path, text)
    for _ = 1, 300 do
      local all = files.read(out)
      local new = all:sub(printed + 1)
      if new:find(last or "looked at anew\n") then
        printed = #all
        return new
      end
      core.process.sleep(0.1)
    end
    error("the output is " .. files.read(out))
  end

  -- Start watching: the number of the process.
  local function start()
    local pipe = io.popen(("bin/nabla check --watch %s >%s 2>&1 & echo $!"):format(path, out))
    local pid = pipe:read "l"
    pipe:close()
    return pid
  end

  -- Interrupt it, and wait for its end.
  local function stop(pid)
    os.execute("kill -INT " .. pid)
    for _ = 1, 100 do
      if not os.execute("kill -0 " .. pid .. " 2>/dev/null") then
        return
      end
      core.process.sleep(0.1)
    end
    error "the process goes on"
  end

  it("proves what has changed, prints mistakes and goes on", function()
    files.write(path, LETS .. SQUARE .. FORM)
    local pid = start()
    assert.matches("2 proved.*; 2 looked at anew", seen "anew\n")
    printed = #files.read(out)
    local moved = report(LETS .. "\n# a comment\n" .. FORM .. SQUARE)
    assert.matches("2 proved.*; 0 looked at anew", moved)
    local wrong = report(LETS .. SQUARE:gsub("2%*x", "3*x") .. FORM)
    assert.matches(":2: identity \"square\": failed", wrong)
    assert.matches("; 1 looked at anew", wrong)
    assert.matches("expected", report(LETS .. SQUARE .. "identity D(", "%^"))
    assert.matches("4 proved.*; 3 looked at anew", report(LETS .. SQUARE .. FORM .. OWN))
    assert.matches("own\": failed.*; 2 looked at anew", report(LETS .. SQUARE .. FORM .. OWN:gsub("s%^2", "s^3")))
    local lets = LETS:gsub("x%(n%)", "x(n) nonnegative")
    assert.matches("4 proved.*; 4 looked at anew", report(lets .. SQUARE .. FORM .. OWN))
    stop(pid)
  end)

  sample.whole(it)("goes on when a file that is used is broken, gone or another one, or is replaced", function()
    local used = path .. ".used"
    local text = ('use "%s"\n'):format(used) .. LETS .. SQUARE .. 'identity "own"  D(g(t), t)  denominator 2*t\n'
    local good = "function g(scalar s): scalar = s^2\n"
    files.write(used, good)
    files.write(path, text)
    files.write(out, "")
    printed = 0
    local pid = start()
    local function after(change, pattern)
      change()
      local all
      for _ = 1, 300 do
        all = files.read(out)
        if all:sub(printed + 1):find(pattern) then
          printed = #all
          return
        end
        core.process.sleep(0.1)
      end
      error("no " .. pattern .. " in " .. all)
    end
    local function writes(file, content)
      return function()
        files.write(file .. ".new", content)
        assert(os.rename(file .. ".new", file))
      end
    end
    after(function() end, "2 proved.-; 2 looked at anew")
    after(writes(used, "function g(scalar s): scalar = s^\n"), "expected an expression")
    after(writes(used, "function g(scalar s): scalar = s^3\n"), '"own": failed.-; 2 looked at anew')
    after(function()
      os.remove(used)
    end, "there is no rule file")
    after(writes(used, good), "2 proved")
    after(function()
      os.remove(path)
    end, "is not there")
    after(writes(path, LETS .. FORM), "1 proved.-; 1 looked at anew")
    os.remove(used)
    stop(pid)
  end)
end)
