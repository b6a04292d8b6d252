// What may stand between a person who is known and the answer to the application (design §3): steps that need a page, in order.
// The sign-in pipeline (oauth/sign_in_pipeline.h), which needs none, has run before them.
//
// A step is one line in the table of steps.cc: its name, which the stored request waits under and which stands in the evidence
// once it is done; its page; whether this request needs it; and what a request that may show no page is told.
#pragma once
#include <string_view>

#include "base/error.h"
#include "oauth/authorize/authorization_request.h"
#include "oauth/authorize/sign_in_evidence.h"
#include "oauth/resource.h"
#include "store/store.h"

namespace segue::oauth {

struct StepContext {
  const tenancy::Snapshot& tenant;
  const ValidatedRequest& validated;
  const GrantedResource& resource;
  const SignInEvidence& evidence;
};

struct Step {
  std::string_view name;
  std::string_view path;  // of its page; the request's handle is its `state`
  bool (*needed)(const store::Reader& r, const StepContext& context);
  base::Error (*silent)();  // prompt=none
};

// The first step that is needed and not done; null: nothing stands before the answer.
const Step* next_step(const store::Reader& r, const StepContext& context);

inline constexpr std::string_view kConsentStep = "consent";

}  // namespace segue::oauth
