#!/bin/sh
# Installs the Debian packages that a purpose needs and this machine lacks; asks the machine, not
# the package list, so that a self-built server counts too.
#
#   sh aurora_graphql/dev/packages.sh python   an environment of packages that need no compiler
#   sh aurora_graphql/dev/packages.sh build    what the virtual environment needs: Python, cmake, a compiler
#   sh aurora_graphql/dev/packages.sh serve    MariaDB and Redis; MySQL and Valkey if SERVER or CACHE_SERVER says so
#   sh aurora_graphql/dev/packages.sh browse   Chromium and its driver, for the tests of GraphiQL
#
# As root, or with sudo, it installs; otherwise it prints the command and ends with status 1.
# The servers are private to this project, so no system service is left running or enabled:
# mariadb-server-core is MariaDB without its service, and redis-server's is not started.
set -eu

PATH="$PATH:/usr/sbin:/sbin"
PYTHON=${PYTHON:-python3}
packages=""

need() { # need PACKAGE COMMAND...: the package is missing if one of the commands is
    package=$1
    shift
    for command in "$@"; do
        command -v "$command" >/dev/null 2>&1 || {
            packages="$packages $package"
            return
        }
    done
}

beside() { # beside COMMAND: a server beside the system, unless this machine has one (MariaDB has a mysqld)
    case $("$1" --version 2>/dev/null) in
    "" | *MariaDB*) sh "$(dirname "$0")/unpack.sh" ;;
    esac
}

for purpose in "$@"; do
    case $purpose in
    python)
        need python3 "$PYTHON"
        "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || packages="$packages python3-venv"
        ;;
    build)
        need python3 "$PYTHON"
        # ensurepip is the part of venv that Debian packages on its own.
        "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || packages="$packages python3-venv"
        need cmake cmake
        need make make
        need g++ c++ cc
        ;;
    serve)
        need mariadb-server-core mariadbd mariadb-install-db
        need mariadb-client-core my_print_defaults # which mariadb-install-db calls
        need redis-server redis-server
        [ "${SERVER:-}" != mysql ] || beside mysqld
        [ "${CACHE_SERVER:-}" != valkey ] || beside valkey-server
        ;;
    browse)
        need chromium chromium
        need chromium-driver chromedriver
        ;;
    *)
        echo "packages.sh: unknown purpose '$purpose'; write python, build, serve or browse" >&2
        exit 2
        ;;
    esac
done
[ -n "$packages" ] || exit 0
packages=${packages# }
install="apt-get install --yes --no-install-recommends $packages"

if ! command -v apt-get >/dev/null 2>&1; then
    echo "missing on this machine (names of the Debian packages): $packages" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    root=""
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
    root="sudo"
else
    echo "missing Debian packages, and no right to install them; as root, type:" >&2
    echo "    apt-get update && $install" >&2
    exit 1
fi

echo "installing Debian packages: $packages"
# 101 of policy-rc.d means: packages may not start their services. Put back as it was in the end.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap '$root rm -f $policy' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' | $root tee $policy >/dev/null
    $root chmod 755 $policy
fi
log=$(mktemp)
if ! { $root apt-get update && $root env DEBIAN_FRONTEND=noninteractive $install; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "apt-get failed; its whole output is in $log" >&2
    exit 1
fi
rm -f "$log"
case " $packages " in
*" redis-server "*)
    # Its service is new and nobody's: it shall not start at the next boot either.
    # Without systemd, as in a container, nothing would start it.
    ! command -v systemctl >/dev/null 2>&1 || $root systemctl disable --quiet redis-server
    ;;
esac
