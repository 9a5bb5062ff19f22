# nabla: build, test, install.
#
#   make                 build/nabla/core.so, the C engine with its Lua binding; where OpenBLAS and LAPACKE are installed
#                        also build/nabla/numeric/core.so, the evaluation of expressions; and two files for a quick start:
#                        build/nabla/rules.image, what the engine has made of the default rules, and
#                        build/nabla/modules.luac, the bytecode of the Lua modules
#   make engine          the same without these two files
#   make test            the specs; some of them: make test SPEC="printer exact"
#   make quick           a sample of them, in half a minute
#   make round-trips     random answers printed in each notation and read back: N=1000 SEED=1
#   make lint            luacheck
#   make sanitize        the specs under the address and undefined-behaviour sanitizers
#   make coverage        the lines of C that the specs reach, by file
#   make bench           the benchmarks
#   make bench-peers     installs what they are compared with (Debian; PyTorch is large)
#   make docs            the references of the Lua API, of the C API and of messages, in build/docs; installs LDoc if it is missing
#   make latex           the derivations of all cases through pdflatex, in Chinese through XeLaTeX, in build/latex; installs
#                        LaTeX if it is missing
#   make latex-manual    the manual of the LaTeX package, in build/latex/nabla-manual.pdf; installs LaTeX if it is missing
#   make web             the page, in build/web/nabla.html; installs emscripten, and packages from npm
#   make editors         an extension for VS Code with the grammar of rule files, in build/editors/nabla-rules, and types of the Lua
#                        API for lua-language-server, in build/editors/types
#   make portable        one executable with everything inside, in build/portable/nabla; installs musl
#   make deb             a Debian package, in build/deb
#   make rockspecs       the lists of files in the rockspecs, after a file was added, moved or removed
#   make build/libnabla.a   the engine without Lua, for C programs (src/nabla.h)
#   make release         source rocks, in build/rocks, from which LuaRocks installs (URL=...: where the archive will be public)
#   make install         into PREFIX (or INST_LIBDIR, INST_LUADIR, INST_BINDIR, INST_DOCDIR); also the LaTeX package (INST_TEXDIR; of a
#                        tree that TeX keeps a list of, mktexlsr renews the list) and the notebook kernel (INST_KERNELDIR)
#
# Another kind of build goes into a folder of its own: make BUILD=build/debug CFLAGS="-O0 -g"

BUILD = build
LUA = lua5.4
BUSTED = busted
SPEC =

CFLAGS = -O3 -flto=auto -DNDEBUG
LIBFLAG = -shared
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion
LUA_INCDIR =
LUA_CPPFLAGS := $(if $(LUA_INCDIR),-I$(LUA_INCDIR),$(shell pkg-config --cflags lua5.4 2>/dev/null || echo -I/usr/include/lua5.4))

PREFIX = /usr/local
INST_LUADIR = $(PREFIX)/share/lua/5.4
INST_LIBDIR = $(PREFIX)/lib/lua/5.4
INST_BINDIR = $(PREFIX)/bin
INST_DOCDIR = $(PREFIX)/share/doc/nabla
INST_TEXDIR = $(PREFIX)/share/texmf/tex/latex/nabla
INST_KERNELDIR = $(PREFIX)/share/jupyter/kernels/nabla

# The engine and its binding (src/lua); the numeric module is a library of its own.
sources := $(filter-out src/numeric/%,$(wildcard src/*.c src/*/*.c))
objects := $(sources:src/%.c=$(BUILD)/obj/%.o)
core := $(BUILD)/nabla/core.so

