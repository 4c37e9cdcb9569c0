# One name per task, the same on a laptop and in CI. `make help` lists them.
# Needs GNU make (3.81 or newer), a POSIX shell, Rust, and a C compiler with its binutils.

CARGO        ?= cargo
PREFIX       ?= /usr/local
INCLUDEDIR   ?= $(PREFIX)/include
LIBDIR       ?= $(PREFIX)/lib
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
STRIP        ?= strip

CARGO_OUT := $(or $(CARGO_TARGET_DIR),target)/release
VERSION   := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

# The shared library's file carries the number of its interface; programs are linked through the name without it.
ifeq ($(shell uname -s),Darwin)
SHARED      := libzova_c.dylib
SHARED_FILE := libzova_c.0.dylib
else
SHARED      := libzova_c.so
SHARED_FILE := libzova_c.so.0
endif

# The crate types are named because Cargo does without link-time optimisation when a Rust library is built along with
# them; that would cost speed at the boundary, and the archive would be half as large again.
BUILD := $(CARGO) rustc --release -p zova-c --lib --crate-type staticlib,cdylib

CARGO_STATIC := $(CARGO_OUT)/libzova_c.a
CARGO_SHARED := $(CARGO_OUT)/$(SHARED)
STATIC       := build/lib/libzova_c.a
# The last one includes the others, so it stands for everything that the libraries export.
HEADERS      := include/zova.h include/zova_extension.h include/zova_extension_host.h
HEADER       := include/zova_extension_host.h

# CC, CARGO and the like reach the scripts when you set them, and are not exported otherwise: the build script of
# SQLite compiles it anew whenever CC changes, also from unset to cc.

.PHONY: lib demo test lint header bench install clean help cargo-release
.DEFAULT_GOAL := lib

## lib      build/lib/libzova_c.a and the shared library, release build (the default)
lib: $(STATIC) build/lib/$(SHARED)

# Cargo decides whether there is anything to do. It leaves the files alone when there is not, and then the rules
# below have nothing to do either.
cargo-release:
	$(BUILD)

$(CARGO_STATIC) $(CARGO_SHARED): cargo-release ;

$(STATIC): $(CARGO_STATIC) $(HEADERS) scripts/localize-archive.sh scripts/header-functions.sh scripts/check-exports.sh
	scripts/localize-archive.sh $(CARGO_STATIC) $(HEADER) $@

build/lib/$(SHARED_FILE): $(CARGO_SHARED) $(HEADERS) scripts/header-functions.sh scripts/check-exports.sh
	mkdir -p build/lib
	$(STRIP) -S -o $@ $(CARGO_SHARED)
	scripts/check-exports.sh $(HEADER) $@

build/lib/$(SHARED): build/lib/$(SHARED_FILE)
	ln -sf $(SHARED_FILE) $@

## demo     run the C examples on this repository's own files and print what they stored
demo: lib
	scripts/demo.sh

## test     every test: Rust, the C boundary, C and C++ programs, the examples, README and installation
test: lib
	scripts/test.sh

## lint     formatting, clippy, documentation, header drift, minimum Rust version, shell scripts
lint:
	scripts/lint.sh

## header   regenerate the headers in include/ from the sources
header:
	scripts/update-header.sh $(BUILD)

## bench    side-by-side benchmarks through the C interface; ONLY="records objects" picks some
bench:
	$(CARGO) run --release --manifest-path benches/Cargo.toml -- $(ONLY)

## install  copy headers, libraries and zova.pc below PREFIX (/usr/local); DESTDIR is put in front. Run make first.
# Builds only what is missing, so that `sudo make install` needs no Rust in root's path.
install:
	test -f $(STATIC) && test -f build/lib/$(SHARED_FILE) || $(MAKE) lib
	mkdir -p "$(DESTDIR)$(INCLUDEDIR)" "$(DESTDIR)$(LIBDIR)" "$(DESTDIR)$(PKGCONFIGDIR)"
	install -m 644 $(HEADERS) "$(DESTDIR)$(INCLUDEDIR)"
	install -m 644 $(STATIC) "$(DESTDIR)$(LIBDIR)/libzova_c.a"
	install -m 755 build/lib/$(SHARED_FILE) "$(DESTDIR)$(LIBDIR)/$(SHARED_FILE)"
	ln -sf $(SHARED_FILE) "$(DESTDIR)$(LIBDIR)/$(SHARED)"
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	    -e 's|@VERSION@|$(VERSION)|' scripts/zova.pc.in >build/zova.pc
	install -m 644 build/zova.pc "$(DESTDIR)$(PKGCONFIGDIR)/zova.pc"

## clean    remove everything that was built
clean:
	$(CARGO) clean
	rm -rf build

## help     this list
help:
	@sed -n 's/^## /  make /p' Makefile
