// The post-login Actions as the pipeline of a sign-in.
#pragma once
#include "oauth/actions/triggers.h"

namespace segue::oauth {

class ActionPipeline final : public SignInPipeline {
 public:
  ActionPipeline(RunActions run, FindDependencies dependencies, const base::Clock& clock, base::Random& random)
      : triggers_(std::move(run), std::move(dependencies), clock, random), clock_(clock) {}

  bool is_empty(const tenancy::Snapshot& tenant) const override { return !triggers_.has(tenant, kPostLogin); }
  SignInResult run(const SignIn& sign_in) override;
  Triggers* triggers() override { return &triggers_; }

 private:
  Triggers triggers_;
  const base::Clock& clock_;
};

}  // namespace segue::oauth
