// What Actions that behave see: their event, their api, what they may require, and what comes back.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "actions/runtime.h"

namespace segue::test {
namespace {

using actions::Status;
using testing::HasSubstr;

class ActionsRuntime : public testing::TestWithParam<Sandboxed> {
 protected:
  static void SetUpTestSuite() {
    yes_ = std::make_unique<Runtime>(Sandboxed::yes);
    no_ = std::make_unique<Runtime>(Sandboxed::no);
  }
  static void TearDownTestSuite() { yes_.reset(), no_.reset(); }
  void SetUp() override {
    if (!runtime().runner->problem().empty()) GTEST_SKIP() << runtime().runner->problem();
  }
  Runtime& runtime() { return GetParam() == Sandboxed::yes ? *yes_ : *no_; }
  actions::Outcome run(const std::string& body) { return runtime().run(invocation({post_login(body)})); }
  // What the body returns, as JSON text that it logs.
  std::string logged(const std::string& body) {
    const auto outcome = run("console.log(JSON.stringify(await (async () => {" + body + "})()))");
    return outcome.status == Status::ok ? outcome.results.at(0).log : summary(outcome);
  }

 private:
  static std::unique_ptr<Runtime> yes_, no_;
};
std::unique_ptr<Runtime> ActionsRuntime::yes_, ActionsRuntime::no_;

INSTANTIATE_TEST_SUITE_P(Sandbox, ActionsRuntime, testing::Values(Sandboxed::yes, Sandboxed::no),
                         [](const auto& each) { return each.param == Sandboxed::yes ? "with" : "without"; });

TEST_P(ActionsRuntime, records_what_an_action_asks_for_in_its_order) {
  const auto outcome =
      run("api.idToken.setCustomClaim('https://x/roles', ['a', {b: 1}]);"
          "await null;"
          "api.user.setAppMetadata('seen', event.user.email);"
          "api.session.setExpiresAt(1790000000000);"
          "api.session.evictMetadata();");
  EXPECT_EQ(summary(outcome), "ok");
  EXPECT_EQ(commands_of(outcome),
            "idToken.setCustomClaim [\"https://x/roles\",[\"a\",{\"b\":1}]]\n"
            "user.setAppMetadata [\"seen\",\"a@example.com\"]\n"
            "session.setExpiresAt [1790000000000]\n"
            "session.evictMetadata []\n");
}

TEST_P(ActionsRuntime, runs_the_actions_in_their_order_and_none_behind_a_refusal) {
  const auto outcome =
      runtime().run(invocation({post_login("api.accessToken.addScope('a')", "First"),
                                post_login("api.access.deny('Network mismatch detected'); console.log('still here')"),
                                post_login("api.accessToken.addScope('c')", "Third")}));
  EXPECT_EQ(summary(outcome), "ok");
  EXPECT_TRUE(outcome.stopped);
  ASSERT_EQ(outcome.results.size(), 2U);
  EXPECT_EQ(outcome.results[1].log, "still here");
  EXPECT_EQ(commands_of(outcome), "accessToken.addScope [\"a\"]\naccess.deny [\"Network mismatch detected\"]\n");
}

TEST_P(ActionsRuntime, gives_each_action_an_event_and_secrets_of_its_own) {
  auto first = post_login("event.user.email = 'changed'; event.user.user_id = event.secrets.KEY;");
  first.secrets.emplace("KEY", crypto::Secret("first"));
  auto second = post_login("console.log(event.user.email, JSON.stringify(event.secrets))");
  second.secrets.emplace("OTHER", crypto::Secret("second"));
  const auto outcome = runtime().run(invocation({first, second}));
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[1].log, "a@example.com {\"OTHER\":\"second\"}");
}

TEST_P(ActionsRuntime, shows_transaction_metadata_to_later_actions_at_once) {
  const auto outcome = runtime().run(
      invocation({post_login("api.transaction.setMetadata('step', 2); console.log(event.transaction.metadata.step)"),
                  post_login("console.log(event.transaction.metadata.step)")}));
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, "2");
  EXPECT_EQ(outcome.results[1].log, "2");
}

