#include "management/custom_domains_api.h"

#include "base/plain_text.h"
#include "base/text.h"
#include "management/answers.h"
#include "management/errors.h"
#include "store/settings_documents.h"
#include "store/tenants.h"
#include "tenancy/custom_domains.h"

namespace segue::management {
namespace custom_domains_api {
namespace {

namespace documents = store::settings_documents;
using documents::Document;
using tenancy::kCustomDomain;

constexpr std::size_t kMost = 20;

std::vector<Field> update_fields() {
  return {kept("TLS is the operator's", {.name = "tls_policy", .description = "TLS policy", .one_of = {"recommended"}}),
          refused(R"("")", "which proxies are believed stands in the configuration file",
                  {.name = "custom_client_ip_header",
                   .description = "Header with the caller's address",
                   .nullable = true,
                   .one_of = {"true-client-ip", "cf-connecting-ip", "x-forwarded-for", "x-azure-clientip", ""}}),
          kept("nothing here reads it", {.name = "domain_metadata",
                                         .type = Type::object,
                                         .description = "Texts about the domain",
                                         .max_length = 10,
                                         .open = true}),
          refused("", "passkeys are not served here",
                  {.name = "relying_party_identifier", .description = "Relying party of passkeys", .nullable = true})};
}

const Schema& create_schema() {
  static const Schema schema = [] {
    auto fields = update_fields();
    fields.push_back(enforced({.name = "domain",
                               .description = "Host name",
                               .required = true,
                               .min_length = 3,
                               .max_length = 255,
                               .format = Format::host}));
    fields.push_back(kept("certificates are the operator's", {.name = "type",
                                                              .description = "Who renews certificates",
                                                              .required = true,
                                                              .one_of = {"auth0_managed_certs", "self_managed_certs"}}));
    fields.push_back(enforced({.name = "verification_method", .description = "How it is verified", .one_of = {"txt"}}));
    return object_schema("CustomDomainCreate", std::move(fields));
  }();
  return schema;
}
const Schema& update_schema() {
  static const Schema schema = object_schema("CustomDomainUpdate", update_fields());
  return schema;
}
const Schema& default_schema() {
  static const Schema schema = object_schema(
      "CustomDomainDefault",
      {enforced({.name = "domain", .description = "Domain", .required = true, .min_length = 3, .max_length = 255})});
  return schema;
}

base::Error inexistent() { return not_found("The custom domain does not exist", "inexistent_custom_domain"); }

std::string domain_of(const Document& stored) { return json::find_string(stored.document, "domain").value_or(""); }
std::string record_of(const Document& stored) { return json::find_string(stored.document, "record").value_or(""); }
// Where the record stands in the domain's own zone.
std::string record_name(const Document& stored) { return "_segue-challenge." + domain_of(stored); }

bool is_ready(const model::Tenant& tenant, const Document& stored) {
  return base::contains(tenant.domains, tenancy::served_host(tenant, domain_of(stored)));
}

// `problem`: why it could not be verified just now.
json::object answer_of(const model::Tenant& tenant, const Document& stored, const std::string& problem = {}) {
  const auto domain = domain_of(stored);
  const bool ready = is_ready(tenant, stored);
  json::object out{{"custom_domain_id", stored.name},
                   {"domain", domain},
                   {"primary", false},
                   {"is_default", false},
                   {"status", ready ? "ready" : "pending_verification"},
                   {"type", json::find_string(stored.document, "type").value_or("")}};
  json::object verification{
      {"methods", json::array{json::object{{"name", "txt"}, {"record", record_of(stored)}, {"domain", record_name(stored)}}}},
      {"status", ready ? "verified" : "pending"}};
  if (!ready) {
    verification["error_msg"] = (problem.empty() ? "It has not been verified yet." : problem) +
                                " Publish the TXT record and ask to verify again, or have the operator run: segue tenant confirm "
                                "--domain " +
                                domain;
  }
  out["verification"] = std::move(verification);
  if (json::find_string(out, "type") == "auth0_managed_certs" || stored.document.contains("tls_policy"))
    out["tls_policy"] = "recommended";
  if (const auto* const metadata = json::find_object(stored.document, "domain_metadata")) out["domain_metadata"] = *metadata;
  return out;
}

base::Outcome check_metadata(const json::object& body) {
  const auto* const metadata = json::find_object(body, "domain_metadata");
  if (metadata == nullptr) return base::Unit{};
  for (const auto& member : *metadata) {
    const auto* const text = member.value().if_string();
    if (text == nullptr || text->size() > 255 || member.key().size() > 255)
      return invalid_body("domain_metadata: names and texts of 255 characters at most are needed");
  }
  return base::Unit{};
}

// The query of a list: `domain:` or `status:` and a text, which may end in `*`.
struct Wanted {
  std::string member, text;
  bool is_prefix = false;

