--- LaTeX as a list of tokens, the many ways to write one thing brought to one of them.
--
-- What only moves things on the page, numbers a formula or wraps it (`\left`, `\tag`, `\begin{aligned}`) is left
-- out. Signs of Unicode become commands; `x^2_1` becomes `x_1^2`; `\mathbf{u^T v}` becomes bold letters one by one;
-- `{\bf x}` becomes `\mathbf{x}`; `tr(` in plain letters is the operator tr, if there is one.
--
-- A token is { place in the text, text, kind }: kind is "number", "command", "sign", "open" (a bar behind \left) or
-- "operator" (a name in plain letters).
-- @module nabla.latex.tokens

local arrange = require "nabla.latex.arrange"
local blocks = require "nabla.latex.blocks"
local complex_signs = require "nabla.latex.complex_signs"
local lpeg = require "lpeg"
local marks = require "nabla.text.marks"
local packages = require "nabla.latex.packages"
local own_forms = require "nabla.latex.own_forms"
local words = require "nabla.latex.words"

local P, R, S, C, Cc, Cp, Ct = lpeg.P, lpeg.R, lpeg.S, lpeg.C, lpeg.Cc, lpeg.Cp, lpeg.Ct

local M = {}

local DEEPEST = 300 -- braces in braces

--- Commands that set letters in a style of their own.
local STYLES = {}
M.styles = STYLES
for command in
  ([[mathbf boldsymbol bm mathrm mathit mathsf mathtt mathcal mathbb mathfrak vec hat tilde bar overline underline
  mathds mathbbm text textbf textrm textit operatorname operatorname* pmb widehat widetilde mathscr dot ddot bold
  mbox hbox mathbfit]]):gmatch "%S+"
do
  STYLES["\\" .. command] = true
end

--- Commands that set letters upright.
M.upright = {
  ["\\mathrm"] = true,
  ["\\text"] = true,
  ["\\operatorname"] = true,
  ["\\textrm"] = true,
  ["\\mathsf"] = true,
  ["\\mathit"] = true,
  ["\\mathbb"] = true,
  ["\\mbox"] = true,
  ["\\hbox"] = true,
}

--- The Greek letters: command -> name.
local GREEK = {}
M.greek = GREEK
for name in
  ([[alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi
  omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega]]):gmatch "%S+"
do
  GREEK["\\" .. name] = name
end
GREEK["\\varepsilon"], GREEK["\\varphi"], GREEK["\\vartheta"], GREEK["\\ell"] = "epsilon", "phi", "theta", "l"

-- ---------------------------------------------------------------------------------------------- cutting

local function set_of(text)
  local set = {}
  for word in text:gmatch "%S+" do
    set[word] = true
  end
  return set
end

local SKIPPED =
  set_of [[, ; : ! > / quad qquad displaystyle textstyle scriptstyle limits nolimits big Big bigg Bigg bigl bigr Bigl
  Bigr biggl biggr Biggl Biggr bigm Bigm middle nonumber notag left right [ ] ( ) hfill strut mathstrut null mathop mathbin
  mathrel mathord mathopen mathclose mathinner allowbreak eqalign thinspace enspace medspace thickspace negthinspace
  scriptscriptstyle noindent]]

-- Commands that are left out with what is in braces behind them.
local WITH_ARGUMENT =
  set_of [[\label \tag \tag* \hspace \vspace \phantom \hphantom \vphantom \ref \eqref \cite \footnote]]

-- Environments of which nothing but their contents is read.
local WRAPPERS =
  set_of [[equation align aligned gather gathered split multline eqnarray displaymath math alignedat alignat
  flalign subequations IEEEeqnarray dmath]]

local blank = S " \t\r\n~$" + P "\\" * S " \t\r\n" + "\u{00A0}" + "\u{2009}" + "\u{200A}" + "\u{202F}"
blank = blank + "%" * (1 - P "\n") ^ 0
local letter = R("az", "AZ")
local command_name = letter ^ 1 + 1
local skipped_name = P(false)
for name in pairs(SKIPPED) do
  skipped_name = skipped_name + (name:find "^%a" and name * -letter or P(name))
