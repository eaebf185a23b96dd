# What a person types; how it is done stands in the scripts that these targets call.
.PHONY: build cross

# JOBS=2 make build: no more than so many compilers at once.
build:
	swift build -c release $(if $(JOBS),-j $(JOBS))

# AArch64 as Embedded Swift: out/cross/katydid. See Firmware/cross/README.md.
cross:
	Firmware/cross/build.sh $(SUITE)
