#include "http/router.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/log.h"
#include "base/text.h"

namespace segue::http {
namespace {

constexpr std::string_view kPreflightHeaders =
    "content-type, auth0-client, authorization, dpop, x-correlation-id, x-request-language";
constexpr std::string_view kPreflightSeconds = "600";
constexpr std::string_view kExposedHeaders =
    "x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, retry-after, link, dpop-nonce, www-authenticate";

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

// Takes the first segment off `rest`, which starts with a slash or is empty.
std::string_view take_segment(std::string_view& rest) {
  const auto end = std::min(rest.find('/', 1), rest.size());
  const auto segment = rest.substr(1, end - 1);
  rest.remove_prefix(end);
  return segment;
}

std::optional<Method> method_of(std::string_view text) {
  for (const auto method :
       {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::delete_, Method::options}) {
    if (to_text(method) == text) return method;
  }
  return std::nullopt;
}

bool has_method(const std::vector<Method>& methods, Method wanted) {
  return std::find(methods.begin(), methods.end(), wanted) != methods.end();
}

std::string methods_text(std::vector<Method> methods) {
  if (has_method(methods, Method::get) && !has_method(methods, Method::head)) methods.push_back(Method::head);
  std::vector<std::string> names;
  for (const auto method : methods) names.emplace_back(to_text(method));
  return base::join(names, ", ");
}

// Fills in what the template's braces matched. The path is known to match. False when a value is not percent-encoded UTF-8 text.
bool read_path_parameters(std::string_view pattern, std::string_view path, Call& call) {
  while (!pattern.empty() && !path.empty()) {
    const auto name = take_segment(pattern);
    const auto raw = take_segment(path);
    if (!is_parameter(name)) continue;
    auto value = base::percent_decode(raw);
    if (!value || !base::is_valid_utf8(*value) || !base::is_free_of_controls(*value)) return false;
    call.path_parameters.insert_or_assign(std::string(name.substr(1, name.size() - 2)), std::move(*value));
  }
  return true;
}

Response plain_response(int status, std::string_view text) {
  Response response{.status = status, .headers = {}, .body = std::string(text), .moves_to = std::nullopt};
  response.headers.add("content-type", "text/plain; charset=utf-8");
  response.headers.add("cache-control", "no-store");
  return response;
}

void add_vary_origin(Response& response) {
  for (const auto value : response.headers.find_all("vary")) {
    if (base::iequals(value, "origin")) return;
  }
  response.headers.add("vary", "Origin");
}

void log_refusal(const base::Error& error, const Call& call) {
  // Most refusals are everyday life; those with a detail were made for an operator to read.
  if (error.detail.empty() && error.kind != base::ErrorKind::unavailable) return;
  base::log::warn("request refused", {{"request_id", call.request_id},
                                      {"code", error.code},
                                      {"detail", error.detail},
                                      {"origin", std::string(error.origin.file) + ":" + std::to_string(error.origin.line)}});
}

}  // namespace

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::vector<std::size_t> routes;

