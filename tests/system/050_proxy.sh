#!/bin/sh
# Behind nginx as the manual's recipe says, on a host of its own and below a path.
# shellcheck source=tests/support/lib.sh
. "$(dirname "$0")/../support/lib.sh"
command -v nginx >/dev/null || give_up "nginx is missing; install the packages of scripts/packages.txt"

# The directives of the recipe itself, so that the manual is what is tried.
recipe() {
	sed -n 's/^ \{8,\}//p' "$ROOT/web/help/proxy.md" |
		grep -E '^(client_max_body_size|proxy_)' | grep -v proxy_pass
}

# given_proxy PREFIX        nginx on $PROXY, passing PREFIX/ on to $HTTP
given_proxy() {
	mkdir -p "$WORK/nginx"
	{
		echo "daemon off; pid $WORK/nginx/pid; error_log $WORK/nginx/error.log;"
		[ "$(id -u)" -ne 0 ] || echo "user root;"
		echo "events {} http { access_log off;"
		for kind in client_body proxy fastcgi uwsgi scgi; do
			echo "${kind}_temp_path $WORK/nginx/$kind;"
		done
		echo "server { listen $PROXY;"
		recipe | grep -v proxy_set_header
		echo "location $1/ { proxy_pass http://$HTTP;"
		recipe | grep proxy_set_header
		echo "} } }"
	} >"$WORK/nginx/conf"
	nginx -c "$WORK/nginx/conf" -e "$WORK/nginx/error.log" >"$WORK/nginx/log" 2>&1 &
	PIDS="$PIDS $!"
	within 10 curl -s -o /dev/null "http://$PROXY/" || give_up "nginx does not start" "$WORK/nginx/error.log"
}

# cases PATH      everything once through the proxy; PATH is external_url's
cases() {
	public=http://$PROXY$1
	where=${1:-a host of its own}
	equal "$where: the page of the project" 200 "$(status_of "$public/town/open")"
	says "$where: shows the clone address people use" "$public/town/open.git" cat "$WORK/body"
	ok "$where: its styles load" sh -c "
		sheet=\$(grep -o 'href=\"[^\"]*\.css\"' '$WORK/body' | head -n 1 | cut -d '\"' -f 2)
		case \$sheet in $1/*) ;; *) exit 1 ;; esac
		curl -sf -o /dev/null \"http://$PROXY\$sheet\""
	curl -si "$public/-/sign-in" | grep -i '^set-cookie' >"$WORK/cookie"
	says "$where: sign-in sets its cookie" '^Set-Cookie: hearth_csrf=' \
		cat "$WORK/cookie"
	ok "$where: a clone" git clone -q "$public/town/open.git" "$WORK/clone$2"
	refused "$where: a stranger does not push" git -C "$WORK/clone$2" push -q origin HEAD:refs/heads/x
	(
		cd "$WORK/clone$2" || exit 1
		head -c 5000000 /dev/urandom >random
		git add random
		git commit -q -m large
	)
	ok "$where: a push larger than nginx takes by itself" \
		git_http alice -C "$WORK/clone$2" push -q "$public/town/open.git" "HEAD:refs/heads/large$2"
	ok "$where: a push in chunks" git_http alice -c http.postBuffer=65536 -C "$WORK/clone$2" \
		push -q "$public/town/open.git" "HEAD:refs/heads/chunked$2"
	ok "$where: comes back" git -C "$WORK/clone$2" fetch -q origin "large$2"
	URL=$public
	says "$where: the API's links are people's" "\"web_url\":\"$public/town/open\"" \
		api alice GET /projects/town%2Fopen
}

HTTP=127.0.0.1:$(free_port)
SSH=127.0.0.1:$(free_port)
PROXY=127.0.0.1:$(free_port)
HEARTH_EXTERNAL_URL=http://$PROXY
HEARTH_TRUSTED_PROXIES=127.0.0.1
export HEARTH_EXTERNAL_URL HEARTH_TRUSTED_PROXIES
given_instance
given_user alice
given_project town/open alice public
given_repository "$WORK/repo"
ok 'the project is filled past the proxy' \
	git_http alice -C "$WORK/repo" push -q "http://$HTTP/town/open.git" --all
given_proxy ''
cases '' 1
ok 'the instance stops' stop_instance
# The listener of the first proxy goes with it.
nginx -s stop -c "$WORK/nginx/conf" -e "$WORK/nginx/error.log"

HEARTH_EXTERNAL_URL=http://$PROXY/git
export HEARTH_EXTERNAL_URL
within 10 sh -c "! curl -s -o /dev/null http://$PROXY/"
ok 'it starts again below a path' again_instance
given_proxy /git
cases /git 2
done_testing
