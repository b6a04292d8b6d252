// Actions that break, or want to break something: each fails its own call clearly, and the next call works.
#include <gmock/gmock.h>

#include "actions/runtime.h"

namespace segue::test {
namespace {

using actions::Status;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class HostileActions : public testing::TestWithParam<Sandboxed> {
 protected:
  static void SetUpTestSuite() {
    yes_ = std::make_unique<Runtime>(Sandboxed::yes, patient);
    no_ = std::make_unique<Runtime>(Sandboxed::no, patient);
  }
  static void TearDownTestSuite() { yes_.reset(), no_.reset(); }
  // The machine of the tests may be slow; only what never ends is ended early.
  static void patient(actions::RunnerOptions& options, const TestFolder&) { options.limits.call = std::chrono::seconds(60); }
  static void impatient(actions::RunnerOptions& options, const TestFolder&) {
    options.limits.call = std::chrono::milliseconds(500);
  }
  void SetUp() override {
    if (!runtime().runner->problem().empty()) GTEST_SKIP() << runtime().runner->problem();
  }
  Runtime& runtime() { return GetParam() == Sandboxed::yes ? *yes_ : *no_; }
  bool sandboxed() const { return GetParam() == Sandboxed::yes; }

  std::string run(const std::string& body) { return run(runtime(), body); }
  static std::string run(Runtime& runtime, const std::string& body) {
    return summary(runtime.run(invocation({post_login(body)})));
  }
  // An Action that has been loaded before, and is now called beside what the hostile one left.
  void expect_next_call_works() {
    const auto next =
        runtime().run(invocation({post_login("api.accessToken.addScope(['read', event.user.user_id].join(':'));"
                                             "for (const x of [1, 2]) console.log(`${x}`)")}));
    EXPECT_EQ(summary(next), "ok");
    EXPECT_EQ(commands_of(next), "accessToken.addScope [\"read:auth0|1\"]\n");
  }

 private:
  static std::unique_ptr<Runtime> yes_, no_;
};
std::unique_ptr<Runtime> HostileActions::yes_, HostileActions::no_;

INSTANTIATE_TEST_SUITE_P(Sandbox, HostileActions, testing::Values(Sandboxed::yes, Sandboxed::no),
                         [](const auto& each) { return each.param == Sandboxed::yes ? "with" : "without"; });

TEST_P(HostileActions, that_never_end_are_ended) {
  Runtime impatient_runtime(GetParam(), impatient);
  for (const std::string body : {"for (;;);", "setInterval(() => {}, 10); await new Promise(() => {})",
                                 "const again = () => { Promise.resolve().then(again); }; again(); await new Promise(() => {})",
                                 "require('fs').writeSync(3, Buffer.from([0, 0, 16, 0])); for (;;);"}) {
    SCOPED_TRACE(body);
    EXPECT_EQ(run(impatient_runtime, body), "timed_out the Action did not end within 500 ms");
  }
  expect_next_call_works();
}

TEST_P(HostileActions, whose_promise_nothing_can_settle_are_told_at_once) {
  EXPECT_EQ(run("await new Promise(() => {})"), "thrown Error: the Action returned a promise that nothing can settle any more");
  expect_next_call_works();
  EXPECT_EQ(run("return { then() {} }"), "thrown Error: the Action returned a promise that nothing can settle any more");
  expect_next_call_works();
}

TEST_P(HostileActions, that_eat_memory_are_ended) {
  EXPECT_EQ(run("const a = []; for (;;) a.push(new Array(1e4).fill(1.5))"), "out_of_memory the Action ran out of memory");
  expect_next_call_works();
  EXPECT_THAT(run("const a = []; for (;;) a.push(Buffer.alloc(1e7, 1))"),
              AnyOf(StartsWith("thrown RangeError: Array buffer allocation failed"), StartsWith("out_of_memory")));
  expect_next_call_works();
  EXPECT_THAT(run("let s = 'x'; for (;;) s += s"), StartsWith("thrown RangeError: Invalid string length"));
  expect_next_call_works();
}

TEST_P(HostileActions, that_end_the_process_end_their_call) {
  EXPECT_EQ(run("process.exit(0)"), "exited the process of the Action exited with code 0");
  expect_next_call_works();
  EXPECT_EQ(run("process.exit(7)"), "exited the process of the Action exited with code 7");
  expect_next_call_works();
  EXPECT_THAT(run("process.abort()"), StartsWith("exited the process of the Action was ended by signal"));
  expect_next_call_works();
  EXPECT_THAT(run("process.kill(process.pid, 'SIGKILL'); for (;;);"), AnyOf(StartsWith("out_of_memory"), StartsWith("exited")));
  expect_next_call_works();
  EXPECT_THAT(run("(function f() { f() })()"), "thrown RangeError: Maximum call stack size exceeded");
  expect_next_call_works();
}

TEST_P(HostileActions, that_throw_anything_are_described) {
  EXPECT_THAT(run("throw null"), "thrown Error: something that is no Error was thrown: null");
  EXPECT_THAT(run("throw undefined"), "thrown Error: something that is no Error was thrown: undefined");
  EXPECT_THAT(run("throw 'text'"), "thrown Error: something that is no Error was thrown: text");
  EXPECT_THAT(run("return Promise.reject()"), "thrown Error: something that is no Error was thrown: undefined");
  EXPECT_THAT(run("const o = {}; for (let i = 0; i < 1e5; i++) o['k' + i] = 'v'.repeat(100); throw o"),
              "thrown Error: something that is no Error was thrown: [object with 100000 members]");
  EXPECT_EQ(run("throw new Proxy({}, {get() { throw 1 }})"), "thrown Error: something was thrown that cannot be shown");
  EXPECT_THAT(run("throw Object.assign(new Error('x'.repeat(1e6)), {stack: 'y'.repeat(1e6)})"), StartsWith("thrown Error: xxx"));
  EXPECT_THAT(run("throw new Error('\\ud800')"), StartsWith("thrown Error: "));
  EXPECT_EQ(run("setTimeout(() => { throw new Error('later') }); await new Promise(() => {})"), "thrown Error: later");
  expect_next_call_works();
}

TEST_P(HostileActions, that_pollute_prototypes_break_nobody_else) {
  std::int64_t tenants = 100;
  for (const std::string pollution :
       {"Object.prototype.toJSON = () => 'x'; Object.prototype.code = 'throw 1'; Object.prototype.optional = true",
        "Array.prototype.push = Array.prototype.join = () => { throw new Error('polluted') }",
        "Array.prototype[Symbol.iterator] = function* () {}",
        "Object.defineProperty(Array.prototype, '0', {set() { throw new Error('polluted') }, configurable: true})",
        "Promise.prototype.then = () => {}; Promise.prototype.constructor = null; Promise.resolve = () => { throw 1 }",
        "JSON.parse = JSON.stringify = () => { throw 1 }; String.prototype.slice = () => 'x'; Map.prototype.get = () => 1",
        "Buffer.from = Buffer.alloc = Buffer.prototype.toString = Buffer.prototype.readUInt32BE = () => { throw 1 }",
        "Uint8Array.prototype.set = () => { throw 1 }; require('fs').readSync = require('fs').writeSync = () => 0",
        "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw 1 }",
        "process.removeAllListeners('uncaughtException'); process.on = process.emit = () => {}; process.exit = () => {}",
        "require('events').prototype.emit = () => { throw 1 }; Date.now = () => NaN; Math.floor = () => NaN",
        "Object.freeze = Object.keys = Object.hasOwn = () => { throw 1 }; Error = TypeError = undefined",
        "for (const k of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[k] } catch {}"}) {
    SCOPED_TRACE(pollution);
    // Each in a process of its own: no process serves two tenants.
    const base::TenantId tenant{++tenants};
    // Some pollute the very call that pollutes; it may fail, clearly.
    const auto own = summary(runtime().run(invocation({post_login(pollution)}), tenant));
    EXPECT_THAT(own, AnyOf("ok", StartsWith("thrown "))) << own;
    const auto next = runtime().run(
        invocation({action("exports.onExecutePostLogin = (event, api) => { api.accessToken.addScope('s') }")}), tenant);
    EXPECT_EQ(summary(next), "ok");
    EXPECT_EQ(commands_of(next), "accessToken.addScope [\"s\"]\n");
  }
  expect_next_call_works();
}

TEST_P(HostileActions, that_print_ten_megabytes_are_cut) {
  const auto outcome = runtime().run(
      invocation({post_login("console.log('x'.repeat(1e7)); console.log({a: 'y'.repeat(1e7)}); process.stdout.write('z')")}));
  EXPECT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results.at(0).log, std::string(256, 'x'));
  EXPECT_EQ(run("for (let i = 0; i < 1e5; i++) console.log('line', i)"), "ok");
  expect_next_call_works();
}

TEST_P(HostileActions, that_ask_for_too_much_are_refused) {
  EXPECT_EQ(run("for (let i = 0; i < 10000; i++) api.accessToken.addScope('s' + i)"),
            "thrown RangeError: an Action may call api methods 1000 times");
  EXPECT_THAT(run("api.idToken.setCustomClaim('a', 'x'.repeat(1e7))"),
              StartsWith("thrown RangeError: api.idToken.setCustomClaim"));
  EXPECT_THAT(run("for (let i = 0; i < 100; i++) api.user.setAppMetadata('k' + i, 'x'.repeat(30000))"),
              "thrown RangeError: what the Action asks for is too large");
  EXPECT_THAT(run("for (let i = 0; i < 200; i++) await api.roles.getUserEffectiveRoles()"), StartsWith("thrown Error: "));
  EXPECT_THAT(run("api.idToken.setCustomClaim('a\\u0000', {'b\\u0000': 1})"), HasSubstr("NUL character"));
  EXPECT_EQ(run("api.idToken.setCustomClaim('\\ud800', '\\udfff')"), "ok");
  expect_next_call_works();
}

TEST_P(HostileActions, that_call_the_api_after_their_end_reach_nobody) {
  EXPECT_EQ(run("globalThis.leaked = api; setTimeout(() => api.access.deny('x'), 0)"), "ok");
  expect_next_call_works();
  EXPECT_EQ(run("globalThis.leaked = api"), "ok");
  EXPECT_EQ(run("leaked.access.deny('another sign-in')"),
            "thrown Error: api.access.deny was called after the Action had ended: await what it starts");
  expect_next_call_works();
}

// Frames on the socket itself, which an Action can write to.
std::string frame(const std::string& json) {
  return "const send = (text) => { const b = Buffer.from(text), h = Buffer.alloc(4); h.writeUInt32BE(b.length);"
         " require('fs').writeSync(3, Buffer.concat([h, b])) }; " +
         json;
}

TEST_P(HostileActions, that_write_to_the_socket_are_caught) {
  EXPECT_THAT(run("require('fs').writeSync(3, 'garbage that is no frame')"), StartsWith("broken_protocol"));
  expect_next_call_works();
  EXPECT_THAT(run(frame("send('{}')")), StartsWith("broken_protocol"));
  expect_next_call_works();
  EXPECT_THAT(run(frame("send('{\"type\":\"ready\"}')")), StartsWith("broken_protocol"));
  expect_next_call_works();
  EXPECT_THAT(run(frame("send('{\"type\":\"done\",\"call\":\"guess\",\"spent\":false}')")), StartsWith("broken_protocol"));
  expect_next_call_works();
  EXPECT_THAT(run("const h = Buffer.from([255, 255, 255, 255]); require('fs').writeSync(3, h)"),
              "broken_protocol the process of the Action answered with more than is read");
  expect_next_call_works();
  EXPECT_THAT(run("require('fs').closeSync(3)"), AnyOf(StartsWith("exited"), StartsWith("broken_protocol")));
  expect_next_call_works();
  EXPECT_THAT(run(frame("setTimeout(() => send('{\"type\":\"ready\"}'), 0)")), "ok");
  expect_next_call_works();
}

TEST_P(HostileActions, that_start_processes_fail) {
  for (const std::string way :
       {"process.getBuiltinModule('child_process').execFileSync('/bin/sh', ['-c', 'true'])",
        "process.binding('spawn_sync').spawn({file: '/bin/sh', args: ['sh', '-c', 'true']}).error || (() => { throw 1 })()",
        "new (process.getBuiltinModule('worker_threads').Worker)('1', {eval: true})",
        "process.dlopen({exports: {}}, '/lib/x86_64-linux-gnu/libc.so.6')"}) {
    SCOPED_TRACE(way);
    EXPECT_THAT(run(way), StartsWith("thrown "));
    expect_next_call_works();
  }
}

TEST_P(HostileActions, that_touch_files_find_none) {
  for (const std::string way :
       {"require('fs').readFileSync('/etc/passwd')", "require('fs').readFileSync('/proc/self/environ')",
        "require('fs').writeFileSync('/tmp/x', 'x')", "require('fs').writeFileSync('/host/host.cjs', 'x')",
        "require('fs').mkdirSync('/x')", "require('fs').readdirSync('/')", "require('/etc/passwd')",
        "await import('file:///etc/passwd')"}) {
    SCOPED_TRACE(way);
    EXPECT_THAT(run(way), StartsWith("thrown "));
  }
  expect_next_call_works();
}

TEST_P(HostileActions, that_open_sockets_reach_nothing) {
  if (!sandboxed()) GTEST_SKIP() << "without a sandbox nothing keeps Actions from the network";
  for (const std::string address : {"127.0.0.1', 22", "169.254.169.254', 80", "1.1.1.1', 443", "::1', 22"}) {
    SCOPED_TRACE(address);
    const std::string connect = "await new Promise((yes, no) => require('net').connect({host: '";
    const auto comma = address.find("', ");
    EXPECT_THAT(run(connect + address.substr(0, comma) + "', port: " + address.substr(comma + 3) +
                    "}).on('connect', yes).on('error', no))"),
                AnyOf(HasSubstr("ECONNREFUSED"), HasSubstr("ENETUNREACH"), HasSubstr("EADDRNOTAVAIL")));
  }
  EXPECT_THAT(run("await fetch('http://169.254.169.254/latest/meta-data')"), StartsWith("thrown TypeError: fetch failed"));
  EXPECT_THAT(run("await new Promise((yes, no) => require('dgram').createSocket('udp4').send('x', 53, '1.1.1.1', (e) => e ? "
                  "no(e) : yes()))"),
              StartsWith("thrown "));
  expect_next_call_works();
}

}  // namespace
}  // namespace segue::test
