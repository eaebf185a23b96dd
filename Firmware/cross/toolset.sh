#!/usr/bin/env bash
# toolset.sh SYSROOT : the SwiftPM toolset (JSON, on stdout) that builds Embedded Swift against SYSROOT.
#
# Two targets in one build: the Embedded standard library comes for aarch64-none-none-elf only, glibc's
# headers and start-up files are those of aarch64-linux-gnu. The AArch64 procedure call standard is the same.
#
# Swift is handed to the linker as bitcode and compiled there as one piece, which takes 55 KB off it. C is not: what a kernel becomes
# is decided by its own file. SwiftPM's --experimental-lto-mode does both at once, hence -emit-bc. Embedded Swift's check of
# exclusivity is an empty function: calls of it are left out.
set -euo pipefail
sysroot=$(cd "$1" && pwd)
swift=$(command -v swift) || { echo "cross: swift: not found; put the toolchain's bin on PATH" >&2; exit 1; }
embedded=$(dirname "$(readlink -f "$swift")")/../lib/swift/embedded/aarch64-none-none-elf
embedded=$(cd "$embedded" && pwd) || { echo "cross: this Swift has no Embedded library; take 6.3 or later" >&2; exit 1; }

# JSON strings, comma-separated: none of ours holds a quote.
list() { printf '"%s", ' "$@" | sed 's/, $//'; }
each() { local prefix=$1; shift; for o in "$@"; do list "$prefix" "$o"; echo -n ', '; done; }

clang=(--target=aarch64-linux-gnu --sysroot="$sysroot" -fPIC -ffunction-sections -fdata-sections)
link=(--target=aarch64-linux-gnu --sysroot="$sysroot" -fuse-ld=lld -rtlib=libgcc -pie -Wl,--gc-sections -Wl,--icf=all -Wl,-z,pack-relative-relocs
    -Wl,--no-eh-frame-hdr -Wl,-T,"$(cd "$(dirname "$0")" && pwd)/no-unwinding.ld" -Wl,-z,relro,-z,now)

cat <<JSON
{
  "schemaVersion": "1.0",
  "swiftCompiler": { "extraCLIOptions": [
    $(list -enable-experimental-feature Embedded -wmo -Osize -Xfrontend -function-sections -enforce-exclusivity=unchecked),
    $(each -Xfrontend -lto=llvm-full -emit-bc)
    $(each -Xcc "${clang[@]}")
    $(each -Xclang-linker "${link[@]}")
    $(list -L"$embedded" -lswiftUnicodeDataTables)
  ] },
  "cCompiler": { "extraCLIOptions": [$(list "${clang[@]}")] }
}
JSON
