--- The commands and signs of a page that the parser of LaTeX knows.
--
-- @module nabla.latex.vocabulary

local M = {}

--- Commands that set a letter in bold type.
M.bold = {
  ["\\mathbf"] = true,
  ["\\boldsymbol"] = true,
  ["\\bm"] = true,
  ["\\vec"] = true,
  ["\\pmb"] = true,
  ["\\textbf"] = true,
}

--- Commands that set a letter in blackboard type: \mathbb{1}.
M.blackboard = { ["\\mathbb"] = true, ["\\mathds"] = true, ["\\mathbbm"] = true }

--- Accents, as they stand in a name: x_hat.
M.accents = {
  ["\\hat"] = "hat",
  ["\\tilde"] = "tilde",
  ["\\bar"] = "bar",
  ["\\widehat"] = "hat",
  ["\\widetilde"] = "tilde",
}

--- How functions are called on pages, where that is another name than nabla's.
M.functions = {
  Tr = "tr",
  trace = "tr",
  Trace = "tr",
  ln = "log",
  Det = "det",
  Diag = "diag",
  cofactor = "cofactor",
  cof = "cofactor",
  adjugate = "adj",
  sigm = "sigmoid",
  arcsin = "asin",
  arccos = "acos",
  arctan = "atan",
  rvec = "vec",
  sgn = "sign",
  ReLU = "relu",
}

--- Commands that are functions.
M.commands = {}
for name in ([[exp log ln sin cos tan sec sinh cosh tanh det arcsin arccos arctan max]]):gmatch "%S+" do
  M.commands["\\" .. name] = M.functions[name] or name
end

--- What an exponent says that makes a transpose.
M.transposes =
  { ["\\top"] = true, ["\\intercal"] = true, ["\\prime"] = true, ["T"] = true, ["\\mathsf"] = true }

--- Opening brackets, with what closes them.
M.closing = {
  ["("] = ")",
  ["["] = "]",
  ["\\{"] = "\\}",
  ["{"] = "}",
  ["\\lbrace"] = "\\rbrace",
  ["\\lbrack"] = "\\rbrack",
}

--- The set of closing brackets.
M.closes = {}
for _, sign in pairs(M.closing) do
  M.closes[sign] = true
end

--- Signs of a product.
M.times = { ["\\cdot"] = "*", ["*"] = "*", ["·"] = "*" }

--- Signs that bind less than factors side by side.
M.infix = {
  ["\\odot"] = ".*",
  ["\\circ"] = ".*",
  ["\\oslash"] = "./",
  ["\\otimes"] = "kron",
  ["\\ast"] = "khatrirao",
  ["\\times"] = "times",
}

--- Bars of a determinant or an absolute value, and of a norm, with what closes them.
M.bars = { ["|"] = "|", ["\\vert"] = "\\vert", ["\\lvert"] = "\\rvert" }
M.norms = { ["\\|"] = "\\|", ["\\Vert"] = "\\Vert", ["\\lVert"] = "\\rVert", ["‖"] = "‖" }

--- Norms by their index.
M.norm_names = { ["1"] = "norm1", ["2"] = "norm2", ["\\infty"] = "norminf", ["∞"] = "norminf" }
for index in ("F f Fro fro Frob frob HS"):gmatch "%S+" do
  M.norm_names[index] = "normF"
end

return M
