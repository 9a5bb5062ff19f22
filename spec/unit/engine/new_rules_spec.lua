-- What the engine says of rules that are about to be made: is there something against one, what is it for another operator, what is a
-- side whose names are all declared.

local core = require "nabla.core"
local nabla = require "nabla"
local syntax = require "nabla.language.syntax"

local KINDS, KIND = core.constants.rule_kinds, core.constants.kinds

describe("a new rule", function()
  local s, S, n, vars

  local function node(text)
    return S:tree(assert(syntax.expression(text)), vars, function(_, tree)
      local op = tree.tag == "call" and s.ops[tree.name]
      if tree.tag == "call" and tree.name == "d" then
        return nil, 0
      end
      return nil, assert(op, tree.name or tree.tag).number
    end)
  end

  before_each(function()
    s = assert(nabla.new {})
    S = s.S
    assert(s:rule [[
      operator one(A(n,n)): matrix (n,n)
      operator other(A(n,n)): matrix (n,n)
      operator of_two(A(n,n), B(n,n)): matrix (n,n)
      operator either(A(n,n), B(n,n)): matrix (n,n)  comm
      operator whole(A(n,n)): scalar
    ]])
    n = S:dim "n"
    vars = {}
    for i, name in ipairs { "A", "B", "C" } do
      vars[name] = { id = S:variable(name, KIND.matrix, i - 1, n, n) }
    end
  end)

  it("is accepted, with the number of its variables", function()
    assert.are.equal(1, S:accepts(KINDS.algebra, node "one(A)", node "A"))
    assert.are.equal(2, S:accepts(KINDS.algebra, node "of_two(A, B)", node "B*A"))
    assert.are.equal(1, S:accepts(KINDS.differential, node "d(one(A))", node "one(d(A))"))
    assert.are.equal(1, S:accepts(KINDS.simplify, node "one(A)", node "other(one(other(one(other(one(A))))))", true))
  end)

  it("is not where something speaks against it", function()
    for _, case in ipairs {
      { "one(A)", "one(A)" }, -- says nothing
      { "A", "one(A)" }, -- of a variable alone
      { "one(A)", "B" }, -- B is on the right only
      { "one(A)", "other(one(other(one(other(one(A))))))" }, -- may go on for ever
      { "one(d(A))", "A" }, -- a differential inside
      { "one(A)", "d(A)" },
      { "A''", "one(A)" },
    } do
      assert.is_nil(S:accepts(KINDS.algebra, node(case[1]), node(case[2])), case[1] .. " -> " .. case[2])
    end
    assert.is_nil(S:accepts(KINDS.differential, node "d(A)", node "one(d(A))"))
    assert(s:rule 'let matrix A(n,n)\nsimplify "known" one(other(A)) -> A')
    assert.is_nil(S:accepts(KINDS.simplify, node "one(other(B))", node "B")) -- what another rule does already
    assert.are.equal(1, S:accepts(KINDS.simplify, node "other(one(A))", node "A"))
  end)

  it("is the same for another operator of the same form", function()
    local one, other = s.ops.one.number, s.ops.other.number
    assert.are.equal(node "other(A)*B + A", S:exchange(node "one(A)*B + A", one, other))
    assert.are.equal(node "other(A)*other(B)", S:exchange(node "one(A)*one(B)", one, other))
    assert.are.equal(node "A", S:exchange(node "A", one, other))
    assert.is_nil(S:exchange(node "one(one(A))", one, other)) -- one inside the other
    assert.is_nil(S:exchange(node "one(A) - other(A)", one, other)) -- it vanishes
    assert.is_nil(S:exchange(node "one(A)", one, s.ops.whole.number)) -- of another shape
    assert.is_nil(S:exchange(node "of_two(A, B)", s.ops.of_two.number, s.ops.either.number)) -- which changes the order
    assert.is_nil(S:check())
    for _, wrong in ipairs { 0, 1, 1e6 // 1 | 0 } do
      assert.has_error(function()
        S:exchange(node "one(A)", one, math.tointeger(wrong))
      end)
    end
  end)

  it("has sides of any form of plain algebra", function()
    local function args(text)
      return S:op(node(text))
    end
    assert.are.equal("sum", args "A + 2*B - C")
    assert.are.equal("product", args "-A*B'*C/3")
    assert.are.equal("hadamard", args "A.*B*C.*A")
    assert.are.equal("elpower", args "A.^2")
    assert.are.equal("d", args "d(one(A))")
    local terms = {}
    for i = 1, 40 do -- more than have room on the stack of C
      terms[i] = ("one(A*%d)"):format(i + 1)
    end
    assert.are.equal(80, #S:args(node(table.concat(terms, " + "))))
    local too_deep = 600
    assert.has_error(function()
      node(("one("):rep(too_deep) .. "A" .. (")"):rep(too_deep))
    end)
    assert.has_error(function()
      node "A + one(D)"
    end)
    assert.is_nil(S:check())
  end)
end)
