--- Remarks on rule files: the public name of nabla.check.lint.
--
-- @module nabla.review

return require "nabla.check.lint"