TEST_P(ActionsRuntime, keeps_a_cache_that_later_actions_see) {
  auto call = invocation(
      {post_login("console.log(api.cache.get('old').value, api.cache.get('none')); api.cache.set('new', 'n', {ttl: 1000})"),
       post_login("console.log(api.cache.get('new').value); api.cache.delete('old'); console.log(api.cache.get('old'))")});
  call.cache["old"] = {"o", 1790000000000};
  const auto outcome = runtime().run(call);
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, "o undefined");
  EXPECT_EQ(outcome.results[1].log, "n\nundefined");
  EXPECT_EQ(commands_of(outcome), "cache.set [\"new\",\"n\",{\"ttl\":1000}]\ncache.delete [\"old\"]\n");
}

TEST_P(ActionsRuntime, asks_the_server_while_the_action_waits) {
  auto call =
      invocation({post_login("const r = await api.roles.getUserEffectiveRoles({take: 5}); console.log(r.roles[0].name);"
                             "try { await api.groups.hasGroupMembership(['g']) } catch (e) { console.log(e.message) }")});
  call.answer = [](std::string_view method, const json::array& arguments) -> base::Result<json::value> {
    if (method == "roles.getUserEffectiveRoles" && json::write(arguments) == R"([{"take":5}])")
      return json::value{{"roles", json::array{json::object{{"name", "admin"}}}}};
    return base::Error{.kind = base::ErrorKind::unavailable, .code = "unavailable", .description = "there are no groups"};
  };
  const auto outcome = runtime().run(call);
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, "admin\nthere are no groups");
}

// The script of another site: signs what an Action of the test says, with the same secret.
constexpr const char* kSign = R"js(
  const { createHmac } = require('node:crypto');
  const part = (o) => Buffer.from(JSON.stringify(o)).toString('base64url');
  const sign = (claims, header = { alg: 'HS256', typ: 'JWT' }, secret = 's') => {
    const input = part(header) + '.' + part(claims);
    return input + '.' + createHmac('sha256', secret).update(input).digest('base64url');
  };
  const now = Math.floor(Date.now() / 1000);
  const good = { iss: 'site', sub: event.user.user_id, iat: now, exp: now + 60, state: 'the-state', agreed: true };
  event.request.query.state = 'the-state';
  const validate = (token, name) => {
    event.request.body = { [name || 'session_token']: token };
    try { return api.redirect.validateToken({ secret: 's', tokenParameterName: name }).agreed } catch (e) { return e.message }
  };
)js";

TEST_P(ActionsRuntime, signs_a_token_for_another_site) {
  auto call =
      invocation({post_login("const t = api.redirect.encodeToken({secret: 's', expiresInSeconds: 60, payload: {a: 1, sub: 'x'}});"
                             "const [head, claims] = t.split('.').map((p) => Buffer.from(p, 'base64url').toString());"
                             "const c = JSON.parse(claims);"
                             "console.log(head, c.a, c.sub, c.iss, c.ip, c.exp - c.iat, api.redirect.canRedirect())")});
  call.can_redirect = true;
  const auto outcome = runtime().run(call);
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, R"({"alg":"HS256","typ":"JWT"} 1 auth0|1 login.example.com 192.0.2.1 60 true)");
}

TEST_P(ActionsRuntime, verifies_the_token_that_comes_back) {
  const auto said = [&](const std::string& expression) { return logged(std::string(kSign) + "return " + expression); };
  EXPECT_EQ(said("validate(sign(good))"), "true");
  EXPECT_EQ(said("validate(sign(good), 'other')"), "true");
  EXPECT_EQ(said("api.redirect.validateToken({secret: 's', x: (event.request.query.session_token = sign(good))}).agreed"),
            "true");
  EXPECT_THAT(said("validate(sign(good, undefined, 'x'))"), HasSubstr("The session token is invalid: Its signature is wrong"));
  EXPECT_THAT(said("validate(sign(good, {alg: 'none'}))"), HasSubstr("not signed with HS256"));
  EXPECT_THAT(said("validate(sign({...good, exp: now}))"), HasSubstr("The token has expired"));
  EXPECT_THAT(said("validate(sign({...good, sub: 'auth0|2'}))"), HasSubstr("Subject in the token does not match"));
  EXPECT_THAT(said("validate(sign({...good, state: 'other'}))"),
              HasSubstr("The session token is invalid: State in the token does not match the /continue state."));
  for (const auto* claim : {"iss", "sub", "iat", "exp", "state"}) {
    EXPECT_THAT(said("validate(sign({...good, " + std::string(claim) + ": undefined}))"),
                HasSubstr("Missing or invalid standard claims: " + std::string(claim)));
  }
  EXPECT_THAT(said("validate(sign({...good, exp: 'x'}))"), HasSubstr("must be numbers"));
  EXPECT_THAT(said("validate(sign(null))"), HasSubstr("It is no JWT"));
  EXPECT_THAT(said("validate('a.b')"), HasSubstr("It is no JWT"));
  EXPECT_THAT(said("validate(undefined)"), HasSubstr("no parameter"));
}

