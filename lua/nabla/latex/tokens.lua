--- LaTeX as a list of tokens, the many ways to write one thing brought to one of them.
--
-- What only moves things on the page, numbers a formula or wraps it (`\left`, `\tag`, `\begin{aligned}`) is left
-- out. Signs of Unicode become commands; `x^2_1` becomes `x_1^2`; `\mathbf{u^T v}` becomes bold letters one by one;
-- `{\bf x}` becomes `\mathbf{x}`; `tr(` in plain letters is the operator tr, if there is one.
--
-- A token is { place in the text, text, kind }: kind is "number", "command", "sign", "open" (a bar behind \left) or
-- "operator" (a name in plain letters).
-- @module nabla.latex.tokens

local lpeg = require "lpeg"

local P, R, S, C, Cc, Cp, Ct = lpeg.P, lpeg.R, lpeg.S, lpeg.C, lpeg.Cc, lpeg.Cp, lpeg.Ct

local M = {}

--- Commands that set letters in a style of their own.
local STYLES = {}
M.styles = STYLES
for command in
  ([[mathbf boldsymbol bm mathrm mathit mathsf mathtt mathcal mathbb mathfrak vec hat tilde bar overline underline
  mathds mathbbm text textbf textrm textit operatorname operatorname* pmb widehat widetilde mathscr dot]]):gmatch "%S+"
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

local function words(text)
  local set = {}
  for word in text:gmatch "%S+" do
    set[word] = true
  end
  return set
end

local SKIPPED =
  words [[, ; : ! > quad qquad displaystyle textstyle scriptstyle limits nolimits big Big bigg Bigg bigl bigr Bigl
  Bigr biggl biggr Biggl Biggr bigm Bigm middle nonumber notag left right \ [ ] ( ) hfill strut mathstrut null mathop mathbin
  mathrel mathord mathopen mathclose mathinner allowbreak]]

-- Commands that are left out with what stands in braces behind them.
local WITH_ARGUMENT =
  words [[\label \tag \tag* \hspace \vspace \phantom \hphantom \vphantom \ref \eqref \cite \footnote]]

-- Environments of which nothing but their contents is read.
local WRAPPERS =
  words [[equation align aligned gather gathered split multline eqnarray displaymath math alignedat alignat
  flalign subequations IEEEeqnarray dmath]]

local function is_kept(_, pos, command)
  if SKIPPED[command] then
    return false
  end
  return pos, command
end

local blank = S " \t\r\n~&$" + "\u{00A0}" + "\u{2009}" + "\u{200A}" + "\u{202F}" + "%" * (1 - P "\n") ^ 0
local command_name = R("az", "AZ") ^ 1 + 1
local skipped = P "\\"
  * lpeg.Cmt(C(command_name), function(_, pos, command)
    return SKIPPED[command] and pos
  end)
local null_delimiter = (P "\\left" + "\\right") * S " " ^ 0 * "."
local number = R "09" ^ 1 * (P "." * R "09" ^ 1) ^ -1 + P "." * R "09" ^ 1
local utf8_character = R "\0\127" + R "\194\244" * R "\128\191" ^ 1
local left_bar = P "\\left" * blank ^ 0 * Cp() * C(P "|" + "\\|" + "\\vert" + "\\Vert") * Cc "open"
local token = Ct(
  left_bar
    + Cp() * C(number) * Cc "number"
    + Cp() * (P "\\" * lpeg.Cmt(C(command_name), is_kept) / "\\%1") * Cc "command"
    + Cp() * C(utf8_character) * Cc "sign"
)
local junk = blank + null_delimiter + (skipped - left_bar) / function() end
local tokens = Ct((junk + token) ^ 0) * Cp()

-- ---------------------------------------------------------------------------------------------- one way to write it

-- Signs and commands that have another name here: a list of tokens' texts.
local SAME = {
  ["∇"] = "\\nabla",
  ["−"] = "-",
  ["′"] = "'",
  ["’"] = "'",
  ["⊗"] = "\\otimes",
  ["⊙"] = "\\odot",
  ["∘"] = "\\circ",
  ["×"] = "\\times",
  ["∑"] = "\\sum",
  ["√"] = "\\sqrt",
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
  ["ₓ"] = "_ x",
  ["ᵢ"] = "_ i",
  ["ⱼ"] = "_ j",
  ["ₙ"] = "_ n",
  ["ₖ"] = "_ k",
  ["²"] = "^ 2",
  ["³"] = "^ 3",
  ["ⁿ"] = "^ n",
  ["ᵏ"] = "^ k",
}

