#!/bin/sh
# Judge a certificate of erasure with other people's tools, and none of ours.
#
#   tools/verify-independent.sh CERTIFICATE.pdf TRUST.txt [ANCHOR ...]
#
# TRUST.txt is the trust file you were given by another way; the PEM files that it names lie
# beside it. An anchor is a file with a time-stamp (RFC 3161), {"note":..,"token":..}.
# Needs pdfsig, pdfdetach, pdftotext (poppler-utils) and openssl 3. VERBOSE=1 shows what each
# tool says. Exit status: 0 all passed, 1 something failed, 2 a tool or file is missing.
# What these tools cannot judge, the Merkle proofs and the counts, verify_certificate does.
set -u
LC_ALL=C export LC_ALL

[ $# -ge 2 ] || { echo "Usage: $0 CERTIFICATE.pdf TRUST.txt [ANCHOR ...]" >&2; exit 2; }
missing=0
for tool in pdfsig pdfdetach pdftotext openssl base64 awk sed; do
  command -v "$tool" >/dev/null 2>&1 || { echo "Missing: $tool" >&2; missing=1; }
done
[ $missing = 0 ] || { echo "pdf...: install poppler-utils. openssl: install openssl." >&2; exit 2; }

whole() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s' "$PWD/$1" ;; esac; }
for file in "$@"; do
  [ -r "$file" ] || { echo "The file $file cannot be read." >&2; exit 2; }
done
pdf=$(whole "$1") trust=$(whole "$2") here=$PWD
shift 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT INT TERM
mkdir "$work/files"
failed=0

judge() { # what is judged, then the command whose exit status is the verdict
  what=$1
  shift
  if "$@" >"$work/said" 2>&1; then
    echo "passed  $what"
  else
    echo "failed  $what"
    failed=1
  fi
  [ -z "${VERBOSE:-}" ] || sed 's/^/        /' "$work/said"
}
has() { grep -q "$1" "$2"; }
has_not() { ! grep -q "$1" "$2"; }
once() { [ "$(grep -c "$1" "$2")" = 1 ]; }

# The roots that the trust file names, in one file.
: >"$work/roots.pem"
sed -n 's/^root  *//p' "$trust" | while read -r name; do
  case $name in /*) cat "$name" ;; *) cat "$(dirname "$trust")/$name" ;; esac >>"$work/roots.pem"
done

# 1. The seal of the PDF. "Valid" alone is not enough: so is a file to which something was added.
pdfsig "$pdf" >"$work/pdfsig" 2>&1
judge "pdfsig: Signature is Valid" has 'Signature Validation: Signature is Valid' "$work/pdfsig"
judge "pdfsig: Total document signed" has '^  - Total document signed' "$work/pdfsig"
judge "pdfsig: nothing is left unsigned" has_not 'Not total document signed' "$work/pdfsig"
judge "pdfsig: there is one signature" once '^Signature #' "$work/pdfsig"

# 2. The attached files, and the digest on the page.
judge "pdfdetach: the attached files" pdfdetach -saveall -o "$work/files" "$pdf"
cd "$work/files" || exit 2
digest=$(openssl dgst -sha256 -r certificate.json 2>/dev/null | cut -d' ' -f1)
pdftotext -l 1 "$pdf" "$work/page" 2>/dev/null
judge "openssl dgst: certificate.json has the digest on page 1" has "^$digest\$" "$work/page"

# 3. The same seal under the facts, and it is the one that the trust file lists.
judge "openssl cms: certificate.p7s signs certificate.json, up to the root" \
  openssl cms -verify -binary -inform DER -in certificate.p7s -content certificate.json \
  -CAfile "$work/roots.pem" -signer "$work/signer.pem" -out /dev/null
seal=$(openssl x509 -in "$work/signer.pem" -outform DER 2>/dev/null | openssl dgst -sha256 -r)
judge "openssl x509: the trust file lists this seal" has "^seal  *${seal%% *}\$" "$trust"

# 4. The log's signature on its checkpoint (Ed25519 over a C2SP signed note).
awk 'found { print } /^$/ { found = 1 }' certificate.tlog-proof 2>/dev/null >"$work/note"
awk '/^$/ { exit } { print }' "$work/note" >"$work/text"
log_signed() {
  for vkey in $(sed -n 's/^log  *//p' "$trust"); do
    [ "${vkey%%+*}" = "$(head -n 1 "$work/text")" ] || continue
    key=${vkey#*+}
    { printf 'MCowBQYDK2VwAyEA' | base64 -d; printf '%s' "${key#*+}" | base64 -d | tail -c +2; } |
      openssl pkey -pubin -inform DER -out "$work/log.pem" || continue
    for line in $(sed -n 's/^[^ ]* [^ ]* //p' "$work/note"); do
      printf '%s' "$line" | base64 -d | tail -c +5 >"$work/signature"
      openssl pkeyutl -verify -rawin -pubin -inkey "$work/log.pem" -in "$work/text" \
        -sigfile "$work/signature" && return 0
    done
  done
  return 1
}
judge "openssl pkeyutl: a log key of the trust file signed the checkpoint" log_signed

# 5. Time-stamps of the log's head by a third party.
cd "$here" || exit 2
for anchor in "$@"; do
  sed -n 's/.*"token":"\([^"]*\)".*/\1/p' "$anchor" | base64 -d >"$work/token" 2>/dev/null
  printf '%b' "$(sed -n 's/.*"note":"\([^"]*\)".*/\1/p' "$anchor")" >"$work/stamped"
  judge "openssl ts: the time-stamp of $anchor" \
    openssl ts -verify -token_in -in "$work/token" -data "$work/stamped" -CAfile "$work/roots.pem"
done

if [ $failed = 0 ]; then
  echo "PASSED. The log's proofs and the counts: verify_certificate."
else
  echo "FAILED."
fi
exit $failed