TEST_P(ActionsRuntime, goes_on_with_the_first_action_and_begins_those_behind_it) {
  const auto both = [](const std::string& name) {
    return action("exports.onExecutePostLogin = async () => console.log('" + name +
                  " begins');"
                  "exports.onContinuePostLogin = async (event, api) => { console.log('" +
                  name +
                  " goes on');"
                  "api.authentication.recordMethod('https://a.example/m') };");
  };
  auto call = invocation({both("first"), both("second")});
  call.first_function = "onContinuePostLogin";
  auto outcome = runtime().run(call);
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, "first goes on");
  EXPECT_EQ(outcome.results[1].log, "second begins");
  EXPECT_EQ(commands_of(outcome), "authentication.recordMethod [\"https://a.example/m\"]\n");
  // One that has no such function did what it had to.
  call.actions.front() = post_login("console.log('never')");
  outcome = runtime().run(call);
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, "");
  EXPECT_EQ(outcome.results[1].log, "second begins");
}

TEST_P(ActionsRuntime, tells_an_action_what_it_passed_wrongly) {
  EXPECT_THAT(summary(run("api.access.deny(5)")), HasSubstr("thrown TypeError: api.access.deny: reason must be a string"));
  EXPECT_THAT(summary(run("api.session.setCookieMode('x')")), HasSubstr("mode must be one of persistent, non-persistent"));
  EXPECT_THAT(summary(run("api.idToken.setCustomClaim('a', () => 1)")), HasSubstr("holds a function, which cannot be stored"));
  EXPECT_THAT(summary(run("const a = []; a.push(a); api.idToken.setCustomClaim('a', a)")), HasSubstr("contains itself"));
  EXPECT_THAT(summary(run("api.multifactor.enable('any')")),
              HasSubstr("is not available: this server has no further factors yet"));
  EXPECT_THAT(summary(run("api.access.allow()")), HasSubstr("api.access.allow is not a function"));
}

TEST_P(ActionsRuntime, tells_what_an_action_threw_and_keeps_what_it_had_done) {
  const auto outcome = run("api.user.setAppMetadata('a', 1); console.log('before'); throw new RangeError('too far')");
  EXPECT_EQ(summary(outcome), "thrown RangeError: too far");
  ASSERT_EQ(outcome.results.size(), 1U);
  EXPECT_THAT(outcome.results[0].thrown.stack, HasSubstr("Action.js:1"));
  EXPECT_EQ(outcome.results[0].log, "before");
  EXPECT_EQ(commands_of(outcome), "user.setAppMetadata [\"a\",1]\n");
}

TEST_P(ActionsRuntime, refuses_code_that_does_not_load) {
  EXPECT_THAT(summary(runtime().run(invocation({action("exports.onExecutePostLogin = async (")}))),
              HasSubstr("thrown SyntaxError"));
  EXPECT_THAT(summary(runtime().run(invocation({action("exports.other = 1")}))), HasSubstr("does not export onExecutePostLogin"));
  EXPECT_THAT(summary(run("require('lodash')")), HasSubstr("Cannot find module 'lodash': add it to the dependencies"));
  EXPECT_THAT(summary(run("require('node:child_process')")), HasSubstr("is not available to Actions"));
}

