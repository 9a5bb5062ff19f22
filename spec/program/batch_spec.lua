-- `nabla batch`: a line of JSON in, a line of JSON out.

local command = require "spec.support.command"
local json = require "dkjson"
local sample = require "spec.support.sample"

local quoted = command.quoted
local shell = command.shell
local temporary_file = command.temporary_file
local NABLA = command.path

teardown(command.clean)

describe("nabla batch", function()
  -- Answers to lines, decoded; and the text.
  local function batch(lines)
    local path = temporary_file(lines)
    local result = shell(quoted(NABLA) .. " batch <" .. path)
    assert.are.same({ "", 0 }, { result.err, result.status })
    local answers = {}
    for line in result.out:gmatch "([^\n]*)\n" do
      answers[#answers + 1] = assert(json.decode(line))
    end
    return answers, result.out
  end

  it("answers in order, with shapes", function()
    local _, out = batch [[
{"id":1,"expr":"x'*A*x","wrt":"x"}
{"id":"two","decl":["matrix A(m,n)","vector x(n)"],"expr":"A*x","wrt":"x","layout":"numerator"}
{"id":3,"decl":["matrix A(n,n) symmetric"],"expr":"x'*A*x","wrt":"x","op":"hessian","format":"text"}
{"id":4,"expr":"x'*A*y","wrt":"x","wrt2":"y","op":"hessian","decl":["vector x(n), vector y(m)"]}
{"id":5,"expr":"x'*A*x","wrt":"x","format":"unicode","convention":"free"}
{"id":6,"expr":"A*x","wrt":"x'","decl":["matrix A(m,n)"]}
]]
    assert.are.equal(
      [[
{"id":1,"answer":"(A + A')*x","shape":"n x 1"}
{"id":"two","answer":"A","shape":"m x n"}
{"id":3,"answer":"2*A","shape":"n x n"}
{"id":4,"answer":"A","shape":"n x m"}
{"id":5,"answer":"(A + Aᵀ)·x","shape":"n x 1"}
{"id":6,"answer":"A'","shape":"n x m"}
]],
      (out:gsub('("id":1.-"shape":")%w+', "%1n"):gsub('("id":5.-"shape":")%w+', "%1n"))
    )
  end)

  it("keeps no declaration from one request to the next", function()
    local answers = batch [[
{"decl":["matrix A(n,n) symmetric","vector x(n)"],"expr":"x'*A*x","wrt":"x"}
{"expr":"x'*A*x","wrt":"x"}
{"decl":["scalar x"],"expr":"x^2","wrt":"x"}
{"decl":["matrix A(n,n) symetric"],"expr":"x'*A*x","wrt":"x"}
{"expr":"x'*A*x","wrt":"x"}
]]
    local texts = {}
    for i, answer in ipairs(answers) do
      texts[i] = answer.answer or answer.error.message
    end
    assert.are.same({ "2*A*x", "(A + A')*x", "2*x", "unknown attribute 'symetric'", "(A + A')*x" }, texts)
  end)

  it("takes a convention, and notes what a free gradient leaves out", function()
    local answers = batch [[
{"decl":["matrix S(n,n) symmetric"],"expr":"tr(A*S)","wrt":"S"}
{"decl":["matrix S(n,n) symmetric"],"expr":"tr(A*S)","wrt":"S","convention":"projected"}
{"decl":["matrix S(n,n) symmetric"],"expr":"tr(A*S)","wrt":"S","convention":"structured"}
{"decl":["matrix S(n,n) symmetric"],"expr":"norm2(S)^2","wrt":"S","op":"hessian","convention":"entries"}
]]
    assert.matches("^S is symmetric, but", answers[1].notes[1])
    local texts = {}
    for i, answer in ipairs(answers) do
      texts[i] = answer.answer
      assert.are.equal(i == 1, answer.notes ~= nil)
    end
    assert.are.same(
      { "A'", "(A + A')/2", "A + A' - diag(diagv(A))", "4*I(n*n) - 6*diag(vec(I(n))) + 4*K(n, n)" },
      texts
    )
  end)

  it("reads rule files for the requests that name them", function()
    local course = temporary_file "default layout numerator\n"
    local named = ('{"expr":"x\'*A*x","wrt":"x","rules":[%q]}\n'):format(course)
    local plain = '{"expr":"x\'*A*x","wrt":"x"}\n'
    local answers = batch(named .. plain .. named)
    for i, answer in ipairs { "x'*(A + A')", "(A + A')*x", "x'*(A + A')" } do
      assert.are.equal(answer, answers[i].answer)
    end
  end)

  it("skips blank lines, and reads CRLF, a byte order mark and a last line without its end", function()
    local request = '{"id":%d,"expr":"x\'*x","wrt":"x"}'
    local answers = batch("\xEF\xBB\xBF" .. request:format(1) .. "\r\n\r\n \t\n" .. request:format(2))
    assert.are.same({ 2, 1, 2 }, { #answers, answers[1].id, answers[2].id })
  end)

  it("echoes an id of any type as it was written", function()
    local ids =
      { "1.0", "100000000000000000000", '"é\\n"', "true", "null", "-1e3", "[1,null,[]]", '{"a":{}}' }
    ids[#ids + 1] = '"\\ud800"' -- half a character
    local lines = {}
    for i, id in ipairs(ids) do
      lines[i] = '{"id":' .. id .. ',"expr":"x\'*x","wrt":"x"}\n'
    end
    local _, out = batch(table.concat(lines))
    local i = 0
    for id in out:gmatch '{"id":(.-),"answer":"2%*x","shape":"%w+ x 1"}\n' do
      i = i + 1
      assert.are.equal(ids[i], id)
    end
    assert.are.equal(#ids, i)
  end)

  describe("answers with an error", function()
    local cases = {
      { "not JSON", "hello", "bad JSON: expected an object, found `h`", 1 },
      { "JSON that is no object", "[1]", "bad JSON: expected an object, found `[`", 1 },
      {
        "JSON that breaks off",
        '{"id":7,"expr":"x"',
        "bad JSON: expected `,` or `}`, found the end of the line",
        19,
      },
      { "a comma too many", '{"id":7,}', "bad JSON: expected a key in quotes, found `}`", 9 },
      { "text after the object", '{"id":7} {', "bad JSON: expected the end of the line, found `{`", 10 },
      {
        "an unfinished string",
        '{"id":7,"expr":"x}',
        "bad JSON: expected a value, found the end of the line",
        19,
      },
      { "a field missing", '{"id":7,"expr":"x"}', '"wrt" is missing' },
      { "a null field", '{"id":7,"expr":null,"wrt":"x"}', '"expr" is missing' },
      { "a number for a text", '{"id":7,"expr":5,"wrt":"x"}', '"expr" must be a string' },
      {
        "a text for a list",
        '{"id":7,"expr":"x","wrt":"x","decl":"scalar x"}',
        '"decl" must be a list of strings',
      },
      {
        "a list of something else",
        '{"id":7,"expr":"x","wrt":"x","decl":["scalar x",null]}',
        '"decl" must be a list of strings; element 2 is not',
      },
      {
        "an object for a list",
        '{"id":7,"expr":"x","wrt":"x","rules":{}}',
        '"rules" must be a list of strings',
      },
      {
        "an unknown op",
        '{"id":7,"expr":"x","wrt":"x","op":"hesian"}',
        "unknown op 'hesian'; known: derivative, hessian, convexity, taylor, solve, stationary, derive, identify, "
          .. "equal, table, check, code, simplify, expand, collect, factor, square",
      },
      {
        "an unknown format",
        '{"id":7,"expr":"x","wrt":"x","format":"pdf"}',
        "unknown format 'pdf'; known: text, unicode, latex",
      },
      {
        "a wrt2 that has no use",
        '{"id":7,"expr":"x","wrt":"x","wrt2":"x"}',
        '"wrt2" belongs to the op "hessian"',
      },
      {
        "no such rule file",
        '{"id":7,"expr":"x","wrt":"x","rules":["no.rules"]}',
        "there is no such rule file",
      },
      {
        "a broken expression",
        '{"id":7,"expr":"x +","wrt":"x"}',
        "expected an expression, found the end of the expression",
        4,
      },
      { "a broken declaration", '{"id":7,"expr":"x","wrt":"x","decl":["scalar"]}', nil, 7 },
      {
        "a name of no variable",
        '{"id":7,"expr":"x","wrt":"2"}',
        "'2' is no variable to differentiate by",
        1,
      },
      { "bytes that are not UTF-8", '{"id":7,"expr":"\xFF","wrt":"x"}', "byte 0xFF is not UTF-8", 17 },
      { "brackets without end", '{"id":7,"x":' .. ("["):rep(100000), "the request is nested too deeply" },
      { "a very long name", '{"id":7,"expr":"' .. ("a"):rep(20000) .. '","wrt":"x"}', nil, 1 },
    }
    for _, case in ipairs(cases) do
      it("when the line holds " .. case[1], function()
        local answers = batch(case[2] .. '\n{"id":"next","expr":"x\'*x","wrt":"x"}\n')
        assert.are.same({ 2, "next", "2*x" }, { #answers, answers[2].id, answers[2].answer })
        local err = answers[1].error
        if case[3] then
          assert.are.equal(case[3], err.message)
        end
        assert.is_true(#err.message > 0 and #err.message < 600)
        assert.are.equal(case[4], err.column)
        assert.are.equal(case[2]:find '"id":7' and 7 or nil, answers[1].id)
      end)
    end

    it("when a layout or a convention is unknown, with those there are", function()
      local answers = batch [[
{"expr":"x","wrt":"x","layout":"numerater"}
{"expr":"x","wrt":"x","convention":"none"}
]]
      assert.is_truthy(answers[1].error.message:find("unknown layout 'numerater'; known: ", 1, true))
      assert.are.equal("did you mean numerator?", answers[1].error.hint)
      assert.is_truthy(answers[2].error.message:find("unknown convention 'none'; known: ", 1, true))
    end)

    it("when shapes do not fit, with line, column and hint", function()
      local answers = batch [[{"id":1,"decl":["matrix A(n,n)"],"expr":"A\n + 1","wrt":"A"}]]
      local err = answers[1].error
      assert.are.same({ 2, 2, "expr" }, { err.line, err.column, err.field })
      assert.are.equal("did you mean ones(n,n) or I(n)?", err.hint)
    end)
  end)

  sample.whole(it)("takes a line of 10 MB", function()
    local filler = ("a"):rep(10 * 1024 * 1024)
    local answers = batch(('{"id":"%s","expr":"x\'*x","wrt":"x"}\n%s\n'):format(filler, filler))
    assert.are.same({ 2, "2*x", filler }, { #answers, answers[1].answer, answers[1].id })
    assert.are.equal("bad JSON: expected an object, found `a`", answers[2].error.message)
  end)

  sample.whole(it)("answers a line of 100 MB with an error, within 1 GB, and goes on", function()
    local path = temporary_file ""
    local fill = "head -c 100000000 /dev/zero | tr '\\0' "
    local result = shell(table.concat({
      "{ printf '{\"id\":7,\"expr\":\"'; " .. fill .. "x; printf '\",\"wrt\":\"x\"}\\n'",
      fill .. "'['; printf '\\n'",
      "printf '{\"id\":8,\"expr\":\"x\",\"wrt\":\"x\"}\\n'; } >" .. path,
      "ulimit -v 1000000; " .. quoted(NABLA) .. " batch <" .. path,
    }, "\n"))
    local message = '"error":{"message":"the request has %d bytes; at most 16777216 are read","field":"request"}}\n'
    assert.are.equal(
      '{"id":7,' .. message:format(100000028) .. '{"id":null,' .. message:format(100000000),
      (result.out:gsub('{"id":8,"answer":"I%(%w+%)".-\n$', ""))
    )
  end)

  sample.whole(it)("takes expressions up to 1 MB", function()
    local function request(n)
      return ('{"id":1,"expr":"%sx","wrt":"x"}\n'):format(("x+"):rep(n))
    end
    local answers = batch(request(500000) .. request(600000))
    assert.matches("^500001%*I", answers[1].answer)
    assert.are.same(
      { message = '"expr" has 1200001 bytes; at most 1048576 are read', field = "expr" },
      answers[2].error
    )
  end)

  it("gives the steps of an answer", function()
    local answers = batch [[
{"id":1,"decl":["vector x(n)","matrix A(n,n)"],"expr":"x'*A*x","wrt":"x","steps":true}
{"id":2,"decl":["vector x(n)","matrix A(n,n)"],"expr":"x'*A*x","wrt":"x","steps":true,"detail":"brief","lang":"zh"}
{"id":3,"decl":["vector x(n)"],"expr":"x'*x","wrt":"x","op":"hessian","steps":true}
{"id":4,"expr":"x'*x","wrt":"x","steps":true,"detail":"long"}
{"id":5,"decl":["vector x(n), vector z(n), scalar u of x"],"expr":"D(u,x)*z","wrt":"x","layout":"numerator","steps":true}
]]
    assert.are.equal("f", answers[1].of)
    assert.are.equal(5, #answers[1].steps)
    assert.are.same({
      kind = "rule",
      rule = "product",
      zh = "乘积法则",
      cite = "Matrix Cookbook (37)",
      text = "d(f) = d(x)'*A*x + x'*A*d(x)",
      changes = { { before = "d(x'*A*x)", after = "d(x)'*A*x + x'*A*d(x)" } },
    }, answers[1].steps[2])
    assert.are.equal("D(f, x) = " .. answers[1].answer, answers[1].steps[5].text)
    assert.are.equal(3, #answers[2].steps) -- by an identity
    assert.are.equal("函数", answers[2].steps[1].rule)
    assert.are.equal("g", answers[3].steps[4].let)
    assert.are.equal("D(D(f, x), x) = 2*I(n)", answers[3].steps[#answers[3].steps].text)
    assert.matches("unknown detail 'long'", answers[4].error.message)
    assert.are.equal("f = D(u, x)*z", answers[5].steps[1].text)
  end)

  it("gives the steps in the format of the answer as well", function()
    local answers = batch [[
{"id":1,"expr":"x'*A*x","wrt":"x","steps":true,"format":"latex"}
{"id":2,"expr":"x'*A*x","wrt":"x","steps":true,"format":"unicode"}
{"id":3,"expr":"x'*A*x","wrt":"x","steps":true,"format":"text"}
]]
    assert.are.equal("\\frac{\\partial f}{\\partial \\mathbf{x}} = " .. answers[1].answer, answers[1].steps[5].latex)
    assert.are.equal("D(f, x) = (A + A')*x", answers[1].steps[5].text)
    assert.matches("= " .. answers[2].answer, answers[2].steps[5].unicode, 1, true)
    assert.is_nil(answers[2].steps[5].latex)
    assert.is_nil(answers[3].steps[5].latex)
  end)

  it("says whether two expressions are equal, and by which rules", function()
    local answers = batch [[
{"id":1,"op":"equal","left":"x'*S*y","right":"y'*S*x","decl":["matrix S(n,n) symmetric"],"steps":true}
{"id":2,"op":"equal","left":"x","right":"y","decl":["vector x(n), vector y(n)"],"steps":true}
{"id":3,"op":"equal","left":"sin(2*a)","right":"2*sin(a)*cos(a)","decl":["scalar a"],"steps":true}
{"id":4,"op":"equal","left":"x","right":"x(","decl":["vector x(n)"]}
{"id":5,"op":"equal","left":"x"}
{"id":6,"op":"equal","left":"tr(A*B)","right":"tr(B*A)","decl":["matrix A(m,n)","matrix B(n,m)"]}
]]
    local step = { kind = "rewrite", rule = "S is symmetric", zh = "S 是对称矩阵", text = "x'*S*y = y'*S*x" }
    assert.are.same({ id = 1, answer = "yes", why = "expansion", steps = { step } }, answers[1])
    assert.are.equal("no", answers[2].answer)
    assert.is_nil(answers[2].steps)
    assert.are.equal("yes", answers[3].answer)
    assert.are.same({ "no steps: no chain of rules leads from one to the other" }, answers[3].notes)
    assert.are.equal("right", answers[4].error.field)
    assert.are.equal('"right" is missing', answers[5].error.message)
    assert.are.same({ id = 6, answer = "yes", why = "same node" }, answers[6])
  end)

  it("refuses keys that it does not know, by name, with the nearest", function()
    local answers = batch [[
{"id":3,"stages":true,"expr":"x","wrt":"x"}
{"layuot":"numerator","id":"a","expr":"x","wrt":"x"}
{"id":5,"expr":"x","wrt":"x","foo":null}
]]
    local known = "known: id, alternating, at, check_gradient, claim, constraints, convention, decl, detail, "
      .. "direction, equations, expr, factor, format, formula, habits, hessian, lang, layout, left, limits, name, "
      .. "names, notation, op, order, parts, right, rules, rules_text, side, steps, target, to, typed, unknowns, "
      .. "verify, wrt, wrt2"
    assert.are.same({
      { id = 3, error = { message = 'unknown key "stages"', hint = known } },
      { id = "a", error = { message = 'unknown key "layuot"', hint = "did you mean layout?" } },
      { id = 5, error = { message = 'unknown key "foo"', hint = known } },
    }, answers)
  end)

  it("flushes each answer before it reads on", function()
    -- the second request is the first answer: it is there only when it was flushed
    local pipe = os.tmpname()
    os.remove(pipe)
    local result = shell(table.concat({
      "mkfifo " .. pipe,
      "timeout 10 " .. quoted(NABLA) .. " batch <" .. pipe .. " | {",
      "  exec 3>" .. pipe,
      [[  echo '{"id":1,"expr":"x","wrt":"x"}' >&3]],
      "  read -r line",
      '  echo "$line" >&3',
      "  exec 3>&-",
      "  cat",
      "}",
    }, "\n"))
    os.remove(pipe)
    assert.is_truthy(result.out:find([[{"id":1,"error":{"message":"unknown key \"answer\""]], 1, true))
  end)
end)
