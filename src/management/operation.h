// One declaration per operation of the Management API: route, scopes, validation and OpenAPI come from it.
//
//   const Operation kGetLog{.method = http::Method::get, .path = "/api/v2/logs/{id}", .id = "get_log", .scopes = {"read:logs"},
//                           .statuses = {200, 404}, .summary = "Get a log event by id", .handler = get_log};
//   void add_log_routes(http::Router& router, const Services& services) { add_operation(router, services, kGetLog); }
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/router.h"
#include "management/schema.h"
#include "management/services.h"
#include "tenancy/snapshot.h"
#include "tokens/access_token.h"

namespace segue::management {

struct Operation;

// A request that passed authorization and validation.
struct Invocation {
  const Operation& operation;
  http::Call& call;  // path parameters are in call.path_parameter()
  base::Instant now{};
  std::shared_ptr<const tenancy::Snapshot> tenant;
  tokens::VerifiedAccessToken token;
  std::string client_name;  // of the token's client; read beforehand, because a snapshot is not asked inside a write closure
  json::value body;         // as the operation's schema allows; null without one
  json::object query;       // parameters that came, by name, as their types: string, integer, boolean, array of strings
};

using OperationHandler = base::Result<http::Response> (*)(const Services& services, Invocation& invocation);

struct Operation {
  http::Method method;
  std::string path;                 // "/api/v2/clients/{id}"
  std::string id;                   // "get_client": OpenAPI's operationId
  std::vector<std::string> scopes;  // any one suffices; empty: any token for this API
  const Schema* body = nullptr;
  std::vector<Field> query = {};
  bool served = true;              // false: it refuses whatever it is asked, or has nothing to show
  std::vector<int> statuses = {};  // besides 400, 401, 403 and 429
  std::string summary = {};        // also the description of its `sapi` log row
  OperationHandler handler = nullptr;
};

// Registers the route: authorization, validation, handler, face. `operation` lives as long as the process; `services` as long as
// the router.
void add_operation(http::Router& router, const Services& services, const Operation& operation);
// The routes registered so far, as OpenAPI 3.1.
json::object describe_openapi(const std::vector<const Operation*>& operations);

// {"statusCode":404,"error":"Not Found","message":"…","errorCode":"…"} (contract §9.2)
http::Response management_json(const base::Error& error, const http::Call& call);

}  // namespace segue::management
