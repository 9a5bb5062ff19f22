# One library of Lua, LPeg, mini-gmp, LAPACK and nabla's engine with its binding and the numeric module, for programs that find none of
# them where they run:
#
#   make -f tools/standalone.mk BUILD=build/wasm CC=emcc AR=emar CFLAGS=-Os
#
# tools/sources.sh has put the sources of the first four into build/sources.

BUILD = build/standalone
CFLAGS = -O2
sources = build/sources

lua := $(filter-out %/lua.c %/luac.c,$(wildcard $(sources)/lua/src/*.c))
others := $(lua) $(wildcard $(sources)/lpeg/*.c) $(sources)/mini-gmp/mini-gmp.c $(sources)/mini-gmp/mini-mpq.c \
  $(wildcard $(sources)/lapack/*.c)
own := $(wildcard src/*.c src/*/*.c)
objects := $(patsubst %.c,$(BUILD)/obj/%.o,$(others) $(own))

$(BUILD)/libstandalone.a: $(objects)
	rm -f $@ && $(AR) rcs $@ $^

# The sources of others are compiled without warnings. mini-gmp of GMP 6.2 forgets one constant.
$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) -w -DNDEBUG '-DGMP_LIMB_MAX=((mp_limb_t)-1)' $(ROBUST) $(CPPFLAGS) $(CFLAGS) -Isrc -I$(sources)/mini-gmp -Itools/lapack \
	  -I$(sources)/lua/src -MMD -MP -c -o $@ $<

# libf2c: no message and no end of the program where something is divided by zero.
$(BUILD)/obj/$(sources)/lapack/%.o: ROBUST = -DIEEE_COMPLEX_DIVIDE

-include $(objects:.o=.d)
