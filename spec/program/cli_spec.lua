-- The command line as a user sees it: words in, two outputs and an exit status out. Each case starts the program.

local files = require "spec.support.files"
local json = require "dkjson"
local lfs = require "lfs"
local sample = require "spec.support.sample"

local root = lfs.currentdir()
local NABLA = root .. "/bin/nabla"

local function quoted(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- Runs a line of shell; what it wrote on both outputs, and its status.
local function shell(line)
  local out, err = os.tmpname(), os.tmpname()
  local _, _, status = os.execute("{ " .. line .. "\n} >" .. out .. " 2>" .. err)
  return { out = files.take(out), err = files.take(err), status = status }
end

local function nabla(...)
  local words = { quoted(NABLA) }
  for i, word in ipairs { ... } do
    words[i + 1] = quoted(word)
  end
  return shell(table.concat(words, " ") .. " </dev/null")
end

local function prints(expected, ...)
  assert.are.same({ out = expected .. "\n", err = "", status = 0 }, nabla(...))
end

local function complains(status, expected, ...)
  assert.are.same({ out = "", err = expected .. "\n", status = status }, nabla(...))
end

-- Like `complains`, of the first line only.
local function complains_first(status, expected, ...)
  local result = nabla(...)
  assert.are.same({ "", expected, status }, { result.out, result.err:match "^[^\n]*", result.status })
end

local temporary = {}

local function temporary_file(text)
  local path = files.temporary(text)
  temporary[#temporary + 1] = path
  return path
end

teardown(function()
  for _, path in ipairs(temporary) do
    os.remove(path)
  end
end)

describe("nabla diff", function()
  it("prints a derivative", function()
    prints("(A + A')*x", "diff", "x'*A*x", "x")
  end)

  it("takes a layout and declarations", function()
    prints("2*x'*A", "diff", "x'*A*x", "x", "--layout", "numerator", "--let", "matrix A(n,n) symmetric")
    prints("2*x'*A", "diff", "--layout=numerator", "--let=matrix A(n,n) symmetric", "x'*A*x", "x")
  end)

  it("takes several declarations", function()
    prints("B'*A'", "diff", "A*B*x", "x", "--let", "matrix A(m,n)", "--let", "matrix B(n,p), vector x(p)")
  end)

  it("prints Unicode and LaTeX", function()
    prints("(A + Aᵀ)·x", "diff", "x'*A*x", "x", "--format", "unicode")
    prints("\\mathbf{X}^{-\\top}", "diff", "logdet(X)", "X", "--format", "latex")
  end)

  it("takes a convention, and notes on standard error what a free gradient leaves out", function()
    local let = { "--let", "matrix S(n,n) symmetric, matrix A(n,n)" }
    prints("A + A' - diag(diagv(A))", "diff", "tr(A*S)", "S", "--convention", "entries", table.unpack(let))
    prints("(A + A')/2", "diff", "tr(A*S)", "S", "--convention", "projected", table.unpack(let))
    local result = nabla("diff", "tr(A*S)", "S", table.unpack(let))
    assert.are.same({ "A'\n", 0 }, { result.out, result.status })
    assert.matches("^nabla: note: S is symmetric, but its entries were taken as independent", result.err)
  end)

  it("differentiates by a transposed variable", function()
    prints("A", "diff", "A*x", "x'", "--layout", "mixed")
  end)

  it("takes an expression that begins with a minus sign", function()
    prints("-2*x", "diff", "-x'*x", "x")
    prints("2*x", "diff", "--x'*x", "x")
    prints("-2*t", "diff", "--layout", "numerator", "-t^2", "t", "--let", "scalar t")
    prints("2*x", "diff", "--", "--x'*x", "x")
  end)

  it("reads rule files", function()
    local first = temporary_file "function twice(t) elementwise\n    derivative 2\n"
    local second = temporary_file "default layout numerator\n"
    prints("2*x'", "diff", "x'*twice(x)/2 + x'*x - x'*twice(x)/2 ", "x", "--rules", first, "--rules", second)
  end)

  it("shows where an expression is wrong", function()
    complains(
      1,
      "nabla: 1:5: a sum of m x 1 and 1 x 1: the sizes must be equal\nA*x + 1\n    ^\nhint: did you mean ones(m)?",
      "diff",
      "A*x + 1",
      "x",
      "--let",
      "matrix A(m,n), vector x(n)"
    )
    complains_first(1, "nabla: 1:1: unknown function 'expp'", "diff", "expp(x)", "x")
    complains_first(1, "nabla: the expression is empty", "diff", "", "x")
    complains_first(1, "nabla: 1:1: byte 0xFF is not UTF-8", "diff", "\xFF", "x")
    complains_first(1, "nabla: 1:1: 'xx' is no variable to differentiate by", "diff", "x'*x", "xx")
  end)

  it("says that it has no rule, and prints nothing else", function()
    local rules = temporary_file "operator foo(A(m,n)): scalar\n"
    local result = nabla("diff", "foo(X)", "X", "--rules", rules)
    assert.are.same({ "", 1 }, { result.out, result.status })
    assert.is_truthy(result.err:find "^nabla: no rule for d%(foo%(")
  end)

  it("shows where a declaration is wrong", function()
    complains(
      1,
      "nabla: 1:15: unknown attribute 'symetric'\nmatrix A(n,n) symetric\n"
        .. "              ^\nhint: did you mean symmetric?",
      "diff",
      "A",
      "A",
      "--let",
      "matrix A(n,n) symetric"
    )
  end)

  it("shows where a rule file is wrong", function()
    local path = temporary_file "layuot mine\n"
    local result = nabla("diff", "x", "x", "--rules", path)
    assert.are.same({ "", 1 }, { result.out, result.status })
    assert.are.equal("nabla: " .. path .. ":1:1: ", result.err:sub(1, #path + 13))
  end)
end)

describe("nabla hessian", function()
  it("prints second derivatives", function()
    prints("A + A'", "hessian", "x'*A*x", "x")
    prints("A", "hessian", "x'*A*y", "x", "y")
    prints("6*t", "hessian", "t^3", "t", "--let", "scalar t")
  end)
end)

describe("nabla, used wrongly,", function()
  it("names the nearest command", function()
    complains(2, "nabla: unknown command 'dif'; did you mean diff?", "dif", "x", "x")
    complains(2, "nabla: unknown command 'hesian'; did you mean hessian?", "help", "hesian")
    complains_first(
      2,
      "nabla: 'x'*A*x' is no command; the derivative of an expression: nabla diff EXPR VARIABLE",
      "x'*A*x"
    )
  end)

  it("names the nearest option", function()
    complains(
      2,
      "nabla: diff has no option '--layuot'; did you mean --layout?",
      "diff",
      "x",
      "x",
      "--layuot",
      "mixed"
    )
    complains(2, "nabla: unknown option '--versoin'; did you mean --version?", "--versoin")
    complains_first(
      2,
      "nabla: diff has no option '--colour'; "
        .. "known: --convention, --format, --help, --layout, --let, --rules, --verify, -h",
      "diff",
      "x",
      "x",
      "--colour"
    )
  end)

  it("names the nearest layout and format", function()
    local wrong = "numerater"
    complains(
      2,
      "nabla: unknown layout 'numerater'; did you mean numerator?",
      "diff",
      "x",
      "x",
      "--layout",
      wrong
    )
    complains(2, "nabla: unknown format 'latx'; did you mean latex?", "diff", "x", "x", "--format", "latx")
    complains_first(
      2,
      "nabla: unknown convention 'none'; known: entries, free, projected, structured",
      "diff",
      "x",
      "x",
      "--convention",
      "none"
    )
  end)

  it("says what is missing or too much", function()
    complains_first(2, "nabla: diff: missing argument 'VARIABLE'", "diff", "x")
    complains_first(2, "nabla: diff: option '--layout' requires an argument", "diff", "x", "x", "--layout")
    complains_first(
      2,
      "nabla: diff: too many arguments (an expression with spaces, brackets or primes stands in quotes)",
      "diff",
      "x",
      "+",
      "y",
      "x"
    )
    complains(2, "nabla: there is no rule file 'no.rules'", "diff", "x", "x", "--rules", "no.rules")
    complains(2, "nabla: there is no rule file 'no.rules'", "check", "no.rules")
  end)
end)

describe("nabla help", function()
  local function helps(pattern, ...)
    local result = nabla(...)
    assert.are.same({ "", 0 }, { result.err, result.status })
    assert.is_truthy(result.out:find(pattern, 1, true), result.out)
    return result.out
  end

  it("is short without a command", function()
    local text = helps("nabla help"):gsub("[^\n]", "")
    assert.is_true(#text <= 10)
  end)

  it("shows all commands with examples", function()
    local text = helps("Examples:", "help")
    assert.are.equal(text, helps("Examples:", "--help"))
    assert.are.equal(text, helps("Examples:", "-h"))
    for command in ("diff hessian layouts conventions identities check batch help"):gmatch "%S+" do
      assert.is_truthy(text:find("\n  " .. command, 1, true), command)
    end
  end)

  it("has no example that fails", function()
    local text = ""
    for _, words in ipairs { { "help" }, { "help", "diff" }, { "help", "hessian" } } do
      text = text .. helps("Examples:", table.unpack(words))
    end
    local count = 0
    for example in text:gmatch "\n  (nabla [dh][ie][^\n<]* [^\n]*)" do
      if example:find '"' then
        count = count + 1
        local result = shell((example:gsub("^nabla", quoted(NABLA)):gsub("  +prints.*", "")))
        assert.are.same({ "", 0 }, { result.err, result.status }, example)
      end
    end
    assert.are.equal(13, count)
  end)

  it("prints what the short help promises", function()
    local count = 0
    for example, answer in helps("prints"):gmatch "\n  (nabla [^\n]-) +prints ([^\n]*)" do
      count = count + 1
      assert.are.equal(answer .. "\n", shell((example:gsub("^nabla", quoted(NABLA)))).out)
    end
    assert.are.equal(2, count)
  end)

  it("explains one command", function()
    local text = helps("--layout", "help", "diff")
    assert.are.equal(text, helps("--layout", "diff", "--help"))
    assert.are.equal(text, helps("--layout", "diff", "x", "-h"))
    for command in ("hessian layouts conventions table identities check batch"):gmatch "%S+" do
      helps("Usage: nabla " .. command, "help", command)
    end
  end)

  it("knows its version", function()
    prints("nabla " .. require("nabla").version, "--version")
    prints("nabla " .. require("nabla").version, "version")
  end)
end)

local COURSE = [[
default layout mixed
let matrix A(n,n), vector x(n)
identity "theorem 3.1" zh "定理 3.1" cite "lecture 3"
    D(x'*A*x, x)  denominator  %s
check tr(A*A') == tr(A'*A)
]]

describe("nabla conventions", function()
  it("lists the conventions", function()
    assert.are.equal(
      [[
entries    by the independent entries   按独立元素
free       all entries are independent  各元素独立  (default)
projected  projected on the structure   投影
]],
      nabla("conventions").out
    )
  end)
end)

describe("nabla layouts", function()
  it("lists names, titles and the default", function()
    local result = nabla "layouts"
    assert.are.same({ "", 0 }, { result.err, result.status })
    assert.is_truthy(
      result.out:find "denominator +Denominator layout %(gradient formulation%) +分母布局  %(default%)\n"
    )
    assert.is_truthy(result.out:find "numerator +Numerator layout %(Jacobian formulation%) +分子布局\n")
    local course = temporary_file(COURSE:format "(A + A')*x")
    assert.is_truthy(
      nabla("layouts", "--rules", course).out:find "mixed +Mixed layout +混合布局  %(default%)\n"
    )
  end)
end)

describe("nabla identities", function()
  it("lists names, titles and citations", function()
    local course = temporary_file(COURSE:format "(A + A')*x")
    local result = nabla("identities", "--rules", course)
    assert.is_truthy(("\n" .. result.out):find("\ntheorem 3.1  定理 3.1  [lecture 3]\n", 1, true))
  end)
end)

describe("nabla table", function()
  it("lists the tables", function()
    local result = nabla "table"
    assert.are.same({ "", 0 }, { result.err, result.status })
    assert.is_truthy(result.out:find "\nscalar%-by%-vector +Scalar by vector +标量对向量求导 +19\n")
  end)

  it("prints a table in a layout and a format", function()
    local result =
      nabla("table", "vector-by-vector", "--layout", "numerator", "--format", "unicode", "--lang", "zh")
    assert.are.same({ "", 0 }, { result.err, result.status })
    assert.is_truthy(result.out:find("\n线性映射            D(A·x, x)          A ", 1, true))
    assert.is_truthy(
      nabla("table", "norms", "--format", "markdown").out:find("| squared Frobenius norm ", 1, true)
    )
    assert.is_truthy(nabla("table", "norms", "--format", "latex").out:find("\\begin{longtable}", 1, true))
  end)

  it("prints a table of a file", function()
    local course =
      temporary_file('table "Mine"\nlet vector x(n)\nidentity "self"\n  D(x, x)  numerator  I(n)\n')
    assert.is_truthy(nabla("table", "mine", "--rules", course).out:find "\nself +D%(x, x%) +I%(n%)\n")
  end)

  it("refuses what it does not know", function()
    local function refused(message, ...)
      local result = nabla("table", ...)
      assert.are.same({ "", 2 }, { result.out, result.status })
      assert.are.equal("nabla: " .. message, result.err:match "^[^\n;]*;?[^\n;]*")
    end
    refused("there is no table 'norm'; did you mean norms?", "norm")
    refused("unknown language 'de'; known: en, zh", "norms", "--lang", "de")
    refused("unknown format 'html'; known: text, unicode, markdown, latex", "norms", "--format", "html")
    refused("unknown layout 'numrator'; did you mean numerator?", "norms", "--layout", "numrator")
  end)
end)

describe("nabla equal", function()
  it("says yes, no and why", function()
    prints("yes (same node)", "equal", "tr(A*B)", "tr(B*A)")
    local result = nabla("equal", "inv(A + B)", "inv(A) + inv(B)")
    assert.are.same({ 1, "" }, { result.status, result.err })
    assert.is_truthy(result.out:find "^no %(exact: .* at n = 2, A = ")
  end)

  it("takes undeclared letters for the same matrices on both sides", function()
    local result = nabla("equal", "det(A*B)", "det(A)*det(B)")
    assert.are.equal("yes", result.out:match "^%w+")
  end)

  it("takes declarations", function()
    prints("yes (expansion)", "equal", "Q'*Q", "I(n)", "--let", "matrix Q(n,n) orthogonal")
  end)

  it("points at what does not fit", function()
    complains_first(
      1,
      "nabla: 1:2: a product of ? x 1 and ? x ?: the inner sizes must be equal",
      "equal",
      "x'*A",
      "x*A"
    )
    complains_first(2, "nabla: equal: missing argument 'OTHER'", "equal", "x")
  end)
end)

describe("nabla check", function()
  it("proves the identities and checks of a file", function()
    local course = temporary_file(COURSE:format "(A + A')*x")
    prints(course .. ": 2 proved (1 identity, 1 check), all modulo 2^61-1", "check", course)
  end)

  it("says of every statement how it was proved", function()
    local path = temporary_file [[
let matrix A(n,n), vector x(n)
identity "s"
    exp(2*x) == exp(x).^2
identity "t"
    tr(A') == tr(A)
]]
    local result = nabla("check", "--list", path)
    assert.are.equal(0, result.status)
    local pattern = 'identity "s": proved in floating point %(4 instances, tolerance 1e%-06%)\n'
      .. '.*identity "t": proved modulo 2%^61%-1 %(4 instances, accident at most %de%-%d%d%)\n'
      .. ".*: 2 proved %(2 identities%), 1 modulo 2%^61%-1\n$"
    assert.is_truthy(result.out:find(pattern), result.out)
  end)

  it("refuses a wrong identity, and goes on with the next file", function()
    local wrong, right =
      temporary_file(COURSE:format "(A - A')*x"), temporary_file(COURSE:format "(A + A')*x")
    local result = nabla("check", wrong, right)
    assert.are.equal(1, result.status)
    assert.are.equal(
      wrong
        .. ": 1 proved (1 check), all modulo 2^61-1, 1 failed (1 identity)\n"
        .. right
        .. ": 2 proved (1 identity, 1 check), all modulo 2^61-1\n"
        .. "together: 3 proved (1 identity, 2 checks), all modulo 2^61-1, 1 failed (1 identity)\n",
      result.out
    )
    assert.is_truthy(
      result.err:find("nabla: " .. wrong .. ':3: identity "theorem 3.1": failed\n    denominator: [', 1, true)
    )
    assert.is_truthy(result.err:find("by the rules: denominator: (A + A')*x, stated (A - A')*x\n", 1, true))
  end)

  it("refuses a wrong check", function()
    local path = temporary_file "let matrix A(n,n), matrix B(n,n)\ncheck A*B == B*A\n"
    local result = nabla("check", path)
    assert.are.same({ "", 1 }, { result.out, result.status })
    assert.is_truthy(result.err:find("nabla: " .. path .. ":2:1: the check fails", 1, true))
  end)

  it("warns of what is declared and never used", function()
    local path = temporary_file "let matrix A(n,n), matrix B(n,n)\ncheck tr(A) == tr(A')\n"
    local result = nabla("check", path)
    assert.are.same({
      path .. ": 1 proved (1 check), all modulo 2^61-1; 1 warning\n",
      "nabla: "
        .. path
        .. ":1:27: warning: B is declared and never used\nlet matrix A(n,n), matrix B(n,n)\n"
        .. "                          ^\nhint: take B out of the let, or use it\n",
      0,
    }, { result.out, result.err, result.status })
  end)

  it("refuses a rule that does not come to an end, or never gets its turn", function()
    local path = temporary_file [[
operator foo(A(n,n)): scalar
let matrix A(n,n)
function bar(A(n,n)): scalar = tr(A)
rule "a" foo(A) -> foo(A') if square(A)
]]
    local result = nabla("check", path)
    assert.are.equal(1, result.status)
    assert.is_truthy(result.out:find("; 1 error\n", 1, true))
    assert.is_truthy(
      result.err:find("nabla: " .. path .. ":4:20: error: rewriting does not come to an end: ", 1, true)
    )
  end)

  it("accepts nabla's own files", function()
    local what = sample.quick and "rules/algebra/half-vectorisation.rules" or "rules/"
    local result = shell("cd " .. quoted(root) .. " && bin/nabla check " .. what)
    assert.are.same({ "", 0 }, { result.err, result.status })
  end)
end)

describe("the program nabla", function()
  it("runs from any folder, through symbolic links", function()
    local link = os.tmpname()
    os.remove(link)
    assert(lfs.link(NABLA, link, true))
    local second = link .. "-2"
    assert(lfs.link(link, second, true))
    local result = shell("cd / && " .. quoted(second) .. [[ diff "x'*x" x]])
    os.remove(link)
    os.remove(second)
    assert.are.same({ out = "2*x\n", err = "", status = 0 }, result)
  end)

  it("does not mind a reader that goes away", function()
    local result = shell("(trap '' PIPE; sleep 0.2; " .. quoted(NABLA) .. " help; echo $? >&2) | :")
    assert.are.same({ out = "", err = "1\n", status = 0 }, result)
    local request = [['{"expr":"x","wrt":"x"}']]
    local endless = "yes " .. request .. " 2>/dev/null | " .. quoted(NABLA) .. " batch"
    result = shell("(trap '' PIPE; " .. endless .. "; echo $? >&2) | head -n 1")
    assert.are.same({ "1\n", 0 }, { result.err, result.status })
  end)

  it("says that it cannot write", function()
    local result = shell(quoted(NABLA) .. " diff x x >&-")
    assert.are.same(
      { out = "", err = "nabla: cannot write the output: Bad file descriptor\n", status = 1 },
      result
    )
  end)
end)

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
{"id":5,"expr":"x'*A*x","wrt":"x","format":"unicode","convention":"free","ignored":[{}]}
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
    assert.matches("^S is symmetric, but", answers[1].note)
    local texts = {}
    for i, answer in ipairs(answers) do
      texts[i] = answer.answer
      assert.are.equal(i == 1, answer.note ~= nil)
    end
    assert.are.same(
      { "A'", "(A + A')/2", "A + A' - diag(diagv(A))", "4*I(n*n) + 4*K(n, n) - 6*diag(vec(I(n)))" },
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
        "unknown op 'hesian'; known: derivative, hessian",
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

  it("takes a line of 10 MB", function()
    local filler = ("a"):rep(10 * 1024 * 1024)
    local answers = batch(('{"id":1,"note":"%s","expr":"x\'*x","wrt":"x"}\n%s\n'):format(filler, filler))
    assert.are.same({ 2, "2*x" }, { #answers, answers[1].answer })
    assert.are.equal("bad JSON: expected an object, found `a`", answers[2].error.message)
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
    assert.are.equal('{"id":1,"error":{"message":"\\"expr\\" is missing"}}\n', result.out)
  end)
end)
