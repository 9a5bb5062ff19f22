-- A rule file with a mistake: the whole message (place, line, caret, what to do), and a session that is as it was.

local files = require "spec.support.files"
local nabla = require "nabla"
local sample = require "spec.support.sample"

-- Title, text and message of each case of spec/data/rulefile_errors.txt.
local function read_cases()
  local text = "\n" .. files.read("spec/data/rulefile_errors.txt"):gsub("\n+$", "") .. "\n\n== "
  local cases = {}
  local title, start = nil, nil
  for before, named, after in text:gmatch "()\n== ([^\n]*)()" do
    if title then
      local file, message = text:sub(start + 1, before):match "^(.-)\n%-%-\n(.-)\n*$"
      cases[#cases + 1] = { title, assert(file, title), message }
    end
    title, start = named, after
  end
  return cases
end

local function session()
  local s = assert(nabla.new { rules = { "identities/vector-by-vector.rules" } })
  assert(s:declare "scalar t, vector x(n), matrix A(m,n), matrix X(n,n), matrix S(n,n) symmetric")
  return s
end

-- All that a rule file can change, as text: what is registered, and answers that depend on it.
local function state(s)
  local out = { s.layout, s.convention }
  for _, name in ipairs { "ops", "layouts", "identities", "attributes", "files" } do
    local keys = {}
    for key, value in pairs(s[name]) do
      if not (type(value) == "table" and value.gone) then
        keys[#keys + 1] = tostring(key)
      end
    end
    table.sort(keys)
    out[#out + 1] = name .. ": " .. table.concat(keys, " ")
  end
  out[#out + 1] = table.concat(s.identity_order, " ")
  local rules = {}
  for serial, rule in pairs(s.rules) do
    rules[#rules + 1] = ("%d %s %s"):format(serial, rule.name, tostring(s.S:rule_gone(serial)))
  end
  table.sort(rules)
  out[#out + 1] = table.concat(rules, "\n")
  local problems = {
    "tr(X*X)",
    "det(X)",
    "logdet(X)",
    "x'*X*x",
    "x'*S*x",
    "sum(exp(X))",
    "tr(inv(X))",
    "foo(X)",
    "sum(X')",
  }
  for _, problem in ipairs(problems) do
    for _, by in ipairs { "X", "x" } do
      local g, err = s:diff(problem, by)
      out[#out + 1] = ("%s by %s: %s"):format(problem, by, tostring(g or err))
    end
  end
  for _, text in ipairs { "exp(X')", "exp(log(X))", "tr(X') + det(X')", "S'", "sum(x)/n", "bar(X)" } do
    out[#out + 1] = tostring((s:parse(text)))
  end
  out[#out + 1] = tostring(s:simplify "S' + S") .. tostring(s:holds("symmetric", s:parse "X + X'"))
  return table.concat(out, "\n")
end

-- The message with the lines of nabla's own files unnumbered.
local function message(err)
  return (tostring(err):gsub("(rules/[%w/-]+%.rules):%d+", "%1:N"))
end

-- To write the messages as they are now into the data, and look at the difference:
-- NABLA_UPDATE=1 busted spec/cases/rulefile_errors_spec.lua
local function update(cases)
  local out = { (files.read("spec/data/rulefile_errors.txt"):match "^(.-)\n== ") }
  for _, case in ipairs(cases) do
    local ok, err = session():rule(case[2], "my.rules")
    out[#out + 1] = ("== %s\n%s\n--\n%s\n"):format(case[1], case[2], ok and "(read)" or message(err))
  end
  files.write("spec/data/rulefile_errors.txt", table.concat(out, "\n") .. "\n")
end

if os.getenv "NABLA_UPDATE" then
  update(read_cases())
end

describe("a rule file with a mistake", function()
  local s = session()
  local before = state(s)

  for _, case in ipairs(sample.of(read_cases())) do
    it("gets a message that helps: " .. case[1], function()
      local ok, err = s:rule(case[2], "my.rules")
      assert.is_nil(ok)
      assert.equal(case[3], message(err))
      assert.equal(before, state(s))
    end)
  end

  -- Further texts, made here: text, message, and (where it matters) a limit of seconds.
  local function refused(text, expected)
    local started = os.clock()
    local ok, err = s:rule(text, "my.rules")
    assert.is_nil(ok)
    assert.equal(expected, tostring(err))
    assert.equal(before, state(s))
    assert.is_true(os.clock() - started < 2)
  end

  it("may be empty", function()
    local expected = "my.rules:1:1: the file holds no statement\nhint: see the rule language in the manual"
    refused("", expected)
    refused("\n\n\n", expected)
  end)

  it("may hold only comments", function()
    refused(
      "# to do\n",
      "my.rules:1:1: the file holds no statement\n# to do\n^\nhint: see the rule language in the manual"
    )
  end)

  it("may hold bytes that are not UTF-8", function()
    refused(
      'let scalar a\nrule "caf\xE9" exp(a) -> a',
      'my.rules:2:10: byte 0xE9 is not UTF-8\nrule "caf\u{FFFD}" exp(a) -> a\n         ^\nhint: save the text as UTF-8'
    )
  end)

  it("may hold a zero byte", function()
    refused(
      "let scalar a\0b",
      "my.rules:1:13: expected an attribute, `,` or `;`, found the control character U+0000\n"
        .. "let scalar a?b\n            ^\nhint: this sign is not seen: delete it, or type the word anew"
    )
  end)

  sample.whole(it)("may hold 100,000 brackets", function()
    local many = 100000
    for _, text in ipairs {
      "let scalar a\ncheck " .. ("("):rep(many) .. "a" .. (")"):rep(many) .. " == a",
      "let scalar a\ncheck " .. ("("):rep(many),
    } do
      local ok, err = s:rule(text, "my.rules")
      assert.is_nil(ok)
      assert.same({ 2, "brackets nest more than 10000 deep" }, { err.line, err.message })
    end
    assert.equal(before, state(s))
  end)

  it("may use more than 24 variables in a rule", function()
    local decls, names = {}, {}
    for i = 1, 25 do
      decls[i], names[i] = ("matrix A%d(n,n)"):format(i), "A" .. i
    end
    local text = ("let %s\nrule %q exp(%s) -> A1"):format(
      table.concat(decls, ", "),
      "r",
      table.concat(names, " + ")
    )
    local ok, err = s:rule(text, "my.rules")
    assert.is_nil(ok)
    assert.same({ 2, 1, "a rule has at most 24 variables" }, { err.line, err.column, err.message })
    assert.equal(before, state(s))
  end)

  it("lists the rows that a layout needs", function()
    refused(
      "layout odd\n    scalar by vector  d(y) = g*d(x)  gives g\n    vector by vector  d(y) = J*d(x)  gives J",
      "my.rules:1:1: the layout odd has no row `vector by scalar`\nlayout odd\n^\nhint: a layout says scalar by "
        .. "vector, vector by vector, vector by scalar, scalar by matrix, matrix by scalar; "
        .. "or write layout odd like numerator"
    )
  end)

  it("takes back all that came before the mistake", function()
    refused(
      [[
attribute fine implies symmetric
operator foo(X(n,n)): scalar
function bar(X(n,n)): scalar = tr(X) + 1
let matrix A(n,n), matrix S(n,n) fine
rule "mine" d(foo(A)) -> tr(d(A))
rule "other" exp(log(A)) -> A
rule "fine" foo(S) -> 1
fact fine(A + A')
adjoint A*S by S  Y -> A'*Y
without rule "determinant"
without layout mixed
rename layout vec as upright
rename identity "linear map" as "proposition 1"
default layout upright
identity "mine"
    D(tr(A), A)  denominator  I(n)
layout mixed
    scalar by vector    d(y) = g*d(x)             gives  g
    vector by vector    d(y) = J*d(x)             gives  J
    vector by scalar    d(y) = j*d(t)             gives  j
    scalar by matrix    d(y) = tr(G*d(X))         gives  G
    matrix by scalar    d(Y) = G*d(t)             gives  G
use "identities/scalar-by-vector.rules"
check tr(A) == tr(A')
rule "mistake" exp(A) -> B
]],
      "my.rules:25:26: unknown name 'B'\nrule \"mistake\" exp(A) -> B\n                         ^\n"
        .. "hint: declare it: let matrix B(m,n), vector B(n) or scalar B"
    )
  end)

  it("takes back that an operator was taken away", function()
    local mine = session()
    assert.is_nil((mine:rule 'without operator logdet\nrule "mistake" exp(A) -> B'))
    assert.equal("inv(X)'", tostring(mine:diff("logdet(X)", "X")))
  end)

  it("can be put right and read again", function()
    local other = session()
    assert.is_nil((other:rule 'operator foo(X(n,n)): scalar\nrule "r" d(foo(X)) -> d(X)'))
    assert.is_true(other:rule [[
      operator foo(X(n,n)): scalar
      let matrix X(n,n)
      rule "r" d(foo(X)) -> tr(d(X))
    ]])
    assert.equal("I(n)", tostring(other:diff("foo(X)", "X")))
  end)
end)

describe("rule files on the disk", function()
  local folder = os.tmpname()
  os.remove(folder)
  local s = session()
  local before = state(s)

  local function write(name, text)
    files.write(folder .. "/" .. name, text)
  end

  -- Loads a file; the message with the folder written FOLDER.
  local function load(name)
    local ok, err = s:load(folder .. "/" .. name)
    assert.is_nil(ok)
    assert.equal(before, state(s))
    local text = tostring(err)
    local at = text:find(folder, 1, true)
    while at do
      text = text:sub(1, at - 1) .. "FOLDER" .. text:sub(at + #folder)
      at = text:find(folder, 1, true)
    end
    return text
  end

  setup(function()
    assert(os.execute(("mkdir -p '%s/sub'"):format(folder)))
    write("a.rules", 'operator foo(A(n,n)): scalar\nuse "b.rules"\n')
    write("b.rules", 'operator bar(A(n,n)): scalar\nuse "sub/../c.rules"')
    write("c.rules", '# back again\nuse "a.rules"')
    write("self.rules", 'use "self.rules"')
    write("empty.rules", "")
    write("outer.rules", 'operator foo(A(n,n)): scalar\nuse "inner.rules"\n')
    write("inner.rules", 'operator bar(A(n,n)): scalar\nlet matrix A(n,n)\nrule "r" bar(A) -> A')
    write("late.rules", 'use "good.rules"\nuse "nowhere.rules"')
    write("good.rules", "operator bar(A(n,n)): scalar\nattribute fine\ndefault layout numerator")
    write("folder.rules", 'use "sub"')
    write("latin.rules", "# caf\xE9\nlet scalar a")
    write("half.rules", 'let scalar a, matrix A(n,n)\r\nrule "r" tr(A -> a\r\n')
  end)

  teardown(function()
    os.execute(("rm -rf '%s'"):format(folder))
  end)

  local messages = {
    ["a.rules"] = "FOLDER/c.rules:2:1: the files use each other in a circle: FOLDER/a.rules -> FOLDER/b.rules -> "
      .. 'FOLDER/c.rules -> FOLDER/a.rules\nuse "a.rules"\n^\n'
      .. "hint: take one use out: what several files need goes into a file of its own",
    ["self.rules"] = "FOLDER/self.rules:1:1: the files use each other in a circle: FOLDER/self.rules -> "
      .. 'FOLDER/self.rules\nuse "self.rules"\n^\n'
      .. "hint: take one use out: what several files need goes into a file of its own",
    ["empty.rules"] = "FOLDER/empty.rules:1:1: the file holds no statement\nhint: see the rule language in the manual",
    ["outer.rules"] = "FOLDER/inner.rules:3:20: the left side is 1 x 1, the right side n x n\n"
      .. 'rule "r" bar(A) -> A\n                   ^',
    ["late.rules"] = 'FOLDER/late.rules:2:1: there is no rule file nowhere.rules\nuse "nowhere.rules"\n^\n'
      .. "hint: looked beside FOLDER/late.rules and among the rules of nabla",
    ["sub"] = "FOLDER/sub:1:1: cannot read the file: it is a folder",
    ["folder.rules"] = 'FOLDER/folder.rules:1:1: cannot read FOLDER/sub: it is a folder\nuse "sub"\n^',
    ["missing.rules"] = "FOLDER/missing.rules:1:1: there is no such rule file",
    ["latin.rules"] = "FOLDER/latin.rules:1:6: byte 0xE9 is not UTF-8\n# caf\u{FFFD}\n     ^\n"
      .. "hint: save the text as UTF-8",
    ["half.rules"] = 'FOLDER/half.rules:2:12: this `(` is never closed\nrule "r" tr(A -> a\n           ^\n'
      .. "hint: `->` follows",
  }
  local names = {}
  for name in pairs(messages) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    it("get a message that names the file at fault: " .. name, function()
      assert.equal(messages[name], load(name))
    end)
  end

  it("are an error of nabla.new", function()
    local made, err = nabla.new { rules = { folder .. "/inner.rules" } }
    assert.is_nil(made)
    assert.same({ 3, 20 }, { err.line, err.column })
  end)
end)
