// Actions through the Management API, with a runtime of the test's own.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <mutex>

#include "support/world.h"

namespace segue::test {

// Takes any code but that which does not parse, and remembers what it was given.
class TestDesk final : public management::ActionsDesk {
 public:
  std::optional<std::string> problem() const override { return broken; }
  bool runs(std::string_view trigger_id) const override { return trigger_id != "post-change-password"; }
  base::Result<std::string> build(const tenancy::Snapshot& tenant, const model::RunnableAction& action) override {
    if (action.code.find("}{") != std::string::npos) {
      return base::Error{
          .kind = base::ErrorKind::invalid_input, .code = "", .description = "SyntaxError: Unexpected token '}' (line 1)"};
    }
    if (during_build) std::exchange(during_build, nullptr)();
    const std::scoped_lock lock(mutex_);
    built.push_back(action);
    for (const auto& secret : action.secrets) opened[secret.name] = tenant.action_secret(secret).reveal();
    if (action.dependencies.empty()) return std::string();
    return action.lockfile.empty() ? "lock of " + action.version_id : action.lockfile;
  }
  base::Result<std::string> build_module(const tenancy::Snapshot& tenant, const model::RunnableModule& module) override {
    return build(
        tenant,
        {.version_id = module.version_id, .code = module.code, .dependencies = module.dependencies, .secrets = module.secrets});
  }
  base::Result<json::object> test(const tenancy::Snapshot&, const model::RunnableAction& action,
                                  const json::object& payload) override {
    return json::object{{"code", action.code}, {"event", payload}};
  }
  std::optional<std::string> broken;
  std::function<void()> during_build;
  std::vector<model::RunnableAction> built;
  std::map<std::string, std::string> opened;

 private:
  std::mutex mutex_;
};

inline constexpr const char* kCode = "exports.onExecutePostLogin = async (event, api) => {};";

class ActionsApi : public ::testing::Test {
 protected:
  json::object create(const std::string& name, const std::string& trigger = "post-login", json::object more = {}) {
    json::object body{
        {"name", name}, {"supported_triggers", json::array{json::object{{"id", trigger}}}}, {"code", kCode}, {"deploy", false}};
    for (const auto& member : more) body[member.key()] = member.value();
    return world.managed(http::Method::post, "actions/actions", body).get_object();
  }
  std::string id_of(const json::object& o) { return json::find_string(o, "id").value_or("(none)"); }
  json::object get(const std::string& path) { return world.managed(http::Method::get, path).get_object(); }
  json::object deploy(const std::string& id) {
    return world.managed(http::Method::post, "actions/actions/" + id + "/deploy").get_object();
  }
  std::string deployed(const std::string& name, const std::string& trigger = "post-login", json::object more = {}) {
    more["deploy"] = true;
    return id_of(create(name, trigger, std::move(more)));
  }
  static json::object binding(const std::string& type, const std::string& value) {
    return {{"ref", json::object{{"type", type}, {"value", value}}}};
  }
  http::Response bind(json::array bindings, const std::string& trigger = "post-login") {
    return world.manage(http::Method::patch, "actions/triggers/" + trigger + "/bindings",
                        json::object{{"bindings", std::move(bindings)}});
  }
  std::string refusal(const http::Response& response, int status = 400) {
    EXPECT_EQ(response.status, status) << response.body;
    return json::find_string(object_of(response), "message").value_or("(no message)");
  }
  std::shared_ptr<const tenancy::Snapshot> snapshot() { return world.node().product().tenants().snapshot(world.tenant()); }
  std::vector<std::string> bound_versions() {
    std::vector<std::string> out;
    const auto list = snapshot()->bindings("post-login");
    for (const auto& bound : *list) out.push_back(bound.action.version_id);
    return out;
  }
  static std::vector<std::string> names_of(const json::object& o) {
    std::vector<std::string> out;
    for (const auto& member : o) out.emplace_back(member.key());
    return out;
  }
  std::vector<std::string> names_in(const json::object& page, std::string_view list, std::string_view member) {
    std::vector<std::string> out;
    for (const auto& item : page.at(list).get_array()) out.push_back(json::find_string(item.get_object(), member).value_or(""));
    return out;
  }

  TestDesk desk;
  World world{{.actions = &desk}};
};

}  // namespace segue::test
