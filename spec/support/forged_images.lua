--- Forges images of a store: changes words of a true one at random, puts the right digest behind them, loads them and
-- uses those that load. A program of its own, since a mistake of the engine would end the process:
--
--     lua5.4 spec/support/forged_images.lua SEED COUNT USED
--
-- USED: of how many that load is a derivative asked as well. Prints how many were loaded and how many refused.

local core = require "nabla.core"
local handles = require "nabla.session.handles"
local nabla = require "nabla"
local paths = require "nabla.rules.paths"

local seed, count, used = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])
math.randomseed(seed)

local image = assert(nabla.new { default_rules = false, rules = paths.own "default.rules" }).S:image()
local DIGEST = 12 -- bytes at the end: a length and the digest
local body = image:sub(1, -DIGEST - 1)

local NEW = {
  function()
    return 0
  end,
  function()
    return 0xffffffff
  end,
  function()
    return 0x7fffffff
  end,
  function()
    return math.random(0, 40) -- an operator, a kind, a count
  end,
  function()
    return math.random(0, 3000) -- a node
  end,
  function(old)
    return old ~ (1 << math.random(0, 31))
  end,
}

local function forged()
  local bytes = body
  for _ = 1, math.random(1, 3) do
    local at = math.random(0, #bytes // 4 - 1) * 4
    local new = NEW[math.random(#NEW)](string.unpack("<I4", bytes, at + 1))
    bytes = bytes:sub(1, at) .. string.pack("<I4", new) .. bytes:sub(at + 5)
  end
  return bytes .. string.pack("<I4i8", 8, core.digest(bytes))
end

local QUESTIONS = { { "norm2(A*x - b)^2", "x" }, { "logdet(X) + tr(A*X*B*inv(X))", "X" }, { "sum(exp(A*x))", "x" } }

-- A session whose store is another; what goes wrong in it may be any error of Lua.
local function use(S)
  local session = nabla.new()
  session.S = S
  handles.belongs(S, session)
  S:limits { steps = 1e5, bytes = 1e9 }
  for _, question in ipairs(QUESTIONS) do
    pcall(function()
      tostring(session:diff(question[1], question[2]))
    end)
  end
  S:collect()
end

local loaded, refused = 0, 0
for _ = 1, count do
  local ok, S = pcall(core.new, forged())
  if ok then
    loaded = loaded + 1
    assert(S:check() == nil)
    if loaded <= used then
      use(S)
    end
  else
    refused = refused + 1
    assert(S.message == "this is no image of a store", S.message)
  end
end
print(string.format("%d loaded, %d refused", loaded, refused))
