-- Plain statements of rule files, which the engine reads, have the tables that the grammar gives.

local characters = require "nabla.language.characters"
local core = require "nabla.core"
local generator = require "spec.support.generator"
local mistakes = require "nabla.language.mistakes"
local paths = require "nabla.rules.paths"
local statements = require "nabla.rules.statements"

-- The grammar without the engine's short way: another copy of the module.
local slow
do
  local loaded, reader = package.loaded["nabla.rules.statements"], core.plain.statements
  core.plain.statements = function()
    return function() end
  end
  package.loaded["nabla.rules.statements"] = nil
  slow = require "nabla.rules.statements"
  core.plain.statements, package.loaded["nabla.rules.statements"] = reader, loaded
end

-- How many statements the grammar has read or refused.
local by_grammar = 0
do
  local match = mistakes.match
  mistakes.match = function(pattern, context)
    by_grammar = by_grammar + 1
    return match(pattern, context)
  end
end

local function read(grammar, text)
  local list, err = grammar.parse(text)
  return list or { err.message, err.line, err.column, err.hint }
end

local plainly, otherwise = 0, 0 -- texts that needed no grammar, and the others

local function same(text)
  local expected = read(slow, text)
  by_grammar = 0
  assert.are.same(expected, read(statements, text), text)
  if by_grammar == 0 then
    plainly = plainly + 1
  else
    otherwise = otherwise + 1
  end
end

local function contents(path)
  return (assert(paths.contents(path)))
end

local PIECES = {}
for piece in ([[x A b_1 sum( tr( f( ( ) ) , + - * / .* ./ ' .' ^ .^ 2 1.5 2. .5 1e3 3i i n = .. [ ; -> == ** inv(X) A*x A'
  -x (a+b) ² α 梯度 x₁ Σ_1 x̂ ªb ℝ ⅐ ᵀ 0 if cite iffy not(x) != <= " ! and A*B (A+B)*x d(x) zh]]):gmatch "%S+" do
  PIECES[#PIECES + 1] = piece
end
for _, piece in ipairs { " ", " ", "\n   ", "\n", "\n\n # c\n  ", " # comment\n    ", "\t", "\u{A0}", "\r\n ", "\0" } do
  PIECES[#PIECES + 1] = piece
end

-- The tokens of a text, with the space before each.
local function tokens(text)
  local list = {}
  local at = 1
  while at <= #text do
    local _, stop = text:find('^%s*"[^"\n]*"', at)
    if not stop then
      _, stop = text:find("^%s*[%w_]+", at)
    end
    if not stop then
      _, stop = text:find("^%s*[^%w_%s]", at)
    end
    stop = stop or #text
    list[#list + 1] = text:sub(at, stop)
    at = stop + 1
  end
  return list
end

local function class_of(token)
  local first = token:match "%S" or ""
  return first:find "[%a_]" and "name" or first:find "%d" and "number" or first == '"' and first or "sign"
end

-- All statements of nabla's own files, each with its tokens, and all tokens by class.
local function all_statements()
  local list, pool = {}, { name = {}, number = {}, sign = {}, ['"'] = {} }
  for _, name in ipairs(paths.names()) do
    local path = paths.own(name)
    local text = path and contents(path) or ""
    local statement_list = path and statements.parse(text) or {}
    for i, st in ipairs(statement_list) do
      local next_one = statement_list[i + 1]
      local one = tokens(text:sub(st.pos, next_one and next_one.pos - 1 or -1))
      list[#list + 1] = one
      for _, token in ipairs(one) do
        table.insert(pool[class_of(token)], token)
      end
    end
  end
  return list, pool
end

describe("a statement of a rule file", function()
  it("is that of the grammar, and needs none, in nabla's own files", function()
    local count = 0
    for _, name in ipairs(paths.names()) do
      local path = paths.own(name)
      if path then
        local text = contents(path)
        by_grammar = 0
        local list = assert(statements.parse(text))
        local whole = {}
        for i, st in ipairs(list) do
          whole[i] = st.body and st.stop and assert(statements.at(text, st.pos)) or nil
        end
        assert.are.equal(0, by_grammar, path)
        assert.are.same(read(slow, text), list, path)
        for i, st in pairs(whole) do
          assert.are.same(slow.at(text, list[i].pos), st)
        end
        count = count + 1
      end
    end
    assert.is_true(count > 40)
  end)

  it("is that of the grammar, or a mistake as there, where a word of it is another", function()
    local random, list, pool = generator(11), all_statements()
    local rounds = tonumber(os.getenv "NABLA_ROUNDS") or 1500
    plainly, otherwise = 0, 0
    for _ = 1, rounds do
      local one = list[random(#list)]
      local changed = table.move(one, 1, #one, 1, {})
      local at, what = random(#changed), random(6)
      local class = what < 4 and class_of(changed[at]) or ({ "name", "sign", "number", '"' })[random(4)]
      local other = pool[class][random(#pool[class])]
      if what <= 4 then -- mostly of the same class
        changed[at] = other
      elseif what == 5 then
        table.insert(changed, at, random(2) == 1 and other or "")
      elseif random(2) == 1 then
        table.remove(changed, at)
      else
        changed[at], changed[#changed] = changed[#changed], changed[at]
      end
      same((random(3) == 1 and 'table "t"\n' or "") .. table.concat(changed))
    end
    assert.is_true(plainly > 0.2 * rounds and otherwise > 0.2 * rounds, ("%d, %d"):format(plainly, otherwise))
  end)

  it("is that of the grammar, or a mistake as there, for random texts", function()
    local random = generator(5)
    plainly, otherwise = 0, 0
    for round = 1, 6000 do
      local parts = {}
      for i = 1, random(9) do
        parts[i] = PIECES[random(#PIECES)]
      end
      local text = table.concat(parts)
      same('rule "r"  ' .. text .. (round % 2 == 0 and " -> x\n" or "") .. (round % 3 == 0 and 'rule "s" a -> b' or ""))
    end
    assert.is_true(plainly > 200 and otherwise > 500)
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

  it("has the letters of the grammar", function()
    local read_one = core.plain.statements({}, {}, {}, {}, {}, {}, {}, {}, {})
    local letters = 0
    for code = 0x80, 0x1FFFF do
      local letter = utf8.char(code)
      if code < 0xD800 or code > 0xDFFF then
        local is = read_one("default a " .. letter, 1, 1, "") ~= nil
        letters = letters + (is and 1 or 0)
        if is ~= characters.is_name(letter) then
          assert.equal(characters.is_name(letter), is, ("U+%04X"):format(code))
        end
      end
    end
    assert.is_true(letters > 100000)
  end)

  it("is asked for at a place of the text", function()
    local read_one = core.plain.statements({}, {}, {}, {}, {}, {}, {}, {}, {})
    for _, place in ipairs { 0, -5, 7, math.tointeger(1e9) } do
      assert.has_error(function()
        read_one("A*x", place, 1, "")
      end)
    end
    assert.is_nil(read_one("", 1, 1, ""))
    assert.is_nil(read_one('use "x', 1, 1, ""))
    local st, stop, line = read_one('\n# none\nuse "x"\n\n', 1, 1, "")
    assert.are.same({ kind = "use", path = "x", pos = 9, line = 3 }, st)
    assert.are.same({ 16, 3 }, { stop, line })
  end)
end)
