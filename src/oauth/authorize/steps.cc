#include "oauth/authorize/steps.h"

#include "base/text.h"
#include "oauth/consent.h"
#include "oauth/errors.h"

namespace segue::oauth {
namespace {

bool needs_consent(const store::Reader& r, const StepContext& c) {
  // contract §2.5: always, however often it was given.
  if (c.validated.request.prompt_consent) return true;
  return asks_consent(*c.validated.client, c.resource, c.validated.request.redirect_uri) &&
         !consent_stands(r, {.tenant = c.tenant,
                             .client_id = c.validated.client->client_id,
                             .user_id = c.evidence.user_id,
                             .audience = c.resource.audience,
                             .scope = c.resource.scope});
}

constexpr Step kSteps[] = {
    {.name = kConsentStep, .path = "/u/consent", .needed = needs_consent, .silent = consent_required},
};

}  // namespace

const Step* next_step(const store::Reader& r, const StepContext& context) {
  for (const auto& step : kSteps) {
    if (!base::contains(context.evidence.done, step.name) && step.needed(r, context)) return &step;
  }
  return nullptr;
}

}  // namespace segue::oauth
