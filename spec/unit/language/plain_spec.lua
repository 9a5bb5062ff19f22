-- The quick ways for texts that are plain and fully declared give what the grammar and the three passes give.

local Context = require "nabla.language.context"
local core = require "nabla.core"
local errors = require "nabla.text.errors"
local generator = require "spec.support.generator"
local handles = require "nabla.session.handles"
local nabla = require "nabla"
local syntax = require "nabla.language.syntax"

local plain = { expression = core.plain.expression, declarations = core.plain.declarations }
local short = Context.node_of_declared

local function nothing() end

local function restore()
  core.plain.expression, core.plain.declarations = plain.expression, plain.declarations
  Context.node_of_declared = short
end

local function slowly(f, ...)
  core.plain.expression, core.plain.declarations, Context.node_of_declared = nothing, nothing, nothing
  local results = table.pack(pcall(f, ...))
  restore()
  assert(table.unpack(results, 1, results.n))
  return table.unpack(results, 2, results.n)
end

-- A text of random pieces.
local function text_of(random, pieces, most)
  local parts = {}
  for i = 1, random(most) do
    parts[i] = pieces[random(#pieces)]
  end
  return table.concat(parts)
end

local function words(text)
  local list = {}
  for piece in text:gmatch "%S+" do
    list[#list + 1] = piece
  end
  return list
end

local SIGNS = words [[x A b_1 sum( tr( f( ( ) , + - * / .* ./ ' .' ^ .^ 2 1.5 2. .5 1e3 3i i e n = .. [ ; -> ** # inv(X) A*x A'
  -x (a+b) ² α 0]]
for _, piece in ipairs { " ", "\n", "sum(i = 1..n,", "..", "(A)(i", "1i", "k", "=" } do
  SIGNS[#SIGNS + 1] = piece
end

local DECLARATIONS = {
  "matrix ", "vector ", "scalar ", "x", "A", "(", ")", "(n,n)", "(m)", "(n+1, 2*m)", ",", ";", " ", "symmetric ",
  " invertible", " of x", " for i = 1..n", "constant ", "number ", "operator", "\n", "of", "random mean m", "mean 0",
  "scalars", "complex ", "of (x, y)", "0", "number k", "matrix A(n,n)", "vector x(n)", "matrix B(m,n) symmetric", ", ",
}

describe("a plain text", function()
  after_each(restore)

  for what, pieces in pairs { expression = SIGNS, declarations = DECLARATIONS } do
    it(("has the tree of the grammar: %s"):format(what), function()
      local random, count = generator(what == "expression" and 3 or 4), 0
      for _ = 1, 10000 do
        local text = text_of(random, pieces, 10)
        local tree = plain[what](text)
        if tree then
          count = count + 1
          local known, err = slowly(syntax[what], text)
          assert(known, ("%q: %s"):format(text, tostring(err)))
          assert.same(known, tree, text)
        end
      end
      assert.is_true(count > 150, count)
    end)
  end

  for _, text in ipairs {
    "x'*A*x + b'*x", "-x^-2*(a.*b)./c^2'", "tr((A*X - B)'*(A*X - B))", "2.5*x + 1./x", "-(a - b) - -c",
    "f(x, y(2), (z))", "x^(a+b)'^2.^y", "((x))", "2i*x",
    "1i'", "(2.5i)", "sum(i = 1..n, x(i))*2", "-sum( k=0..n - 1,A^k)",
    "(A*B)(i,j)", "A'(1, 2)'", "(a)(k_1+1)", "X^(a)(i,j)", "sum(i)", "sum(x)",
  } do
    it(("is read at once: %s"):format(text), function()
      assert.same(slowly(syntax.expression, text), (assert(plain.expression(text))))
    end)
  end

  for _, text in ipairs {
    "α*x", "(a)(b)", "[A, B]", "sum(i = 1..n)", "sum(i = 1..n, x(i), 2)", "x²",
    "a + ", "a b", "x # all", "", "2ix", "1..n",
  } do
    it(("is left to the grammar: %s"):format(text), function()
      assert.is_nil(plain.expression(text))
    end)
  end

  it("is one where signs of rule files are not in it", function()
    local s = assert(nabla.new { rules_text = 'operator whole(A(m,n)): scalar linear unicode "Q(%1)"\n' })
    assert(s:declare "matrix A(m,n)")
    assert.equal(s:parse "whole(2*A) + 1", (s:parse "1 + Q(2*A)"))
  end)

  it("may be deep and long", function()
    local deep = ("sin("):rep(10000) .. "x" .. (")"):rep(10000)
    assert.is_table(plain.expression(deep))
    assert.is_nil(plain.expression(("("):rep(1000000)))
    assert.is_nil(plain.expression(("-"):rep(1000000) .. "x"))
    assert.equal(100000, #plain.expression(("a*x + "):rep(99999) .. "b").args)
  end)
end)

describe("what is looked for in a text", function()
  it("is found where it is", function()
    local has = core.plain.finder { "np.", "@", ".T", "=" }
    for text, found in pairs {
      ["np.dot(x)"] = true, ["x @ y"] = true, ["x@"] = true, ["x.T"] = true, ["a = b"] = true,
      ["n p.x"] = false, ["x.t"] = false, ["."] = false, ["n"] = false, [""] = false, ["x.*T"] = false,
    } do
      assert.equal(found, has(text), text)
    end
    assert.is_false(core.plain.finder {} "x")
    assert.has_error(function()
      core.plain.finder { "" }
    end)
  end)

  it("is whether it is UTF-8, as of Lua", function()
    local random, good = generator(6), 0
    local bytes = { 0x41, 0x80, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0x9F, 0xA0, 0x8F }
    for _ = 1, 5000 do
      local parts = {}
      for i = 1, random(4) do
        parts[i] = string.char(bytes[random(#bytes)])
      end
      local text = table.concat(parts)
      local is = core.plain.is_utf8(text)
      good = good + (is and 1 or 0)
      assert.equal(errors.check_utf8(text) == nil, is, ("%q"):format(text))
    end
    assert.is_true(good > 50, good)
  end)

  it("are decimals, but in strings and comments", function()
    for text, most in pairs {
      ["x + 1.5"] = 1, ["1.2500"] = 2, ["x*1. + .5"] = 0, ['"1.234" 0.5 # 2.718'] = 1, ["1.0"] = 0, ["1.5\n2.125"] = 3,
      [""] = 0, ["1."] = 0, ['"1.5'] = 1,
    } do
      assert.equal(most, core.plain.decimals(text), text)
    end
  end)
end)

local LETTERS = "matrix A(n,n), B(n,n) symmetric, X(n,m), vector x(n), y(n), b(m), scalar a, t, e, vector u(m) of t,"
  .. "scalar f of x, scalar T"
local PARTS = words [[x y b A B X a t u f(x) f(2*x) u(t) u x' y' A' X' B' A*x X*b x'*y x'*A*x X'*x b'*X' tr(A) tr(X'*A*X)
  sum(x) sum(exp(a)) sum(exp(x)) exp(A*x) norm(x) norm2(X*b) I(n) ones(n) zeros(n,m) log(a) inv(A) det(A*B) a^2 a^T A^2 A^a
  x.^2 x.^y x.*y x./y a./x x/a 1' 2 1.50 3 n e^a kron(A,B) d(x) -x (x+y) (x-y) (A+B') max(a,t) x(1) A(1,2) foo z]]
local BETWEEN = { " + ", " - ", "*", "*", ".*", "./", "/", "'*", "^" }

describe("a text of declared letters", function()
  after_each(restore)

  it("is remembered as the passes remember it", function()
    local s = assert(nabla.new())
    assert(s:declare(LETTERS))
    local random, count, read = generator(5), 0, 0
    local function parsed(text)
      s:forget_texts()
      local f, notes = s:parse(text)
      if not f then
        return { tostring(notes) }
      end
      local hint = handles.hints[f] or { sums = {}, turned = {}, letters = {} }
      local dims = {}
      for name in pairs(s.scope.dims) do
        dims[name] = true
      end
      return { f, notes and tostring(notes) or "", hint.sums, hint.turned, hint.decimals or 0, dims, #hint.letters }
    end
    for _ = 1, 2500 do
      local parts = {}
      for i = 1, random(4) do
        parts[2 * i - 1], parts[2 * i] = PARTS[random(#PARTS)], BETWEEN[random(#BETWEEN)]
      end
      parts[#parts] = nil
      local text = table.concat(parts)
      local quick = true
      Context.node_of_declared = function(...)
        local id = short(...)
        quick = quick and id
        return id
      end
      local got = parsed(text)
      count, read = count + (quick and 1 or 0), read + (got[2] and 1 or 0)
      if quick then
        assert.same(slowly(parsed, text), got, text)
      end
    end
    assert.is_true(count > 0.5 * read and count > 200, ("%d of %d"):format(count, read))
  end)

  it("has types where a derivation asks for them", function()
    local s = assert(nabla.new())
    assert(s:declare "matrix A(n,n), vector x(n)")
    local quick = tostring(assert(s:derive("x'*A*x + sum(exp(A*x))", "x")))
    assert.equal(slowly(function()
      return tostring(assert(s:derive("x'*A*x + sum(exp(A*x))", "x")))
    end), quick)
  end)

  it("leaves no size behind where it is wrong", function()
    local s = assert(nabla.new())
    assert(s:declare "matrix A(m,m)")
    local f, err = s:parse "A*I(zz) + A + undeclaredname"
    assert.is_nil(f)
    assert.is_true(errors.is_error(err))
    assert.is_nil(s.scope.dims.zz)
  end)
end)
