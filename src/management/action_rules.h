// What an Action may be made of (contract §8.2, §8.3), and how a body changes a draft.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "management/operation.h"
#include "model/action.h"
#include "store/store.h"

namespace segue::management {

inline constexpr int kMostActions = 100;
inline constexpr int kMostVersions = 50;
inline constexpr int kMostActionModules = 100;
inline constexpr std::string_view kDefaultActionRuntime = "node22";

// Of the services around Actions, whose errors have no code (contract §9.2).
base::Error refused(std::string message, base::Origin origin = base::Origin::here());
base::Error too_many_entities(std::string_view what, int most);

// Changes of Actions wait for one another, on the tenant's row: limits are exact, lists whole, and nothing goes that was just
// found. What changes what runs raises the configuration version besides (store/).
void one_at_a_time(const store::Writer& w);

std::string new_uuid(base::Random& random);

// The trigger of `supported_triggers`: one that runs here, in a version that runs here.
struct WantedTrigger {
  std::string id, version;
};
base::Result<WantedTrigger> read_trigger(const json::object& body);

// Code, runtime and dependencies of `body` in the place of the draft's; what the body does not name stays.
base::Outcome change_source(const json::object& body, model::ActionSource& source);

// The secrets of `body` that bring a value, sealed. Made before the transaction.
std::vector<model::ActionSecret> seal_secrets(const Services& services, const Invocation& invocation, const json::object& body);
// `body.secrets` is the whole list: what it does not name goes, what it names without a value keeps the one it has.
base::Outcome change_secrets(const json::object& body, const std::vector<model::ActionSecret>& sealed,
                             model::ActionSource& source);
// Stores the values that came with the body.
void insert_secrets(const store::Writer& w, std::string_view owner_id, const std::vector<model::ActionSecret>& sealed);

// Finds the modules of `body`; one named without a version is taken in its latest.
base::Outcome change_modules(const store::Reader& r, const json::object& body, model::ActionSource& source);

// What somebody should know who deploys this: the answer says it, and the log does.
std::vector<std::string> deployment_warnings(const Services& services, const model::RunnableAction& action);

}  // namespace segue::management