  // Literal segments win over braces; where the literal branch lacks the method, the braces are tried too.
  const Route* find(std::string_view rest, Method method, const std::vector<Route>& all, std::vector<Method>* allowed) const {
    if (rest.empty()) {
      const Route* found = nullptr;
      for (const auto index : routes) {
        const Route& route = all[index];
        if (allowed != nullptr && !has_method(*allowed, route.method)) allowed->push_back(route.method);
        // A route of its own for HEAD comes before the GET route.
        if (route.method == method || (found == nullptr && method == Method::head && route.method == Method::get)) found = &route;
      }
      return found;
    }
    const auto segment = take_segment(rest);
    const Route* found = nullptr;
    if (const auto next = literals.find(segment); next != literals.end()) found = next->second->find(rest, method, all, allowed);
    if (found == nullptr && parameter && !segment.empty()) found = parameter->find(rest, method, all, allowed);
    return found;
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(Route route) {
  if (!route.path.starts_with('/')) throw base::Bug("a route's path must start with a slash: " + route.path);
  // Which origins are registered may have to be read from the database.
  if (route.lane == Lane::io && route.cross_origin == CrossOrigin::registered)
    throw base::Bug("a route on the I/O thread must not ask for registered origins: " + route.path);
  Node* node = root_.get();
  for (std::string_view rest = route.path; !rest.empty();) {
    const auto segment = take_segment(rest);
    auto& next = is_parameter(segment) ? node->parameter : node->literals[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  for (const auto index : node->routes) {
    if (routes_[index].method == route.method)
      throw base::Bug("two routes for " + std::string(to_text(route.method)) + " " + route.path);
  }
  node->routes.push_back(routes_.size());
  routes_.push_back(std::move(route));
}

void Router::add_before(Before step, RunsOn runs_on) { before_.push_back({std::move(step), runs_on}); }
void Router::add_after(After step) { after_.push_back(std::move(step)); }
void Router::set_default_face(Face face) { default_face_ = face; }
void Router::set_origin_check(OriginCheck check) { origin_check_ = std::move(check); }
void Router::set_fault_classifier(FaultClassifier classifier) { fault_classifier_ = std::move(classifier); }

const Route* Router::find(Method method, std::string_view path, std::vector<Method>* allowed) const {
  if (allowed != nullptr) allowed->clear();
  if (!path.starts_with('/')) return nullptr;
  return root_->find(path, method, routes_, allowed);
}

Response Router::respond(const Request& request, Lane lane, base::Instant received, std::string request_id) const {
  Call call{.request = request, .lane = lane, .received = received, .request_id = std::move(request_id)};
  const Route* route = nullptr;
  Response response;
  try {
    route = find(request.method, request.path);
    std::vector<Method> allowed;
    if (route == nullptr) find(request.method, request.path, &allowed);
    response = run(call, route, allowed);
  } catch (const std::exception& fault) {
    response = render_fault(&fault, route, call);
  } catch (...) {
    response = render_fault(nullptr, route, call);
  }
  if (response.moves_to) return response;  // no answer yet
  try {
    for (const auto& [name, value] : call.answer_headers.fields()) response.headers.set(name, value);
    if (route != nullptr) add_cross_origin(call, *route, response);
    for (const auto& step : after_) step(call, route, response);
    return response;
  } catch (const std::exception& fault) {
    base::log::error("a step after the handler failed", {{"request_id", call.request_id}, {"what", fault.what()}});
  } catch (...) {
    base::log::error("a step after the handler failed", {{"request_id", call.request_id}});
  }
  // The steps add the headers that protect an answer: without them nothing of it goes out.
  return plain_response(500, "Internal Server Error");
}

Response Router::run(Call& call, const Route* route, const std::vector<Method>& allowed) const {
  if (route != nullptr) return run_route(call, *route);
  if (allowed.empty()) {
    return render({.kind = base::ErrorKind::not_found, .code = "not_found", .description = "There is nothing at this path."},
                  default_face_, call);
  }
  if (call.request.method == Method::options) {
    if (auto response = preflight(call, allowed)) return std::move(*response);
  }
  auto response = render({.kind = base::ErrorKind::invalid_input,
                          .code = "method_not_allowed",
                          .description = "This path does not answer this method.",
                          .status = 405},
                         default_face_, call);
  response.headers.set("allow", methods_text(allowed));  // RFC 9110 §15.5.6
  return response;
}

Response Router::run_route(Call& call, const Route& route) const {
  if (!read_path_parameters(route.path, call.request.path, call)) {
    return render({.kind = base::ErrorKind::invalid_input,
                   .code = "invalid_request",
                   .description = "A segment of the path is not percent-encoded UTF-8 text."},
                  route.face, call);
  }
  if (auto early = run_before(call, route, RunsOn::requests)) return std::move(*early);
  auto result = route.handler(call);
  return result.ok() ? std::move(result).value() : render(result.error(), route.face, call);
}

std::optional<Response> Router::run_before(Call& call, const Route& route, RunsOn least) const {
  for (const auto& step : before_) {
    if (step.runs_on < least) continue;
    auto result = step.run(call, route);
    if (!result.ok()) return render(result.error(), route.face, call);
    if (*result) return std::move(*result);
  }
  return std::nullopt;
}

// Fetch Standard §3.2.2. Nothing when this OPTIONS request is no preflight for a route that other origins may read.
std::optional<Response> Router::preflight(Call& call, const std::vector<Method>& allowed) const {
  const auto origin = call.request.headers.find("origin");
  const auto wanted = method_of(call.request.headers.find("access-control-request-method").value_or(""));
  if (!origin || !wanted) return std::nullopt;
  const Route* route = find(*wanted, call.request.path);
  if (route == nullptr || route->cross_origin == CrossOrigin::none) return std::nullopt;

  if (auto early = run_before(call, *route, RunsOn::requests_and_preflights)) return early;
  Response response = empty_response(204);
  add_cross_origin(call, *route, response);
  if (!response.headers.find("access-control-allow-origin")) return response;  // the browser takes that as a no
  response.headers.add("access-control-allow-methods", methods_text(allowed));
  response.headers.add("access-control-allow-headers", std::string(kPreflightHeaders));
  response.headers.add("access-control-max-age", std::string(kPreflightSeconds));
  return response;
}

// Access-Control-Allow-Credentials is never sent: no answer that a foreign page may read depends on a cookie.
void Router::add_cross_origin(const Call& call, const Route& route, Response& response) const {
  if (route.cross_origin == CrossOrigin::none) return;
  if (route.cross_origin == CrossOrigin::any) {
    response.headers.set("access-control-allow-origin", "*");
  } else {
    // Also without an Origin, or a cache would hand the answer for no origin to one.
    add_vary_origin(response);
    const auto origin = call.request.headers.find("origin");
    if (!origin || !is_registered(call, *origin)) return;
    response.headers.set("access-control-allow-origin", std::string(*origin));
  }
  if (call.request.method != Method::options) response.headers.set("access-control-expose-headers", std::string(kExposedHeaders));
}

bool Router::is_registered(const Call& call, std::string_view origin) const {
  return origin_check_ && base::is_free_of_controls(origin) && origin_check_(call, origin);
}

Response Router::render(const base::Error& error, Face face, const Call& call) const {
  log_refusal(error, call);
  if (face == nullptr) face = default_face_;
  if (face != nullptr) return face(error, call);
  constexpr std::array kStatuses = {400, 401, 403, 404, 409, 429, 413, 503};  // in the order of ErrorKind
  return plain_response(error.status != 0 ? error.status : kStatuses[static_cast<std::size_t>(error.kind)], error.description);
}

Response Router::render_fault(const std::exception* fault, const Route* route, const Call& call) const {
  // A log line or a face that fails too must not take the process with it.
  try {
    const int status = fault != nullptr && fault_classifier_ ? fault_classifier_(*fault) : 500;
    base::log::error("a request failed", {{"request_id", call.request_id},
                                          {"route", route != nullptr ? route->path : std::string("-")},
                                          {"status", std::to_string(status)},
                                          {"what", fault != nullptr ? fault->what() : "unknown exception"}});
    const bool again = status == 503;
    const base::Error error{.kind = base::ErrorKind::unavailable,
                            .code = again ? "temporarily_unavailable" : "server_error",
                            .description = again ? "The service cannot answer at the moment. Try again later."
                                                 : "Something went wrong here. The operator's log has the details.",
                            .status = status};
    const Face face = route != nullptr && route->face != nullptr ? route->face : default_face_;
    Response response = face != nullptr ? face(error, call) : plain_response(status, error.description);
    if (again && !response.headers.find("retry-after")) response.headers.add("retry-after", "1");
    return response;
  } catch (...) {
    return plain_response(500, "Internal Server Error");
  }
}

}  // namespace segue::http