actions::Action with(actions::Action action, std::vector<actions::Module> modules) {
  action.modules = std::move(modules);
  // Other modules are another version of the Action.
  for (const auto& module : action.modules) action.version_id += module.version_id;
  return action;
}
actions::Module shared_code(std::string name, std::string code) {
  return {.version_id = "m" + std::to_string(std::hash<std::string>()(name + code)),
          .name = std::move(name),
          .code = std::move(code),
          .folder = {},
          .secrets = {}};
}

TEST_P(ActionsRuntime, shares_a_module_and_what_it_holds_among_its_users) {
  auto counter = shared_code("counter", "let count = 0; exports.next = () => `${actions.secrets.PREFIX}${++count}`;");
  counter.secrets.emplace("PREFIX", crypto::Secret("c"));
  const std::string counts = "console.log(require('actions:counter').next(), typeof actions)";
  const auto call = invocation({with(post_login(counts + "/*1*/"), {counter}), with(post_login(counts + "/*2*/"), {counter})});
  auto outcome = runtime().run(call);
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, "c1 undefined") << "the secrets are the module's alone";
  EXPECT_EQ(outcome.results[1].log, "c2 undefined");
  outcome = runtime().run(call);
  ASSERT_EQ(summary(outcome), "ok") << "the code is sent to a process once";
  EXPECT_EQ(outcome.results[0].log, "c3 undefined");
}

TEST_P(ActionsRuntime, keeps_two_versions_of_a_module_apart) {
  const std::string body = "console.log(require('actions:version'))";
  const auto outcome = runtime().run(invocation({with(post_login(body), {shared_code("version", "module.exports = 1")}),
                                                 with(post_login(body + ";"), {shared_code("version", "module.exports = 2")})}));
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, "1");
  EXPECT_EQ(outcome.results[1].log, "2");
}

TEST_P(ActionsRuntime, refuses_modules_that_are_not_the_actions_own_and_modules_in_modules) {
  const auto mine = shared_code("mine", "module.exports = require('actions:mine')");
  EXPECT_EQ(summary(run("require('actions:mine')")),
            "thrown Error: Cannot find module 'actions:mine': add it to the modules of the Action and deploy again");
  EXPECT_EQ(
      summary(runtime().run(invocation({with(post_login("require('actions:mine')"), {mine})}))),
      "thrown Error: the module \"mine\" could not be loaded: The module \"mine\" requires \"actions:mine\": modules cannot use "
      "other modules. Let the Action hand it over");
  const auto needs = shared_code("needs", "require('lodash')");
  EXPECT_THAT(summary(runtime().run(invocation({with(post_login("require('actions:needs')"), {needs})}))),
              HasSubstr("Cannot find module 'lodash': add it to the dependencies of the module"));
}

TEST_P(ActionsRuntime, tells_which_module_failed_while_it_was_loading_and_loads_it_again) {
  const auto module =
      shared_code("twice", "if (!globalThis.tried) { globalThis.tried = true; throw 'first' } exports.x = 'second'");
  const auto call = invocation({with(post_login("console.log(require('actions:twice').x)"), {module})});
  EXPECT_EQ(summary(runtime().run(call)),
            "thrown Error: the module \"twice\" could not be loaded: something that is no Error was thrown: first");
  const auto outcome = runtime().run(call);
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, "second");
  const auto caught =
      with(post_login("try { require('actions:no') } catch (e) { console.log(e.code); throw new Error('mine') }"), {});
  EXPECT_EQ(summary(runtime().run(invocation({caught}))), "thrown Error: mine");
}

TEST_P(ActionsRuntime, finds_modules_that_do_not_load_before_they_are_needed) {
  auto call = invocation({with(post_login(""), {shared_code("lazy", "not javascript")})});
  EXPECT_EQ(summary(runtime().run(call)), "ok");
  call.loads_modules = true;
  EXPECT_THAT(summary(runtime().run(call)), HasSubstr("SyntaxError: the module \"lazy\" could not be loaded: "));
}

TEST_P(ActionsRuntime, lets_a_module_declare_the_names_that_surround_it) {
  const auto module = shared_code("names", "const actions = 1, setTimeout = 2; module.exports = actions + setTimeout");
  const auto outcome = runtime().run(invocation({with(post_login("console.log(require('actions:names'))"), {module})}));
  ASSERT_EQ(summary(outcome), "ok");
  EXPECT_EQ(outcome.results[0].log, "3");
}

