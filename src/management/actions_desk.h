// What the Management API asks of whoever runs Actions.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "json/value.h"
#include "model/action.h"
#include "tenancy/snapshot.h"

namespace segue::management {

class ActionsDesk {
 public:
  virtual ~ActionsDesk() = default;
  // Why no Action can run on this server and how to mend it, in a sentence; nothing: they can.
  virtual std::optional<std::string> problem() const = 0;
  // Whether something runs what is bound to this trigger. An Action that would be stored and not run is refused (design §8.12).
  virtual bool runs(std::string_view trigger_id) const = 0;
  // Makes a version ready to run: installs its dependencies, as its lockfile says if it has one, and loads it. Gives the lockfile
  // to keep with the version. Refuses with a text for the author; safe to repeat. Blocks, outside any transaction.
  virtual base::Result<std::string> build(const tenancy::Snapshot& tenant, const model::RunnableAction& action) = 0;
  // The same for a version of a module, before there is an Action that requires it.
  virtual base::Result<std::string> build_module(const tenancy::Snapshot& tenant, const model::RunnableModule& module) = 0;
  // Runs it once with `payload` in the place of the event. The answer tells what it did. Blocks.
  virtual base::Result<json::object> test(const tenancy::Snapshot& tenant, const model::RunnableAction& action,
                                          const json::object& payload) = 0;
};

// Where nothing runs Actions: they can be written and not deployed.
class NoActionsDesk final : public ActionsDesk {
 public:
  std::optional<std::string> problem() const override { return "This server does not run Actions."; }
  bool runs(std::string_view) const override { return false; }
  base::Result<std::string> build(const tenancy::Snapshot&, const model::RunnableAction&) override { return refusal(); }
  base::Result<std::string> build_module(const tenancy::Snapshot&, const model::RunnableModule&) override { return refusal(); }
  base::Result<json::object> test(const tenancy::Snapshot&, const model::RunnableAction&, const json::object&) override {
    return refusal();
  }

 private:
  base::Error refusal() const { return {.kind = base::ErrorKind::forbidden, .code = "", .description = *problem()}; }
};

}  // namespace segue::management