end
local null_delimiter = (P "\\left" + "\\right") * S " " ^ 0 * "."
local number = R "09" ^ 1 * (P "." * R "09" ^ 1) ^ -1 + P "." * R "09" ^ 1
number = number * (S "eE" * S "+-" ^ -1 * R "09" ^ 1) ^ -1 -- close together, 1e-3 is a thousandth
local utf8_character = R "\0\127" + R "\194\244" * R "\128\191" ^ 1
local left_bar = P "\\left" * blank ^ 0 * Cp() * C(P "|" + "\\|" + "\\vert" + "\\Vert") * Cc "open"
local token = Ct(
  left_bar
    + Cp() * C(number) * Cc "number"
    + Cp() * C("\\" * (command_name - skipped_name)) * Cc "command"
    + Cp() * C(utf8_character) * Cc "sign"
)
local junk = blank + null_delimiter + ("\\" * skipped_name - left_bar)
local tokens = Ct((junk + token) ^ 0) * Cp()

-- ---------------------------------------------------------------------------------------------- one way to write it

-- Signs and commands that have another name here: a list of tokens' texts.
local SAME = {
  ["∇"] = "\\nabla",
  ["\\triangledown"] = "\\nabla",
  ["▽"] = "\\nabla",
  ["−"] = "-",
  ["′"] = "'",
  ["’"] = "'",
  ["⊗"] = "\\otimes",
  ["⊙"] = "\\odot",
  ["∘"] = "\\circ",
  ["×"] = "\\times",
  ["∑"] = "\\sum",
  ["√"] = "\\sqrt",
  ["∂"] = "\\partial",
  ["–"] = "-",
  ["‐"] = "-",
  ["⋅"] = "\\cdot",
  ["·"] = "\\cdot",
  ["∙"] = "\\cdot",
  ["•"] = "\\cdot",
  ["†"] = "^ \\adjoint",
  ["\\overrightarrow"] = "\\vec",
  ["⊘"] = "\\oslash",
  ["ᵗ"] = "^ \\top",
  ["ᴴ"] = "^ H",
  ["＝"] = "=",
  ["↦"] = "\\mapsto",
  ["∫"] = "\\int",
  ["∏"] = "\\prod",
  ["∈"] = "\\in",
  ["≠"] = "\\ne",
  ["≤"] = "\\le",
  ["≥"] = "\\ge",
  ["∞"] = "\\infty",
  ["\\neq"] = "\\ne",
  ["\\leq"] = "\\le",
  ["\\geq"] = "\\ge",
  ["\\bigodot"] = "\\odot",
  ["\\bigotimes"] = "\\otimes",
  ["\\bigcdot"] = "\\cdot",
  ["\\colon"] = ":",
  ["\\newline"] = "\\\\",
  ["\\cr"] = "\\\\",
  ["\\vartriangle"] = "\\Delta",
  ["∣"] = "|",
  ["∥"] = "‖",
  ["⟨"] = "\\langle",
  ["⟩"] = "\\rangle",
  ["⇒"] = "\\Rightarrow",
  ["→"] = "\\Rightarrow",
  ["\\implies"] = "\\Rightarrow",
  ["\\Longrightarrow"] = "\\Rightarrow",
  ["\\rightarrow"] = "\\Rightarrow",
  ["\\to"] = "\\Rightarrow",
  ["\\tfrac"] = "\\frac",
  ["\\dfrac"] = "\\frac",
  ["\\equiv"] = "=",
  ["\\triangleq"] = "=",
  ["\\coloneqq"] = "=",
  ["\\doteq"] = "=",
  ["≡"] = "=",
  ["≜"] = "=",
  ["≔"] = "=",
  ["\\cfrac"] = "\\frac",
  ["\\hadamard"] = "\\odot",
  ["\\transpose"] = "\\top",
  ["\\lbrace"] = "\\{",
  ["\\rbrace"] = "\\}",
  ["\\lbrack"] = "[",
  ["\\rbrack"] = "]",
  ["\\mid"] = "|",
  ["½"] = "\\frac 1 2",
  ["¼"] = "\\frac 1 4",
  ["ᵀ"] = "^ \\top",
  ["⁺"] = "^ +",
  ["₂"] = "_ 2",
  ["₁"] = "_ 1",
  ["₀"] = "_ 0",
  ["₃"] = "_ 3",
  ["₄"] = "_ 4",
  ["₅"] = "_ 5",
  ["₆"] = "_ 6",
  ["₇"] = "_ 7",
  ["₈"] = "_ 8",
  ["₉"] = "_ 9",
  ["ₘ"] = "_ m",
  ["ₚ"] = "_ p",
  ["ₜ"] = "_ t",
  ["ₐ"] = "_ a",
  ["ᵣ"] = "_ r",
  ["ₛ"] = "_ s",
  ["ₗ"] = "_ l",
  ["ₓ"] = "_ x",
  ["ᵢ"] = "_ i",
  ["ⱼ"] = "_ j",
  ["ₙ"] = "_ n",
  ["ₖ"] = "_ k",
  ["²"] = "^ 2",
  ["³"] = "^ 3",
  ["⁴"] = "^ 4",
  ["⁵"] = "^ 5",
  ["⁶"] = "^ 6",
  ["⁰"] = "^ 0",
  ["¹"] = "^ 1",
  ["ⁿ"] = "^ n",
  ["ᵏ"] = "^ k",
}