TEST_P(ActionsRuntime, ends_the_timers_of_an_action_with_it) {
  EXPECT_EQ(summary(run(
                "globalThis.late = 0; setTimeout(() => late++, 20); setInterval(() => late++, 20); setImmediate(() => late++)")),
            "ok");
  EXPECT_EQ(logged("await new Promise((r) => setTimeout(r, 60)); return late"), "0");
  EXPECT_EQ(
      logged("const t = setTimeout(() => { throw 1 }, 1); clearTimeout(t);"
             "const v = await require('util').promisify(setTimeout)(1, 'v'); return new Promise((r) => setTimeout(r, 5, v))"),
      "\"v\"");
  EXPECT_EQ(summary(runtime().run(invocation({action("const { setTimeout } = require('timers/promises');"
                                                     "exports.onExecutePostLogin = async () => { await setTimeout(2) }")}))),
            "ok");
  EXPECT_THAT(summary(runtime().run(invocation({action("}; { exports.onExecutePostLogin = () => {}")}))),
              HasSubstr("SyntaxError"));
}

TEST_P(ActionsRuntime, offers_what_node_offers) {
  EXPECT_EQ(logged("return require('crypto').createHash('sha256').update('a').digest('hex').slice(0, 8)"), "\"ca978112\"");
  EXPECT_EQ(logged("return (await require('util').promisify(require('zlib').gzip)('aaa')).length > 0"), "true");
  EXPECT_EQ(logged("return new Intl.DateTimeFormat('de', {timeZone: 'Europe/Berlin'}).format(0)"), "\"1.1.1970\"");
  EXPECT_EQ(logged("await new Promise((r) => setTimeout(r, 5)); return structuredClone({a: [1]})"), "{\"a\":[1]}");
  EXPECT_EQ(
      logged("const k = await crypto.subtle.generateKey({name: 'ECDSA', namedCurve: 'P-256'}, true, ['sign']); return typeof k"),
      "\"object\"");
  EXPECT_EQ(logged("return require('crypto').generateKeyPairSync('rsa', {modulusLength: 1024}).publicKey.type"), "\"public\"");
  EXPECT_EQ(logged("return (await require('util').promisify(require('crypto').scrypt)('a', 'b', 8)).length"), "8");
  EXPECT_EQ(logged("return [new URL('https://a/b').host, atob('YQ=='), new TextEncoder().encode('é').length]"),
            "[\"a\",\"a\",2]");
  EXPECT_EQ(logged("return process.env"), "{}");
}

TEST_P(ActionsRuntime, serves_many_calls_of_two_tenants_at_once) {
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const base::TenantId tenant{1 + i % 2};
      auto call =
          invocation({post_login("globalThis.tenants = globalThis.tenants || new Set(); globalThis.tenants.add(event.tenant.id);"
                                 "await new Promise((r) => setTimeout(r, 5)); console.log([...globalThis.tenants].join())")});
      call.event["tenant"] = json::object{{"id", std::to_string(i % 2)}};
      for (int turn = 0; turn < 5; ++turn) {
        const auto outcome = runtime().run(call, tenant);
        if (outcome.status == Status::ok && outcome.results.at(0).log == std::to_string(i % 2)) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 40) << "no process serves two tenants";
}

TEST_P(ActionsRuntime, starts_afresh_after_a_deployment) {
  const std::string code = "globalThis.n = (globalThis.n ?? 0) + 1; console.log(globalThis.n)";
  const base::TenantId tenant{77};
  EXPECT_EQ(runtime().run(invocation({post_login(code)}), tenant).results.at(0).log, "1");
  EXPECT_EQ(runtime().run(invocation({post_login(code)}), tenant).results.at(0).log, "2");
  auto deployed = post_login(code);
  deployed.version_id = "v2";
  EXPECT_EQ(runtime().run(invocation({deployed}), tenant).results.at(0).log, "1") << "another version, another process";
}

TEST_P(ActionsRuntime, outlives_a_fault_of_the_server_that_is_asked) {
  auto call = invocation({post_login("await api.roles.getUserEffectiveRoles()")});
  call.answer = [](std::string_view, const json::array&) -> base::Result<json::value> { throw std::runtime_error("gone"); };
  EXPECT_THROW(runtime().run(call), std::runtime_error);
  EXPECT_EQ(summary(run("")), "ok");
}

