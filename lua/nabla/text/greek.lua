--- Greek letters: by name (alpha) and as characters (α).
--
-- @module nabla.text.greek

local M = {}

local SMALL = {
  alpha = "α",
  beta = "β",
  gamma = "γ",
  delta = "δ",
  epsilon = "ε",
  zeta = "ζ",
  eta = "η",
  theta = "θ",
  iota = "ι",
  kappa = "κ",
  lambda = "λ",
  mu = "μ",
  nu = "ν",
  xi = "ξ",
  pi = "π",
  rho = "ρ",
  sigma = "σ",
  tau = "τ",
  upsilon = "υ",
  phi = "φ",
  chi = "χ",
  psi = "ψ",
  omega = "ω",
}

local CAPITAL = {
  Gamma = "Γ",
  Delta = "Δ",
  Theta = "Θ",
  Lambda = "Λ",
  Xi = "Ξ",
  Pi = "Π",
  Sigma = "Σ",
  Upsilon = "Υ",
  Phi = "Φ",
  Psi = "Ψ",
  Omega = "Ω",
}

--- The character of each name.
M.character = {}
--- The name of each character.
M.name = {}

local function set_of(letters)
  local set = {}
  for name, character in pairs(letters) do
    M.character[name], M.name[character] = character, name
    set[name], set[character] = true, true
  end
  return set
end

--- Small letters and capitals: sets of names and characters.
M.small, M.capital = set_of(SMALL), set_of(CAPITAL)

--- A name that begins with a Greek character, in ASCII: α1 is "alpha1". Other names stay as they are.
function M.spelled(name)
  local base, rest = name:match "^([\128-\255]+)([%w_]*)$"
  return base and M.name[base] and M.name[base] .. rest or name
end

return M
