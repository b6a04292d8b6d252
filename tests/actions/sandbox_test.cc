// The sandbox by itself: Node.js is told to permit everything, and still nothing is there to be had.
#include <gmock/gmock.h>

#include "actions/runtime.h"

namespace segue::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

struct ActionsSandbox : testing::Test {
  Runtime runtime{Sandboxed::yes, [](auto& options, auto&) {
                    options.sandbox.node_permissions = false;
                    options.limits.call = std::chrono::seconds(60);
                  }};
  void SetUp() override {
    if (!runtime.runner->problem().empty()) GTEST_SKIP() << runtime.runner->problem();
  }
  std::string logged(const std::string& body) {
    const auto outcome = runtime.run(
        invocation({post_login("try { console.log(" + body + ") } catch (e) { console.log('failed', e.code ?? e.message) }")}));
    return outcome.results.empty() ? summary(outcome) : outcome.results[0].log;
  }
};

TEST_F(ActionsSandbox, holds_no_files_but_node_and_its_own) {
  EXPECT_EQ(logged("require('fs').readdirSync('/').filter((n) => !['lib', 'lib64', 'usr'].includes(n)).join()"),
            "actions,host,node,proxy.sock");
  EXPECT_EQ(logged("require('fs').readFileSync('/etc/passwd')"), "failed ENOENT");
  EXPECT_EQ(logged("require('fs').readFileSync('/proc/self/environ')"), "failed ENOENT");
  EXPECT_EQ(logged("require('fs').readFileSync('/dev/mem')"), "failed ENOENT");
  EXPECT_EQ(logged("require('fs').readdirSync('/actions').join()"), "");
}

TEST_F(ActionsSandbox, takes_no_files) {
  for (const std::string path : {"/x", "/tmp/x", "/host/x", "/host/host.cjs", "/actions/x", "/proxy.sock"}) {
    SCOPED_TRACE(path);
    EXPECT_THAT(logged("require('fs').writeFileSync('" + path + "', 'x')"),
                AnyOf("failed EROFS", "failed EACCES", "failed ENOENT", "failed ENXIO"));
    EXPECT_THAT(logged("require('fs').mkdirSync('" + path + "-d')"), AnyOf(StartsWith("failed E"), HasSubstr("ENOSYS")));
  }
  EXPECT_THAT(logged("require('fs').chmodSync('/host/host.cjs', 0o777)"), StartsWith("failed "));
  EXPECT_THAT(logged("require('fs').unlinkSync('/host/host.cjs')"), StartsWith("failed "));
}

TEST_F(ActionsSandbox, runs_as_nobody_and_starts_nothing) {
  EXPECT_EQ(logged("[process.getuid(), process.geteuid(), process.getgid(), process.getgroups().filter((g) => g !== "
                   "65534).length].join()"),
            "65534,65534,65534,0");
  EXPECT_THAT(logged("process.setuid(0) ?? process.getuid()"), StartsWith("failed "));
  const std::string spawn = "process.getBuiltinModule('child_process').spawnSync(";
  EXPECT_THAT(logged(spawn + "'/node', ['--version']).error.code"), AnyOf("ENOSYS", "EPERM"));
  EXPECT_THAT(logged(spawn + "'/bin/sh', ['-c', 'true']).error.code"), AnyOf("ENOSYS", "EPERM"));
  EXPECT_EQ(logged("require('os').hostname()"), "actions");
  EXPECT_EQ(logged("require('os').userInfo().username"), "failed ERR_SYSTEM_ERROR");
}

TEST_F(ActionsSandbox, has_a_network_of_its_own) {
  EXPECT_THAT(logged("Object.keys(require('os').networkInterfaces()).join()"), AnyOf("lo", "", StartsWith("failed")));
  for (const std::string address : {"'127.0.0.1', 22", "'169.254.169.254', 80", "'1.1.1.1', 443"}) {
    const auto comma = address.find(',');
    EXPECT_THAT(logged("await new Promise((yes, no) => require('net').connect({host: " + address.substr(0, comma) +
                       ", port: " + address.substr(comma + 1) + "}).on('connect', yes).on('error', no))"),
                AnyOf("failed ECONNREFUSED", "failed ENETUNREACH"));
  }
}

TEST_F(ActionsSandbox, sees_no_process_of_others) {
  EXPECT_EQ(logged("[process.pid < 5, process.ppid < 5].join()"), "true,true");
  // Every signal that it may send stays in its own namespace, where it is nobody and its parent is not.
  EXPECT_THAT(logged("process.kill(1, 0)"), AnyOf("true", StartsWith("failed ")));
  EXPECT_EQ(logged("process.kill(" + std::to_string(::getpid()) + ", 0)"), "failed ESRCH");
}

}  // namespace
}  // namespace segue::test