TEST(ActionsRunner, replaces_a_process_that_was_killed_while_it_waited) {
  Runtime runtime(Sandboxed::no);
  if (!runtime.runner->problem().empty()) GTEST_SKIP() << runtime.runner->problem();
  const auto first = runtime.run(invocation({post_login("console.log(process.pid)")}));
  ASSERT_EQ(summary(first), "ok");
  ASSERT_EQ(::kill(static_cast<pid_t>(std::stoi(first.results[0].log)), SIGKILL), 0);
  // The signal has ended it once it is a zombie without threads, which the runner has yet to bury.
  const std::string process = "/proc/" + first.results[0].log;
  const auto threads = [&] {
    std::error_code ignored;
    const std::filesystem::directory_iterator tasks(process + "/task", ignored);
    return std::distance(begin(tasks), end(tasks));
  };
  std::string state;
  while (state.find(") Z") == std::string::npos || threads() > 1) {
    std::getline(std::ifstream(process + "/stat"), state);
    std::this_thread::yield();
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(summary(runtime.run(invocation({post_login("")}))), "ok");
}

TEST(ActionsRunner, makes_calls_wait_while_all_processes_are_at_work) {
  Runtime runtime(Sandboxed::no, [](auto& options, auto&) {
    options.pool.per_tenant = 1;
    options.pool.wait = std::chrono::seconds(20);
  });
  if (!runtime.runner->problem().empty()) GTEST_SKIP() << runtime.runner->problem();
  std::atomic<int> ok{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back(
        [&] { ok += summary(runtime.run(invocation({post_login("await new Promise((r) => setTimeout(r, 20))")}))) == "ok"; });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ok, 4);
}

TEST(ActionsRunner, refuses_a_call_when_it_would_wait_too_long) {
  Runtime runtime(Sandboxed::no, [](auto& options, auto&) {
    options.pool.per_tenant = 1;
    options.pool.wait = std::chrono::milliseconds(50);
  });
  if (!runtime.runner->problem().empty()) GTEST_SKIP() << runtime.runner->problem();
  auto slow = invocation({post_login("await api.roles.getUserEffectiveRoles()")});
  std::string meanwhile;
  slow.answer = [&](std::string_view, const json::array&) -> base::Result<json::value> {
    meanwhile = summary(runtime.run(invocation({post_login("")})));
    return json::value(nullptr);
  };
  EXPECT_EQ(summary(runtime.run(slow)), "ok");
  EXPECT_THAT(meanwhile, HasSubstr("unavailable all processes for Actions are at work"));
}

TEST(ActionsRunner, says_in_a_sentence_why_it_cannot_run) {
  Runtime runtime(Sandboxed::yes, [](auto& options, auto&) { options.sandbox.bubblewrap = "/no/bwrap"; });
  EXPECT_THAT(runtime.runner->problem(), HasSubstr("apt install bubblewrap"));
  EXPECT_EQ(summary(runtime.run(invocation({post_login("")}))), "unavailable " + runtime.runner->problem());
  Runtime no_node(Sandboxed::no, [](auto& options, auto&) { options.sandbox.node = "/no/node"; });
  EXPECT_THAT(no_node.runner->problem(), HasSubstr("set actions.node"));
}

TEST(ActionsRunner, answers_a_warm_empty_call_in_less_than_a_millisecond) {
  Runtime runtime;
  if (!runtime.runner->problem().empty()) GTEST_SKIP() << runtime.runner->problem();
  const auto call = invocation({post_login("")});
  std::vector<double> took;
  for (int i = 0; i < 300; ++i) {
    const auto before = std::chrono::steady_clock::now();
    ASSERT_EQ(summary(runtime.run(call)), "ok");
    took.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - before).count());
  }
  std::sort(took.begin(), took.end());
  RecordProperty("p50_microseconds", static_cast<int>(took[150]));
  std::printf("a warm empty call: p50 %.0f us, p99 %.0f us\n", took[150], took[297]);
}

}  // namespace
}  // namespace segue::test
