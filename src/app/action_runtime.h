// Actions as the server runs them: the pipeline of sign-ins and what the Management API asks, on one runner, which is made when
// the first Action needs it.
#pragma once
#include <memory>
#include <mutex>

#include "actions/installer.h"
#include "actions/runner.h"
#include "app/config.h"
#include "app/data_folder.h"
#include "management/actions_desk.h"
#include "oauth/actions/action_pipeline.h"

namespace segue::app {

class ActionRuntime final : public management::ActionsDesk {
 public:
  ActionRuntime(const Config& config, const DataFolder& folder, const base::Clock& clock, base::Random& random);

  oauth::SignInPipeline& pipeline() { return pipeline_; }

  std::optional<std::string> problem() const override;
  bool runs(std::string_view trigger_id) const override;
  base::Result<std::string> build(const tenancy::Snapshot& tenant, const model::RunnableAction& action) override;
  base::Result<std::string> build_module(const tenancy::Snapshot& tenant, const model::RunnableModule& module) override;
  base::Result<json::object> test(const tenancy::Snapshot& tenant, const model::RunnableAction& action,
                                  const json::object& payload) override;

 private:
  struct Running {
    Running(const actions::RunnerOptions& options, const Config& config, const DataFolder& folder, base::Random& random);
    actions::Runner runner;
    actions::Installer installer;
  };
  // The error says why there is none.
  base::Result<Running*> running() const;
  actions::Outcome run(base::TenantId tenant, const actions::Invocation& invocation);
  oauth::FindDependencies dependencies() const;
  template <class Version>
  base::Result<std::string> install(const Version& version) const;
  base::Outcome load(const tenancy::Snapshot& tenant, const model::RunnableAction& action);

  const Config config_;
  const DataFolder folder_;
  base::Random& random_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<Running> running_;
  oauth::ActionPipeline pipeline_;
};

}  // namespace segue::app
