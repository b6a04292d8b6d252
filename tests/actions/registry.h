// An npm registry of this machine.
#pragma once
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "actions/runtime.h"
#include "base/bytes.h"
#include "crypto/digest.h"
#include "support/called_server.h"

namespace segue::test {

// A registry with one package, whose install script would leave a file.
class Registry {
 public:
  Registry() {
    write(
        "package.json",
        R"({"name":"tiny","version":"1.2.3","main":"index.js","scripts":{"postinstall":"echo ran > ran.txt","install":"exit 1"}})");
    write(
        "index.js",
        "exports.shout = (text) => text.toUpperCase() + '!'; exports.write = () => require('fs').writeFileSync(__filename, '')");
    pack();
  }
  std::string url() const { return server_.url("/"); }
  const CalledServer& server() const { return server_; }
  // The same version with other content and its hash, as a registry must never do.
  void change() {
    write("index.js", "exports.shout = () => 'changed'");
    pack();
  }

 private:
  void pack() {
    const auto command = "tar -C " + folder_.path() + " -czf " + (folder_ / "tiny.tgz") + " package";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("no tar");
    std::ostringstream text;
    text << std::ifstream(folder_ / "tiny.tgz", std::ios::binary).rdbuf();
    const std::scoped_lock lock(mutex_);
    tarball_ = text.str();
  }
  void write(const std::string& name, std::string_view text) {
    std::filesystem::create_directories(folder_ / "package");
    std::ofstream(folder_ / ("package/" + name)) << text;
  }
  http::Response answer(const http::Request& request) const {
    http::Response out;
    if (request.path == "/tiny") {
      out.headers.set("Content-Type", "application/json");
      const std::scoped_lock lock(mutex_);
      out.body =
          R"({"name":"tiny","dist-tags":{"latest":"1.2.3"},"versions":{"1.2.3":{"name":"tiny","version":"1.2.3","dist":{"tarball":")" +
          server_.url("/tiny/-/tiny-1.2.3.tgz") + R"(","integrity":"sha512-)" + base::base64(crypto::sha512(tarball_)) +
          R"("}}}})";
    } else if (request.path == "/tiny/-/tiny-1.2.3.tgz") {
      const std::scoped_lock lock(mutex_);
      out.body = tarball_;
    } else {
      out.status = 404;
      out.body = R"({"error":"Not found"})";
    }
    return out;
  }
  TestFolder folder_;
  mutable std::mutex mutex_;
  std::string tarball_;
  CalledServer server_{[this](const http::Request& request) { return answer(request); }};
};

}  // namespace segue::test
