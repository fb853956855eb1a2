# The demo's two images: from the public registry where it answers soon, else made here from
# Debian's packages and handed to Skerry's Podman. Sourced; sets demo_postgres_image, demo_web_image.

DEMO_LOCAL=localhost/skerry-demo
# Named after what makes them: another recipe is another image.
DEMO_RECIPE=$(cat "$here/demo/debian/make.sh" "$here/demo/debian/entrypoint.sh" | sha256sum | cut -c1-12)
DEMO_TAR=$SKERRY_CACHE/demo/debian-$DEMO_RECIPE.tar

# podman_api METHOD PATH [CURL OPTIONS]: a request to Skerry's own Podman.
podman_api() {
  method=$1
  path=$2
  shift 2
  curl -fsS --unix-socket "$podman_socket" -X "$method" "$@" "http://d/v4.0.0/libpod$path"
}

choose_images() {
  if [ "$SKERRY_HOME" = /var/lib/skerry ]; then run_dir=/run/skerry; else
    run_dir=/run/skerry-$(printf %s "$SKERRY_HOME" | sha256sum | cut -c1-6)
  fi
  podman_socket=$run_dir/podman.sock
  if curl -sS -o /dev/null --max-time 5 https://registry-1.docker.io/v2/ 2>/dev/null; then
    demo_postgres_image=docker.io/library/postgres:16
    demo_web_image=docker.io/library/python:3.12-slim
    step images "$demo_postgres_image and $demo_web_image, from the public registry"
    return 0
  fi
  demo_postgres_image=$DEMO_LOCAL/postgres:$DEMO_RECIPE
  demo_web_image=$DEMO_LOCAL/web:$DEMO_RECIPE
  if podman_api GET "/images/$demo_web_image/exists" >/dev/null 2>&1; then
    step images "$demo_postgres_image and $demo_web_image are there"
    return 0
  fi
  if [ ! -s "$DEMO_TAR" ]; then
    step images "the public registry does not answer: making them from Debian's packages (minutes)"
    mkdir -p "$SKERRY_CACHE"
    added folder "$SKERRY_CACHE"
    sh "$here/demo/debian/make.sh" "$DEMO_TAR" ||
      fail "the image could not be made from Debian's packages" "see that Debian's mirror is reached"
  fi
  step images "handing $(du -h "$DEMO_TAR" | cut -f1) to Skerry's Podman"
  query=$(python3 -c 'import sys, urllib.parse as u
print(u.urlencode([tuple(part.split("=", 1)) for part in sys.argv[1:]]))' \
    "reference=$demo_postgres_image" \
    'changes=ENTRYPOINT ["docker-entrypoint.sh"]' \
    'changes=CMD ["postgres"]' \
    'changes=ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    'changes=ENV LANG=C.UTF-8' \
    'changes=STOPSIGNAL SIGINT')
  podman_api POST "/images/import?$query" -T "$DEMO_TAR" -H 'Expect:' -o /dev/null ||
    fail "Skerry's Podman did not take the image" "see its log below $SKERRY_HOME/podman"
  podman_api POST "/images/$demo_postgres_image/tag?repo=$DEMO_LOCAL/web&tag=$DEMO_RECIPE" -o /dev/null ||
    fail "Skerry's Podman did not name the image" "see its log below $SKERRY_HOME/podman"
  step images "$demo_postgres_image and $demo_web_image"
}