  bool takes(const json::object& answer) const {
    if (member.empty()) return true;
    const auto found = base::ascii_lower(json::find_string(answer, member).value_or(""));
    return is_prefix ? found.starts_with(text) : found == text;
  }
};

base::Result<Wanted> read_wanted(const json::object& query) {
  const auto q = json::find_string(query, "q").value_or("");
  if (q.empty()) return Wanted{};
  const auto colon = q.find(':');
  Wanted out{.member = q.substr(0, colon), .text = colon == std::string::npos ? "" : base::ascii_lower(q.substr(colon + 1))};
  out.is_prefix = out.text.ends_with('*');
  if (out.is_prefix) out.text.pop_back();
  if ((out.member != "domain" && out.member != "status") || out.text.find_first_of(" \"*():") != std::string::npos)
    return invalid_query("q: domain:TEXT or status:TEXT is served here, and * at its end");
  return out;
}

base::Result<http::Response> list(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto wanted = TRY(read_wanted(invocation.query));
  json::array items;
  std::vector<std::string> keys;
  services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    const auto tenant = store::tenants::find(r).value();
    for (const auto& stored : documents::list(r, kCustomDomain)) {
      if (stored.name <= paging.keyset.after) continue;
      auto answer = answer_of(tenant, stored);
      if (!wanted.takes(answer)) continue;
      items.push_back(std::move(answer));
      keys.push_back(stored.name);
    }
    return 0;
  });
  if (paging.is_checkpoint) return checkpoint_answer("custom_domains", paging, std::move(items), keys);
  return json_answer(200, items);
}

base::Result<http::Response> get(const Services& services, Invocation& invocation) {
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    const auto stored = documents::find(r, kCustomDomain, invocation.call.path_parameter("id"));
    if (!stored) return inexistent();
    return json_answer(200, answer_of(store::tenants::find(r).value(), *stored));
  });
}

base::Result<http::Response> create(const Services& services, Invocation& invocation) {
  TRY(check_metadata(invocation.body.get_object()));
  Document wanted{.kind = std::string(kCustomDomain),
                  .name = "cd_" + services.random.text(16, base::kAlphanumeric),
                  .document = invocation.body.get_object(),
                  .sealed = {}};
  wanted.document["record"] = "segue-domain-verification=" + services.random.text(32, base::kAlphanumeric);
  const auto domain = *json::find_string(wanted.document, "domain");
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    const auto tenant = store::tenants::find_for_change(w).value();
    const auto claimed = documents::list(w, kCustomDomain);
    bool taken = store::tenants::has_domain(w, tenancy::served_host(tenant, domain));
    for (const auto& other : claimed)
      taken = taken || base::iequals(json::find_string(other.document, "domain").value_or(""), domain);
    if (taken) return conflict("You tried to register a custom domain that is taken already", "custom_domain_conflict");
    if (claimed.size() >= kMost)
      return conflict("A tenant has " + std::to_string(kMost) + " custom domains at most", "custom_domains_limit");
    documents::put(w, wanted, invocation.now);
    append_change(w, invocation, 201);
    return json_answer(201, answer_of(tenant, wanted));
  });
}

