// The stages between "who is it" and "issue the code" or the tokens (design §3): post-login Actions, further factors, consent.
// Nothing of a sign-in is committed before the pipeline has allowed it.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "model/client.h"
#include "model/directory.h"
#include "model/session_graph.h"

namespace segue::oauth {

struct SignIn {
  base::TenantId tenant{};
  std::string
      protocol;  // contract §8.4 `event.transaction.protocol`: "oidc-basic-profile", "oauth2-refresh-token", "oauth2-password" …
  std::shared_ptr<const model::Client> client;
  const model::User* user = nullptr;
  const model::SessionTransferToken* session_transfer_token = nullptr;  // on its redemption only
  model::RequestOrigin origin;
  bool silent = false;  // prompt=none: a stage that needs the person refuses with interaction_required
};

class SignInPipeline {
 public:
  struct Refusal {
    std::string error;        // "access_denied", "interaction_required"
    std::string description;  // shown to the application
  };
  virtual ~SignInPipeline() = default;
  // True when no stage has anything to do for this client: the sign-in may then commit in the transaction that decided it.
  virtual bool is_empty(base::TenantId tenant, const model::Client& client) const = 0;
  // Runs outside any transaction. Nothing: allowed.
  virtual std::optional<Refusal> run(const SignIn& sign_in) = 0;
};

// A tenant without Actions, further factors or consent.
class EmptyPipeline final : public SignInPipeline {
 public:
  bool is_empty(base::TenantId, const model::Client&) const override { return true; }
  std::optional<Refusal> run(const SignIn&) override { return std::nullopt; }
};

}  // namespace segue::oauth
