#!/usr/bin/env bash
# Gradescope runs this, as root, for each submission. Whatever happens, a whole results.json is there.
root="${GRADESCOPE_ROOT:-/autograder}"
cd "$root/source" || exit 1
umask 077
mkdir -p "$root/results" "$root/kernels"
cat >"$root/results/results.json" <<'RESULT'
@RESULT@
RESULT

# Student code runs as a user who owns nothing here. Closed is what it must not read, and where it could leave anything.
chmod 711 "$root/kernels"
chmod -R go= "$root/source" "$root/results" "$root/submission"
for path in "$root/submission_metadata.json" /tmp /var/tmp /dev/shm /dev/mqueue /run/lock; do
  [ ! -e "$path" ] || chmod go= "$path"
done

TMPDIR="$root/kernels" timeout --signal=KILL @SECONDS@ \
  "$root/venv/bin/python" -m autograder.lms.gradescope @ASSIGNMENT@ --minutes @MINUTES@ --languages @LANGUAGES@
