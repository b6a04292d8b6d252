# Sourced: builds the configuration tools that are Go programs into build/go-tools, at pinned versions, and exports where they are:
# SEGUE_AUTH0_CLI, SEGUE_TERRAFORM_PROVIDER (a folder) and SEGUE_TERRAFORM (Terraform or OpenTofu). Of each that cannot be had it says
# why, in one line; none is ever a failure, because not every module proxy serves them.

segue_go_tools="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/go-tools"

segue_skip() { echo "skipped: $*"; }

# segue_go_build MODULE VERSION PACKAGE PROGRAM NAME [REPLACE]: PROGRAM is then in build/go-tools/PROGRAM-VERSION.
# A module of our own requires the pinned version, where `go install PACKAGE@VERSION` would first ask the proxy for a list of all versions,
# which a proxy may refuse while it serves the version itself. REPLACE is the program's own replace line, which counts in the main module alone.
segue_go_build() {
  local module="$1" version="$2" package="$3" program="$4" name="$5" replace="${6:-}"
  local folder="$segue_go_tools/$program-$version" log="$segue_go_tools/$program.log"
  [[ -x "$folder/$program" ]] && return 0
  command -v go >/dev/null || { segue_skip "$name $version: there is no Go toolchain"; return 1; }
  rm -rf "$folder"
  mkdir -p "$folder/module"
  echo "building $name $version"
  printf 'module tools\n\ngo 1.25.0\n\nrequire %s %s\n%s\n' "$module" "$version" "${replace:+replace $replace}" >"$folder/module/go.mod"
  (cd "$folder/module" && timeout 1200 go build -mod=mod -buildvcs=false -o "$folder/$program" "$package") >"$log" 2>&1 && return 0
  if grep -qE '40[0-9] |410 Gone|not available|no matching versions|unrecognized import path' "$log"; then
    segue_skip "$name $version: the Go module proxy does not serve it"
  elif grep -qE 'requires go >=' "$log"; then
    segue_skip "$name $version: $(grep -oE 'requires go >= [0-9.]+' "$log" | head -n 1), and this is $(go env GOVERSION)"
  elif grep -qE 'dial tcp|no such host|i/o timeout|connection refused|module lookup disabled' "$log"; then
    segue_skip "$name $version: the Go module proxy cannot be reached"
  else
    segue_skip "$name $version: it does not build ($(tail -n 1 "$log"))"
  fi
  return 1
}

segue_cli=v1.33.0
segue_provider=v1.57.0
segue_opentofu=v1.10.6

unset SEGUE_AUTH0_CLI SEGUE_TERRAFORM_PROVIDER SEGUE_TERRAFORM
if segue_go_build github.com/auth0/auth0-cli "$segue_cli" github.com/auth0/auth0-cli/cmd/auth0 auth0 'auth0 CLI'; then
  export SEGUE_AUTH0_CLI="$segue_go_tools/auth0-$segue_cli/auth0"
fi
if segue_go_build github.com/auth0/terraform-provider-auth0 "$segue_provider" github.com/auth0/terraform-provider-auth0 \
  terraform-provider-auth0 terraform-provider-auth0; then
  export SEGUE_TERRAFORM_PROVIDER="$segue_go_tools/terraform-provider-auth0-$segue_provider"
fi
if [[ -z "${SEGUE_TERRAFORM_PROVIDER:-}" ]]; then
  segue_skip "Terraform and OpenTofu: there is nothing to run without the provider"
elif SEGUE_TERRAFORM="$(command -v terraform || command -v tofu)"; then
  export SEGUE_TERRAFORM
elif segue_go_build github.com/opentofu/opentofu "$segue_opentofu" github.com/opentofu/opentofu/cmd/tofu tofu OpenTofu \
  'github.com/hashicorp/hcl/v2 v2.20.1 => github.com/opentofu/hcl/v2 v2.20.2-0.20250121132637-504036cd70e7'; then
  export SEGUE_TERRAFORM="$segue_go_tools/tofu-$segue_opentofu/tofu"
else
  unset SEGUE_TERRAFORM_PROVIDER
fi
