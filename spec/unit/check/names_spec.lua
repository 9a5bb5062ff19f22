-- What statements lack for a derivation that quotes them: a name, a source, a Chinese title; of nabla's own files, nothing.

local files = require "spec.support.files"
local lfs = require "lfs"
local lint = require "nabla.check.lint"
local nabla = require "nabla"
local names = require "nabla.check.names"

-- The rule files below a folder.
local function rule_files(folder, list)
  list = list or {}
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if not name:find "^%." and lfs.attributes(path, "mode") == "directory" then
      rule_files(path, list)
    elseif name:find "%.rules$" then
      list[#list + 1] = path
    end
  end
  return list
end

-- What a text lacks, as lines `LINE KIND NAME: LACK, LACK`, and how many statements were looked at.
local function missing(text)
  local list, count = names.missing(text, "FILE")
  local lines = {}
  for i, one in ipairs(list) do
    lines[i] = ("%d %s %s: %s"):format(one.line, one.kind, one.name or "-", table.concat(one.lacks, ", "))
  end
  return lines, count
end

describe("names of statements", function()
  it("finds what lacks a name, a source or a Chinese title", function()
    local lines, count = missing [[
operator foo(A(m,n)): scalar
let matrix A(m,n), matrix S(n,n)
rule "foo"       d(foo(A)) -> sum(d(A))        cite "Lecture 1"  zh "甲"
rule d(foo(A')) -> sum(d(A))                   zh "乙"
rule "even"      foo(-A) -> foo(A)
simplify "even"  foo(2*A) -> 2*foo(A)          zh "丙"
fact nonnegative(foo(A))
adjoint "foo"    foo(A)  Y -> Y*ones(m,n)      zh "丁"
function bar(t) elementwise
    derivative 2
function baz(t) "baz" elementwise = 2*t        zh "戊"
attribute nice
layout mine "Mine"  zh "己"
    scalar by vector    d(y) = g*d(x)          gives  g   "row"  zh "行"
    vector by vector    d(y) = J*d(x)          gives  J
convention half "half"  zh "庚"
    symmetric           G -> G/2
    orthogonal          refused "no"
identity "i"     D(foo(A), A) numerator ones(n,m)
check foo(A) == foo(A)]]
    assert.are.same({
      "4 differential -: name, source",
      "5 rule even: Chinese title",
      "6 simplify even: name",
      "7 fact -: name, Chinese title",
      "9 function bar: name, source, Chinese title",
      "12 attribute nice: name, Chinese title",
      "15 row mine: name, Chinese title",
      "17 row half: name, Chinese title",
      "19 identity i: Chinese title",
    }, lines)
    assert.are.equal(15, count)
  end)

  it("reports the error of a text that is no rule file", function()
    local list, err = names.missing("rule rule", "FILE")
    assert.is_nil(list)
    assert.is_truthy(tostring(err):find("FILE:1", 1, true))
  end)
end)

describe("nabla's own rule files", function()
  local found = rule_files "rules"

  it("lack nothing", function()
    local lacking, total = {}, 0
    for _, path in ipairs(found) do
      local list, count = names.missing(files.read(path), path)
      total = total + count
      for _, one in ipairs(list) do
        lacking[#lacking + 1] = ("%s:%d: no %s"):format(path, one.line, table.concat(one.lacks, ", no "))
      end
    end
    assert.are.same({}, lacking)
    assert.is_true(total > 1000)
  end)

  it("have no name twice in one kind", function()
    local first, twice = {}, {}
    for _, path in ipairs(found) do
      for _, entry in ipairs(lint.entries(files.read(path), path)) do
        local st = entry.st
        if st.kind ~= "identity" and st.kind ~= "check" and (st.title or st.name) then
          local key = st.kind .. " " .. (st.title or st.name)
          twice[#twice + 1] = first[key] and ("%s: %s, %s:%d"):format(key, first[key], path, st.line)
          first[key] = ("%s:%d"):format(path, st.line)
        end
      end
    end
    assert.are.same({}, twice)
  end)
end)

describe("a session", function()
  local s = assert(nabla.new())

  it("keeps the name, the Chinese title and the source of each rule", function()
    local lacking = {}
    for serial, rule in pairs(s.rules) do
      if not (rule.zh and (rule.title or not rule.name:find "%.rules:%d")) then
        lacking[#lacking + 1] = serial
      end
    end
    assert.are.same({}, lacking)
  end)

  it("keeps the titles of functions, attributes, layouts, conventions and their rows", function()
    assert.are.equal("exponential function", s.ops.exp.title)
    assert.are.equal("指数函数", s.ops.exp.zh)
    assert.are.equal("positive semidefinite", s.attributes.psd.title)
    assert.are.equal("半正定矩阵", s.attributes.psd.zh)
    assert.are.equal("gradient", s.layouts.denominator.rows["scalar by vector"].title)
    assert.are.equal("梯度", s.layouts.denominator.rows["scalar by vector"].zh)
    local symmetric = s.conventions.entries.rows[1]
    assert.are.equal("derivative by a symmetric matrix", symmetric.title)
    assert.are.equal("Matrix Cookbook (138)", symmetric.cite)
    assert.are.equal("对称矩阵的导数", symmetric.zh)
  end)

  it("keeps the title of an attribute that another file declares again", function()
    local t = assert(nabla.new())
    assert(t:rule "attribute skew excludes spd")
    assert.are.equal("skew-symmetric", t.attributes.skew.title)
    assert(t:rule 'attribute skew "antisymmetric"')
    assert.are.equal("antisymmetric", t.attributes.skew.title)
    assert.are.equal("反对称矩阵", t.attributes.skew.zh)
  end)

  it("takes one fact away by its name, and all of a property by that", function()
    local t = assert(nabla.new())
    assert(t:rule 'without fact "Gram matrix"')
    assert.is_false(t:holds("psd", assert(t:parse "A'*A")))
    assert.is_true(t:holds("spd", assert(t:parse "I(n)")))
    assert(t:rule "without fact spd")
    assert.is_false(t:holds("spd", assert(t:parse "I(n)")))
  end)
end)

describe("a rule for steps", function()
  it("takes no part in differentiation", function()
    local s = assert(nabla.new { rules = {} })
    assert(s:rule [[
let vector x(n)
operator foo(x(n)): scalar
rule "foo of a vector"  d(foo(x)) -> 2*x'*d(x)  steps]])
    local _, err = s:diff("foo(y)", "y")
    assert.are.equal("no rule for d(foo(..))", tostring(err):match "no rule for d%(foo%(%.%.%)%)")
  end)

  it("is for a differential", function()
    local s = assert(nabla.new())
    local ok, err = s:rule "let matrix A(m,n)\noperator foo(A(m,n)): scalar\nrule foo(2*A) -> foo(A) steps"
    assert.is_nil(ok)
    assert.is_truthy(tostring(err):find("only a rule for a differential d(..) can be for steps", 1, true))
  end)
end)