base::Result<http::Response> update(const Services& services, Invocation& invocation) {
  TRY(check_metadata(invocation.body.get_object()));
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    auto stored = documents::find_for_change(w, kCustomDomain, invocation.call.path_parameter("id"));
    if (!stored) return inexistent();
    const auto before = stored->document;
    merge_patch(stored->document, invocation.body.get_object(), 1);
    if (stored->document != before) {
      documents::put(w, *stored, invocation.now);
      append_change(w, invocation, 200);
    }
    return json_answer(200, answer_of(store::tenants::find(w).value(), *stored));
  });
}

// The tokens of the domain end with it: no issuer is served there any more.
base::Result<http::Response> remove(const Services& services, Invocation& invocation) {
  services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) {
    const auto tenant = store::tenants::find_for_change(w).value();
    const auto stored = documents::find(w, kCustomDomain, invocation.call.path_parameter("id"));
    if (!stored) return false;
    store::tenants::remove_domain(w, tenancy::served_host(tenant, json::find_string(stored->document, "domain").value_or("")));
    documents::delete_one(w, kCustomDomain, stored->name);
    append_change(w, invocation, 204);
    return true;
  });
  return http::empty_response(204);
}

base::Result<http::Response> test(const Services& services, Invocation& invocation) {
  return services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<http::Response> {
    const auto stored = documents::find(r, kCustomDomain, invocation.call.path_parameter("id"));
    if (!stored) return inexistent();
    const bool ready = is_ready(store::tenants::find(r).value(), *stored);
    return json_answer(200, json::object{{"success", ready},
                                         {"message", ready ? "It is served" : "It waits for its TXT record or the operator"}});
  });
}

// Some of what a zone says: its owner writes what they like.
std::string shown(const std::vector<std::string>& values) {
  constexpr std::size_t kMostShown = 5, kLongestShown = 120;
  std::vector<std::string> out;
  for (const auto& value : values) {
    if (out.size() == kMostShown) {
      out.emplace_back("…");
      break;
    }
    const bool is_text = base::is_valid_utf8(value) && base::shows_as_it_is(value);
    out.push_back(is_text ? "\"" + base::shortened(value, kLongestShown) + "\"" : "(no text)");
  }
  return base::join(out, ", ");
}

// contract §7.4. Each time somebody asks: that a domain is not there yet is what its owner looks for in the log.
void append_failure(const store::Writer& w, const Invocation& invocation, const Document& stored, const std::string& problem) {
  audit::Event row;
  row.type = "custom_domain_verification_failed";
  row.description = problem;
  row.ip = invocation.call.caller_address;
  row.client_ip = invocation.call.request.peer_address;
  row.user_agent = std::string(invocation.call.user_agent());
  row.hostname = invocation.call.domain;
  row.details["custom_domain_id"] = stored.name;
  row.details["domain"] = domain_of(stored);
  row.details["status"] = "pending_verification";
  row.details["type"] = json::find_string(stored.document, "type").value_or("");
  row.details["errorMsg"] = problem;
  audit::append(w, row, invocation.now);
}

// Nothing but the very value: it is random, this claim's own, and only who writes the zone can have put it there.
std::string missing_record(const Document& stored, const outbound::TxtRecords::Found& found) {
  const auto name = record_name(stored);
  if (!found.problem.empty()) return "The TXT records of " + name + " are not known: " + found.problem + ".";
  if (base::contains(found.values, record_of(stored))) return {};
  if (found.values.empty()) return "There is no TXT record of " + name + ".";
  return "None of the " + std::to_string(found.values.size()) + " TXT records of " + name + " is " + record_of(stored) + ": " +
         shown(found.values) + ".";
}

