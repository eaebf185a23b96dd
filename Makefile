# What a person types; how it is done stands in the scripts that these targets call.
#
#   make demo    install what is missing, build, and hear commands in recorded speech
#   make test    everything that can fail
#   make         the program alone: .build/release/katydid
#   make forge   what trains its models: .build/release/katydid-forge
#   make words   two made-up words, from synthetic voices to a lamp that obeys them: Examples/custom-words
#   make deb     the package for a board: out/deb/katydid_VERSION_arm64.deb
#
# JOBS=1 make …: no more than so many compilers at once.
.PHONY: build forge demo words test cross cross-test deb package-test mqtt-test board-test board-test-virt soak bench bench-training wake-models fuzz clean

# Where tests find the wake-word models of PyPI's pymicro-wakeword.
export KATYDID_WAKE_MODELS ?= $(CURDIR)/out/wake-models
jobs := $(if $(JOBS),-j $(JOBS))

build:
	Firmware/install.sh build
	swift build -c release --product katydid $(jobs)

forge:
	Firmware/install.sh forge
	swift build -c release --product katydid-forge $(jobs)

demo: build $(if $(wildcard Firmware/models/commands.json),,wake-models)
	Examples/demo.sh

words: build forge
	Firmware/install.sh test
	Examples/custom-words/run.sh

# How fast katydid-forge learns, beside PyTorch: DATA=FOLDER make bench-training on an otherwise idle machine.
bench-training: forge
	python3 -c 'import torch, soundfile, pymicro_features' || pip3 install --quiet torch soundfile pymicro-features
	python3 Tests/Benchmarks/training.py Tests/Benchmarks/training.json $(DATA)

# Host tests, then the same program as Embedded Swift for AArch64, emulated.
test: build wake-models
	Firmware/install.sh forge
	Firmware/install.sh test
	swift test $(jobs)
	Tests/AVX512/run.sh
	Tests/Allocations/run.sh host
	Tests/Allocations/run.sh clients
	Tests/Wyoming/run.sh
	$(MAKE) forge
	Tests/Compression/run.sh
	Tests/Forge/run.sh
	Tests/Soak/run.sh short
	$(MAKE) cross cross-test package-test board-test

# AArch64 as Embedded Swift: out/cross/katydid. See Firmware/cross/README.md.
cross:
	Firmware/install.sh build
	Firmware/cross/build.sh $(SUITE)

# The AArch64 program under qemu-aarch64, as each kind of core.
cross-test:
	Tests/Cross/run.sh
	Tests/Allocations/run.sh embedded
	Tests/Benchmarks/check_instructions.sh

# For Debian 12 and its descendants; make deb MQTT=1: with MQTT; make deb SUITE=trixie: for Debian 13, with libgpiod 2.
deb: build
	$(MAKE) cross
	Firmware/package/build.sh $(SUITE)

# What the package promises without a board: its unit's sandbox, its manual pages.
package-test: build cross
	Firmware/install.sh package
	Tests/Package/run.sh

# MQTT with a real broker. No part of make test: it builds the program once more, with libmosquitto, and that takes minutes.
mqtt-test:
	Firmware/install.sh build
	Firmware/install.sh mqtt
	Tests/MQTT/run.sh

# The package on an emulated Raspberry Pi 3B: installed, spoken to, unplugged, killed, upgraded, purged.
board-test: build wake-models cross
	Firmware/install.sh board
	Tests/Board/run.sh

# Debian 13's package, with libgpiod 2, and a button that is pressed from outside. Fetches 90 MB more.
board-test-virt: build wake-models
	$(MAKE) cross SUITE=trixie
	Firmware/install.sh board
	Tests/Board/virt.sh

# Against the rivals, into Tests/Benchmarks/RESULTS.md: three minutes on an otherwise idle machine.
bench: build wake-models cross
	Firmware/install.sh test
	Tests/Benchmarks/fetch_rivals.sh
	python3 Tests/Benchmarks/bench.py

# A day of sound and 1,000 faults, into Tests/Soak/RESULTS.md: a quarter of an hour.
soak: build wake-models
	Tests/Soak/run.sh full

# A million damaged models under AddressSanitizer and UndefinedBehaviorSanitizer; TARGET=wav, manifest, npy, wyoming for others.
fuzz:
	Tests/Fuzz/run.sh $(or $(TARGET),model) $(or $(RUNS),1000000)

# Four wake words with their manifests, Apache-2.0, from PyPI.
wake-models:
	Firmware/wake-models.sh

clean:
	rm -rf .build .build-* out
