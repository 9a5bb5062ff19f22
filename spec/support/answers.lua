--- nabla's answers to cases (spec/support/cases.lua), judged by numbers and measured against the stated ones.
--
--     local tally = answers.tally()
--     local text, err = answers.of(case)        -- nabla's answer as text, or nil and why there is none
--     local ok, message = tally:judge(case, text)
--     tally:refuse()
--     local summary = tally:summary()           --> { share, median, worst, longer = { entry, ... } }

local nabla = require "nabla"
local judge = require "spec.judge"

local M = {}

-- The textbook layouts are what nabla is for; vec and block may be refused, never wrong.
local required = { numerator = true, denominator = true, mixed = true }

--- True when nabla must answer a case: it may refuse the others.
function M.required(case)
  return required[case.layout] ~= nil and not case.optional
end

-- The sessions under way, one for each layout and convention; each is asked one case after the other.
local sessions = {}

local function session_for(case)
  local key = case.layout .. "/" .. (case.convention or "")
  if not sessions[key] then
    local made, s, trouble = pcall(nabla.new, { layout = case.layout, convention = case.convention })
    if not made or not s then
      return nil, string.format("no session for layout %s: %s", case.layout, tostring(trouble or s))
    end
    sessions[key] = s
  end
  sessions[key]:reset()
  return sessions[key]
end

--- The text of nabla's answer, or nil and its error.
function M.of(case)
  local s, trouble = session_for(case)
  if not s then
    return nil, trouble
  end
  s:declare(table.unpack(case.decl))
  local f = assert(s:parse(case.expr))
  local g, err
  if case.op == "hessian" then
    g, err = s:hessian(f, case.wrt, case.wrt2)
  else
    g, err = s:diff(f, case.wrt)
  end
  if not g then
    return nil, tostring(err)
  end
  return tostring(g)
end

-- The numerical derivatives of the problem judged last, which its other layouts need again.
local problem, memo

--- Whether a text is the derivative that a case asks for; a message otherwise.
function M.judged(case, text)
  local own = table.concat(case.decl, ";") .. "|" .. case.expr .. "|" .. case.wrt .. "|" .. (case.wrt2 or "")
  own = own .. "|" .. (case.op or "") .. "|" .. (case.convention or "")
  own = case.expr:find "D%(" and own .. "|" .. case.layout or own -- what D(f, x) is depends on it
  if case.at or case.domain or own ~= problem then
    problem, memo = not case.at and not case.domain and own or nil, {}
  end
  return judge.check {
    memo = memo,
    draws = case.draws,
    decl = case.decl,
    expr = case.expr,
    wrt = case.wrt,
    wrt2 = case.wrt2,
    op = case.op,
    layout = case.layout,
    at = case.at,
    domain = case.domain,
    convention = case.convention,
    answer = text,
  }
end

local Tally = {}
Tally.__index = Tally

--- Counts of answers, and the sizes of the right ones.
function M.tally()
  return setmetatable({ right = 0, refused = 0, wrong = 0, sizes = {} }, Tally)
end

--- Judges and counts an answer. One stated `at` a value is not measured: the general answer is longer.
function Tally:judge(case, text)
  local ok, message = M.judged(case, text)
  local kind = ok and "right" or "wrong"
  self[kind] = self[kind] + 1
  if ok and not case.at then
    local ratio = judge.size(text) / judge.size(case.expected)
    self.sizes[#self.sizes + 1] = { ratio = ratio, case = case, text = text }
  end
  return ok, message
end

function Tally:refuse()
  self.refused = self.refused + 1
end

--- A test for each case: the answer is right, or refused where the case allows it.
-- @param it busted's
-- @tparam table list cases
-- @tparam[opt] function also called with the case and its answer (nil if refused) first
function Tally:tests(it, list, also)
  for _, case in ipairs(list) do
    local title = string.format("%s: gives %s for %s by %s", case.id, case.expected, case.expr, case.wrt)
    it(title, function()
      local text, err = M.of(case)
      if also then
        also(case, text)
      end
      if not text then
        self:refuse()
        assert(not M.required(case), err)
        return
      end
      local ok, message = self:judge(case, text)
      assert(ok, string.format("answer %s: %s", text, message))
    end)
  end
end

--- Share of the answers that are no larger than the stated ones, median and worst ratio, and the longer ones,
-- worst first.
function Tally:summary()
  table.sort(self.sizes, function(a, b)
    if a.ratio ~= b.ratio then
      return a.ratio > b.ratio
    end
    return a.case.id < b.case.id
  end)
  local longer = {}
  for _, size in ipairs(self.sizes) do
    if size.ratio > 1 then
      longer[#longer + 1] = size
    end
  end
  local count = #self.sizes
  assert(count > 0, "no answer to measure")
  return {
    share = (count - #longer) / count,
    median = self.sizes[count // 2 + 1].ratio,
    worst = self.sizes[1],
    longer = longer,
  }
end

--- Prints a summary: one line, then a line for every answer that is longer than the stated one.
function Tally:print(title, summary)
  print(
    string.format(
      "\n%s: %d right, %d refused, %d wrong; size of answers: %.1f %% no larger than the stated one, "
        .. "median ratio %.2f, worst %.2f (%s)",
      title,
      self.right,
      self.refused,
      self.wrong,
      100 * summary.share,
      summary.median,
      summary.worst.ratio,
      summary.worst.case.id
    )
  )
  for _, size in ipairs(summary.longer) do
    print(string.format("  %.2f  %s: %s for %s", size.ratio, size.case.id, size.text, size.case.expected))
  end
end

return M
