--- Random expressions with the letters of habit, and how pages write them: in LaTeX and Unicode as nabla prints them, and
-- sloppily, in LaTeX and in plain text.
--
--     local g = pages.new(7)
--     local e = g:expression(4)         --> { text = "x'*A*x + a", latex = "x^T A x + a", plain = "x^T A x + a" }
--     pages.outcome(session, e.text, e.latex, { latex = true })     --> "same", "refused", "told", or "silent"
--
-- `text` is in the language. The same seed gives the same expressions everywhere.

local randoms = require "spec.judge.random"

local M = {}

local Generator = {}
Generator.__index = Generator

function M.new(seed)
  return setmetatable({ random = randoms.new(seed) }, Generator)
end

local function set(text)
  local list = {}
  for word in text:gmatch "%S+" do
    list[#list + 1] = word
  end
  return list
end

local LETTERS = {
  scalar = set "a b c alpha lambda gamma",
  column = set "x y z u v w",
  matrix = set "A B P Q S X Y W",
}
local GREEK = { alpha = true, lambda = true, gamma = true }

-- An expression: { text, latex, plain, level }: "sum", "product" (also a quotient), "factor".
local function made(level, text, latex, plain)
  return { level = level, text = text, latex = latex, plain = plain or latex }
end

local function bracketed(e, random)
  local latex = random:pick { "(%s)", "\\left(%s\\right)", "\\left[ %s \\right]", "\\bigl(%s\\bigr)" }
  return made("factor", "(" .. e.text .. ")", latex:format(e.latex:gsub("%%", "%%%%"), ""), "(" .. e.plain .. ")")
end

-- As a factor, or as what has an exponent.
local function factor(e, random)
  return e.level == "sum" and bracketed(e, random) or e
end

local function base(e, random)
  return e.level ~= "letter" and e.level ~= "closed" and bracketed(e, random) or e
end

function Generator:letter(kind)
  local name = self.random:pick(LETTERS[kind])
  return made("letter", name, GREEK[name] and "\\" .. name .. " " or name, name)
end

-- Factors side by side.
function Generator:product(...)
  local list = { ... }
  local random = self.random
  local text, latex, plain
  for i, e in ipairs(list) do
    e = factor(e, random)
    if i > 1 then
      local side = random:pick { " ", " ", "", "\\, " }
      text, latex, plain = text .. "*" .. e.text, latex .. side .. e.latex, plain .. " " .. e.plain
    else
      text, latex, plain = e.text, e.latex, e.plain
    end
  end
  return made("product", text, latex, plain)
end

function Generator:transposed(e)
  e = base(e, self.random)
  local sign = self.random:pick { "^T", "^\\top ", "^{\\mathsf{T}}", "'", "^{T}" }
  return made("factor", e.text .. "'", e.latex .. sign, e.plain .. self.random:pick { "^T", "'" })
end

function Generator:called(name, e)
  local latex = name == "tr" and self.random:pick { "\\mathrm{tr}", "\\operatorname{tr}", "\\text{tr}" } or "\\" .. name
  return made(
    "closed",
    ("%s(%s)"):format(name, e.text),
    ("%s(%s)"):format(latex, e.latex),
    ("%s(%s)"):format(name, e.plain)
  )
end

local grow = {}

grow.scalar = {
  function(g, d)
    return g:product(g:transposed(g:of("column", d)), g:of("column", d))
  end,
  function(g, d)
    local x = g:letter "column"
    return g:product(g:transposed(x), g:of("matrix", d), x)
  end,
  function(g, d)
    local square = g:of("matrix", d)
    return g:called("tr", g:product(square, g:of("matrix", d)))
  end,
  function(g, d)
    local e = g:of("matrix", d)
    return made("closed", "det(" .. e.text .. ")", "|" .. e.latex .. "|", "det(" .. e.plain .. ")")
  end,
  function(g, d)
    local e = g:of("matrix", d)
    local latex = g.random:pick { "\\log|%s|", "\\log\\det(%s)", "\\ln \\left|%s\\right|" }
    return made("factor", "logdet(" .. e.text .. ")", (latex:gsub("%%s", function()
      return e.latex
    end)), "log det(" .. e.plain .. ")")
  end,
  function(g, d)
    local e = g:of("column", d)
    local latex = g.random:pick { "\\|%s\\|^2", "\\|%s\\|_2^2", "\\left\\lVert %s \\right\\rVert^2" }
    return made("factor", "norm2(" .. e.text .. ")^2", (latex:gsub("%%s", function()
      return e.latex
    end)), "||" .. e.plain .. "||^2")
  end,
  function(g, d)
    return g:product(g:of("scalar", d), g:of("scalar", d))
  end,
  function(g, d)
    local over, under = g:of("scalar", d), g:of("scalar", d)
    local o, u = factor(over, g.random), base(under, g.random)
    return made(
      "closed",
      ("(%s/%s)"):format(o.text, u.text),
      ("\\frac{%s}{%s}"):format(over.latex, under.latex),
      ("(%s/%s)"):format(o.plain, u.plain)
    )
  end,
  function(g, d)
    return g:called(g.random:pick { "exp", "sin", "cos", "log" }, g:of("scalar", d))
  end,
  function(g, d)
    local e = base(g:of("scalar", d), g.random)
    return made("factor", e.text .. "^2", e.latex .. "^2", e.plain .. "^2")
  end,
}

grow.column = {
  function(g, d)
    return g:product(g:of("matrix", d), g:of("column", d))
  end,
  function(g, d)
    return g:product(g:of("scalar", d), g:of("column", d))
  end,
  function(g, d)
    local e = base(g:of("column", d), g.random)
    local other = base(g:of("column", d), g.random)
    return made(
      "sum",
      e.text .. ".*" .. other.text,
      e.latex .. " \\odot " .. other.latex,
      e.plain .. " ⊙ " .. other.plain
    )
  end,
  function(g, d)
    return g:called(g.random:pick { "exp", "sin", "cos" }, g:product(g:of("matrix", d), g:of("column", d)))
  end,
}

grow.matrix = {
  function(g, d)
    return g:product(g:of("matrix", d), g:of("matrix", d))
  end,
  function(g, d)
    return g:transposed(g:of("matrix", d))
  end,
  function(g, d)
    local e = base(g:of("matrix", d), g.random)
    return made("factor", "inv(" .. e.text .. ")", e.latex .. "^{-1}", "inv(" .. e.plain .. ")")
  end,
  function(g, d)
    return g:product(g:of("scalar", d), g:of("matrix", d))
  end,
  function(g, d)
    return g:product(g:of("column", d), g:transposed(g:of("column", d)))
  end,
}

-- An expression of a kind.
function Generator:of(kind, depth)
  local random = self.random
  if depth <= 0 or random:chance(0.35) then
    return self:letter(kind)
  elseif random:chance(0.3) then
    local a, b = self:of(kind, depth - 1), self:of(kind, depth - 1)
    local sign = random:pick { " + ", " - " }
    if sign == " - " and b.level == "sum" then
      b = bracketed(b, random)
    end
    return made("sum", a.text .. sign .. b.text, a.latex .. sign .. b.latex, a.plain .. sign .. b.plain)
  end
  return random:pick(grow[kind])(self, depth - 1)
end

--- An expression, mostly a scalar one.
function Generator:expression(depth)
  local kind = self.random:pick { "scalar", "scalar", "scalar", "column", "matrix" }
  return self:of(kind, depth)
end

--- What a session makes of a page's text, with nothing declared, beside the text in the language: "same" node, "refused", "told"
-- (another node, with a note), "silent" (another node without a note), or nil where the text itself has no reading. Then what
-- was read, or the error.
function M.outcome(session, text, page, opts)
  session:reset()
  local wanted, assumed = session:parse(text)
  if not wanted or assumed then
    return nil
  end
  session:reset()
  local ok, node, told = pcall(session.parse, session, page, opts)
  if not ok then
    return "failed", tostring(node)
  elseif not node then
    return "refused", tostring(told)
  elseif node == wanted then
    return "same"
  elseif session:equal(node, wanted) == "yes" then
    return "same"
  end
  return told and "told" or "silent", tostring(node)
end

return M
