#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image of the autograder.
# It leaves the system's python3, which Gradescope needs, as it is: everything goes into an environment of its own.
set -euo pipefail
umask 022
root="${GRADESCOPE_ROOT:-/autograder}"
cd "$root/source"

find_python() {
  for python in python3.13 python3.12 python3.11 python3; do
    if "$python" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

if [ ! -x "$root/venv/bin/python" ]; then
  if ! python="$(find_python)"; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3.11 python3.11-venv
    python="$(find_python)"
  fi
  "$python" -m venv "$root/venv"
fi
"$root/venv/bin/python" -m pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

# student code runs as a user who owns nothing here: closed is what it must not read
for path in "$root"/source "$root"/venv/bin/autograder "$root"/venv/lib/python3*/site-packages/{autograder,rnn_course_kit-*}; do
  chmod -R go= "$path"
done
"$root/venv/bin/autograder" --version