# The numeric module: only where its libraries are. NUMERIC= leaves it out, NUMERIC=yes insists.
numeric_sources := $(wildcard src/numeric/*.c)
numeric_objects := $(numeric_sources:src/%.c=$(BUILD)/obj/%.o)
BLAS_CFLAGS := $(shell pkg-config --cflags openblas 2>/dev/null)
BLAS_LIBS := $(shell pkg-config --libs openblas 2>/dev/null || echo -lopenblas) -llapacke
NUMERIC := $(shell printf '\043include <cblas.h>\n\043include <lapacke.h>\nint main(void) { return 0; }\n' | \
  $(CC) $(BLAS_CFLAGS) $(CPPFLAGS) -x c -o /dev/null - $(BLAS_LIBS) >/dev/null 2>&1 && echo yes)
# Loops over entries may be vectorised: no errno, no traps.
NUMERIC_CFLAGS = -fno-math-errno -fno-trapping-math -ffp-contract=fast
numeric := $(if $(NUMERIC),$(BUILD)/nabla/numeric/core.so)

modules := $(wildcard lua/nabla/*.lua lua/nabla/*/*.lua lua/nabla/*/*/*.lua)
image := $(BUILD)/nabla/rules.image
bytecode := $(BUILD)/nabla/modules.luac

# What is missing is told at once, before the compiler fails. The engine alone, for C programs, needs no Lua.
needs := $(if $(filter %/libnabla.a,$(MAKECMDGOALS)),engine)
complete := $(BUILD)/.complete$(needs:%=-%)

# Lua finds the modules of this tree first.
run_lua = LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;" LUA_CPATH="./$(BUILD)/?.so;;" $(LUA)

all: engine $(image) $(bytecode)

engine: $(core) $(numeric)

$(complete):
	@CC="$(CC)" CPPFLAGS="$(CPPFLAGS)" LUA="$(LUA)" LUA_CPPFLAGS="$(LUA_CPPFLAGS)" tools/missing.sh $(needs)
	@mkdir -p $(@D) && touch $@

$(objects) $(numeric_objects): | $(complete)

$(core): $(objects)
	@mkdir -p $(@D)
	$(CC) $(LIBFLAG) $(CFLAGS) $(LDFLAGS) -o $@ $(objects) -lgmp

$(BUILD)/nabla/numeric/core.so: $(numeric_objects)
	@mkdir -p $(@D)
	$(CC) $(LIBFLAG) $(CFLAGS) $(LDFLAGS) -o $@ $(numeric_objects) $(BLAS_LIBS) -lm

# nabla does without it: then the rules are read at each start.
$(image): $(core) $(modules) $(wildcard rules/*.rules rules/*/*.rules)
	$(run_lua) -e 'local done, why = require("nabla.session.image").write "$@" if not done then error(why, 0) end' || \
	  echo "nabla: there is no image of the rules; each start will read them" >&2

# nabla does without it: then the modules are compiled at each start.
$(bytecode): $(core) $(modules)
	$(run_lua) -e 'modules = {} for path in ("$(modules)"):gmatch "%S+" do modules[#modules + 1] = path end' \
	  -e 'first = require("nabla.start.compile").loaded_by(function() require("nabla.command.main").main { "diff", "a*x", "x" } end)' \
	  -e 'local done, why = require("nabla.start.compile").write("$@", modules, first) if not done then error(why, 0) end' >/dev/null || \
	  echo "nabla: there is no bytecode of the modules; each start will compile them" >&2

# The engine alone, for C programs: all but the binding. It is optimised as a whole here, so that a program that is linked with it
# need not do so.
$(BUILD)/libnabla.a: $(filter-out $(BUILD)/obj/lua/% $(BUILD)/obj/read/%,$(objects))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -r -nostdlib $(if $(findstring -flto,$(CFLAGS)),-flinker-output=nolto-rel) -o $(BUILD)/obj/libnabla.o $^
	rm -f $@ && $(AR) rcs $@ $(BUILD)/obj/libnabla.o

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) -std=c99 $(WARNINGS) -fPIC -fvisibility=hidden -Isrc $(LUA_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) $(if $(findstring /numeric/,$<),$(BLAS_CFLAGS) $(NUMERIC_CFLAGS)) -MMD -MP -c -o $@ $<

-include $(objects:.o=.d) $(numeric_objects:.o=.d)

specs = $(LUA) tools/specs.lua

# The arithmetic of the judge (spec/judge), which shares no code with src/.
judge := $(BUILD)/judge_dense.so

$(judge): spec/judge/dense.c
	@mkdir -p $(@D)
	$(CC) -std=c99 $(WARNINGS) -O2 -ffp-contract=off -fPIC -fvisibility=hidden $(LUA_CPPFLAGS) $(CPPFLAGS) $(LIBFLAG) -o $@ $< -lm

