--- Python with NumPy. Vectors are one-dimensional arrays.
--
-- @module nabla.code.targets.numpy

local module = require "nabla.code.targets.python_module"

return module.target {
  title = "NumPy",
  module = "np",
  import = "import numpy as np\n",
  array = "np.asarray(value, dtype=float)",
  scalar = "float(value.reshape(()))",
}
