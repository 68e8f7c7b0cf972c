#!/bin/sh
# Unpacks a MySQL and a Valkey server into a cache folder: nothing is installed, and apt's own state
# on this machine stays as it is. Debian 12 has neither; they are those of Debian's unstable
# distribution, whatever their versions, from the mirror that this machine's own sources name. They
# come with all their libraries, which are newer than this machine's: `aurora_graphql/dev/unpacked.py` starts
# them by the loader among these.
#
# The folder is ~/.cache/aurora-graphql/servers, or below $XDG_CACHE_HOME: `packages` holds the files
# that were fetched, which are unpacked again if the mirror cannot be reached, `root` what is run.
# What is there is kept: remove the folder for newer versions. Ends with status 1, and the reason, if
# there is nothing to run in the end. No right of root is needed.
set -eu

servers="mysql-server-core valkey-server"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/aurora-graphql/servers

mkdir -p "$cache"
exec 9>"$cache/lock" # two checkouts may ask at the same time
flock 9
[ ! -d "$cache/root" ] || exit 0

# Fetches the packages below the folder $1, where all lies that apt asks and keeps.
fetch() {
    . /etc/os-release
    [ "${ID:-}" = debian ] || {
        echo "this is not Debian"
        return 1
    }
    mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
        'Identifier: Packages' | sed -n "s/^$VERSION_CODENAME main //p" | head -n 1)
    [ -n "$mirror" ] || {
        echo "apt's sources name no mirror of Debian's $VERSION_CODENAME"
        return 1
    }
    mkdir -p "$1/etc/parts" "$1/state/lists/partial" "$1/cache/archives/partial"
    : >"$1/state/status" # none of this machine's packages counts, so all are fetched
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" \
        >"$1/etc/sources.list"
    {
        # The machine says how its mirror is reached; its hooks stay out: they clear its own caches.
        apt-config dump | grep '^Acquire::' || :
        cat <<END
Dir::Etc::main "/dev/null";
Dir::Etc::parts "$1/etc/parts";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::sourcelist "$1/etc/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$1/state";
Dir::State::status "$1/state/status";
Dir::Cache "$1/cache";
Dir::Log "$1/log";
APT::Sandbox::User "$(id -un)";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::Retries "2";
END
    } >"$1/apt.conf"
    export APT_CONFIG="$1/apt.conf"
    # shellcheck disable=SC2086 # several packages
    apt-get update -qq && apt-get install -qq --yes --download-only $servers
}

echo "unpacking $servers of Debian's unstable distribution into $cache"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
if (fetch "$work") >"$work/said" 2>&1; then
    rm -rf "$cache/packages" "$cache/packages.new"
    cp -R "$work/cache/archives" "$cache/packages.new"
    mv "$cache/packages.new" "$cache/packages"
else
    tail -n 20 "$work/said" >&2
    if ! ls "$cache"/packages/*.deb >/dev/null 2>&1; then
        echo "no MySQL and no Valkey: the packages cannot be fetched, and none were kept" >&2
        exit 1
    fi
    echo "the packages cannot be fetched: taking those that were kept" >&2
fi
rm -rf "$cache/root.new"
for package in "$cache"/packages/*.deb; do
    dpkg-deb --extract "$package" "$cache/root.new"
done
mv "$cache/root.new" "$cache/root"