# What the specs need.
tested: all $(judge) $(BUILD)/libnabla.a

test: tested
	$(specs) --run "$(BUSTED) --cpath=./$(BUILD)/?.so" $(SPEC)

quick: tested
	$(specs) --quick --run "$(BUSTED) --cpath=./$(BUILD)/?.so" $(SPEC)

N = 1000
SEED = 1
round-trips: tested
	$(run_lua) tools/round_trips.lua $(N) $(SEED)

lint:
	luacheck --quiet $(wildcard lua spec tools examples bench web latex bin/nabla .luacheckrc)

# The specs that work the engine and the numeric module hardest; all of them would take several times as long as without
# the sanitizers. Others: make sanitize SPEC=corpus
sanitized = blocks c_library course exact/ found functions image numeric/ rules/load seeds stress sums

# busted runs itself again under the Lua of .busted, and then the sanitizer would watch the parent: --ignore-lua.
sanitize: tested
	$(MAKE) engine build/sanitize/judge_dense.so BUILD=build/sanitize LDFLAGS="-fsanitize=address,undefined" \
	  CFLAGS="-O0 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined"
	$(specs) --run "env LD_PRELOAD=$$($(CC) -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 \
	  $(LUA) $$(command -v $(BUSTED)) --ignore-lua --cpath=./build/sanitize/?.so" $(or $(SPEC),$(sanitized))

# Which lines of C a quick run of the specs reaches, by file, the lowest first; under 95 % of all lines it fails, or when
# a spec fails. What reads an image in a program without Lua is reached by the example.
coverage: tested
	@bash -c '. bin/setup && need gcovr'
	rm -rf build/coverage
	$(MAKE) engine build/coverage/libnabla.a build/coverage/judge_dense.so BUILD=build/coverage \
	  CFLAGS="-O1 -DNDEBUG --coverage" LDFLAGS=--coverage
	$(CC) -std=c99 -Isrc --coverage -o build/coverage/rules_image examples/rules_image.c build/coverage/libnabla.a -lgmp
	build/coverage/rules_image $(image)
	! build/coverage/rules_image README.md 2>/dev/null
	$(specs) $(or $(SPEC),--quick) --run "$(BUSTED) --cpath=./build/coverage/?.so"; failed=$$?; \
	gcovr --root . --filter 'src/.*' --fail-under-line 95 -o build/coverage/report.txt build/coverage; low=$$?; \
	grep '^src/' build/coverage/report.txt | sort -n -k 4; grep '^TOTAL' build/coverage/report.txt; \
	exit $$((failed + low))

bench: all
	$(run_lua) bench/run.lua

bench-peers:
	apt-get install -y --no-install-recommends g++ libginac-dev maude python3-numpy python3-sympy python3-torch

docs:
	@bash -c '. bin/setup && need lua-ldoc'
	@mkdir -p build/docs
	ldoc --quiet --config tools/ldoc.ld .
	$(LUA) tools/c_reference.lua >build/docs/c-api.md
	$(LUA) tools/error_reference.lua >build/docs/errors.md

latex: all
	@bash -c '. bin/setup && need texlive-latex-base texlive-latex-recommended texlive-xetex fonts-arphic-gbsn00lp'
	@mkdir -p build/latex
	$(run_lua) tools/try_latex.lua >build/latex/derivations.tex
	cd build/latex && pdflatex -halt-on-error -interaction=batchmode derivations.tex
	$(run_lua) tools/try_latex.lua zh >build/latex/derivations-zh.tex
	cd build/latex && xelatex -halt-on-error -interaction=batchmode derivations-zh.tex
	! grep "Missing character" build/latex/derivations-zh.log

latex-manual: all
	@bash -c '. bin/setup && need texlive-latex-base texlive-latex-recommended texlive-latex-extra'
	@mkdir -p build/latex
	cd build/latex && export TEXINPUTS="$(CURDIR)/latex:" && \
	  document="pdflatex -interaction=batchmode $(CURDIR)/latex/nabla-manual.tex" && \
	  $$document >/dev/null && $(CURDIR)/bin/nabla latex --fresh nabla-manual && $$document >/dev/null && $$document >/dev/null