base::Result<http::Response> verify(const Services& services, Invocation& invocation) {
  if (invocation.call.lane != http::Lane::outbound) return http::continue_on(http::Lane::outbound);
  const auto id = invocation.call.path_parameter("id");
  auto& store = services.tenants.store();
  const auto claimed =
      store.read(invocation.call.tenant, [&](const store::Reader& r) { return documents::find(r, kCustomDomain, id); });
  if (!claimed) return inexistent();
  const auto tenant = store.read(invocation.call.tenant, [](const store::Reader& r) { return store::tenants::find(r).value(); });
  if (is_ready(tenant, *claimed)) return json_answer(200, answer_of(tenant, *claimed));
  const auto problem = missing_record(*claimed, services.txt_records.look_up(record_name(*claimed)));
  if (!problem.empty()) {
    store.write(invocation.call.tenant, [&](const store::Writer& w) {
      append_failure(w, invocation, *claimed, problem);
      return true;
    });
    return json_answer(200, answer_of(tenant, *claimed, problem));
  }
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    // The claim whose value was found, and no other that took its place meanwhile.
    const auto stored = documents::find_for_change(w, kCustomDomain, id);
    if (!stored || record_of(*stored) != record_of(*claimed)) return inexistent();
    const bool served = tenancy::confirm_custom_domain(w, domain_of(*stored));
    const auto now = store::tenants::find(w).value();
    if (served) append_change(w, invocation, 200);
    if (served || is_ready(now, *stored)) return json_answer(200, answer_of(now, *stored));
    const std::string taken = "Another tenant of this server serves " + domain_of(*stored) + ".";
    append_failure(w, invocation, *stored, taken);
    return json_answer(200, answer_of(now, *stored, taken));
  });
}

json::object canonical(const Invocation& invocation) { return {{"domain", invocation.tenant->tenant().canonical_domain()}}; }

base::Result<http::Response> get_default(const Services&, Invocation& invocation) {
  return json_answer(200, canonical(invocation));
}

base::Result<http::Response> set_default(const Services&, Invocation& invocation) {
  if (json::find_string(invocation.body.get_object(), "domain") != invocation.tenant->tenant().canonical_domain())
    return not_supported("domain: what is sent to people names the tenant's own domain here");
  return json_answer(200, canonical(invocation));
}

Operation operation(http::Method method, std::string path, std::string id, std::string verb, std::vector<int> statuses,
                    std::string summary, OperationHandler handler, const Schema* body = nullptr) {
  Operation out{.method = method,
                .path = "/api/v2/custom-domains" + std::move(path),
                .id = std::move(id),
                .scopes = {std::move(verb) + ":custom_domains"},
                .body = body,
                .statuses = std::move(statuses),
                .summary = std::move(summary),
                .handler = handler};
  if (out.id == "get_custom-domains")
    out.query = list_query({{.name = "q", .max_length = 1000}, {.name = "sort", .max_length = 100}});
  return out;
}

using http::Method;
const Operation kOperations[] = {
    operation(Method::get, "", "get_custom-domains", "read", {200}, "Get custom domains configurations", list),
    operation(Method::post, "", "post_custom-domains", "create", {201, 409}, "Configure a new custom domain", create,
              &create_schema()),
    operation(Method::get, "/default", "get_custom-domains_default", "read", {200}, "Get the default domain", get_default),
    operation(Method::patch, "/default", "patch_custom-domains_default", "update", {200}, "Update the default domain",
              set_default, &default_schema()),
    operation(Method::get, "/{id}", "get_custom-domains_by_id", "read", {200, 404}, "Get custom domain configuration", get),
    operation(Method::patch, "/{id}", "patch_custom-domains_by_id", "update", {200, 404}, "Update custom domain configuration",
              update, &update_schema()),
    operation(Method::delete_, "/{id}", "delete_custom-domains_by_id", "delete", {204}, "Delete custom domain configuration",
              remove),
    operation(Method::post, "/{id}/verify", "post_verify", "create", {200, 404}, "Verify a custom domain", verify),
    operation(Method::post, "/{id}/test", "post_test_domain", "read", {200, 404}, "Test a custom domain", test),
};

}  // namespace
}  // namespace custom_domains_api

std::vector<const Operation*> custom_domain_operations() {
  std::vector<const Operation*> out;
  for (const auto& operation : custom_domains_api::kOperations) out.push_back(&operation);
  return out;
}

}  // namespace segue::management
