# Sourced: Debian's arm64 packages of any suite, fetched and unpacked without being installed. apt gets lists, cache and an
# empty dpkg status of its own under DEBIAN_APT, so that neither root nor a foreign architecture on the host is needed.

die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# debian_apt SUITE : makes apt-get and apt-cache speak of arm64 packages of SUITE from here on.
debian_apt() {
    local suite=$1 apt=$DEBIAN_APT/$1 archive keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    # The archive and the key that the host's own apt trusts for Debian: a mirror or a proxy stays in use.
    archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -1) ||
        die "no Debian archive in the host's apt sources; add one"
    [ -e $keyring ] || die "$keyring: missing; apt-get install debian-archive-keyring"
    mkdir -p "$apt"/{state/lists/partial,cache/archives/partial}
    : >"$apt/status"
    printf 'deb [arch=arm64 signed-by=%s] %s %s main\n' $keyring "$archive" "$suite" >"$apt/sources.list"
    cat >"$apt/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "";
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
    export APT_CONFIG=$apt/apt.conf
    apt-get -qq update >&2 || die "apt-get update failed; check the network"
}

# debian_download DIR PACKAGE... : their newest .debs into DIR, which holds nothing else then.
debian_download() {
    local directory=$1
    shift
    rm -rf "$directory"
    mkdir -p "$directory"
    (cd "$directory" && apt-get -qq download "$@" >&2) || die "a package could not be fetched; check the network"
}

# debian_unpack DIR DEB... : as dpkg -x, but through the link that /lib is on a merged Debian.
debian_unpack() {
    local directory=$1 deb
    shift
    for deb in "$@"; do
        dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --no-same-owner -C "$directory"
    done
}