web:
	web/build.sh

editors: all
	@mkdir -p build/editors/nabla-rules build/editors/types
	cp tools/editors/package.json tools/editors/language-configuration.json LICENSE build/editors/nabla-rules
	$(run_lua) tools/editors/grammar.lua >build/editors/nabla-rules/rules.tmLanguage.json
	$(run_lua) tools/editors/types.lua >build/editors/types/nabla.lua

portable:
	tools/portable/build.sh

deb:
	tools/portable/deb.sh

rockspecs:
	$(run_lua) tools/rockspecs.lua

# The public folder of the archive that `make release` packs; none is needed to install from build/rocks.
URL =

release:
	@tools/release.sh $(URL)

install: all
	install -d "$(DESTDIR)$(INST_LIBDIR)/nabla" "$(DESTDIR)$(INST_LUADIR)/nabla" "$(DESTDIR)$(INST_BINDIR)"
	install -m 755 $(core) "$(DESTDIR)$(INST_LIBDIR)/nabla/core.so"
	if [ -f $(image) ]; then install -m 644 $(image) "$(DESTDIR)$(INST_LIBDIR)/nabla/rules.image"; fi
	if [ -f $(bytecode) ]; then install -m 644 $(bytecode) "$(DESTDIR)$(INST_LIBDIR)/nabla/modules.luac"; fi
	$(if $(numeric),install -D -m 755 $(numeric) "$(DESTDIR)$(INST_LIBDIR)/nabla/numeric/core.so")
	cd lua && find . -name '*.lua' | while read -r f; do \
	  install -D -m 644 "$$f" "$(DESTDIR)$(INST_LUADIR)/$$f"; done
	cd rules && find . -name '*.rules' | while read -r f; do \
	  install -D -m 644 "$$f" "$(DESTDIR)$(INST_LUADIR)/nabla/rules/$$f"; done
	@# The files for a quick start know the others by when and where they were written.
	if [ -z "$(DESTDIR)" ] && [ -f $(image) ] && [ -f $(bytecode) ]; then \
	  LUA_PATH="$(INST_LUADIR)/?.lua;$(INST_LUADIR)/?/init.lua;;" LUA_CPATH="$(INST_LIBDIR)/?.so;;" $(LUA) \
	    -e 'assert(require("nabla.session.image").write "$(INST_LIBDIR)/nabla/rules.image")' \
	    -e 'require "nabla" assert(require("nabla.start.compile").again())' || true; fi
	install -m 755 bin/nabla "$(DESTDIR)$(INST_BINDIR)/nabla"
	install -d "$(DESTDIR)$(INST_TEXDIR)" "$(DESTDIR)$(INST_KERNELDIR)"
	install -m 644 latex/nabla.sty latex/nabla-in-tex.lua "$(DESTDIR)$(INST_TEXDIR)"
	install -m 644 jupyter/nabla/kernel.json jupyter/nabla/nabla_kernel.py "$(DESTDIR)$(INST_KERNELDIR)"
	if [ -z "$(DESTDIR)" ] && command -v mktexlsr >/dev/null; then mktexlsr "$(INST_TEXDIR:%/tex/latex/nabla=%)" || true; fi
	install -D -m 644 latex/latexmkrc "$(DESTDIR)$(INST_DOCDIR)/latex/latexmkrc"
	install -D -m 644 latex/nabla-manual.tex "$(DESTDIR)$(INST_DOCDIR)/latex/nabla-manual.tex"
	install -D -m 644 jupyter/tutorial.ipynb "$(DESTDIR)$(INST_DOCDIR)/jupyter/tutorial.ipynb"
	find README.md README.zh.md CHANGELOG.md LICENSE docs examples -type f | while read -r f; do \
	  install -D -m 644 "$$f" "$(DESTDIR)$(INST_DOCDIR)/$$f"; done

clean:
	rm -rf build nabla
	find src -name '*.o' -delete  # these and nabla/ are left by luarocks make

.PHONY: all engine tested test quick round-trips lint sanitize coverage bench bench-peers docs latex latex-manual web editors portable deb rockspecs release install clean
