--- Is a text LaTeX? Apart from the parser, so that a session which meets none never loads that.
--
-- @module nabla.latex.is_latex

--- Does a text have a sign of LaTeX: a command, a brace behind ^ or _, \|, a dollar?
-- @tparam string text
-- @treturn boolean
return function(text)
  if not (text:find("\\", 1, true) or text:find("{", 1, true) or text:find("$", 1, true)) then
    return false -- soon seen
  end
  return text:find "\\%a%a" ~= nil
    or text:find "\\[|{%[]" ~= nil
    or text:find "\\%(.*\\%)" ~= nil -- A\(B*x) is a solution
    or text:find "%$.*%$" ~= nil
    or text:find "%^%s*{" ~= nil
    or text:find "_%s*{" ~= nil
end
