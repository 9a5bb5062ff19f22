-- The command line as a user sees it: words in, two outputs and an exit status out. Each case starts the program.

local command = require "spec.support.command"
local lfs = require "lfs"
local sample = require "spec.support.sample"

local quoted = command.quoted
local shell = command.shell
local nabla = command.run
local prints = command.prints
local complains = command.complains
local complains_first = command.complains_first
local temporary_file = command.temporary_file
local root = command.root
local NABLA = command.path

teardown(command.clean)

describe("nabla diff", function()
  it("prints a derivative", function()
    prints("(A + A')*x", "diff", "x'*A*x", "x")
  end)

  it("takes a layout and declarations", function()
    prints("2*x'*A", "diff", "x'*A*x", "x", "--layout", "numerator", "--let", "matrix A(n,n) symmetric")
    prints("2*x'*A", "diff", "--layout=numerator", "--let=matrix A(n,n) symmetric", "x'*A*x", "x")
  end)

  sample.whole(it)("takes several declarations", function()
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
    assert.matches("^note: S is symmetric, but its entries were taken as independent", result.err)
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
      "--no-habits",
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

  sample.whole(it)("shows where a declaration is wrong", function()
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

describe("nabla solve", function()
  it("takes the unknowns behind the equations, or with --for", function()
    for _, unknowns in ipairs { { "x", "y" }, { "x,y" }, { "--for", "x", "y" } } do
      local result = nabla("solve", "A*x + B*y = a", "C*x = d", table.unpack(unknowns))
      assert.are.equal("x = inv(C)*d\ny = inv(B)*(a - A*inv(C)*d)\n", result.out)
    end
    complains(2, 'nabla: solve takes equations, each in quotes: nabla solve "A*x = b" --for x', "solve", "x")
    complains(2, "nabla: solve takes the unknowns: --for x", "solve", "A*x = b")
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
        .. "known: --check, --convention, --detail, --format, --help, --lang, --layout, --let, --names, --no-habits, "
        .. "--notation, --parts, --rules, --steps, --typed, --verify, -h",
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
      "nabla: unknown convention 'none'; known: brandwood, conjugate, cookbook, entries, free, gradient, projected, "
        .. "structured",
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
    for word in ("diff hessian layouts conventions identities check batch help"):gmatch "%S+" do
      assert.is_truthy(text:find("\n  " .. word, 1, true), word)
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
      end
      if example:find '"' and count % sample.step == 1 % sample.step then
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
    for word in ("hessian layouts conventions table identities check batch"):gmatch "%S+" do
      helps("Usage: nabla " .. word, "help", word)
    end
  end)

  sample.whole(it)("knows its version", function()
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
brandwood  the gradient of a real function: its derivative by the conjugate                             实函数的梯度：对共轭的导数
entries    by the independent entries                                                                   按独立元素
free       all entries are independent                                                                  各元素独立  (default)
gradient   the gradient of a real function: by the real parts, and i times that by the imaginary parts  实函数的梯度
projected  projected on the structure                                                                   投影
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

  sample.whole(it)("prints a table in a layout and a format", function()
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

  sample.whole(it)("refuses what it does not know", function()
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

  sample.whole(it)("takes declarations", function()
    prints("yes (expansion)", "equal", "Q'*Q", "I(n)", "--let", "matrix Q(n,n) orthogonal")
  end)

  it("points at what does not fit", function()
    complains_first(
      1,
      "nabla: 1:2: a product of ? x 1 and ? x ?: the inner sizes must be equal",
      "equal",
      "x'*A",
      "x*A",
      "--no-habits"
    )
    complains_first(2, "nabla: equal: missing argument 'OTHER'", "equal", "x")
  end)
end)

describe("nabla check", function()
  it("proves the identities and checks of a file", function()
    local course = temporary_file(COURSE:format "(A + A')*x")
    prints(course .. ": 2 proved (1 identity, 1 check), all modulo 2^61-1", "check", course)
  end)

  sample.whole(it)("says of every statement how it was proved", function()
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

  sample.whole(it)("refuses a wrong identity, and goes on with the next file", function()
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

  sample.whole(it)("refuses a wrong check", function()
    local path = temporary_file "let matrix A(n,n), matrix B(n,n)\ncheck A*B == B*A\n"
    local result = nabla("check", path)
    assert.are.same({ "", 1 }, { result.out, result.status })
    assert.is_truthy(result.err:find("nabla: " .. path .. ":2:1: the check fails", 1, true))
  end)

  sample.whole(it)("warns of what is declared and never used", function()
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

  sample.whole(it)("refuses a rule that does not come to an end, or never gets its turn", function()
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

  sample.whole(it)("has a help, as every command has", function()
    prints("Usage: nabla version\n\nPrints the version of nabla.", "help", "version")
  end)

  it("is done first on request: --check", function()
    local path = temporary_file 'let matrix A(n,n), matrix B(n,n)\nrule "freshman" det(A + B) -> det(A) + det(B)\n'
    local result = nabla("diff", "det(I(n) + X)", "X", "--rules", path, "--check")
    assert.are.same({ "", 1 }, { result.out, result.status })
    assert.is_truthy(result.err:find('2:1: the rule "freshman" is wrong: ', 1, true), result.err)
  end)

  sample.whole(it)("accepts nabla's own files", function()
    local what = sample.quick and "rules/algebra/half-vectorisation.rules" or "rules/"
    local own = shell("cd " .. quoted(root) .. "/spec/unit && ../../bin/nabla check ../../rules/algebra/entries.rules")
    assert.are.same({ "", 0 }, { own.err, own.status }) -- a file is nabla's own by whatever path
    local result = shell("cd " .. quoted(root) .. " && bin/nabla check " .. what)
    assert.are.equal(0, result.status)
    for line in result.err:gmatch "nabla: [^\n]*" do -- nothing says the value of a conjugate by real numbers
      assert.matches("^nabla: rules/functions/complex%.rules:%d+: .*: not checkable$", line)
    end
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

  sample.whole(it)("does not mind a reader that goes away", function()
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
