# shellcheck shell=sh
# A Debian 12 of a test's own, made from the packages that apt reaches. Source it after lib.sh.

# make_debian FOLDER [PACKAGE,...]
make_debian() {
	mirror=$(awk '$1 == "URIs:" { print $2; exit } $1 == "deb" { print $(NF - 2); exit }' \
		/etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null)
	debootstrap --variant=minbase ${2:+"--include=$2"} bookworm "$1" ${mirror:+"$mirror"}
}

# boot_debian FOLDER [MOUNT...]    starts its systemd apart from this host: own processes, network,
# control groups and mounts; each MOUNT is a folder that is at the same path inside. Sets BOOTED
# (what ends with it) and INIT (its first process, seen from here).
boot_debian() {
	BOOTED=
	"$ROOT/tests/support/boot-debian" "$@" >"$WORK/boot.log" 2>&1 &
	BOOTED=$!
	PIDS="$PIDS $BOOTED"
	within 30 find_init
}

find_init() {
	INIT=$(pgrep -P "$(pgrep -P "$BOOTED" unshare)" systemd)
	[ -n "$INIT" ]
}

# inside COMMAND...     runs there
inside() {
	nsenter -t "$INIT" -m -p -i -u -n -C env -i HOME=/root LANG=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
