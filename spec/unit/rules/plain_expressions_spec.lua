-- Plain expressions of rule files, which the engine reads, have the trees that the grammar gives.

local core = require "nabla.core"
local paths = require "nabla.rules.paths"
local statements = require "nabla.rules.grammar"

local in_file = core.plain.in_file

-- The grammar without the engine's short way: another copy of the module.
local slow
do
  local loaded = package.loaded["nabla.rules.grammar"]
  core.plain.in_file, package.loaded["nabla.rules.grammar"] = function() end, nil
  slow = require "nabla.rules.grammar"
  core.plain.in_file, package.loaded["nabla.rules.grammar"] = in_file, loaded
end

local function read(grammar, text)
  local list, err = grammar.parse(text)
  return list or { err.message, err.line, err.column, err.hint }
end

local function same(text)
  assert.are.same(read(slow, text), read(statements, text), text)
end

local function contents(path)
  return (assert(paths.contents(path)))
end

-- A generator of its own, so that the texts are the same in every run.
local function generator(seed)
  local state = seed
  return function(n)
    state = (state * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff
    return (state >> 33) % n + 1
  end
end

local PIECES = {}
for piece in ([[x A b_1 sum( tr( f( ( ) ) , + - * / .* ./ ' .' ^ .^ 2 1.5 2. .5 1e3 3i i n = .. [ ; -> == ** inv(X) A*x A'
  -x (a+b) ² α 0 if cite iffy not(x) != <= " ! and A*B (A+B)*x d(x) zh]]):gmatch "%S+" do
  PIECES[#PIECES + 1] = piece
end
for _, piece in ipairs { " ", " ", "\n   ", "\n", "\n\n # c\n  ", " # comment\n    ", "\t", "\u{A0}", "\r\n ", "\0" } do
  PIECES[#PIECES + 1] = piece
end

describe("an expression of a rule file", function()
  it("has the tree of the grammar, in nabla's own files", function()
    local count = 0
    for _, name in ipairs(paths.names()) do
      local path = paths.own(name)
      if path then
        same(contents(path))
        count = count + 1
      end
    end
    assert.is_true(count > 40)
  end)

  it("is that of the grammar, or a mistake as there, for random texts", function()
    local random, read_at_once = generator(5), 0
    for round = 1, 6000 do
      local parts = {}
      for i = 1, random(9) do
        parts[i] = PIECES[random(#PIECES)]
      end
      local text = table.concat(parts)
      same('rule "r"  ' .. text .. (round % 2 == 0 and " -> x\n" or "") .. (round % 3 == 0 and 'rule "s" a -> b' or ""))
      local stop = in_file(text, 2, "", {})
      read_at_once = read_at_once + (stop and 1 or 0)
    end
    assert.is_true(read_at_once > 500)
  end)

  it("ends where the statement ends, with a margin as well", function()
    same '  rule "a"\n    A*(B\n     + C) # comment\n  # another\n    -> tr(A)\n  rule "b"  A -> B\n'
    same '  rule "a"  A\n  -> B'
    same 'rule "a" A\n-> B'
    same 'rule "a" A -\n> B'
    same 'rule "a" A ->-B'
    same 'rule "a" A\r\n  *B -> C\r\n'
  end)

  it("may be deep or long", function()
    for _, n in ipairs { 39, 40, 41, 60, 300 } do
      same('rule "a" ' .. ("("):rep(n) .. "x" .. (")"):rep(n) .. " -> x")
      same('rule "a" ' .. ("f("):rep(n) .. "x" .. (")"):rep(n) .. " -> x")
      same('rule "a" ' .. ("-"):rep(n) .. "x -> x")
      same('rule "a" x' .. ("^2"):rep(n) .. " -> x")
      same('rule "a" x' .. (" + x*y"):rep(n) .. " -> x")
    end
    same('rule "a" x' .. (" + x"):rep(3000) .. " -> x")
  end)

  it("is asked for at a place of the text", function()
    for _, place in ipairs { 0, 1, -5, 7, 1e9 // 1 | 0 } do
      assert.has_error(function()
        in_file("A*x", math.tointeger(place), "", {})
      end)
    end
    assert.are.equal(4, (in_file("A*x", 2, "", {})))
    assert.is_nil((in_file("A*[x]", 2, "", {})))
    assert.is_nil((in_file("if x", 2, "", { ["if"] = true })))
  end)
end)