local BOLD = words [[\mathbf \boldsymbol \bm \pmb \mathbfit \mathbfsf \symbf \vec \bold]]
local SWITCHES =
  { ["\\bf"] = "\\mathbf", ["\\bfseries"] = "\\mathbf", ["\\rm"] = "\\mathrm", ["\\it"] = "\\mathit" }
SWITCHES["\\boldmath"], SWITCHES["\\sf"] = "\\mathbf", "\\mathsf"

local Cutter = {}
Cutter.__index = Cutter

function Cutter:text(i)
  local t = self.list[i]
  return t and t[2]
end

-- The place after a group in braces, or after the one token, that begins at i; nil if it is not closed.
function Cutter:after(i)
  if self:text(i) ~= "{" then
    return self.list[i] and i + 1
  end
  local depth = 0
  for k = i, #self.list do
    local text = self.list[k][2]
    depth = depth + (text == "{" and 1 or text == "}" and -1 or 0)
    if depth == 0 then
      return k + 1
    end
  end
end

-- Replace the tokens from i up to, not with, j.
function Cutter:put(i, j, new)
  local out = table.move(self.list, 1, i - 1, 1, {})
  table.move(new, 1, #new, #out + 1, out)
  self.list = table.move(self.list, j, #self.list, #out + 1, out)
end

local function made(pos, text)
  local kind = text:find "^%d" and "number" or text:find "^\\%a" and "command" or "sign"
  return { pos, text, kind }
end

-- ⁻¹ is a power, ⁻ᵀ the transpose of an inverse.
local function is_superscript_minus(self, i)
  return self:text(i) == "⁻"
    and ({ ["¹"] = "1", ["²"] = "2", ["ᵀ"] = "\\top", ["⊤"] = "\\top" })[self:text(i + 1)]
end

-- Words that speak about a formula.
local SPOKEN = words [[if iff for when since because provided assuming unless is are as all any every the]]

function Cutter:spoken(i, closing)
  local last = self.list[closing - 1]
  local inner = last and self.source:sub(self.list[i + 1][1] + 1, last[1] - 1) or ""
  for word in inner:gmatch "%a+" do
    if SPOKEN[word:lower()] then
      self.stop(
        self.list[i][1],
        ("words are not read: %s"):format(inner:match "^%s*(.-)%s*$"),
        'leave them out; what is known of a letter is declared: --let "matrix A(n,n) symmetric"'
      )
    end
  end
end

-- Environments, tags, the names of relations and signs.
function Cutter:furniture()
  local i = 1
  while self.list[i] do
    local pos, text = self.list[i][1], self:text(i)
    local closing = self:after(i + 1) or i + 2
    if text == "\\begin" or text == "\\end" then
      local name = {}
      for k = i + 2, closing - 2 do
        name[#name + 1] = self:text(k)
      end
      name = table.concat(name):gsub("%*$", "")
      if not WRAPPERS[name] then
        self.stop(
          pos,
          ("the environment %s is not read: a matrix is a letter here"):format(name),
          "write the formula in letters, as in \\mathbf{A}\\mathbf{x}"
        )
      end
      self:put(i, closing, {})
    elseif (text == "\\text" or text == "\\mbox" or text == "\\textrm") and self:text(i + 1) == "{" then
      self:spoken(i, closing)
      i = i + 1
    elseif WITH_ARGUMENT[text] then
      if self:text(i + 1) == "*" then
        closing = self:after(i + 2) or i + 2
      end
      self:put(i, closing, {})
    elseif text == "\\stackrel" or text == "\\overset" or text == "\\underset" then -- \stackrel{def}{=}
      self:put(i, closing, {})
    elseif text == ":" and self:text(i + 1) == "=" then
      self:put(i, i + 1, {})
    elseif text == "=" and self:text(i + 1) == ">" then
      self:put(i, i + 2, { made(pos, "\\Rightarrow") })
    elseif is_superscript_minus(self, i) then
      local new = {}
      for piece in ("^ { - " .. is_superscript_minus(self, i) .. " }"):gmatch "%S+" do
        new[#new + 1] = made(pos, piece)
      end
      self:put(i, i + 2, new)
    elseif SAME[text] then
      local new = {}
      for piece in SAME[text]:gmatch "%S+" do
        new[#new + 1] = made(pos, piece)
      end
      self:put(i, i + 1, new)
      i = i + #new
    else
      i = i + 1
    end
  end
end

-- ||x|| is a norm, if every bar stands beside another one.
function Cutter:double_bars()
  local pairs_at, i = {}, 1
  while self.list[i] do
    if self:text(i) == "|" then
      local next_one = self.list[i + 1]
      if not next_one or next_one[2] ~= "|" or next_one[1] ~= self.list[i][1] + 1 then
        return
      end
      pairs_at[#pairs_at + 1] = i
      i = i + 1
    end
    i = i + 1
  end
  for k = #pairs_at, 1, -1 do
    local at = pairs_at[k]
    self:put(at, at + 2, { made(self.list[at][1], "‖") })
  end
end

-- {\bf x} is \mathbf{x}.
function Cutter:switches()
  for i = #self.list, 1, -1 do
    local style = SWITCHES[self:text(i)]
    if style then
      local pos, depth, last = self.list[i][1], 0, #self.list
      for k = i + 1, #self.list do
        depth = depth + (self:text(k) == "{" and 1 or self:text(k) == "}" and -1 or 0)
        if depth < 0 then
          last = k - 1
          break
        end
      end
      local new = { made(pos, style), made(pos, "{") }
      table.move(self.list, i + 1, last, 3, new)
      new[#new + 1] = made(pos, "}")
      self:put(i, last + 1, new)
    end
  end
end

-- Is what stands in braces one name, or letters side by side? They are left to the parser.
local function is_name(self, from, to, greek)
  local letters = 0
  for k = from, to do
    local text, kind = self:text(k), self.list[k][3]
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

-- \mathbf{u^T v}: the style goes to each letter.
function Cutter:styles()
  local i = 1
  while self.list[i] do
    local text = self:text(i)
    local last = BOLD[text] and self:text(i + 1) == "{" and self:after(i + 1)
    if last and not is_name(self, i + 2, last - 2, self.greek) then
      local pos, new, k = self.list[i][1], { made(self.list[i][1], "{") }, i + 2
      while k <= last - 2 do
        local t = self.list[k]
        if t[2]:find "^\\math%a+$" or t[2] == "\\operatorname" or t[2] == "\\text" then -- \mathbf{x}^{\mathrm{T}}
          local stop = self:after(k + 1) or k + 2
          table.move(self.list, k, stop - 1, #new + 1, new)
          k = stop
        elseif t[2]:find "^%a$" or self.greek[t[2]] then
          new[#new + 1] = made(pos, text)
          new[#new + 1] = t
          k = k + 1
        else
          new[#new + 1] = t
          k = k + 1
        end
      end
      new[#new + 1] = made(pos, "}")
      self:put(i, last, new)
    end
    i = i + 1
  end
end

-- x^2_1 is x_1^2.
function Cutter:indices_first()
  local i = 1
  while self.list[i] do
    local above = self:text(i) == "^" and self:after(i + 1)
    local below = above and self:text(above) == "_" and self:after(above + 1)
    if below then
      local new = table.move(self.list, above, below - 1, 1, {})
      table.move(self.list, i, above - 1, #new + 1, new)
      self:put(i, below, new)
    end
    i = i + 1
  end
end

-- Letters that stand close together and are the name of an operator, before a bracket, a bar or a name: tr(AX), log det X.
function Cutter:names()
  local i = 1
  while self.list[i] do
    local t, run = self.list[i], {}
    local before = self.list[i - 1]
    local k = i
    while self.list[k] and self:text(k):find "^%a$" and self.list[k][1] == t[1] + (k - i) do
      run[#run + 1] = self:text(k)
      k = k + 1
    end
    local name = table.concat(run)
    if before and before[2] == "{" then
      before = self.list[i - 2]
    end
    local styled = before and self.styled[before[2]]
    if #run > 1 and not styled and self.operator(name) then
      local depth_sign = self:text(k)
      if depth_sign and not (depth_sign:find "^[%)%]}=+,;]$") then
        self:put(i, k, { { t[1], name, "operator" } })
      end
    end
    i = (#run > 1 and self:text(i) ~= name) and k or i + 1
  end
end

--- The tokens of a text.
-- @tparam string text
-- @tparam table opts `stop(pos, message, hint)` raises an error; `operator(name)`: is that the name of an operator?; `greek`:
-- the commands that are letters; `styled`: those that set a word in type
function M.cut(text, opts)
  local self = setmetatable({ list = tokens:match(text) }, Cutter)
  self.source = text
  self.stop, self.operator, self.greek, self.styled = opts.stop, opts.operator, opts.greek, opts.styles
  self:furniture()
  self:double_bars()
  self:switches()
  self:styles()
  self:indices_first()
  self:names()
  return self.list
end

return M
