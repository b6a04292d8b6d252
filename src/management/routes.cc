#include "management/routes.h"

#include "management/actions_api.h"
#include "management/branding_api.h"
#include "management/client_credentials_api.h"
#include "management/client_grants_api.h"
#include "management/clients_api.h"
#include "management/connections_api.h"
#include "management/custom_domains_api.h"
#include "management/device_credentials_api.h"
#include "management/emails_api.h"
#include "management/grants_api.h"
#include "management/jobs_api.h"
#include "management/log_streams_api.h"
#include "management/logs_api.h"
#include "management/not_served.h"
#include "management/organizations_api.h"
#include "management/refresh_tokens_api.h"
#include "management/resource_servers_api.h"
#include "management/roles_api.h"
#include "management/session_graph_api.h"
#include "management/sessions_api.h"
#include "management/settings_api.h"
#include "management/signing_keys_api.h"
#include "management/stats_api.h"
#include "management/tenants_api.h"
#include "management/tickets_api.h"
#include "management/transfers_api.h"
#include "management/users_api.h"

namespace segue::management {

std::vector<const Operation*> all_operations() {
  std::vector<const Operation*> out;
  for (const auto& operations : {client_operations(),
                                 client_credential_operations(),
                                 client_grant_operations(),
                                 resource_server_operations(),
                                 connection_operations(),
                                 user_operations(),
                                 user_factor_operations(),
                                 user_identity_operations(),
                                 job_operations(),
                                 ticket_operations(),
                                 role_operations(),
                                 role_member_operations(),
                                 permission_operations(),
                                 effective_operations(),
                                 grant_operations(),
                                 organization_operations(),
                                 organization_member_operations(),
                                 organization_connection_operations(),
                                 organization_invitation_operations(),
                                 log_operations(),
                                 log_stream_operations(),
                                 transfer_operations(),
                                 session_operations(),
                                 refresh_token_operations(),
                                 device_credential_operations(),
                                 session_graph_operations(),
                                 signing_key_operations(),
                                 tenant_operations(),
                                 action_operations(),
                                 action_deployment_operations(),
                                 action_trigger_operations(),
                                 action_module_operations(),
                                 token_exchange_profile_operations(),
                                 stats_operations(),
                                 settings_operations(),
                                 branding_operations(),
                                 email_operations(),
                                 custom_domain_operations(),
                                 not_served_operations()}) {
    out.insert(out.end(), operations.begin(), operations.end());
  }
  return out;
}

void add_routes(http::Router& router, const Services& services) {
  const auto operations = all_operations();
  for (const auto* const operation : operations) add_operation(router, services, *operation);
  add_export_route(router, services);
  router.add({.method = http::Method::get,
              .path = "/api/v2/openapi.json",
              .face = management_json,
              .handler = [document = json::write(describe_openapi(operations))](http::Call&) -> base::Result<http::Response> {
                return http::json_response(200, document);
              },
              .summary = "OpenAPI description of the Management API"});
}

}  // namespace segue::management