local BOLD = set_of [[\mathbf \boldsymbol \bm \pmb \mathbfit \mathbfsf \symbf \vec \bold \textbf]]
-- A pass moves the tokens from `todo`, which has the next one last, to `done`. What a pass puts back is seen again. So
-- a pass takes time in proportion to the tokens.
local Cutter = {}
Cutter.__index = Cutter

-- The text of the k-th token to come; the next one is the first.
function Cutter:text(k)
  local t = self.todo[#self.todo - k + 1]
  return t and t[2]
end

-- The place in the text of the next token.
function Cutter:pos()
  return self.todo[#self.todo][1]
end

-- How many tokens there are up to the end of the group in braces that begins with the k-th to come; one, where the k-th
-- is no brace. Nil if the group is not closed.
function Cutter:last(k)
  if self:text(k) ~= "{" then
    return self:text(k) and k
  end
  local todo, depth = self.todo, 0
  for i = #todo - k + 1, 1, -1 do
    local text = todo[i][2]
    depth = depth + (text == "{" and 1 or text == "}" and -1 or 0)
    if depth == 0 then
      return #todo - i + 1
    end
  end
end

-- The next n tokens, taken away.
function Cutter:take(n)
  local todo, list = self.todo, {}
  for i = 1, n do
    list[i], todo[#todo] = todo[#todo], nil
  end
  return list
end

-- Move on over the next n tokens.
function Cutter:keep(n)
  for _, t in ipairs(self:take(n)) do
    self.done[#self.done + 1] = t
  end
end

-- Put tokens before those to come.
function Cutter:put_back(list)
  for i = #list, 1, -1 do
    self.todo[#self.todo + 1] = list[i]
  end
end

-- Carry out a pass: `step` deals with the next tokens, at least one.
function Cutter:pass(step)
  local todo, list = {}, self.list
  for i = 1, #list do
    todo[#list - i + 1] = list[i]
  end
  self.todo, self.done = todo, {}
  while #todo > 0 do
    step(self)
  end
  self.list = self.done
end

-- Stop where braces nest too deeply, before anything takes its time over them.
function Cutter:check_depth()
  local depth = 0
  for _, t in ipairs(self.list) do
    depth = depth + (t[2] == "{" and 1 or t[2] == "}" and -1 or 0)
    if depth > DEEPEST then
      self.stop(t[1], ("braces nest more than %d deep"):format(DEEPEST))
    end
  end
end

local made = arrange.made

-- The tokens of a text in which they are separated by spaces, all at one place.
local function made_all(pos, text)
  local list = {}
  for piece in text:gmatch "%S+" do
    list[#list + 1] = made(pos, piece)
  end
  return list
end

-- ⁻¹ is a power, ⁻ᵀ the transpose of an inverse.
local RAISED = { ["¹"] = "1", ["²"] = "2", ["ᵀ"] = "\\top", ["⊤"] = "\\top" }

-- Words that speak about a formula.
local SPOKEN = set_of [[if iff for when since because provided assuming unless is are as all any every the]]

-- Stop at words in a text; `last` is how many tokens it takes.
function Cutter:spoken(last)
  local todo = self.todo
  local from, to = todo[#todo - 1], todo[#todo - last + 1]
  local inner = self.source:sub(from[1] + 1, to[1] - 1)
  for word in inner:gmatch "%a+" do
    if SPOKEN[word:lower()] then
      self.stop(
        self:pos(),
        ("words are not read: %s"):format(inner:match "^%s*(.-)%s*$"),
        'leave them out; what is known of a letter is declared: --let "matrix A(n,n) symmetric"'
      )
    end
  end
end

local ROOTS = { ["³"] = "3", ["⁴"] = "4", ["∛"] = "3" }
-- Signs that a style does nothing to.
local UNSTYLED = set_of [[\Vert \| \lVert \left \sum \frac]]

-- Does a group of bounds, i = 1, begin with the k-th token to come?
function Cutter:bounds(k)
  local last = self:text(k) == "{" and self:last(k)
  for i = k, last or 0 do
    if self:text(i) == "=" then
      return true
    end
  end
  return false
end

-- Is the k-th token to come, behind a capital sigma in plain text, a counter? Then the sign begins a term, and
-- the letter is an index further on: Σ_i (y_i - w^T x_i)^2.
function Cutter:counts(k)
  local index, before, slash = self:text(k), self.done[#self.done], self.done[#self.done - 1]
  local begins = not before or before[2]:find "^[-+=(%d]+$" or slash and slash[2] == "/"
  if not (self.plain and begins and index and index:find "^[i-n]$") then
    return false
  end
  local counts, i = false, k + 1
  while self:text(i) do
    counts = counts or self:text(i) == "_" and (self:text(i + 1) == index or self:text(i + 2) == index)
    i = i + 1
  end
  return counts and self:text(k + 1) ~= "^"
end

-- What is left out, by its command: how many tokens go.
local left_out = {}

local function environment(self)
  local last = self:last(2) or 2
  local name = {}
  for k = 3, last - 1 do
    name[#name + 1] = self:text(k)
  end
  name = table.concat(name):gsub("%*$", "")
  if not WRAPPERS[name] then
    self.stop(
      self:pos(),
      ("the environment %s is not read: a matrix is a letter here"):format(name),
      "write the formula in letters, as in \\mathbf{A}\\mathbf{x}"
    )
  end
  return last
end
left_out["\\begin"], left_out["\\end"] = environment, environment

for command in pairs(WITH_ARGUMENT) do
  left_out[command] = function(self)
    local starred = self:text(2) == "*"
    return self:last(starred and 3 or 2) or 2
  end
end

for _, command in ipairs { "\\stackrel", "\\overset", "\\underset" } do -- \stackrel{def}{=}
  left_out[command] = function(self)
    return self:last(2) or 2
  end
end

-- Signs and commands that begin or end an operand, beside letters, numbers and brackets.
local OPERANDS = set_of [[( ) [ ] { | ' \\| \frac \sqrt \sum \nabla \partial \lVert \rVert \Vert \vert \lvert \rvert \langle \rangle
  \left \| ‖ ∑ √ ∇ ∂ ⟨ ⟩]]
local WORDS = set_of [[\text \mbox \textrm]]
local SIGNS = set_of [[− ≤ ≥ ≠ ≈ → ⇒ ≡ ≜ ≔ ∈ · × ⊙ ⊗ ∘ ↦ ∼ ∝]]

-- Is it the end or the beginning of an operand?
local function is_operand(self, text)
  return text:find "^%w" ~= nil
    or text:find "^[\128-\255]" ~= nil and not SIGNS[text]
    or OPERANDS[text]
    or not WORDS[text] and (self.greek and self.greek[text] or self.styled and self.styled[text])
    or self.commands and self.commands[text] ~= nil
end

-- The sign & goes where it aligns columns; between two operands it is none that is known, and && parts two formulas.
local function column(self)
  local before, after = self.done[#self.done], self:text(2)
  local ends = before and before[2] ~= "{" and (before[2] == "}" or is_operand(self, before[2]))
  if after == "&" and ends and self:text(3) and is_operand(self, self:text(3)) then -- a && b: two formulas
    local pos = self:pos()
    self:take(2)
    self.done[#self.done + 1] = made(pos, ";")
    return
  end
  if ends and after and is_operand(self, after) then
    self.stop(
      self:pos(),
      "the sign & stands between two operands",
      "a product is written A B or A*B, an inner product A : B"
    )
  end
  self:take(1)
end

-- A letter with a mark of Unicode is \hat{x}, or a declared name.
local function marked(self, base, mark, command)
  local pos = self:pos()
  if self.variable and self.variable(base .. mark) then
    self:take(mark == "" and 1 or 2)
    self.done[#self.done + 1] = { pos, base .. mark, "name" }
    return
  elseif not command then
    self.stop(pos, ("the mark of %s is not known"):format(base .. mark), "a letter of its own is x_hat or x1")
  end
  self:take(mark == "" and 1 or 2)
  self:put_back(made_all(pos, command .. " { " .. base .. " }"))
  self:keep(1)
end

-- Letters with marks, and columns.
local function marks_and_columns(self)
  local text, after = self:text(1), self:text(2)
  local base, command = marks.parts(text)
  if text == "&" then
    column(self)
  elseif marks.is_mark(text) then
    self.stop(self:pos(), "a mark that belongs to no letter", "behind a letter it makes another letter: x̂ is x_hat")
  elseif after and marks.is_mark(after) and (text:find "^%a$" or text:byte() > 127) then
    marked(self, text, after, marks.command(after))
  elseif base and not (self.variable and self.variable(text)) then
    local pos = self:pos()
    self:take(1)
    self:put_back(made_all(pos, command .. " { " .. base .. " }"))
    self:keep(1)
  else
    return false
  end
  return true
end

-- Environments, tags, the names of relations and signs.
local function furniture(self)
  if marks_and_columns(self) or packages.replace(self) then
    return
  end
  local pos, text = self:pos(), self:text(1)
  local raised = text == "⁻" and RAISED[self:text(2)]
  if left_out[text] then
    self:take(left_out[text](self))
  elseif (text == "\\text" or text == "\\mbox" or text == "\\textrm") and self:text(2) == "{" then
    self:spoken(self:last(2) or 2)
    self:keep(1)
  elseif (text == "\\Sigma" or text == "\\Pi") and self:text(2) == "_" and self:bounds(3) then
    self:take(1)
    self:put_back { made(pos, text == "\\Pi" and "\\prod" or "\\sum") }
  elseif (text == "Σ" or text == "\\Sigma") and self:text(2) == "_" and self:counts(3) then
    self:take(1)
    self:put_back { made(pos, "\\sum") }
  elseif ROOTS[text] and (self:text(2) == "√" or self:text(2) == "\\sqrt") then
    self:take(2)
    self:put_back(made_all(pos, "\\sqrt [ " .. ROOTS[text] .. " ]"))
  elseif self.complex and complex_signs.function_of(text) then
    self:take(1)
    self.done[#self.done + 1] = { pos, complex_signs.function_of(text), "operator" }
  elseif self.complex and complex_signs.unit(self) then
    self:take(complex_signs.unit(self))
    self.done[#self.done + 1] = { pos, "\\imaginary", "command" }
  elseif text == "\\Re" then
    self:take(1)
  elseif
    self.styled[text]
      and self:text(2)
      and not self:text(2):find "^[%a{\\*]"
      and not (BOLD[text] and (self:text(2) == "1" or self:text(2) == "0"))
    or self.styled[text] and UNSTYLED[self:text(2)]
  then
    self:take(1)
  elseif text == ":" and self:text(2) == "=" then
    self:take(1)
  elseif text == "=" and self:text(2) == ">" then
    self:take(2)
    self:put_back { made(pos, "\\Rightarrow") }
  elseif raised then
    self:take(2)
    self:put_back(made_all(pos, "^ { - " .. raised .. " }"))
  elseif SAME[text] then
    self:take(1)
    for _, t in ipairs(made_all(pos, SAME[text])) do
      self.done[#self.done + 1] = t
    end
  else
    self:keep(1)
  end
end

-- Are the tokens to come, from one to another, one name, or letters side by side? They are left to the parser.
local function is_name(self, from, to)
  local letters, greek = 0, self.greek
  for k = from, to do
    local text, kind = self:text(k), self.todo[#self.todo - k + 1][3]
    if greek[text] then
      letters = letters + 1
      if to > from then
        return letters == 1 and self:text(from) == text and self:text(from + 1) == "_"
      end
    elseif text == "\\_" or text:find "^\\math%a+$" or text == "\\text" or text == "\\operatorname" then -- luacheck: ignore 542
      -- a name inside
    elseif not (text:find "^[%a_{}*]$" or kind == "number" or text:find "[\128-\255]") then
      return false
    end
  end
  return true
end

local RAISED_LETTERS = set_of [[T t H]]

-- Is what comes above: behind ^, or ^{?
local function is_raised(list)
  local last = list[#list]
  return last and (last[2] == "^" or last[2] == "{" and list[#list - 1] and list[#list - 1][2] == "^") or false
end

-- Letters of a group in bold, one by one: \mathbf{ZGZ}^T is \mathbf{Z}\mathbf{G}\mathbf{Z}^T.
local function letters_of_group(self, last)
  local before = self.done[#self.done]
  if before and (before[2] == "_" or before[2] == "^" or self.styled[before[2]]) then
    return nil
  end
  local list, word = {}, {}
  for k = 3, last - 1 do
    local t = self.todo[#self.todo - k + 1]
    if not t[2]:find "^%a$" then
      return nil
    end
    list[#list + 1], word[#word + 1] = t, t[2]
  end
  return #list > 1 and not self.variable(table.concat(word)) and list or nil
end

-- \mathbf{u^T v}: the style goes to each letter.
local function styles(self)
  local text = self:text(1)
  local last = BOLD[text] and self:text(2) == "{" and self:last(2)
  local spread = last and letters_of_group(self, last)
  if spread then
    self:take(last)
    for _, t in ipairs(spread) do
      table.move({ made(t[1], text), made(t[1], "{"), t, made(t[1], "}") }, 1, 4, #self.done + 1, self.done)
    end
    return
  elseif not last or is_name(self, 3, last - 1) then
    return self:keep(1)
  end
  local pos, list = self:pos(), self:take(last)
  local new = { made(pos, "{") }
  self:put_back(table.move(list, 3, last - 1, 1, {}))
  local left = last - 3 -- tokens of the group that are still to come
  while left > 0 do
    local t = self.todo[#self.todo]
    local n = 1
    if t[2]:find "^\\math%a+$" or t[2] == "\\operatorname" or t[2] == "\\text" then -- \mathbf{x}^{\mathrm{T}}
      n = math.min(self:last(2) or 2, left)
    elseif (t[2]:find "^%a$" or self.greek[t[2]]) and not (RAISED_LETTERS[t[2]] and is_raised(new)) then
      new[#new + 1] = made(pos, text)
    end
    table.move(self:take(n), 1, n, #new + 1, new)
    left = left - n
  end
  new[#new + 1] = made(pos, "}")
  self:put_back(new)
  self:keep(1)
end

-- X^-1, X^-T: the sign and what follows it are an exponent, as they are typed.
local function signed_exponent(self)
  local last = self.todo[#self.todo - 2]
  local group = self:text(1) == "^" and self:text(2) == "-" and last and (last[3] == "number" or last[2]:find "^[TH]$")
  if group then
    local taken = self:take(3)
    self:put_back {
      taken[1],
      { taken[2][1], "{" },
      taken[2],
      taken[3],
      { taken[3][1] + #taken[3][2], "}" },
    }
  end
end

-- x^23 is x^2 3, x^2_1 is x_1^2.
local function exponents(self)
  signed_exponent(self)
  local t = self.todo[#self.todo - 1]
  if self:text(1) == "^" and t and t[3] == "number" and #t[2] > 1 then
    local sign = self:take(2)[1]
    self:put_back { sign, { t[1], t[2]:sub(1, 1), "number" }, { t[1] + 1, t[2]:sub(2), "number" } }
  end
  local above = self:text(1) == "^" and self:last(2)
  local below = above and self:text(above + 1) == "_" and self:last(above + 2)
  local inverse = above == 5 and self:text(3) == "-" and self:text(4) == "1"
  if below and not (inverse and below - above > 4) then
    local raised, lowered = self:take(above), self:take(below - above)
    self:put_back(raised)
    self:put_back(lowered)
  end
  self:keep(1)
end

--- The tokens of a form of a rule file (nabla.latex.own_forms).
-- @tparam string text
-- @tparam table styled the commands that set a word in type
function M.of_form(text, styled)
  local self = setmetatable({ list = tokens:match(text), source = text, styled = styled }, Cutter)
  function self.stop() end
  self:pass(furniture)
  return self.list
end

-- Signs that a text without commands spells, before their index.
local SPELLED = { sum = "\\sum", prod = "\\prod", int = "\\int" }

-- D_x(f) is the derivative of f by x.
local function read_derivative(self, i)
  local list = self.list
  local t, x, open = list[i], list[i + 2], list[i + 3]
  local stands = t[2] == "D" and open and open[2] == "(" and list[i + 1][2] == "_" and x[2]:find "^%a$"
  if stands and not self.variable "D" and not self.variable("D_" .. x[2]) then
    t[2], t[3] = "\\nabla", "command"
    self.tell(t[1], ("D_%s is read as the derivative by %s"):format(x[2], x[2]))
  end
end

-- A capital sigma is a sum where its index has bounds: Σ_{i=1}^n x_i. x Σ_i x_i may hold a sum, or a matrix: it is refused.
local function read_sigma(self, i)
  local list = self.list
  local t, index = list[i], list[i + 2] and list[i + 2][2]
  if (t[2] ~= "\\Sigma" and t[2] ~= "Σ") or not list[i + 1] or list[i + 1][2] ~= "_" or not index then
    return
  end
  local k = i + 3
  if index == "{" then
    while list[k] and list[k][2] ~= "}" do
      if list[k][2] == "=" then
        t[2], t[3] = "\\sum", "command"
        return
      end
      k = k + 1
    end
    index = k == i + 4 and list[i + 3][2] or nil
    k = k + 1
  end
  local follows, own = list[k] and list[k][2], self.source:sub(t[1], t[1]) ~= "\\"
  if not (own and index and index:find "^[i-n]$") or follows == "^" or self.variable("Sigma_" .. index) then
    return
  end
  local behind_sum = list[i - 2] and list[i - 2][2] == "_" and list[i - 3] and list[i - 3][2] == "\\sum" -- Σᵢ Σⱼ
  for j = k, #list - 1 do
    local inner = list[j + 1][2] == "{" and list[j + 2] and list[j + 2][2] or list[j + 1][2]
    local before = list[i - 1] and list[i - 1][2]
    if list[j][2] == "_" and inner == index and (not before or behind_sum or before:find "^[-+=(%d]+$") then -- Σᵢ xᵢ
      t[2], t[3] = "\\sum", "command"
      return
    elseif list[j][2] == "_" and inner == index then
      self.stop(
        t[1],
        ("Σ_%s may be a sum, or a matrix"):format(index),
        ("a sum is written sum_%s; a matrix is declared: matrix Sigma_%s(n,n)"):format(index, index)
      )
    end
  end
end

--- The tokens of a text.
-- @tparam string text
-- @tparam table opts `stop(pos, message, hint)` raises an error; `tell(pos, text)` notes what is assumed;
-- `operator(name)`: is that the name of an operator?; `greek`:
-- the commands that are letters; `styles`: those that set a word in type; `commands`: those that are functions;
-- `variable(name)`: is the name declared?; `plain`: the text has no sign of LaTeX; `complex`: are there complex letters?;
-- `forms`: those of rule files (nabla.latex.own_forms)
function M.cut(text, opts)
  if opts.plain then -- A \ b divides from the left
    text = text:gsub("\\(%s)", "\1%1")
  end
  local self = setmetatable({ list = blocks.rewritten(tokens:match(text)) }, Cutter)
  self.source = text
  self.stop, self.tell = opts.stop, opts.tell
  self.operator, self.greek, self.styled = opts.operator, opts.greek, opts.styles
  self.variable, self.commands = opts.variable, opts.commands
  self.plain, self.complex = opts.plain, opts.complex
  self:check_depth()
  self:pass(furniture)
  if opts.forms then
    self.list = own_forms.rewritten(self.list, opts.forms, opts.variable, opts.complex)
  end
  arrange.lines(self)
  arrange.double_bars(self)
  arrange.angles(self)
  if self.complex then
    complex_signs.bras_and_kets(self.list)
  end
  arrange.switches(self)
  arrange.over(self)
  self:check_depth() -- a switch opens a brace
  self:pass(styles)
  self:pass(exponents)
  self:pass(words.step)
  for i, t in ipairs(self.list) do -- sum_{i=1}^n
    local next_one = self.list[i + 1]
    if SPELLED[t[2]] and next_one and next_one[2] == "_" and not self.variable(t[2]) then
      t[2], t[3] = SPELLED[t[2]], "command"
    end
    read_sigma(self, i)
    read_derivative(self, i)
  end
  return self.list
end

return M
