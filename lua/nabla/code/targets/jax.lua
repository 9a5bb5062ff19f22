--- Python with JAX: as NumPy, in double precision; the functions can be compiled by jax.jit.
--
-- @module nabla.code.targets.jax

local module = require "nabla.code.targets.python_module"
local writer = require "nabla.code.writer"

local target = module.target {
  title = "JAX",
  module = "jnp",
  import = 'import jax\nimport jax.numpy as jnp\n\njax.config.update("jax_enable_x64", True)\n',
  array = "jnp.asarray(value, dtype=float)",
  scalar = "value.reshape(())",
  operators = {
    relu = writer.call "jax.nn.relu(%1)",
    sigmoid = writer.call "jax.nn.sigmoid(%1)",
    softplus = writer.call "jax.nn.softplus(%1)",
    softmax = writer.call "jax.nn.softmax(%1)",
    logsumexp = writer.call "jax.nn.logsumexp(%1)",
    expm = writer.call("jax.scipy.linalg.expm(%1)", "import jax.scipy.linalg"),
  },
}
for name, format in pairs(require("nabla.code.targets.python_expressions").special) do
  target.operators[name] = writer.call("jax.scipy.special." .. format, "import jax.scipy.special")
end
target.without(target, "logm sqrtm sinm cosm frechet frechetn frechetmatrix care dare")
return target
