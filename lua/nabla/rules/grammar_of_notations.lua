--- The statements of a rule file about what is printed and what is read: notation, habit, declare, prefer.
--
-- `add` puts their rules into the grammar of nabla.rules.grammar, whose helpers it is given.
--
-- @module nabla.rules.grammar_of_notations

local actions = require "nabla.rules.actions_of_notations"
local declarations = require "nabla.language.declarations"
local lpeg = require "lpeg"
local program_rows = require "nabla.language.program_rows"
local themed = require "nabla.print.themed"

local P, R, V, C = lpeg.P, lpeg.R, lpeg.V, lpeg.C
local Cc, Cg, Ct, Carg = lpeg.Cc, lpeg.Cg, lpeg.Ct, lpeg.Carg

local M = {}

-- The words of a set, those with more words first: "inverse transpose" before "inverse".
local function longest_first(set)
  local list = {}
  for words in pairs(set) do
    list[#list + 1] = words
  end
  table.sort(list, function(a, b)
    return #a > #b or #a == #b and a < b
  end)
  return list
end

--- Add the rules to those of a grammar.
-- @tparam table rules
-- @tparam table tools `kind`, `must`, `after`, `name`, `pos`, `sign`, `statement`, `text`, `word` of nabla.rules.grammar
function M.add(rules, tools)
  local kind, must, name, pos, statement, text, word =
    tools.kind, tools.must, tools.name, tools.pos, tools.statement, tools.text, tools.word
  local space = V "space"

  -- notation physics "Physics"  zh "物理"  like upright
  --     transpose           latex "%1^{\dagger}"  unicode "%1†"
  --     vectors             arrow
  --     name theta_hat      latex "\hat\theta"
  -- notation tr latex "\operatorname{Sp}(%1)"
  local function words(set)
    local pattern = P(false)
    for _, phrase in ipairs(longest_first(set)) do
      local one = P(true)
      for each in phrase:gmatch "%a+" do
        one = one * word(each)
      end
      pattern = pattern + one * Cc(phrase)
    end
    return pattern
  end
  local formats = P "text" + "unicode" + "latex"
  local types = P(false)
  for each in pairs(themed.types) do
    types = types + each
  end
  local form = Ct(
    pos() * Cg(C(formats), "format") * V "boundary" * space * Cg(must(text, "the form, a string"), "form")
  ) + Ct(pos() * Cg(C(types), "type") * V "boundary" * space)
  local subject = Cg(Cc "names", "what") * word "name" * Cg(name, "name")
    + Cg(Cc "ops", "what") * word "operator" * Cg(name, "name")
    + Cg(Cc "kinds", "what") * Cg(words(themed.kinds), "name")
    + Cg(Cc "signs", "what") * Cg(words(themed.signs), "name")
    + Cg(Cc "ops", "what") * Cg(name, "name")
  rules.notation_row = Ct(pos() * subject * Cg(Ct(form ^ 1), "forms"))
  local source = Ct(
    pos()
      * Cg(Cc(true), "option")
      * Cg(P "cite" + "zh" + "note", "key")
      * V "boundary"
      * space
      * Cg(must(text, "a string"), "value")
  )
  -- reads "%1 @ %2" as "%1*%2"  vectors as rows  from left  note ".."  if matrix %1, row %2
  -- reads and writes "np.trace(%1)" as "tr(%1)"
  -- writes "np.outer(%1, %2)" for "%1*%2'"  if column %1
  -- same exp log sin      same exp log sin  if scalar %1  otherwise "%0.(%1)"
  -- indices "[" "]" from 0   indices "(" ")" from 1 members "{" "}"   sums "sum(%4 for %1 in range(%2, %3 + 1))" if scalar %4
  -- prefix "np." also "numpy." "jnp."   recognised by "np." "@"   tried by "\"   scalars spread   scalars spread by ".+" ".-"
  local given = must(text, "a string")
  local kinds = P(false)
  for _, each in ipairs(longest_first(program_rows.kinds)) do
    kinds = kinds + word(each) * Cc(each)
  end
  local condition = Ct(
    pos()
      * Cg(must(kinds, "scalar, column, row, vector or matrix"), "kind")
      * must(P "%", "an argument, such as %1")
      * Cg(lpeg.R "19" / tonumber, "argument")
      * space
  )
  local conditions = word "if" * Cg(Ct(condition * (P "," * space * condition) ^ 0), "when")
  local extras = (
    Cg(word "vectors" * word "as" * word "rows" * Cc(true), "vectors_as_rows")
    + Cg(word "from" * word "left" * Cc(true), "from_left")
    + word "note" * Cg(given, "note")
    + conditions
  ) ^ 0
  local function row_of(joint)
    return Cg(must(text, "the form, a string"), "form")
      * tools.after(word(joint), "`" .. joint .. "`")
      * Cg(must(text, "what it stands for, a string"), "meaning")
      * extras
  end
  local reads, writes = Cg(Cc(true), "reads"), Cg(Cc(true), "writes")
  local other = V "notation_reading" + V "notation_told" + V "notation_row" + word "if" + word "otherwise"
  local listed = Cg(Ct((-other * name) ^ 1), "same")
  rules.notation_reading = Ct(
    pos()
      * (
        word "reads" * word "and" * word "writes" * reads * writes * row_of "as"
        + word "reads" * reads * row_of "as"
        + word "writes" * writes * row_of "for"
      )
  ) + Ct(
    pos()
      * word "same"
      * listed
      * conditions ^ -1
      * (word "otherwise" * Cg(must(text, "the form, a string"), "otherwise")) ^ -1
  )
  local brackets = Ct(given * given)
  local literals = Ct((P '"' * C((P(1) - '"') ^ 1) * '"' * space) ^ 1)
  rules.notation_told = Ct(
    pos()
      * (
        word "recognised" * word "by" * Cg(literals, "told")
        + word "tried" * word "by" * Cg(literals, "tried")
        + word "prefix" * Cg(given, "prefix") * word "also" * Cg(literals, "also")
        + word "indices" * Cg(
            Ct(
              Cg(brackets, "brackets")
                * word "from"
                * Cg(must(C(lpeg.S "01"), "0 or 1") / tonumber, "from")
                * space
                * (word "members" * Cg(brackets, "members")) ^ -1
            ),
            "indices"
          )
        + word "sums" * Cg(Ct(Cg(given, "form") * conditions ^ -1), "sums")
        + word "scalars" * word "spread" * Cg(word "by" * literals + Ct(Cc "+" * Cc "-"), "spreads")
      )
  )
  local code = C(R "az" * R "az" * R "az" ^ -1) * V "boundary" * space
  local in_language = Ct(Cg(code, "key") * Cg(text, "value")) -- the title in another language
  local named = -V "notation_row"
    * Cg(must(name, "the name of the notation"), "name")
    * Cg(text, "title") ^ -1
    * (source + in_language + word "like" * Cg(must(name, "the name of a notation"), "like")) ^ 0
    * Cg(Ct((V "notation_reading" + V "notation_told" + V "notation_row") ^ 0), "rows")
  local alone = Cg(Ct(V "notation_row"), "rows")
  rules.notation = Carg(1) * Ct(kind "notation" * (named + alone)) / actions.finish_notation

  -- habit scalar t, s, vector a..c
  local range = Ct(pos() * Cg(name, "first") * (P ".." * space * Cg(must(name, "a letter"), "last")) ^ -1)
  local kind_word = C(P "scalar" + "vector" + "matrix") * V "boundary" * space
  local letters = Ct(
    Cg(kind_word, "kind") * Cg(Ct(must(range, "a letter") * (P "," * space * -kind_word * range) ^ 0), "letters")
  )
  rules.habit = Carg(1)
    * Ct(
      kind "habit"
        * Cg(Ct(must(letters, "scalar, vector or matrix, and letters") * (P "," * space * letters) ^ 0), "groups")
    )
    / actions.finish_habit

  -- declare scalar t, matrix S(n,n) symmetric
  rules.declare = Ct(kind "declare" * Cg(declarations.list(space, space), "decls"))

  -- prefer "linear forms"  A*x + A'*x over (A + A')*x
  rules.prefer = statement(
    kind "prefer"
      * Cg(text, "name") ^ -1
      * Cg(V "expression", "lhs")
      * tools.after(word "over", "`over`")
      * Cg(V "expression", "rhs")
      * V "option" ^ 0
  )
end

return M
