# What set-up installs beside Debian's packages, pinned by version and SHA-256 of the program itself,
# so that it is the same file from whichever place it came. Sourced by the other files here.

# The folder that set-up owns. Its file `added` lists what set-up put on this host.
SKERRY_LIB=/usr/local/lib/skerry
SKERRY_ADDED=$SKERRY_LIB/added
SKERRY_COMMAND=/usr/local/bin/skerry
SKERRY_CACHE=/var/cache/skerry

DENO_VERSION=2.9.6
DENO_SHA256_x86_64=bceb5b6a6239b0b010418406d8c77a508f67cf4337d94288f1c19fe71304aab0
DENO_SHA256_aarch64=d08d392418df53f4e6e88a08909c0e1bccbf9adcead7232df72b6ad6075ec416

TRAEFIK_VERSION=3.7.13
TRAEFIK_SHA256_x86_64=327314f5a64a9b25aba05bf83b0942ab3bfde65573cee8cc1a9e5b49d268cd63
TRAEFIK_SHA256_aarch64=7415b6155dfd70f4d8ec8dd6092ec4534e016baa5f051d44f179f7b4780878ca

# From PyPI, for the tests alone.
SCHEMATHESIS_VERSION=4.32.5

# To run Skerry. runc and not crun: crun refuses machines with hybrid cgroups. iptables: netavark
# calls it and fails without saying so. No recommended packages (aardvark-dns among them: the names
# are Skerry's own).
RUN_PACKAGES="podman netavark conmon runc catatonit iptables nftables conntrack iproute2 procps ca-certificates \
curl python3"
# To run the tests and the demo: clients, peers to compare with, and what images are made of.
# dnsmasq-base, not dnsmasq: the program without the service.
TEST_PACKAGES="prometheus bind9-dnsutils dnsperf dnsmasq-base wrk debootstrap docker-registry skopeo socat strace \
jq zsh fish python3-venv postgresql-client openssl unzip busybox-static util-linux git faketime e2fsprogs xfsprogs \
chromium fonts-dejavu-core"
DEMO_PACKAGES="debootstrap busybox-static"
